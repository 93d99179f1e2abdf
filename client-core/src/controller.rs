//! What both controllers have in common: the families of calls, and the
//! effects that the runtime performs for either.

use crate::{link::LinkEvent, problem::Problem};
use mitblick_protocol::{broker_msg::ToBroker, time::Moment};

/// A pure controller: intents, events and `now` in; effects, records and the
/// next deadline out. After each `handle_*` call drain [`Controller::poll_effect`].
pub trait Controller {
    /// What the person can want.
    type Intent;
    /// What workers report.
    type Event;
    /// What workers are to do.
    type Work;
    /// What the window shows.
    type View;

    /// The person wants something.
    fn handle_intent(&mut self, intent: Self::Intent, now: Moment);
    /// Something came over the link.
    fn handle_link(&mut self, event: LinkEvent, now: Moment);
    /// A worker reports.
    fn handle_event(&mut self, event: Self::Event, now: Moment);
    /// The deadline is over.
    fn handle_timeout(&mut self, now: Moment);
    /// When [`Controller::handle_timeout`] is to be called.
    fn poll_timeout(&self) -> Option<Moment>;
    /// What is to be done next.
    fn poll_effect(&mut self) -> Option<Effect<Self::Work>>;
    /// Whether [`Controller::next_record`] has something.
    fn has_record(&self) -> bool;
    /// The next sealed record for the other side, most urgent first. Sealed at
    /// the last moment, so that what is urgent overtakes what waits.
    fn next_record(&mut self, now: Moment) -> Option<Vec<u8>>;
    /// What the window shows now.
    fn view(&self, now: Moment) -> Self::View;
}

/// What the runtime does for a controller.
#[derive(Debug)]
pub enum Effect<W> {
    /// Connect to the broker; an older link is closed.
    Connect,
    /// Close the link, after what is queued has gone out.
    Disconnect,
    /// Send to the broker.
    ToBroker(ToBroker),
    /// Send a message of the handshake to the other side.
    Relay(Vec<u8>),
    /// Something for a worker.
    Work(W),
    /// The view has changed.
    Publish,
    /// Tell automation that an intent was out of place.
    Complain(Problem),
    /// End the program.
    Quit,
}
