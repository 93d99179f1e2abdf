//! Folders as a person looks through them, and where downloads go.

use super::view::{Entry, Listing};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Most that is listed of one folder.
const MAX_ENTRIES: usize = 2_000;

/// What is in a folder; without one, in the person's own.
pub(super) fn list(folder: Option<PathBuf>) -> Listing {
    let folder = folder.or_else(|| user_folder("DOCUMENTS", "Documents")).or_else(home).unwrap_or_else(|| "/".into());
    let mut listing = Listing {
        parent: folder.parent().map(Path::to_owned),
        entries: Vec::new(),
        more: false,
        problem: None,
        places: places(),
        folder,
    };
    let inside = match fs::read_dir(&listing.folder) {
        Ok(inside) => inside,
        Err(error) => {
            listing.problem = Some(error.to_string());
            return listing;
        }
    };
    for entry in inside.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let Ok(meta) = fs::metadata(entry.path()) else { continue };
        if !meta.is_file() && !meta.is_dir() {
            continue;
        }
        if listing.entries.len() >= MAX_ENTRIES {
            listing.more = true;
            break;
        }
        let name = mitblick_protocol::chat::visible(&name);
        listing.entries.push(Entry { name, path: entry.path(), is_folder: meta.is_dir(), bytes: meta.len() });
    }
    listing.entries.sort_by_cached_key(|entry| (!entry.is_folder, entry.name.to_lowercase()));
    listing
}

fn places() -> Vec<PathBuf> {
    let named =
        [("DESKTOP", "Desktop"), ("DOWNLOAD", "Downloads"), ("DOCUMENTS", "Documents"), ("PICTURES", "Pictures")];
    let mut places: Vec<PathBuf> = home().into_iter().collect();
    for (key, usual) in named {
        if let Some(place) = user_folder(key, usual).filter(|place| !places.contains(place)) {
            places.push(place);
        }
    }
    places
}

/// Where downloads go: the folder for them, else the person's own.
pub fn downloads() -> Option<PathBuf> {
    user_folder("DOWNLOAD", "Downloads").or_else(home)
}

fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.is_absolute() && home.is_dir())
}

/// A folder of the person's as freedesktop.org's xdg-user-dirs names it, else
/// by its usual name.
fn user_folder(key: &str, usual: &str) -> Option<PathBuf> {
    let home = home()?;
    let config = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let file = config.unwrap_or_else(|| home.join(".config")).join("user-dirs.dirs");
    let said = fs::read_to_string(file).ok().and_then(|text| said(&text, key, &home));
    said.into_iter().chain([home.join(usual)]).find(|folder| folder.is_dir())
}

/// `XDG_DOWNLOAD_DIR="$HOME/Downloads"`: the value is a path, absolute or in
/// the home folder.
fn said(text: &str, key: &str, home: &Path) -> Option<PathBuf> {
    let name = format!("XDG_{key}_DIR");
    let value = text.lines().filter_map(|line| line.trim().split_once('=')).find(|(found, _)| *found == name)?.1;
    let value = value.strip_prefix('"')?.strip_suffix('"')?.replace("\\\"", "\"");
    match value.strip_prefix("$HOME/") {
        Some(inside) => Some(home.join(inside)),
        None => Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktops_own_words_for_folders_are_read() {
        let text = "# made by hand\nXDG_DESKTOP_DIR=\"$HOME/Schreibtisch\"\nXDG_DOWNLOAD_DIR=\"/data/in coming\"\nXDG_MUSIC_DIR=relative\n";
        let home = Path::new("/home/vera");
        assert_eq!(said(text, "DESKTOP", home), Some("/home/vera/Schreibtisch".into()));
        assert_eq!(said(text, "DOWNLOAD", home), Some("/data/in coming".into()));
        assert_eq!((said(text, "MUSIC", home), said(text, "VIDEOS", home)), (None, None));
        for strange in ["", "XDG_DOWNLOAD_DIR=Downloads", "XDG_DOWNLOAD_DIR=\"up/../..\"", "XDG_DOWNLOAD_DIR=\""] {
            assert_eq!(said(strange, "DOWNLOAD", home), None, "{strange}");
        }
    }

    #[test]
    fn a_listing_has_folders_first_and_nothing_hidden() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.txt", ".secret", "A.txt"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        fs::create_dir(dir.path().join("z")).unwrap();
        let listing = list(Some(dir.path().to_owned()));
        let names: Vec<_> = listing.entries.iter().map(|entry| (entry.name.as_str(), entry.is_folder)).collect();
        assert_eq!(names, [("z", true), ("A.txt", false), ("b.txt", false)]);
        assert_eq!(listing.parent.as_deref(), dir.path().parent());
        assert!(list(Some(dir.path().join("none"))).problem.is_some());
    }
}
