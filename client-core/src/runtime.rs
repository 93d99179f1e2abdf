//! The thin loop around a controller: waits for whatever comes first, hands it
//! in, performs the effects. One thread of its own; the window is another.

use crate::{
    controller::{Controller, Effect},
    link::{Link, LinkEvent, LinkReceiver, LinkSender, control_frame, relay_frame},
    problem::Problem,
    proxy::Route,
};
use mitblick_platform::clock::since_boot;
use mitblick_protocol::time::Moment;
use std::{
    collections::VecDeque,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::mpsc::UnboundedReceiver;

/// Performs what a controller wants of workers. Must not block.
pub trait Hands<W> {
    /// Performs one piece of work.
    fn perform(&mut self, work: W);
}

/// Takes what the controller shows.
pub trait Audience<V> {
    /// A newer view.
    fn show(&mut self, view: V);
    /// An intent was out of place.
    fn complain(&mut self, problem: Problem);
}

/// The clock of a program run. It goes on while the computer sleeps: minutes of
/// control are over after it, and a receipt tells the right times.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Duration);

impl Clock {
    /// Starts at zero.
    pub fn start() -> Self {
        Self(since_boot())
    }

    /// Now.
    pub fn now(self) -> Moment {
        let elapsed = since_boot().saturating_sub(self.0);
        Moment::from_ms(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }

    /// When to look again for something that is due then. The loop's own timers
    /// stand still in sleep; whatever wakes it afterwards finds it due.
    fn instant(self, moment: Moment) -> tokio::time::Instant {
        (Instant::now() + moment.since(self.now())).into()
    }
}

/// Seconds since 1970.
pub fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Fills from the system's source of randomness. A system without one can't
/// keep any secret, so the program stops.
#[allow(clippy::panic)]
pub fn entropy(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        panic!("the system gives no random numbers: {error}");
    }
}

/// A controller with everything that it is to run with.
pub struct Program<C: Controller, H, A> {
    /// The clock that `Moment`s are of.
    pub clock: Clock,
    /// The controller.
    pub controller: C,
    /// The way to the broker that it connects to.
    pub route: Option<Route>,
    /// Perform its work.
    pub hands: H,
    /// Take its views.
    pub audience: A,
    /// What the person wants.
    pub intents: UnboundedReceiver<C::Intent>,
    /// What workers report.
    pub events: UnboundedReceiver<C::Event>,
    /// What the person is taken to want when the system asks the program to
    /// end.
    pub quit: C::Intent,
}

impl<C, H, A> Program<C, H, A>
where
    C: Controller,
    H: Hands<C::Work>,
    A: Audience<C::View>,
{
    /// Runs until the controller quits. Blocks the calling thread.
    ///
    /// # Errors
    /// The system gives no event loop.
    pub fn run(self) -> std::io::Result<()> {
        let Self { clock, controller, route, hands, audience, intents, events, quit } = self;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut looping =
            Loop { clock, controller, route, hands, audience, link: None, frames: VecDeque::new(), quit: false };
        runtime.block_on(async {
            let asked_to_end = asked_to_end()?;
            looping.run(intents, events, asked_to_end, quit).await;
            Ok(())
        })
    }
}

struct Loop<C, H, A> {
    clock: Clock,
    controller: C,
    route: Option<Route>,
    hands: H,
    audience: A,
    link: Option<Link>,
    /// Frames for the broker and of the handshake, ahead of sealed records.
    frames: VecDeque<Vec<u8>>,
    quit: bool,
}

impl<C, H, A> Loop<C, H, A>
where
    C: Controller,
    H: Hands<C::Work>,
    A: Audience<C::View>,
{
    async fn run(
        &mut self,
        mut intents: UnboundedReceiver<C::Intent>,
        mut events: UnboundedReceiver<C::Event>,
        asked_to_end: impl Future<Output = ()>,
        quit: C::Intent,
    ) {
        let mut asked_to_end = std::pin::pin!(asked_to_end);
        let mut quit = Some(quit);
        let mut closing = Vec::new();
        self.audience.show(self.controller.view(self.clock.now()));
        loop {
            self.perform_effects(&mut closing);
            if self.quit {
                break;
            }
            let deadline = self.controller.poll_timeout().map(|moment| self.clock.instant(moment));
            let has_frame = !self.frames.is_empty() || self.controller.has_record();
            let (sender, receiver) = match &mut self.link {
                Some(link) => {
                    let (sender, receiver) = link.halves();
                    (Some(sender), Some(receiver))
                }
                None => (None, None),
            };
            // In the order of urgency: the person and the stop key before the
            // line, what goes out before what comes in.
            tokio::select! {
                biased;
                Some(event) = events.recv() => self.controller.handle_event(event, self.clock.now()),
                intent = intents.recv() => match intent {
                    Some(intent) => self.controller.handle_intent(intent, self.clock.now()),
                    // Window and automation are gone, and with them the person.
                    None => self.quit = true,
                },
                () = &mut asked_to_end, if quit.is_some() => {
                    if let Some(quit) = quit.take() {
                        self.controller.handle_intent(quit, self.clock.now());
                    }
                }
                () = sleep_until(deadline) => self.controller.handle_timeout(self.clock.now()),
                () = ready(sender), if has_frame => self.send_next(),
                event = event(receiver) => self.take(event),
            }
        }
        for task in closing {
            let _ = task.await;
        }
    }

    fn send_next(&mut self) {
        let now = self.clock.now();
        let frame = self.frames.pop_front();
        let frame = frame.or_else(|| self.controller.next_record(now).and_then(|record| relay_frame(&record)));
        if let (Some(link), Some(frame)) = (&mut self.link, frame) {
            link.halves().0.send(frame);
        }
    }

    fn take(&mut self, event: LinkEvent) {
        if matches!(event, LinkEvent::Lost(_)) {
            self.link = None;
            self.frames.clear();
        }
        self.controller.handle_link(event, self.clock.now());
    }

    fn perform_effects(&mut self, closing: &mut Vec<tokio::task::JoinHandle<()>>) {
        let mut changed = false;
        while let Some(effect) = self.controller.poll_effect() {
            match effect {
                Effect::Connect => {
                    self.disconnect(closing);
                    self.link = self.route.clone().map(Link::open);
                }
                Effect::Disconnect => self.disconnect(closing),
                Effect::ToBroker(message) => self.frames.extend(control_frame(&message)),
                Effect::Relay(bytes) => self.frames.extend(relay_frame(&bytes)),
                Effect::Work(work) => self.hands.perform(work),
                Effect::Publish => changed = true,
                Effect::Complain(problem) => self.audience.complain(problem),
                Effect::Quit => self.quit = true,
            }
        }
        if changed {
            self.audience.show(self.controller.view(self.clock.now()));
        }
    }

    fn disconnect(&mut self, closing: &mut Vec<tokio::task::JoinHandle<()>>) {
        let rest = self.frames.drain(..).collect();
        closing.retain(|task| !task.is_finished());
        closing.extend(self.link.take().map(|link| link.close(rest)));
    }
}

/// Waits for the system to ask the program to end.
#[cfg(unix)]
fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for the system to ask the program to end.
#[cfg(not(unix))]
fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

async fn ready(sender: Option<&LinkSender>) {
    match sender {
        Some(sender) => sender.ready().await,
        None => std::future::pending().await,
    }
}

async fn event(receiver: Option<&mut LinkReceiver>) -> LinkEvent {
    match receiver {
        Some(receiver) => receiver.event().await,
        None => std::future::pending().await,
    }
}
