//! The system's clipboard for what a person copies from and pastes into the
//! window.

use egui::OutputCommand;

/// Opened when it is used first.
#[derive(Default)]
pub(crate) struct Clipboard(Option<arboard::Clipboard>);

impl Clipboard {
    /// Puts what the window copied into the system's clipboard.
    pub(crate) fn copy(&mut self, commands: &[OutputCommand]) {
        for command in commands {
            if let OutputCommand::CopyText(text) = command {
                self.try_with(|clipboard| clipboard.set_text(text.as_str()));
            }
        }
    }

    /// The text in it.
    pub(crate) fn text(&mut self) -> Option<String> {
        self.try_with(arboard::Clipboard::get_text)
    }

    fn try_with<T>(&mut self, act: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>) -> Option<T> {
        if self.0.is_none() {
            match arboard::Clipboard::new() {
                Ok(clipboard) => self.0 = Some(clipboard),
                Err(error) => tracing::warn!(%error, "no clipboard"),
            }
        }
        match act(self.0.as_mut()?) {
            Ok(done) => Some(done),
            Err(arboard::Error::ContentNotAvailable) => None,
            Err(error) => {
                tracing::debug!(%error, "the clipboard");
                None
            }
        }
    }
}
