//! The workplace's key: fetched while the person types, and again after it
//! could not be had. A sign-in waits for it.

use super::{AdvisorController, AdvisorWork, Stage};
use crate::{
    advisor::view::KeyView,
    controller::Effect,
    problem::Problem,
    workplace_key::{KeyNews, KeyPlace},
};
use mitblick_protocol::{broker_msg::Password, time::Moment, workplace::WorkplaceSecret};
use std::time::Duration;

/// How long a sign-in waits for it: longer than the key store gives a person.
const KEY_TIMEOUT: Duration = Duration::from_secs(180);

/// What is known of the key.
pub(super) enum Key {
    /// It is being fetched.
    Fetching {
        /// The key store asks the person.
        asking: bool,
    },
    /// Here it is.
    Here(WorkplaceSecret, KeyPlace),
    /// It could not be had.
    Missing,
}

impl Key {
    pub(super) fn view(&self) -> KeyView {
        match self {
            Self::Fetching { asking: false } => KeyView::Fetching,
            Self::Fetching { asking: true } => KeyView::Asking,
            Self::Here(_, place) => KeyView::Here(place.clone()),
            Self::Missing => KeyView::Missing,
        }
    }
}

impl AdvisorController {
    /// A sign-in waits until the key is there.
    pub(super) fn await_key(&mut self, password: Password, now: Moment) {
        if matches!(self.key, Key::Missing) {
            self.key = Key::Fetching { asking: false };
            self.effects.push_back(Effect::Work(AdvisorWork::FetchKey));
        }
        self.stage = Stage::AwaitsKey { password, deadline: now.after(KEY_TIMEOUT) };
    }

    pub(super) fn key_news(&mut self, news: KeyNews, now: Moment) {
        match news {
            KeyNews::Asking => {
                if let Key::Fetching { asking } = &mut self.key {
                    *asking = true;
                }
            }
            KeyNews::Here(key, place) => {
                self.key = Key::Here(key, place);
                if let Stage::AwaitsKey { password, .. } = &self.stage {
                    let password = password.clone();
                    self.begin_entry(password, None, now);
                }
            }
            KeyNews::Failed(problem) => self.key_failed(problem),
        }
        self.publish();
    }

    /// It should have been here by now.
    pub(super) fn key_late(&mut self, now: Moment) {
        if matches!(self.stage, Stage::AwaitsKey { deadline, .. } if deadline <= now) {
            self.key_failed(Problem::WorkplaceKeyStoreGone(format!("{} s", KEY_TIMEOUT.as_secs())));
            self.publish();
        }
    }

    fn key_failed(&mut self, problem: Problem) {
        self.key = Key::Missing;
        // Without a sign-in it is told once nothing else is.
        if let Stage::AwaitsKey { .. } | Stage::SignIn { problem: None } = &self.stage {
            self.stage = Stage::SignIn { problem: Some(problem) };
        }
    }
}
