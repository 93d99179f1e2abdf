//! The customer's sign in the tray: what it says and offers, as a pure function
//! of the view, and the hand that stops control from there.
//!
//! It is there from when a session has begun until it ends, so that whatever
//! is shown, something in sight says so and ends it. Before and after that
//! there is nothing to say or to end.

mod mark;

use super::{
    control::Brake,
    controller::CustomerEvent,
    view::{ControlView, CustomerScreen, CustomerView, Who},
};
use crate::language::{Language, Texts};
use mark::Mark;
use mitblick_platform::{
    Platform,
    tray::{Tray, TrayChoice, TrayEntry, TrayHandler, TrayLook, TrayNews},
};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU8, Ordering},
};
use tokio::sync::mpsc::UnboundedSender;

/// What the program is called among other programs' signs.
const NAME: &str = "mitblick-customer";
/// Names of applications that are told; there is no room for more.
const NAMES_TOLD: usize = 6;

/// What the sign tells, and nothing that changes by the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayFacts {
    who: Who,
    state: TrayState,
    /// Names of what is shown, or was before the pause.
    applications: Vec<String>,
    /// The keys that stop control, while it is granted.
    controlled: Option<String>,
    /// Whether the picture can be taken away. Only the window brings it back.
    can_pause: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TrayState {
    /// Nothing is shown.
    Connected,
    /// Something is shown.
    Shown,
    /// The picture is taken away for the moment.
    Paused,
    /// The line is cut.
    Cut,
    /// The advisor shows, and nothing of the customer's is.
    Watching,
}

impl TrayFacts {
    /// What there is to tell; nothing outside of a session.
    pub fn of(view: &CustomerView) -> Option<Self> {
        let plain = |who: &Who, state| {
            let (who, applications) = (who.clone(), Vec::new());
            Self { who, state, applications, controlled: None, can_pause: false }
        };
        let facts = match &view.screen {
            CustomerScreen::WhoCalled { who, .. } | CustomerScreen::Choose { who, .. } => {
                plain(who, TrayState::Connected)
            }
            CustomerScreen::Watching(watching) => plain(&watching.who, TrayState::Watching),
            CustomerScreen::Sharing(sharing) => Self {
                who: sharing.who.clone(),
                state: match (sharing.paused, sharing.applications.is_empty()) {
                    (true, _) => TrayState::Paused,
                    (false, true) => TrayState::Connected,
                    (false, false) => TrayState::Shown,
                },
                applications: sharing.applications.clone(),
                controlled: matches!(sharing.control, ControlView::Granted { .. }).then(|| sharing.stop_keys()),
                can_pause: !sharing.paused || sharing.comes_back,
            },
            CustomerScreen::Join { .. } | CustomerScreen::Connecting(_) | CustomerScreen::Ended(_) => return None,
        };
        Some(if view.cut_s.is_some() { Self { state: TrayState::Cut, ..facts } } else { facts })
    }

    /// How that is said and drawn.
    pub fn look(&self, texts: Texts) -> TrayLook {
        let mark = match (self.state, &self.controlled) {
            (TrayState::Cut, _) => Mark::Cut,
            (_, Some(_)) => Mark::Controlled,
            (TrayState::Connected | TrayState::Watching, None) => Mark::Connected,
            (TrayState::Shown, None) => Mark::Shown,
            (TrayState::Paused, None) => Mark::Paused,
        };
        let title = self.title(texts);
        TrayLook { title, details: self.details(texts), pictures: mark.pictures(), menu: self.menu(texts) }
    }

    fn title(&self, texts: Texts) -> String {
        let advisor = ("advisor", (&self.who.advisor).into());
        let count = ("count", self.applications.len().into());
        match (self.state, &self.controlled) {
            (TrayState::Cut, _) => texts.t("tray-cut"),
            (TrayState::Watching, _) => texts.t_with("tray-watching", &[advisor]),
            (TrayState::Paused, _) => texts.t_with("tray-paused", &[advisor]),
            (TrayState::Connected | TrayState::Shown, Some(_)) => texts.t_with("tray-controlled", &[advisor, count]),
            (TrayState::Shown, None) => texts.t_with("tray-shown", &[advisor, count]),
            (TrayState::Connected, None) => texts.t_with("tray-nothing", &[advisor]),
        }
    }

