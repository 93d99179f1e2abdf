//! The way of the person's intents from the window to the controller. What ends
//! control stops it first and on the window's own thread, as the stop key does,
//! so that no click waits for a controller that is busy.

use super::{control::Brake, view::CustomerIntent};
use crate::shell::IntentSender;
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// The brake of the session that is on, if one is. Without a lock: a window that
/// hangs while it pulls the brake holds up nobody.
#[derive(Clone, Default)]
pub struct SharedBrake(Arc<ArcSwapOption<Brake>>);

impl SharedBrake {
    /// A session has begun, in which control is stopped with this, or it has
    /// ended.
    pub(super) fn fit(&self, brake: Option<Brake>) {
        self.0.store(brake.map(Arc::new));
    }

    fn pull(&self) {
        if let Some(brake) = &*self.0.load() {
            brake.pull();
        }
    }
}

impl CustomerIntent {
    /// Whether control is over once this is done, whatever holds then. A yes to
    /// a turn is not: it may meet a request that was just taken back, and then
    /// control goes on.
    fn ends_control(&self) -> bool {
        matches!(self, Self::RevokeControl | Self::Pause | Self::ChooseAgain | Self::End | Self::Fault | Self::Quit)
    }
}

/// Where the window's intents go. Cheap to clone; never blocks.
#[derive(Clone)]
pub struct CustomerIntents {
    controller: IntentSender<CustomerIntent>,
    brake: SharedBrake,
}

impl CustomerIntents {
    /// To this controller, with this brake.
    pub fn new(controller: IntentSender<CustomerIntent>, brake: SharedBrake) -> Self {
        Self { controller, brake }
    }

    /// Does what can't wait, and tells the controller.
    pub fn send(&self, intent: CustomerIntent) {
        if intent.ends_control() {
            self.brake.pull();
        }
        // A program that is gone already needs no telling.
        let _ = self.controller.send(intent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::control::ControlWorker;
    use mitblick_platform::fake::FakePlatform;
    use mitblick_protocol::{geometry::Size, policy::Limits, session::ShowerSession, time::Moment};
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn what_ends_control_stops_it_before_anybody_has_heard_of_it() {
        let session = ShowerSession::new(Limits::default(), Moment::from_ms(0));
        let worker =
            ControlWorker::start(Arc::new(FakePlatform::new(Size { width: 100, height: 100 })), |_| {}).unwrap();
        let gate = session.gates().control;
        let (controller, mut heard) = unbounded_channel();
        let brake = SharedBrake::default();
        let intents = CustomerIntents::new(controller, brake.clone());
        let raised_by = |intent: CustomerIntent| {
            let before = gate.epoch();
            intents.send(intent);
            gate.epoch() != before
        };
        assert!(!raised_by(CustomerIntent::RevokeControl), "there is no session");
        brake.fit(Some(Brake { gate: gate.clone(), injector: worker.sender() }));
        for ends in [
            CustomerIntent::RevokeControl,
            CustomerIntent::Pause,
            CustomerIntent::ChooseAgain,
            CustomerIntent::End,
            CustomerIntent::Fault,
            CustomerIntent::Quit,
        ] {
            assert!(raised_by(ends.clone()), "{ends:?}");
        }
        for keeps in [
            CustomerIntent::RefuseControl,
            CustomerIntent::AllowTurn,
            CustomerIntent::TurnBack,
            CustomerIntent::ShowLine(true),
        ] {
            assert!(!raised_by(keeps.clone()), "{keeps:?}");
        }
        brake.fit(None);
        assert!(!raised_by(CustomerIntent::End), "it is over");
        let told = std::iter::from_fn(|| heard.try_recv().ok()).count();
        assert_eq!(told, 12, "the controller hears of each");
    }
}
