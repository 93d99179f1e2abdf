//! Letters with accents as dead keys make them: which dead key, and what is
//! struck after it. Whether the two become one is up to the application, as it
//! is for the person at the keyboard. Pure.

use xkeysym::key;

/// What is struck after a dead key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The dead key once more.
    Again,
    /// What this character is struck with.
    Character(char),
}

/// Dead keys with what they make of which letters.
#[rustfmt::skip]
const ACCENTS: [(u32, &str, &str); 12] = [
    (key::dead_grave,       "aeiounwyAEIOUNWY",                 "àèìòùǹẁỳÀÈÌÒÙǸẀỲ"),
    (key::dead_acute,       "aeiouycglmnprswzAEIOUYCGLMNPRSWZ", "áéíóúýćǵĺḿńṕŕśẃźÁÉÍÓÚÝĆǴĹḾŃṔŔŚẂŹ"),
    (key::dead_circumflex,  "aeiouycghjswzAEIOUYCGHJSWZ",       "âêîôûŷĉĝĥĵŝŵẑÂÊÎÔÛŶĈĜĤĴŜŴẐ"),
    (key::dead_tilde,       "anoiuevyANOIUEVY",                 "ãñõĩũẽṽỹÃÑÕĨŨẼṼỸ"),
    (key::dead_diaeresis,   "aeiouyhwxtAEIOUYHWX",              "äëïöüÿḧẅẍẗÄËÏÖÜŸḦẄẌ"),
    (key::dead_abovering,   "auAU",                             "åůÅŮ"),
    (key::dead_caron,       "cdenrstzglCDENRSTZGL",             "čďěňřšťžǧľČĎĚŇŘŠŤŽǦĽ"),
    (key::dead_cedilla,     "cstCST",                           "çşţÇŞŢ"),
    (key::dead_ogonek,      "aeiuAEIU",                         "ąęįųĄĘĮŲ"),
    (key::dead_macron,      "aeiouAEIOU",                       "āēīōūĀĒĪŌŪ"),
    (key::dead_abovedot,    "cegzCEGZI",                        "ċėġżĊĖĠŻİ"),
    (key::dead_doubleacute, "ouOU",                             "őűŐŰ"),
];

/// Dead key and what follows it, for a character that is made so.
pub(super) fn taken_apart(character: char) -> Option<(u32, Then)> {
    // With a space some dead keys make the sign of a typewriter instead:
    // an apostrophe for an acute accent, a quotation mark for a diaeresis.
    match character {
        '^' => return Some((key::dead_circumflex, Then::Character(' '))),
        '`' => return Some((key::dead_grave, Then::Character(' '))),
        '~' => return Some((key::dead_tilde, Then::Character(' '))),
        '´' => return Some((key::dead_acute, Then::Again)),
        '¨' => return Some((key::dead_diaeresis, Then::Again)),
        _ => {}
    }
    ACCENTS.iter().find_map(|(dead, letters, made)| {
        let (letter, _) = letters.chars().zip(made.chars()).find(|(_, made)| *made == character)?;
        Some((*dead, Then::Character(letter)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_stands_above_what_its_accent_makes_of_it() {
        for (dead, letters, made) in ACCENTS {
            assert_eq!(letters.chars().count(), made.chars().count(), "{dead:x}");
            assert!(letters.chars().all(|letter| letter.is_ascii_alphabetic()), "{letters}");
            assert!(made.chars().all(|made| made.is_alphabetic() && !made.is_ascii()), "{made}");
        }
        assert_eq!(taken_apart('ü'), Some((key::dead_diaeresis, Then::Character('u'))));
        assert_eq!(taken_apart('Ÿ'), Some((key::dead_diaeresis, Then::Character('Y'))));
        assert_eq!(taken_apart('ű'), Some((key::dead_doubleacute, Then::Character('u'))));
    }

    #[test]
    fn plain_letters_and_foreign_ones_have_no_accent() {
        for plain in ['e', 'ß', 'ø', '日', '😀', ' ', '\u{301}'] {
            assert_eq!(taken_apart(plain), None, "{plain}");
        }
    }
}
