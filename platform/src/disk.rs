//! How much room there is on a disk.

use std::{io, path::Path};

/// Bytes that this person may still write on the disk that a folder is on;
/// `None` = not known on this system.
///
/// # Errors
/// The folder is not there, or the system does not say.
pub fn free_bytes(folder: &Path) -> io::Result<Option<u64>> {
    #[cfg(target_os = "linux")]
    {
        let disk = rustix::fs::statvfs(folder)?;
        Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        folder.metadata().map(|_| None)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::free_bytes;
    use std::path::Path;

    #[test]
    fn a_disk_says_how_much_room_it_has() {
        assert!(free_bytes(&std::env::temp_dir()).unwrap().is_some_and(|free| free > 0));
        assert_eq!(free_bytes(Path::new("/proc")).unwrap(), Some(0), "nothing can be written there");
        assert!(free_bytes(Path::new("/there/is/no/such/folder")).is_err());
    }
}
