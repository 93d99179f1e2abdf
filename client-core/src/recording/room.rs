//! How much a recording may still write: of its own length and of the disk.

/// A recording becomes at most so long, in bytes: hours of ordinary work, or
/// some minutes of a film on a large screen.
pub const MAX_FILE_BYTES: u64 = 8 << 30;
/// So much is left free on the disk for everything else.
const KEEP_FREE_BYTES: u64 = 1 << 30;
/// With less than this left, people are told that it ends soon.
const TELL_BYTES: u64 = 512 << 20;
/// The disk is asked again after so many bytes.
const ASK_EVERY_BYTES: u64 = 32 << 20;

/// What there is no room in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// The longest file.
    File,
    /// The disk.
    Disk,
}

/// What has been written, and what the disk said last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    limit_bytes: u64,
    written_bytes: u64,
    /// As the disk said, when so much was written.
    free: Option<(u64, u64)>,
    told: bool,
}

impl Room {
    /// For a file of at most so many bytes, of which nothing is written.
    pub(super) const fn new(limit_bytes: u64) -> Self {
        Self { limit_bytes, written_bytes: 0, free: None, told: false }
    }

    /// Whether the disk should be asked (again).
    pub(super) fn asks_disk(&self) -> bool {
        self.free.is_none_or(|(_, at)| self.written_bytes - at >= ASK_EVERY_BYTES)
    }

    /// The disk has so many bytes free; `None` = it does not say.
    pub(super) fn disk_has(&mut self, free_bytes: Option<u64>) {
        self.free = Some((free_bytes.unwrap_or(u64::MAX), self.written_bytes));
    }

    /// So many bytes more were written.
    pub(super) fn wrote(&mut self, bytes: u64) {
        self.written_bytes = self.written_bytes.saturating_add(bytes);
    }

    /// Bytes in the file.
    pub(super) const fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Whether so many bytes more may be written.
    pub(super) fn takes(&self, bytes: u64) -> Result<(), Bound> {
        let (left, bound) = self.left();
        if bytes <= left { Ok(()) } else { Err(bound) }
    }

    /// Bytes left, once, when they have become few.
    pub(super) fn few_left(&mut self) -> Option<u64> {
        let (left, _) = self.left();
        if self.told || left >= TELL_BYTES {
            return None;
        }
        self.told = true;
        Some(left)
    }

    fn left(&self) -> (u64, Bound) {
        let in_file = self.limit_bytes.saturating_sub(self.written_bytes);
        let on_disk = self.free.map_or(u64::MAX, |(free, at)| {
            free.saturating_sub(KEEP_FREE_BYTES).saturating_sub(self.written_bytes.saturating_sub(at))
        });
        if in_file <= on_disk { (in_file, Bound::File) } else { (on_disk, Bound::Disk) }
    }
}

#[cfg(test)]
mod tests {
    use super::{ASK_EVERY_BYTES, Bound, KEEP_FREE_BYTES, Room, TELL_BYTES};
    use proptest::prelude::*;

    #[test]
    fn a_disk_that_fills_up_ends_it_before_it_is_full() {
        let mut room = Room::new(u64::MAX);
        assert!(room.asks_disk());
        room.disk_has(Some(KEEP_FREE_BYTES + 100));
        assert_eq!(room.takes(100), Ok(()));
        assert_eq!(room.takes(101), Err(Bound::Disk));
        room.wrote(60);
        assert_eq!(room.takes(41), Err(Bound::Disk));
        // Others need room too.
        room.disk_has(Some(KEEP_FREE_BYTES - 1));
        assert_eq!(room.takes(1), Err(Bound::Disk));
    }

    #[test]
    fn that_it_ends_soon_is_said_once() {
        let mut room = Room::new(2 * TELL_BYTES);
        room.disk_has(None);
        assert_eq!(room.few_left(), None);
        room.wrote(TELL_BYTES + 1);
        assert_eq!(room.few_left(), Some(TELL_BYTES - 1));
        assert_eq!(room.few_left(), None);
    }

    proptest! {
        /// Whatever the disk says: the file stays within its limit, and the
        /// disk keeps what is to stay free, but for what others wrote since it
        /// was asked.
        #[test]
        fn no_more_is_written_than_there_is_room(
            limit in 0..4 * ASK_EVERY_BYTES,
            free in 0..KEEP_FREE_BYTES + 4 * ASK_EVERY_BYTES,
            chunks in prop::collection::vec(1..ASK_EVERY_BYTES, 1..40),
        ) {
            let (mut room, mut on_disk) = (Room::new(limit), free);
            for chunk in chunks {
                if room.asks_disk() {
                    room.disk_has(Some(on_disk));
                }
                if room.takes(chunk).is_ok() {
                    room.wrote(chunk);
                    on_disk -= chunk;
                    prop_assert!(on_disk >= KEEP_FREE_BYTES);
                }
                prop_assert!(room.written_bytes() <= limit);
            }
        }
    }
}
