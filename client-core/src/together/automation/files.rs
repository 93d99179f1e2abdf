//! Automation of files.

use crate::{
    automation::Printer,
    together::files::{FileIntent, FilesView, OfferView},
};
use mitblick_protocol::transfer::{FileEnd, FileKind, FileState, OfferNumber, Way};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Most files of an offer that are told one by one when it comes.
const MOST_LISTED: usize = 200;
/// Progress is told so often, at most.
const TELL_EVERY: Duration = Duration::from_millis(300);

/// Which way an offer goes, seen from this program.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayName {
    /// Offered here.
    Out,
    /// Offered by the other side.
    In,
}

/// The command of an offer that is there.
pub(super) const fn cancel(way: WayName, offer: u32, file: Option<u32>) -> FileIntent {
    FileIntent::Cancel { way: way_of(way), offer: OfferNumber(offer), file }
}

pub(super) const fn hold(way: WayName, offer: u32, paused: bool) -> FileIntent {
    FileIntent::Hold { way: way_of(way), offer: OfferNumber(offer), paused }
}

pub(super) const fn accept(offer: u32, files: Option<Vec<u32>>, folder: PathBuf) -> FileIntent {
    FileIntent::Accept { offer: OfferNumber(offer), files, folder: Some(folder) }
}

const fn way_of(name: WayName) -> Way {
    match name {
        WayName::Out => Way::Out,
        WayName::In => Way::In,
    }
}

/// What was told of an offer.
#[derive(Debug, Default)]
struct ToldOffer {
    asked: bool,
    answered: bool,
    over: bool,
    held: (bool, bool),
    moved_bytes: u64,
    at: Option<Instant>,
    /// Files whose end was told.
    ended: Vec<bool>,
}

/// What was told last, to see changes.
#[derive(Debug, Default)]
pub(super) struct FilesTold {
    view: FilesView,
    offers: HashMap<(Way, OfferNumber), ToldOffer>,
}

impl FilesTold {
    pub(super) fn tell(&mut self, view: &FilesView, printer: &Printer) {
        if self.view == *view {
            return;
        }
        self.view = view.clone();
        for offer in view.offers.iter() {
            self.offers.entry((offer.way, offer.number)).or_default().tell(offer, printer);
        }
    }
}

const fn way_name(way: Way) -> &'static str {
    match way {
        Way::Out => "out",
        Way::In => "in",
    }
}

const fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Document => "document",
        FileKind::Media => "media",
        FileKind::Archive => "archive",
        FileKind::Program => "program",
        FileKind::Other => "other",
    }
}

const fn end_name(end: FileEnd) -> &'static str {
    match end {
        FileEnd::ByMe => "this_side",
        FileEnd::ByOther => "other_side",
        FileEnd::Changed => "changed",
        FileEnd::Unreadable => "unreadable",
        FileEnd::DiskFull => "disk_full",
        FileEnd::NotPermitted => "not_permitted",
        FileEnd::CantWrite => "cant_write",
        FileEnd::WrongHash => "wrong_hash",
    }
}

impl ToldOffer {
    fn tell(&mut self, offer: &OfferView, printer: &Printer) {
        let (way, number) = (way_name(offer.way), offer.number.0);
        if !std::mem::replace(&mut self.asked, true) {
            let files = offer.files.iter().take(MOST_LISTED);
            let files: Vec<Value> = files
                .map(|file| json!({"name": &*file.name, "bytes": file.bytes, "kind": kind_name(file.kind)}))
                .collect();
            printer.print(json!({"event": "file_offer", "way": way, "offer": number, "count": offer.files.len(),
                "bytes": offer.wanted_bytes, "files": files}));
            self.ended = vec![false; offer.files.len()];
        }
        if !offer.asks && !std::mem::replace(&mut self.answered, true) {
            let refused =
                offer.files.iter().all(|file| matches!(file.state, FileState::Refused | FileState::Forbidden));
            printer.print(json!({"event": "file_answer", "way": way, "offer": number, "accepted": !refused}));
        }
        let held = (offer.held_here, offer.held_there);
        if std::mem::replace(&mut self.held, held) != held {
            printer
                .print(json!({"event": "file_paused", "way": way, "offer": number, "here": held.0, "there": held.1}));
        }
        let due = self.at.is_none_or(|at| at.elapsed() >= TELL_EVERY);
        if offer.moved_bytes != self.moved_bytes && due && !offer.over {
            self.moved_bytes = offer.moved_bytes;
            self.at = Some(Instant::now());
            printer.print(json!({"event": "file_progress", "way": way, "offer": number, "bytes": offer.moved_bytes,
                "of": offer.wanted_bytes, "done": offer.done, "bytes_per_s": offer.bytes_per_s, "left_s": offer.left_s}));
        }
        for (place, (file, told)) in offer.files.iter().zip(&mut self.ended).enumerate() {
            if *told || !file.state.is_over() {
                continue;
            }
            *told = true;
            match file.state {
                FileState::Done(sha256) => {
                    printer.print(json!({"event": "file_done", "way": way, "offer": number, "file": place,
                        "name": &*file.name, "bytes": file.bytes, "sha256": sha256.to_string()}));
                }
                FileState::Ended(end) => {
                    printer.print(json!({"event": "file_ended", "way": way, "offer": number, "file": place,
                        "name": &*file.name, "why": end_name(end)}));
                }
                _ => {}
            }
        }
        if offer.over && !std::mem::replace(&mut self.over, true) {
            printer.print(json!({"event": "files_over", "way": way, "offer": number, "done": offer.done,
                "failed": offer.failed}));
        }
    }
}
