//! Names of files from the other side, made harmless: whatever is sent, what
//! comes out is the name of a file in the folder that a person chose, on every
//! system, and looks like what it is.

use super::kinds::extension;
use crate::text::{is_hidden, joins, varies};
use alloc::string::String;

/// Longest part of a path that is made, in bytes: systems take 255, and a
/// number or the ending of a temporary name may be added.
pub const MAX_SAFE_NAME_BYTES: usize = 200;
/// Longest extension that is kept when a name is cut, in bytes.
const MAX_KEPT_EXTENSION_BYTES: usize = 16;
/// What a file without any name is called.
const UNNAMED: &str = "unnamed";

/// One part of a path, made harmless:
/// - separators and what Windows forbids in names become `_`,
/// - control characters, those without width and those that turn the writing
///   direction vanish, white space is one blank,
/// - a dot in front becomes `_`: nothing is hidden; dots and blanks at the end
///   go, since Windows ignores them,
/// - names of devices get a `_` in front,
/// - what is too long is cut, its extension stays.
pub fn safe_name(name: &str) -> String {
    let mut safe = String::new();
    for c in name.chars() {
        match c {
            c if c.is_whitespace() => {
                if !safe.is_empty() && !safe.ends_with(' ') {
                    safe.push(' ');
                }
            }
            c if is_unseen(c) => {}
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => safe.push('_'),
            // They look like separators.
            '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{ff0f}' | '\u{ff3c}' | '\u{29f5}' | '\u{fe68}' => safe.push('_'),
            c => safe.push(c),
        }
        // What is cut off below is not gathered first.
        if safe.len() > 4 * MAX_SAFE_NAME_BYTES {
            safe = shortened(&safe, extension(name));
            break;
        }
    }
    trim_end(&mut safe);
    if safe.starts_with('.') {
        safe.replace_range(..1, "_");
    }
    if safe.len() > MAX_SAFE_NAME_BYTES {
        let ending = String::from(extension(&safe));
        safe = shortened(&safe, &ending);
    }
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    if safe.is_empty() { UNNAMED.into() } else { safe }
}

fn trim_end(name: &mut String) {
    while name.ends_with(['.', ' ']) {
        name.pop();
    }
}

/// Cut to the longest that is made; the extension stays if it is a short one.
fn shortened(name: &str, ending: &str) -> String {
    let ending =
        if ending.len() <= MAX_KEPT_EXTENSION_BYTES && ending.chars().all(char::is_alphanumeric) { ending } else { "" };
    let room = MAX_SAFE_NAME_BYTES - ending.len() - 1;
    let mut short = String::new();
    for c in name.chars() {
        if short.len() + c.len_utf8() > room {
            break;
        }
        short.push(c);
    }
    trim_end(&mut short);
    if !ending.is_empty() {
        short.push('.');
        short.push_str(ending);
    }
    short
}

/// The name with a number, for when it is taken: `letter (2).pdf`.
pub fn numbered(name: &str, number: u32) -> String {
    let ending = extension(name);
    let stem = name.strip_suffix(ending).and_then(|stem| stem.strip_suffix('.')).filter(|stem| !stem.is_empty());
    match stem {
        Some(stem) if !ending.is_empty() => alloc::format!("{stem} ({number}).{ending}"),
        _ => alloc::format!("{name} ({number})"),
    }
}

/// Devices of DOS and Windows: their names are taken in every folder, with any
/// extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let upper = stem.to_uppercase();
    if matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let number = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT"));
    number.is_some_and(|number| {
        let mut signs = number.chars();
        matches!((signs.next(), signs.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    })
}

/// In a name nothing unseen has a place, whatever it is good for elsewhere.
fn is_unseen(c: char) -> bool {
    is_hidden(c) || joins(c) || varies(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_names_become_names_of_files() {
        for (given, safe) in [
            ("letter.pdf", "letter.pdf"),
            ("Müller & Söhne – Angebot.pdf", "Müller & Söhne – Angebot.pdf"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("..\\..\\windows\\system32", "_._.._windows_system32"),
            ("/etc/shadow", "_etc_shadow"),
            ("C:\\boot.ini", "C__boot.ini"),
            ("file.txt:stream", "file.txt_stream"),
            ("..", "unnamed"),
            (".", "unnamed"),
            ("", "unnamed"),
            (" \t\n ", "unnamed"),
            (".bashrc", "_bashrc"),
            ("...", "unnamed"),
            ("setup.exe. . .", "setup.exe"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("invoice.pdf                                        .exe", "invoice.pdf .exe"),
            ("a\u{200b}b\0c\u{1b}[2J", "abc[2J"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("NUL .tar.gz", "_NUL .tar.gz"),
            ("com1", "_com1"),
            ("LPT³.log", "_LPT³.log"),
            ("COM10", "COM10"),
            ("console.txt", "console.txt"),
            ("a\u{2215}b\u{ff0f}c", "a_b_c"),
            ("\u{202e}", "unnamed"),
            ("a|b?c*d\"e<f>g", "a_b_c_d_e_f_g"),
        ] {
            assert_eq!(safe_name(given), safe, "{given:?}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_extension() {
        let name = safe_name(&alloc::format!("{}.exe", "ä".repeat(10_000)));
        assert!(name.len() <= MAX_SAFE_NAME_BYTES && name.ends_with("ä.exe"), "{name}");
        let name = safe_name(&alloc::format!("a.{}", "x".repeat(10_000)));
        assert!(name.len() <= MAX_SAFE_NAME_BYTES, "{}", name.len());
    }

    #[test]
    fn a_taken_name_gets_a_number_before_its_extension() {
        assert_eq!(numbered("letter.pdf", 2), "letter (2).pdf");
        assert_eq!(numbered("archive.tar.gz", 12), "archive.tar (12).gz");
        assert_eq!(numbered("README", 2), "README (2)");
        assert_eq!(numbered("_bashrc", 3), "_bashrc (3)");
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_a_harmless_name(name in any::<String>(), more in "[./\\\\: A-Z\\PC]{0,300}") {
            for name in [name.clone(), more.clone(), alloc::format!("{name}{more}")] {
                let safe = safe_name(&name);
                prop_assert!(!safe.is_empty() && safe.len() <= MAX_SAFE_NAME_BYTES + 1);
                prop_assert!(!safe.contains(['/', '\\', ':', '\0', '\n']) && !safe.chars().any(is_unseen));
                prop_assert!(!safe.starts_with('.') && !safe.ends_with(['.', ' ']));
                prop_assert!(!is_device(&safe));
                prop_assert_eq!(safe_name(&safe), safe.clone(), "once is enough");
            }
        }
    }
}
