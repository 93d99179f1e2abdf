//! Archives that are none of ours are refused before anything is written.

use super::*;
use std::io::Cursor;

fn manifest(files: &[(&str, &[u8])]) -> Manifest {
    let part = |bytes: &[u8]| Part { bytes: bytes.len() as u64, sha256: hex_text(&Sha256::digest(bytes)) };
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), part(bytes))).collect();
    Manifest { format: FORMAT, version: "0.1.0".to_owned(), made_unix_s: 1, files }
}

fn archive(manifest: &[u8], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [(MANIFEST, manifest)].iter().chain(files) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const WHOLE: [(&str, &[u8]); 8] = [
    (DATABASE, b"database"),
    ("accounts.key", b"0"),
    ("audit.key", b"1"),
    ("ca.crt", b"2"),
    ("ca.key", b"3"),
    ("card.key", b"4"),
    ("rules.key", b"5"),
    ("tls.key", b"6"),
];

fn verdict(bytes: &[u8]) -> Result<(), BackupFault> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.zip");
    fs::write(&file, bytes).unwrap();
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    let mut archive = Archive::open(&file)?;
    archive.verify()?;
    archive.unpack(&out)?;
    assert_eq!(fs::read_dir(&out).unwrap().count(), archive.manifest.files.len());
    Ok(())
}

fn told(manifest: &Manifest) -> Vec<u8> {
    serde_json::to_vec(manifest).unwrap()
}

#[test]
fn a_whole_archive_is_unpacked_and_a_changed_or_hostile_one_is_named_for_what_it_is() {
    let good = manifest(&WHOLE);
    assert_eq!(verdict(&archive(&told(&good), &WHOLE)), Ok(()));
    assert_eq!(verdict(b"no archive"), Err(BackupFault::NoBackup));
    assert_eq!(verdict(&archive(b"{}", &WHOLE)), Err(BackupFault::Damaged(MANIFEST.to_owned())));
    let newer = Manifest { format: FORMAT + 1, ..good.clone() };
    assert_eq!(verdict(&archive(&told(&newer), &WHOLE)), Err(BackupFault::Newer));

    // Named or not, what leads elsewhere has no place in a backup.
    for name in ["../x.key", "/etc/x.key", "a/b.key", "broker.lock", ".key", "X.key", "x.key/", "x\u{202e}.key"] {
        let more = [&WHOLE[..], &[(name, b"x")]].concat();
        let named = archive(&told(&manifest(&more)), &more);
        assert!(matches!(verdict(&named), Err(BackupFault::Unexpected(_))), "{name}");
        let unnamed = archive(&told(&good), &more);
        assert!(matches!(verdict(&unnamed), Err(BackupFault::Unexpected(_))), "{name}");
    }
    for missing in 0..WHOLE.len() {
        let mut fewer = WHOLE.to_vec();
        let (name, _) = fewer.remove(missing);
        let told_of = archive(&told(&good), &fewer);
        assert_eq!(verdict(&told_of), Err(BackupFault::Missing(name.to_owned())));
    }
    let mut changed = WHOLE;
    changed[2].1 = b"x";
    assert_eq!(verdict(&archive(&told(&good), &changed)), Err(BackupFault::Damaged("audit.key".to_owned())));
    changed[2].1 = b"1 and more";
    assert_eq!(verdict(&archive(&told(&good), &changed)), Err(BackupFault::Damaged("audit.key".to_owned())));
}

#[test]
fn sizes_that_are_too_large_are_refused_whoever_tells_them() {
    let large = vec![0; 100_000];
    let mut files = WHOLE;
    files[2].1 = &large;
    let told_of = archive(&told(&manifest(&files)), &files);
    assert_eq!(verdict(&told_of), Err(BackupFault::Unexpected("audit.key".to_owned())));
    // It says that it is small, and is not.
    let lied = archive(&told(&manifest(&WHOLE)), &files);
    assert_eq!(verdict(&lied), Err(BackupFault::Damaged("audit.key".to_owned())));
    // A database for which there is no space.
    let mut vast = manifest(&WHOLE);
    vast.files.get_mut(DATABASE).unwrap().bytes = u64::MAX;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.zip");
    fs::write(&file, archive(&told(&vast), &WHOLE)).unwrap();
    assert_eq!(Archive::open(&file).unwrap().unpack(dir.path()), Err(BackupFault::NoSpace(u64::MAX)));
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let second = [&WHOLE[..], &[("tls.kex", b"evil")]].concat();
    let mut bytes = archive(&told(&manifest(&WHOLE)), &second);
    // The writer makes no such archive: names are of one length, and no check
    // sum covers them.
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"tls.kex")).collect();
    assert_eq!(places.len(), 2, "in its header and in the directory");
    for at in places {
        bytes[at + 6] = b'y';
    }
    assert!(matches!(verdict(&bytes), Err(BackupFault::Unexpected(_))));
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let good = archive(&told(&manifest(&WHOLE)), &WHOLE);
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    for _ in 0..400 {
        let mut bytes = good.clone();
        for _ in 0..=next() % 4 {
            let at = next() % bytes.len();
            bytes[at] = next() as u8;
        }
        bytes.truncate(bytes.len() - next() % 3 * (next() % 40));
        let _ = verdict(&bytes);
    }
}
