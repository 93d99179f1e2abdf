//! The end-to-end encrypted channel, once the handshake is done.

use mitblick_protocol::{
    check_words::{CheckWords, Language},
    handshake::Suite,
    sealed::{Opener, Sealer, Stream, TrafficKeys},
};

/// Both directions.
pub struct SecureChannel {
    /// From this side.
    pub sealer: Sealer,
    /// To this side.
    pub opener: Opener,
}

impl SecureChannel {
    /// From the keys of a handshake that is done.
    pub fn new(suite: Suite, keys: TrafficKeys) -> Self {
        let (sealer, opener) = keys.into_channel(suite);
        Self { sealer, opener }
    }

    /// Of which this side takes no pictures, until it has agreed to some.
    #[must_use]
    pub fn without_pictures(mut self) -> Self {
        self.opener.refuse(Some(Stream::Picture));
        self
    }
}

/// The four check words in German and in English.
pub fn words_of(words: CheckWords) -> [[String; 4]; 2] {
    [Language::German, Language::English].map(|language| words.words(language).map(str::to_owned))
}