    fn details(&self, texts: Texts) -> String {
        let who = [("advisor", (&self.who.advisor).into()), ("organisation", (&self.who.organisation).into())];
        let connected = texts.t_with("tray-with", &who);
        if self.state != TrayState::Shown {
            return connected;
        }
        let mut names = self.applications.iter().take(NAMES_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
        if self.applications.len() > NAMES_TOLD {
            names.push_str(", …");
        }
        format!("{connected} {}", texts.t_with("tray-applications", &[("applications", names.into())]))
    }

    fn menu(&self, texts: Texts) -> Vec<TrayEntry> {
        let entry = |choice, label| TrayEntry { choice, label };
        let stop = self.controlled.as_ref().map(|keys| {
            entry(TrayChoice::StopControl, texts.t_with("bar-stop-control", &[("keys", keys.as_str().into())]))
        });
        let pause = self.can_pause.then(|| entry(TrayChoice::Pause, texts.t("tray-pause")));
        let always = [entry(TrayChoice::End, texts.t("end-session")), entry(TrayChoice::Open, texts.t("tray-open"))];
        stop.into_iter().chain(pause).chain(always).collect()
    }
}

/// Something that was chosen in the tray, on its way to the controller.
///
/// There is at most one of each kind: whoever clicks a thousand times a second,
/// which another program could do, is heard as one who clicks once.
#[derive(Debug)]
pub struct Chosen {
    choice: TrayChoice,
    on_the_way: Arc<AtomicU8>,
}

impl Chosen {
    /// Sends it on its way, if none of its kind is.
    fn new(choice: TrayChoice, on_the_way: &Arc<AtomicU8>) -> Option<Self> {
        let before = on_the_way.fetch_or(Self::bit(choice), Ordering::SeqCst);
        (before & Self::bit(choice) == 0).then(|| Self { choice, on_the_way: Arc::clone(on_the_way) })
    }

    const fn bit(choice: TrayChoice) -> u8 {
        1 << choice.number()
    }

    /// What was chosen.
    pub const fn choice(&self) -> TrayChoice {
        self.choice
    }
}

impl Drop for Chosen {
    fn drop(&mut self) {
        self.on_the_way.fetch_and(!Self::bit(self.choice), Ordering::SeqCst);
    }
}

/// What is called on the tray's own thread.
struct TrayHand {
    brake: Brake,
    events: UnboundedSender<CustomerEvent>,
    on_the_way: Arc<AtomicU8>,
    open: Arc<dyn Fn() + Send + Sync>,
}

impl TrayHandler for TrayHand {
    fn chosen(&mut self, choice: TrayChoice) {
        match choice {
            TrayChoice::Open => return (self.open)(),
            // As the stop key does: first it is stopped, whatever the rest of
            // the program is busy with, and then it is told.
            TrayChoice::StopControl => self.brake.pull(),
            TrayChoice::Pause | TrayChoice::End => {}
        }
        if let Some(chosen) = Chosen::new(choice, &self.on_the_way) {
            // A controller that is gone needs no telling.
            let _ = self.events.send(CustomerEvent::Tray(chosen));
        }
    }

    fn news(&mut self, news: TrayNews) {
        match news {
            TrayNews::Shown => tracing::debug!("the tray shows the session"),
            TrayNews::NotAvailable(why) => tracing::info!(why, "no tray shows the session"),
            TrayNews::Broke(why) => tracing::warn!(why, "the tray is lost"),
        }
    }
}

/// The sign, shared by those who know what it needs: the workers the brake, the
/// controller the view, the window the language.
#[derive(Clone)]
pub struct SharedTray(Arc<Mutex<Place>>);

struct Place {
    platform: Arc<dyn Platform>,
    open: Arc<dyn Fn() + Send + Sync>,
    language: Language,
    facts: Option<TrayFacts>,
    /// Of the session; used up by the sign, of which there is one a session.
    hand: Option<TrayHand>,
    sign: Option<Box<dyn Tray>>,
}

impl SharedTray {
    /// Without a sign so far. `open` brings the window to the front; it is
    /// called on the tray's thread and must not block.
    pub fn new(platform: Arc<dyn Platform>, language: Language, open: impl Fn() + Send + Sync + 'static) -> Self {
        let place = Place { platform, open: Arc::new(open), language, facts: None, hand: None, sign: None };
        Self(Arc::new(Mutex::new(place)))
    }

    /// A session has begun, in which control is stopped with this.
    pub(super) fn begin(&self, brake: Brake, events: UnboundedSender<CustomerEvent>) {
        self.change(|place| {
            let open = Arc::clone(&place.open);
            (place.facts, place.sign) = (None, None);
            place.hand = Some(TrayHand { brake, events, on_the_way: Arc::default(), open });
        });
    }

    /// The session has ended.
    pub(super) fn end(&self) {
        self.change(|place| (place.facts, place.hand, place.sign) = (None, None, None));
    }

    /// Shows what this view says, if that is anything new.
    pub fn show(&self, view: &CustomerView) {
        let facts = TrayFacts::of(view);
        self.change(|place| {
            if place.facts != facts {
                place.facts = facts;
                place.refresh();
            }
        });
    }

    /// Says it in this language from here on.
    pub fn speak(&self, language: Language) {
        self.change(|place| {
            if place.language != language {
                place.language = language;
                place.refresh();
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Place)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Place {
    fn refresh(&mut self) {
        let Some(facts) = &self.facts else {
            self.sign = None;
            return;
        };
        let look = facts.look(Texts::of(self.language));
        if let Some(sign) = &mut self.sign {
            sign.show(look);
        } else if let Some(hand) = self.hand.take() {
            match self.platform.tray(NAME, look, Box::new(hand)) {
                Ok(sign) => self.sign = Some(sign),
                Err(error) => tracing::info!(%error, "the session is not shown in the tray"),
            }
        }
    }
}

#[cfg(test)]
mod tests;
