//! What a file is, by its name: for people, and for the company's rules.

use alloc::string::String;
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};

/// What a file is. Told by its extension, as systems do when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// Texts, tables, slides.
    Document,
    /// Pictures, sound, films.
    Media,
    /// Files with files in them.
    Archive,
    /// What does something when it is opened: programs, scripts, links,
    /// installers.
    Program,
    /// Everything else.
    Other,
}

impl FileKind {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] = [Self::Document, Self::Media, Self::Archive, Self::Program, Self::Other];

    /// What a file of this name is.
    pub fn of_name(name: &str) -> Self {
        let extension: String = extension(name).to_lowercase();
        if DOCUMENTS.contains(&extension.as_str()) {
            Self::Document
        } else if MEDIA.contains(&extension.as_str()) {
            Self::Media
        } else if ARCHIVES.contains(&extension.as_str()) {
            Self::Archive
        } else if PROGRAMS.contains(&extension.as_str()) {
            Self::Program
        } else {
            Self::Other
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What is behind the last dot of a name; empty if there is none.
pub fn extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}

const DOCUMENTS: &[&str] = &[
    "asc", "csv", "doc", "docx", "dot", "dotx", "eml", "epub", "ics", "json", "key", "log", "md", "msg", "numbers",
    "odp", "ods", "odt", "pages", "pdf", "pot", "potx", "pps", "ppsx", "ppt", "pptx", "ps", "rtf", "tex", "toml",
    "tsv", "txt", "vcf", "xls", "xlsx", "xlt", "xltx", "xml", "yaml", "yml",
];
const MEDIA: &[&str] = &[
    "aac", "avi", "avif", "bmp", "flac", "gif", "heic", "ico", "jpeg", "jpg", "m4a", "m4v", "mkv", "mov", "mp3", "mp4",
    "mpg", "oga", "ogg", "ogv", "opus", "png", "tif", "tiff", "wav", "webm", "webp", "wma", "wmv",
];
const ARCHIVES: &[&str] = &[
    "7z", "ar", "bz2", "cab", "cpio", "gz", "img", "iso", "lz", "lzma", "rar", "tar", "tbz2", "tgz", "txz", "udf",
    "vhd", "vhdx", "wim", "xz", "z", "zip", "zst",
];
const PROGRAMS: &[&str] = &[
    "ade",
    "adp",
    "air",
    "apk",
    "app",
    "appimage",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "bash",
    "bat",
    "bin",
    "chm",
    "class",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "docm",
    "dotm",
    "dylib",
    "elf",
    "exe",
    "fish",
    "flatpakref",
    "gadget",
    "hta",
    "htm",
    "html",
    "inf",
    "ins",
    "iqy",
    "isp",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "library-ms",
    "lnk",
    "lua",
    "mad",
    "mde",
    "mht",
    "mhtml",
    "msc",
    "msh",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "ocx",
    "one",
    "osd",
    "out",
    "pif",
    "pkg",
    "pl",
    "ppam",
    "ppsm",
    "pptm",
    "prg",
    "ps1",
    "ps1xml",
    "ps2",
    "psc1",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "pyz",
    "rb",
    "rdp",
    "reg",
    "rpm",
    "run",
    "scf",
    "scr",
    "sct",
    "search-ms",
    "service",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "slk",
    "snap",
    "so",
    "svg",
    "swf",
    "sys",
    "theme",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vsto",
    "war",
    "wasm",
    "webloc",
    "website",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xht",
    "xhtml",
    "xlam",
    "xll",
    "xlsm",
    "xltm",
    "xpi",
    "zsh",
];

/// A set of kinds: those that may be sent. The default is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode)]
pub struct FileKinds(u8);

impl FileKinds {
    /// All kinds.
    pub const ALL: Self = Self(0b1_1111);
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether a kind is one of them.
    pub const fn has(self, kind: FileKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// With this kind too.
    #[must_use]
    pub const fn with(self, kind: FileKind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// Without this kind.
    #[must_use]
    pub const fn without(self, kind: FileKind) -> Self {
        Self(self.0 & !kind.bit())
    }

    /// Those that both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for FileKinds {
    fn default() -> Self {
        Self::ALL
    }
}

impl<C> Decode<C> for FileKinds {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let bits = u8::decode(decoder)?;
        if bits & !Self::ALL.0 == 0 { Ok(Self(bits)) } else { Err(DecodeError::Other("an unknown kind of file")) }
    }
}

impl<'de, C> BorrowDecode<'de, C> for FileKinds {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_says_what_a_file_is() {
        for (name, kind) in [
            ("letter.pdf", FileKind::Document),
            ("Photo.JPG", FileKind::Media),
            ("all.tar.gz", FileKind::Archive),
            ("letter.pdf.exe", FileKind::Program),
            ("macro.XLSM", FileKind::Program),
            ("README", FileKind::Other),
            (".exe", FileKind::Other),
            ("data.xyz", FileKind::Other),
        ] {
            assert_eq!(FileKind::of_name(name), kind, "{name}");
        }
    }

    #[test]
    fn a_set_has_what_was_put_into_it() {
        for kind in FileKind::ALL {
            assert!(FileKinds::ALL.has(kind) && !FileKinds::NONE.has(kind));
            assert!(FileKinds::NONE.with(kind).has(kind) && !FileKinds::ALL.without(kind).has(kind));
        }
        assert_eq!(FileKind::ALL.into_iter().fold(FileKinds::NONE, FileKinds::with), FileKinds::ALL);
    }
}
