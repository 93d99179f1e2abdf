//! Files in every state, to look at.

use mitblick_client_core::together::files::{FileView, FilesView, OfferView};
use mitblick_protocol::transfer::{FileEnd, FileKind, FileState, OfferNumber, Sha256, Way};
use std::{path::PathBuf, sync::Arc};

fn file(name: &str, bytes: u64, state: FileState) -> FileView {
    FileView { name: name.into(), bytes, kind: FileKind::of_name(name), state }
}

fn offer(way: Way, number: u32, files: Vec<FileView>) -> OfferView {
    let wanted = files.iter().filter(|file| !matches!(file.state, FileState::Refused | FileState::Ended(_)));
    let moved = files.iter().map(|file| file.state.moved_bytes(file.bytes)).sum();
    let done = files.iter().filter(|file| matches!(file.state, FileState::Done(_))).count();
    let failed = files.iter().filter(|file| matches!(file.state, FileState::Ended(_))).count();
    OfferView {
        way,
        number: OfferNumber(number),
        asks: files.iter().any(|file| file.state == FileState::Offered),
        over: files.iter().all(|file| file.state.is_over()),
        held_here: false,
        held_there: false,
        wanted_bytes: wanted.map(|file| file.bytes).sum(),
        moved_bytes: moved,
        done,
        failed,
        bytes_per_s: None,
        left_s: None,
        files: files.into(),
    }
}

/// An offer that asks, two that move, two that are over.
pub(crate) fn files() -> FilesView {
    let hash = Sha256([0x5e; 32]);
    let asking = vec![
        file("Rechnung 2026-0815.pdf", 812_345, FileState::Offered),
        file("Fotos/Drucker hinten.jpg", 4_100_000, FileState::Offered),
        file("Treiber-Installation.exe", 41_000_000, FileState::Offered),
    ];
    let moving = vec![file("Protokolle.zip", 212_000_000, FileState::Moving(57_000_000))];
    let mut held = offer(Way::In, 3, vec![file("Handbuch.pdf", 9_400_000, FileState::Moving(2_100_000))]);
    held.held_there = true;
    let done = vec![file("Auszug.csv", 20_481, FileState::Done(hash))];
    let failed = vec![
        file("a.txt", 100, FileState::Done(hash)),
        file("b.iso", 4_700_000_000, FileState::Ended(FileEnd::DiskFull)),
    ];
    let mut moving = offer(Way::Out, 2, moving);
    (moving.bytes_per_s, moving.left_s) = (Some(2_400_000), Some(65));
    let offers = vec![offer(Way::In, 4, asking), moving, held, offer(Way::In, 1, done), offer(Way::Out, 1, failed)];
    let folder = Some(Arc::new(PathBuf::from("/home/erika/Downloads")));
    FilesView { offers: Arc::new(offers), folder, ..FilesView::default() }
}
