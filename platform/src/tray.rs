//! The sign of this program among those of the system that are always in
//! sight, and what a person can choose at it.
//!
//! Nothing that can be chosen here gives anyone a right. On Linux other
//! programs of the person reach the same choices over the session bus, and the
//! one that calls can't be told from the one that shows the menu. So every
//! [`TrayChoice`] ends or interrupts something, or shows the window. Consent,
//! control, the choice of what is shown, and to go on after a pause, which
//! somebody has made so that nothing is seen, can't be said at all.

/// What a person can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrayChoice {
    /// Take control back, as the stop key does.
    StopControl,
    /// Take the picture away.
    Pause,
    /// End the session.
    End,
    /// Bring the program's window to the front.
    Open,
}

impl TrayChoice {
    /// All of them, in the order of a menu.
    pub const ALL: [Self; 4] = [Self::StopControl, Self::Pause, Self::End, Self::Open];

    /// Its number, the same for ever: a menu that is on the screen while it
    /// changes never means something else than it says.
    pub const fn number(self) -> i32 {
        match self {
            Self::StopControl => 1,
            Self::Pause => 2,
            Self::End => 3,
            Self::Open => 4,
        }
    }

    /// The one with this number.
    pub fn of_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.number() == number)
    }
}

/// A square picture with an alpha channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayPicture {
    /// Width and height.
    pub size_px: u16,
    /// Alpha, red, green and blue of each pixel, not multiplied, row by row.
    pub argb: Vec<u8>,
}

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayEntry {
    /// What it stands for.
    pub choice: TrayChoice,
    /// What it says.
    pub label: String,
}

/// What is to be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrayLook {
    /// One line on how things are.
    pub title: String,
    /// More of it; may be empty.
    pub details: String,
    /// The same picture in several sizes.
    pub pictures: Vec<TrayPicture>,
    /// What can be chosen at the moment, from the top.
    pub menu: Vec<TrayEntry>,
}

impl TrayLook {
    /// Whether a choice has an effect now. The one that stops control always
    /// has: whoever clicks a menu that is a moment old must not be ignored.
    pub fn allows(&self, choice: TrayChoice) -> bool {
        choice == TrayChoice::StopControl || self.menu.iter().any(|entry| entry.choice == choice)
    }
}

/// How it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrayNews {
    /// The system shows it.
    Shown,
    /// The system shows none, or not now.
    NotAvailable(String),
    /// It was there, and will not come back.
    Broke(String),
}

/// There is no tray.
#[derive(Debug, thiserror::Error)]
pub enum TrayError {
    /// It can't work on this system as it is.
    #[error("there is no tray here: {0}")]
    NotAvailable(String),
}

/// Called on the tray's own thread, at once. Must not block.
pub trait TrayHandler: Send {
    /// Somebody has chosen something that [`TrayLook::allows`].
    fn chosen(&mut self, choice: TrayChoice);

    /// How it goes has changed.
    fn news(&mut self, _news: TrayNews) {}
}

/// The sign, kept by a thread of its own; gone when dropped. Never waits.
pub trait Tray: Send {
    /// Shows this in place of what was shown before.
    fn show(&mut self, look: TrayLook);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_of_one_choice_each_and_never_that_of_a_menu_itself() {
        for choice in TrayChoice::ALL {
            assert_eq!(TrayChoice::of_number(choice.number()), Some(choice));
        }
        for unknown in [i32::MIN, -1, 0, 5, i32::MAX] {
            assert_eq!(TrayChoice::of_number(unknown), None);
        }
    }

    #[test]
    fn only_what_the_menu_offers_can_be_chosen_and_to_stop_at_any_time() {
        let entry = |choice| TrayEntry { choice, label: String::new() };
        let look = TrayLook { menu: vec![entry(TrayChoice::Pause), entry(TrayChoice::End)], ..TrayLook::default() };
        let allowed: Vec<_> = TrayChoice::ALL.into_iter().filter(|&choice| look.allows(choice)).collect();
        assert_eq!(allowed, [TrayChoice::StopControl, TrayChoice::Pause, TrayChoice::End]);
    }
}
