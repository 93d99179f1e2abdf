//! Two sides, the lines between them, and a disk each.

use super::*;
use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
};
use sha2::Digest;

pub(super) fn file(name: &str, bytes: u64) -> OfferedFile {
    OfferedFile { path: vec![PathPart::new(name)], bytes }
}

/// What is in a file of this name.
pub(super) fn content(name: &str, bytes: usize) -> Vec<u8> {
    let seed = name.bytes().fold(7_u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    (0..bytes as u32).map(|place| (place.wrapping_mul(seed) >> 8) as u8).collect()
}

pub(super) fn hash_of(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

pub(super) fn names(side: &Transfers) -> Vec<String> {
    side.offers().flat_map(|offer| offer.files.into_iter().map(|file| file.offered.safe_path().join("/"))).collect()
}

/// What whoever reads and writes does.
#[derive(Default)]
pub(super) struct Disk {
    /// Written, and not finished.
    pub(super) partial: BTreeMap<FileId, Vec<u8>>,
    pub(super) done: BTreeMap<String, Vec<u8>>,
    /// Failed files: further writes fail too.
    failed: BTreeSet<FileId>,
    pub(super) room: usize,
    /// Sources that are no longer what they were.
    pub(super) gone: BTreeSet<String>,
    pub(super) garbles: bool,
    /// Work that is done late.
    queue: VecDeque<TransferEffect>,
}

type OnAsked = fn(&mut Transfers, OfferNumber);

pub(super) struct Pair {
    pub(super) now: u64,
    pub(super) sides: [Transfers; 2],
    pub(super) disks: [Disk; 2],
    /// On the way to each side.
    pub(super) lines: [VecDeque<TransferMsg>; 2],
    pub(super) asked: [Vec<OfferNumber>; 2],
    pub(super) pieces: usize,
    pub(super) carried: usize,
    /// The link is cut, and all on it lost, once so many have been carried.
    pub(super) cut_after: Option<usize>,
    on_asked: Option<OnAsked>,
}

impl Pair {
    pub(super) fn new() -> Self {
        Self::under([FileKinds::ALL; 2], [FileKinds::ALL; 2])
    }

    pub(super) fn under(may_offer: [FileKinds; 2], may_take: [FileKinds; 2]) -> Self {
        let side = |number: usize| Transfers::new(may_offer[number], may_take[number], at(0));
        let disk = || Disk { room: usize::MAX, ..Disk::default() };
        Self {
            now: 0,
            sides: [side(0), side(1)],
            disks: [disk(), disk()],
            lines: Default::default(),
            asked: Default::default(),
            pieces: 0,
            carried: 0,
            cut_after: None,
            on_asked: None,
        }
    }

    pub(super) fn on_asked(&mut self, act: OnAsked) {
        self.on_asked = Some(act);
    }

    pub(super) fn offer(&mut self, side: usize, list: &[(&str, usize)]) -> OfferNumber {
        let list = list.iter().map(|(name, bytes)| file(name, *bytes as u64)).collect();
        self.sides[side].offer(list, at(self.now)).unwrap()
    }

    pub(super) fn states(&self, side: usize, number: OfferNumber) -> Vec<FileState> {
        let offer = self.sides[side].offers().find(|offer| offer.number == number).unwrap();
        offer.files.iter().map(|file| file.state).collect()
    }

    pub(super) fn written(&self, side: usize, name: &str) -> Option<Vec<u8>> {
        self.disks[side].done.get(name).cloned()
    }

    fn name(&self, side: usize, way: Way, id: FileId) -> Option<(String, usize)> {
        let mut offers = self.sides[side].offers();
        let offer = offers.find(|offer| offer.way == way && offer.number == id.offer)?;
        let file = offer.files.get(id.file.0 as usize)?;
        Some((file.offered.path[0].as_str().to_string(), file.offered.bytes as usize))
    }

    /// Takes the side's effects; whether there were any.
    pub(super) fn effects(&mut self, side: usize) -> bool {
        let mut busy = false;
        while let Some(effect) = self.sides[side].poll_effect() {
            match effect {
                TransferEffect::Asked(offer) => {
                    busy = true;
                    self.asked[side].push(offer);
                    if let Some(act) = self.on_asked {
                        act(&mut self.sides[side], offer);
                    }
                }
                TransferEffect::Changed | TransferEffect::Over(..) => {}
                work => {
                    busy = true;
                    self.disks[side].queue.push_back(work);
                }
            }
        }
        busy
    }

    /// Does one piece of the disk's work.
    pub(super) fn work(&mut self, side: usize) -> bool {
        let Some(work) = self.disks[side].queue.pop_front() else { return false };
        match work {
            TransferEffect::Read { file, offset, bytes, last } => {
                let known = self.name(side, Way::Out, file);
                let gone = known.as_ref().is_none_or(|(name, _)| self.disks[side].gone.contains(name));
                match known {
                    Some((name, size)) if !gone => {
                        let all = content(&name, size);
                        let part = all[offset as usize..offset as usize + bytes as usize].to_vec();
                        assert_eq!(last, offset as usize + bytes as usize == size);
                        self.sides[side].read(file, offset, part, last.then(|| hash_of(&all)));
                    }
                    _ => self.sides[side].read_failed(file, Withdrawal::Changed),
                }
            }
            TransferEffect::Write { file, bytes } => {
                let disk = &mut self.disks[side];
                if disk.room < bytes.len() || disk.failed.contains(&file) {
                    disk.failed.insert(file);
                    self.sides[side].wrote(Err(GivingUp::DiskFull));
                } else {
                    disk.room -= bytes.len();
                    disk.partial.entry(file).or_default().extend_from_slice(&bytes);
                    self.sides[side].wrote(Ok(()));
                }
            }
            TransferEffect::Finish { file, sha256 } => {
                let name = self.name(side, Way::In, file).unwrap().0;
                let disk = &mut self.disks[side];
                let mut bytes = disk.partial.remove(&file).unwrap_or_default();
                if disk.garbles {
                    bytes.push(0);
                }
                if hash_of(&bytes) == sha256 {
                    assert!(disk.done.insert(name, bytes).is_none(), "twice");
                    self.sides[side].finished(file, Ok(sha256));
                } else {
                    self.sides[side].finished(file, Err(GivingUp::WrongHash));
                }
            }
            TransferEffect::Discard(file) => drop(self.disks[side].partial.remove(&file)),
            TransferEffect::CloseSource(_) => {}
            TransferEffect::Asked(_) | TransferEffect::Over(..) | TransferEffect::Changed => unreachable!(),
        }
        true
    }

    /// Puts the side's next message on the line.
    pub(super) fn send(&mut self, side: usize) -> bool {
        let has = self.sides[side].has_message();
        let message = self.sides[side].poll_message(at(self.now));
        // The two must agree, or a program would spin.
        assert_eq!(has, message.is_some());
        let Some(message) = message else { return false };
        let bytes = crate::wire::encode(&message).unwrap();
        let again = crate::wire::decode::<TransferMsg, { crate::wire::MAX_CONTROL_MESSAGE_BYTES }>(&bytes);
        assert_eq!(again.as_ref(), Ok(&message));
        self.pieces += usize::from(matches!(message, TransferMsg::Piece { .. }));
        self.lines[1 - side].push_back(message);
        true
    }

    /// Carries one message to this side.
    pub(super) fn carry(&mut self, side: usize) -> bool {
        let Some(message) = self.lines[side].pop_front() else { return false };
        self.carried += 1;
        self.sides[side].handle(message, at(self.now)).expect("honest");
        true
    }

    /// The link breaks: what was on it is lost. Then there is another one.
    pub(super) fn cut(&mut self) {
        self.lines = Default::default();
        self.sides.iter_mut().for_each(Transfers::link_lost);
        self.sides.iter_mut().for_each(|side| side.link_back(at(self.now)));
    }

    /// Everything happens until nothing does.
    pub(super) fn settle(&mut self) {
        self.step(0, usize::MAX);
    }

    /// So many rounds in which everything happens a little.
    pub(super) fn step(&mut self, _: usize, rounds: usize) {
        for _ in 0..rounds {
            let mut busy = false;
            for side in 0..2 {
                busy |= self.effects(side);
                busy |= self.work(side);
                busy |= self.send(side);
                busy |= self.carry(side);
            }
            if self.cut_after.is_some_and(|cut| self.carried >= cut) {
                self.cut_after = None;
                self.cut();
                busy = true;
            }
            if !busy {
                return;
            }
            self.now += 1;
        }
    }
}
