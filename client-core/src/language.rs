//! The texts of both programs in German and English, from the Fluent files
//! under `locales/`. Not for logs: those are English and stay so.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};
use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Deutsch.
    German,
    /// English.
    English,
}

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::German, Self::English];

    /// The language of the person's system: German for any kind of German,
    /// else English.
    pub fn of_system() -> Self {
        sys_locale::get_locale().map_or(Self::English, |tag| Self::from_tag(&tag))
    }

    /// From a language tag like `de_AT.UTF-8` or `en-GB`; English for others.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }

    /// Its name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::German => "Deutsch",
            Self::English => "English",
        }
    }

    /// Its place in pairs such as the check words `[german, english]`.
    pub const fn index(self) -> usize {
        match self {
            Self::German => 0,
            Self::English => 1,
        }
    }

    /// The sign between whole number and fraction.
    pub const fn decimal_mark(self) -> char {
        match self {
            Self::German => ',',
            Self::English => '.',
        }
    }

    const fn sources(self) -> [&'static str; 5] {
        match self {
            Self::German => [
                include_str!("../locales/de/shared.ftl"),
                include_str!("../locales/de/problems.ftl"),
                include_str!("../locales/de/customer.ftl"),
                include_str!("../locales/de/advisor.ftl"),
                include_str!("../locales/de/receipt.ftl"),
            ],
            Self::English => [
                include_str!("../locales/en/shared.ftl"),
                include_str!("../locales/en/problems.ftl"),
                include_str!("../locales/en/customer.ftl"),
                include_str!("../locales/en/advisor.ftl"),
                include_str!("../locales/en/receipt.ftl"),
            ],
        }
    }
}

type Bundle = FluentBundle<Arc<FluentResource>>;

/// All texts of one language. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Texts {
    language: Language,
    bundle: &'static Bundle,
}

impl Texts {
    /// The texts of this language.
    pub fn of(language: Language) -> Self {
        static GERMAN: OnceLock<Bundle> = OnceLock::new();
        static ENGLISH: OnceLock<Bundle> = OnceLock::new();
        let slot = match language {
            Language::German => &GERMAN,
            Language::English => &ENGLISH,
        };
        Self { language, bundle: slot.get_or_init(|| load(language)) }
    }

    /// Whose texts these are.
    pub const fn language(self) -> Language {
        self.language
    }

    /// The text with this key. A key that does not exist shows itself; a test
    /// sees to it that none does.
    pub fn t(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text with this key and its `{ $name }` filled in.
    pub fn t_with<'a>(self, key: &str, values: &[(&'a str, Value<'a>)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, FluentValue::from(value.clone()));
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
}

/// Something to fill into a text.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number; chooses singular and plural.
    Number(u64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl<'a> From<Value<'a>> for FluentValue<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Text(text) => FluentValue::String(text),
            Value::Number(number) => FluentValue::from(number),
        }
    }
}

/// The files are part of the program, so a fault in one is a fault of the
/// build: it is logged, the good part is used, and a test fails.
fn load(language: Language) -> Bundle {
    let tag = match language {
        Language::German => "de",
        Language::English => "en",
    };
    let locale = tag.parse::<LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The isolation marks would be painted as boxes, and both languages run
    // left to right.
    bundle.set_use_isolating(false);
    for source in language.sources() {
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
    use fluent_syntax::ast;
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::{Path, PathBuf},
    };

    /// Keys with the names of what is to be filled in.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for source in language.sources() {
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

    fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                rust_files(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_key_that_the_code_uses_exists_and_every_key_is_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let mut files = Vec::new();
        for package in ["client-core", "customer-client", "advisor-client"] {
            rust_files(&root.join(package).join("src"), &mut files);
        }
        let mut used = BTreeSet::new();
        for file in files {
            let code = std::fs::read_to_string(&file).expect("readable source");
            for call in ["t", "t_with"].map(|name| format!(".{name}(")) {
                for (at, _) in code.match_indices(&call) {
                    let rest = code[at + call.len()..].trim_start();
                    if let Some(key) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                        used.insert(key.to_owned());
                    }
                }
            }
        }
        let known: BTreeSet<String> = keys(Language::English).into_keys().collect();
        let missing: Vec<_> = used.difference(&known).collect();
        let unused: Vec<_> = known.difference(&used).collect();
        assert!(missing.is_empty() && unused.is_empty(), "missing: {missing:?}, unused: {unused:?}");
    }

    #[test]
    fn german_of_any_country_is_german_and_everything_else_english() {
        for tag in ["de", "de-DE", "de_AT.UTF-8", "DE-ch"] {
            assert_eq!(Language::from_tag(tag), Language::German, "{tag}");
        }
        for tag in ["en-GB", "fr_FR", "C", "", "den"] {
            assert_eq!(Language::from_tag(tag), Language::English, "{tag}");
        }
    }
}
