//! The tray of the fake desktop.

use super::FakePlatform;
use crate::tray::{Tray, TrayChoice, TrayError, TrayHandler, TrayLook, TrayNews};
use std::sync::{Arc, Mutex, PoisonError};

/// All that is in it.
#[derive(Default)]
pub(super) struct Trays {
    /// The newest sign, if it is still there.
    shown: Option<Shown>,
    /// Counts signs.
    last: u64,
    /// The desktop has no place for any.
    none: bool,
}

struct Shown {
    number: u64,
    look: TrayLook,
    handler: Arc<Mutex<Box<dyn TrayHandler>>>,
}

impl FakePlatform {
    /// From here on there is no place for a tray.
    pub fn forbid_trays(&self) {
        self.state().trays.none = true;
    }

    /// What is in the tray.
    pub fn tray_shown(&self) -> Option<TrayLook> {
        self.state().trays.shown.as_ref().map(|shown| shown.look.clone())
    }

    /// Chooses something in the tray, on the caller's thread; whether that had
    /// an effect.
    pub fn choose_in_tray(&self, choice: TrayChoice) -> bool {
        let allows = self.tray_shown().is_some_and(|look| look.allows(choice));
        allows && self.tell_tray(|handler| handler.chosen(choice))
    }

    /// Tells whoever shows something in the tray how it goes.
    pub fn tell_tray_news(&self, news: TrayNews) {
        self.tell_tray(|handler| handler.news(news));
    }

    fn tell_tray(&self, what: impl FnOnce(&mut dyn TrayHandler)) -> bool {
        // A handler may use the platform: the desktop is not held meanwhile.
        let handler = self.state().trays.shown.as_ref().map(|shown| Arc::clone(&shown.handler));
        let told = handler.map(|handler| what(&mut **handler.lock().unwrap_or_else(PoisonError::into_inner)));
        told.is_some()
    }
}

struct FakeTray {
    platform: FakePlatform,
    number: u64,
}

pub(super) fn open(
    platform: &FakePlatform,
    look: TrayLook,
    handler: Box<dyn TrayHandler>,
) -> Result<Box<dyn Tray>, TrayError> {
    platform.change(|state| {
        let trays = &mut state.trays;
        if trays.none {
            return Err(TrayError::NotAvailable("none on this desktop".to_owned()));
        }
        trays.last += 1;
        let number = trays.last;
        trays.shown = Some(Shown { number, look, handler: Arc::new(Mutex::new(handler)) });
        Ok(Box::new(FakeTray { platform: platform.clone(), number }) as Box<dyn Tray>)
    })
}

impl Tray for FakeTray {
    fn show(&mut self, look: TrayLook) {
        self.platform.change(|state| {
            if let Some(shown) = state.trays.shown.as_mut().filter(|shown| shown.number == self.number) {
                shown.look = look;
            }
        });
    }
}

impl Drop for FakeTray {
    fn drop(&mut self) {
        // The handler goes after the desktop is free: it may use the platform.
        let gone = self.platform.change(|state| state.trays.shown.take_if(|shown| shown.number == self.number));
        drop(gone);
    }
}
