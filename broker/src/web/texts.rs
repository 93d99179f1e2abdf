//! Texts of the pages in German and English, from the Fluent files under
//! `locales/`, and whose language a request is answered in.

use crate::problem::Language;
use axum::http::{HeaderMap, header};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::{Arc, OnceLock};
use unic_langid::LanguageIdentifier;

type Bundle = FluentBundle<Arc<FluentResource>>;

const GERMAN: [&str; 3] = [
    include_str!("../../locales/de/shared.ftl"),
    include_str!("../../locales/de/company.ftl"),
    include_str!("../../locales/de/admin.ftl"),
];
const ENGLISH: [&str; 3] = [
    include_str!("../../locales/en/shared.ftl"),
    include_str!("../../locales/en/company.ftl"),
    include_str!("../../locales/en/admin.ftl"),
];

const fn sources(language: Language) -> [&'static str; 3] {
    match language {
        Language::German => GERMAN,
        Language::English => ENGLISH,
    }
}

/// All texts of one language. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Texts {
    language: Language,
    bundle: &'static Bundle,
}

impl Texts {
    pub(super) fn of(language: Language) -> Self {
        static GERMAN: OnceLock<Bundle> = OnceLock::new();
        static ENGLISH: OnceLock<Bundle> = OnceLock::new();
        let slot = match language {
            Language::German => &GERMAN,
            Language::English => &ENGLISH,
        };
        Self { language, bundle: slot.get_or_init(|| load(language)) }
    }

    pub(super) fn language(self) -> Language {
        self.language
    }

    /// The text with this key. A key that does not exist shows itself; a test
    /// sees to it that none does.
    pub(super) fn t(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text with this key and its `{ $name }` filled in.
    pub(super) fn t_with(self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set((*name).to_owned(), value.clone());
        }
        self.format(key, Some(&arguments))
    }

    fn format(self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, "a text is missing");
            return key.to_owned();
        };
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut faults).into_owned();
        for fault in &faults {
            tracing::error!(key, %fault, "a text can't be filled in");
        }
        text
    }

    /// Bytes for a person.
    pub(super) fn bytes(self, bytes: u64) -> String {
        const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
            return format!("{bytes} B");
        };
        let tenths = bytes.saturating_mul(10).saturating_add(unit / 2) / unit;
        let mark = match self.language {
            Language::German => ',',
            Language::English => '.',
        };
        if tenths >= 1_000 {
            format!("{} {name}", tenths / 10)
        } else {
            format!("{}{mark}{} {name}", tenths / 10, tenths % 10)
        }
    }
}

impl Language {
    /// The tag of pages in this language.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }

    /// From a tag like `de` or `en-GB`.
    pub(super) fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next().map(str::to_ascii_lowercase).as_deref() {
            Some("de") => Some(Self::German),
            Some("en") => Some(Self::English),
            _ => None,
        }
    }
}

/// What the browser says that its person reads (RFC 9110, 12.5.4); English if
/// it says neither.
pub(super) fn accepted(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight = |part: &str| {
        let quality = part.split(';').skip(1).find_map(|parameter| parameter.trim().strip_prefix("q="));
        quality.map_or(Some(1.0), |q| q.trim().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)))
    };
    let mut best: Option<(f32, Language)> = None;
    for part in wanted.split(',').take(32) {
        let tag = part.split(';').next().unwrap_or_default().trim();
        if let (Some(language), Some(q)) = (Language::from_tag(tag), weight(part))
            && q > best.map_or(0.0, |(q, _)| q)
        {
            best = Some((q, language));
        }
    }
    best.map_or(Language::English, |(_, language)| language)
}

/// The files are part of the program, so a fault in one is a fault of the
/// build: it is logged, the good part is used, and a test fails.
fn load(language: Language) -> Bundle {
    let locale = language.tag().parse::<LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) => resource,
            Err((resource, faults)) => {
                tracing::error!(?language, ?faults, "a file of texts has faults");
                resource
            }
        };
        if let Err(faults) = bundle.add_resource(Arc::new(resource)) {
            tracing::error!(?language, ?faults, "a text exists twice");
        }
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use fluent_syntax::ast;
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    /// Keys with the names of what is to be filled in.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for source in sources(language) {
            let resource = fluent_syntax::parser::parse(source).expect("a file of texts has faults");
            for entry in resource.body {
                let ast::Entry::Message(message) = entry else { continue };
                let start = source.find(&format!("\n{} =", message.id.name)).map_or(0, |at| at + 1);
                let rest = &source[start..];
                let end = rest.match_indices('\n').map(|(at, _)| at).find(|&at| !rest[at + 1..].starts_with(' '));
                let body = &rest[..end.unwrap_or(rest.len())];
                let names = body.match_indices('$').map(|(at, _)| {
                    body[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
                });
                let before = keys.insert(message.id.name.to_owned(), names.collect());
                assert!(before.is_none(), "{} exists twice in {language:?}", message.id.name);
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_the_same_keys_and_the_same_places_to_fill_in() {
        assert_eq!(keys(Language::German), keys(Language::English));
    }

    fn code(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                code(&entry.path(), all);
            } else {
                all.push_str(&fs::read_to_string(entry.path()).unwrap());
            }
        }
    }

    /// A key stands in the code as a text of its own.
    #[test]
    fn every_key_that_the_code_uses_exists_and_every_key_is_used() {
        let mut all = String::new();
        code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut all);
        let known: BTreeSet<String> = keys(Language::English).into_keys().collect();
        let unused: Vec<_> = known.iter().filter(|key| !all.contains(&format!("\"{key}\""))).collect();
        assert!(unused.is_empty(), "unused: {unused:?}");
        for call in [".t(\"", ".t_with(\""] {
            for (at, _) in all.match_indices(call) {
                let key = all[at + call.len()..].split('"').next().unwrap();
                assert!(known.contains(key), "missing: {key}");
            }
        }
    }

    #[test]
    fn the_browsers_first_choice_of_the_two_languages_is_taken() {
        for (said, language) in [
            ("", Language::English),
            ("de", Language::German),
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("fr,en;q=0.5,de;q=0.7", Language::German),
            ("en-US,en;q=0.9,de;q=0.8", Language::English),
            ("de;q=0", Language::English),
            ("de;q=x,en;q=0.1", Language::English),
            (";;;,,,=", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(said));
            assert_eq!(accepted(&headers), language, "{said}");
        }
    }

    #[test]
    fn sizes_are_rounded_for_people() {
        let (de, en) = (Texts::of(Language::German), Texts::of(Language::English));
        assert_eq!((de.bytes(999), en.bytes(1_249)), ("999 B".into(), "1.2 kB".into()));
        assert_eq!((de.bytes(5_250_000), en.bytes(123_456_789)), ("5,3 MB".into(), "123 MB".into()));
    }
}
