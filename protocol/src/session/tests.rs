//! Both machines, each against the other and against peers that lie.

use super::*;
use crate::{
    input::{InputEvent, InputRefusal, Key},
    peer_msg::{
        ControlEnd, ControlState, EndReason, FrameNumber, GrantId, MoreTime, SharingState, ToShower, ToWatcher,
    },
    policy::{ControlRule, Limits, Minutes},
    text::DisplayText,
    time::Moment,
};
use alloc::{vec, vec::Vec};

mod cut;
mod limits;
mod model;
mod pointing;
mod recording;
mod shower;
mod turn;
mod watcher;

pub(super) const T0: Moment = Moment::from_ms(10_000);

pub(super) fn at(ms: u64) -> Moment {
    Moment::from_ms(10_000 + ms)
}

pub(super) fn selection(id: u64) -> ViewSelection {
    ViewSelection { applications: [ApplicationId(id)].into() }
}

pub(super) fn key(c: char) -> InputEvent {
    InputEvent::Key { key: Key::Character(c), pressed: true }
}

pub(super) fn hello() -> DisplayText {
    DisplayText::cleaned("1")
}

pub(super) fn effects(session: &mut ShowerSession) -> Vec<ShowerEffect> {
    core::iter::from_fn(|| session.poll_effect()).collect()
}

pub(super) fn sent(session: &mut ShowerSession) -> Vec<ToWatcher> {
    let sends = |effect| match effect {
        ShowerEffect::Send(message) => Some(message),
        _ => None,
    };
    effects(session).into_iter().filter_map(sends).collect()
}
