//! The injecting worker, and the stop key that does without everything else.

use super::by_hand::Presses;
use mitblick_platform::{
    Platform,
    inject::{Injected, Injector},
    stop_key::{SeenInput, StopKeyHandler},
};
use mitblick_protocol::{
    input::{InputEvent, InputRefusal},
    session::{Gate, Permitted, ViewSelection},
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Instant,
};

/// Input events that may wait for injection. A hand makes a few hundred a
/// second; a full queue is a flood.
const QUEUED_EVENTS: usize = 1024;

/// For the worker.
#[derive(Debug)]
pub enum ControlCommand {
    /// Control is granted over these applications.
    Start(Permitted<ViewSelection>),
    /// Inject this.
    Input(Permitted<InputEvent>),
    /// Let go of everything; control has ended, and its gate has been raised.
    Stop,
    /// Let go of everything and end the thread.
    Quit,
}

impl ControlCommand {
    /// Whether it moves the pointer, and may.
    fn moves_pointer(&self) -> bool {
        match self {
            Self::Input(input) => matches!(input.claim(), Some(InputEvent::PointerMove { .. })),
            Self::Start(_) | Self::Stop | Self::Quit => false,
        }
    }
}

/// From the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlEvent {
    /// An event had no effect.
    Refused(InputRefusal),
    /// Injection does not work.
    NotAvailable(String),
    /// The stop key was pressed.
    StopKey,
    /// There is no keyboard any more that it could be pressed on.
    KeyboardGone,
    /// The local person uses mouse or keyboard.
    LocalInput,
    /// The stop key can't be watched any more.
    StopKeyLost,
    /// More input came than any hand makes; some of it was thrown away.
    Flood,
}

/// The running worker. Dropping it releases everything and ends the thread.
pub struct ControlWorker {
    commands: SyncSender<ControlCommand>,
    thread: Option<JoinHandle<()>>,
}

/// Gives commands to the worker; cheap to clone, never blocks.
#[derive(Clone)]
pub struct ControlSender(SyncSender<ControlCommand>);

impl ControlSender {
    /// Gives a command; `false` if there is no room for it. `Stop` needs none:
    /// a worker with a full queue looks after each command in it whether
    /// control has ended.
    pub fn send(&self, command: ControlCommand) -> bool {
        let stops = matches!(command, ControlCommand::Stop);
        let sent = self.0.try_send(command);
        // A worker that has ended has let go of everything.
        stops || !matches!(sent, Err(TrySendError::Full(_)))
    }
}

impl ControlWorker {
    /// Starts the thread. `report` is called on it and must not block.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(platform: Arc<dyn Platform>, report: impl Fn(ControlEvent) + Send + 'static) -> std::io::Result<Self> {
        let (commands, receiver) = sync_channel(QUEUED_EVENTS);
        let worker = Worker { platform, commands: receiver, report: Box::new(report), granted: None };
        let thread = std::thread::Builder::new().name("control".into()).spawn(move || worker.run())?;
        Ok(Self { commands, thread: Some(thread) })
    }

    /// A sender of commands.
    pub fn sender(&self) -> ControlSender {
        ControlSender(self.commands.clone())
    }
}

impl Drop for ControlWorker {
    fn drop(&mut self) {
        // Waits for room if need be: the worker empties its queue at once.
        let _ = self.commands.send(ControlCommand::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Control that was granted, and what it is exercised with.
struct Granted {
    permit: Permitted<ViewSelection>,
    injector: Box<dyn Injector>,
}

struct Worker {
    platform: Arc<dyn Platform>,
    commands: Receiver<ControlCommand>,
    report: Box<dyn Fn(ControlEvent) + Send>,
    granted: Option<Granted>,
}

impl Worker {
    fn run(mut self) {
        let mut next = None;
        while let Some(command) = next.take().or_else(|| self.commands.recv().ok()) {
            // Of a pointer that moves faster than it can be moved here only the
            // newest place counts: a click would come late behind all of them.
            if command.moves_pointer() {
                next = self.commands.try_recv().ok();
                if next.as_ref().is_some_and(ControlCommand::moves_pointer) {
                    continue;
                }
            }
            match command {
                ControlCommand::Start(permit) => self.start(permit),
                ControlCommand::Input(input) => self.inject(&input),
                ControlCommand::Stop => self.stop(),
                ControlCommand::Quit => break,
            }
            // Whoever floods the queue leaves no room for `Stop` in it. The
            // gate is raised before that is said, by whoever ends control.
            if self.granted.as_ref().is_some_and(|granted| granted.permit.claim().is_none()) {
                self.stop();
            }
        }
        self.stop();
    }

    fn start(&mut self, permit: Permitted<ViewSelection>) {
        self.stop();
        match self.platform.start_injector(permit.clone()) {
            Ok(injector) => self.granted = Some(Granted { permit, injector }),
            // It ended before it began, by the stop key perhaps: that says
            // nothing of this machine.
            Err(_) if permit.claim().is_none() => {}
            Err(error) => (self.report)(ControlEvent::NotAvailable(error.to_string())),
        }
    }

    fn inject(&mut self, input: &Permitted<InputEvent>) {
        let Some(granted) = &mut self.granted else {
            (self.report)(ControlEvent::Refused(InputRefusal::NoGrant));
            return;
        };
        match granted.injector.inject(input) {
            Ok(Injected::Done) => {}
            Ok(Injected::Refused(reason)) => (self.report)(ControlEvent::Refused(reason)),
            Err(error) => {
                self.stop();
                (self.report)(ControlEvent::NotAvailable(error.to_string()));
            }
        }
    }

    fn stop(&mut self) {
        if let Some(mut granted) = self.granted.take() {
            granted.injector.release_all();
        }
    }
}

/// Ends control on whichever thread it is pulled, with a hung window and a dead
/// network: the gate ends every permit, and the injector lets go of everything.
#[derive(Clone)]
pub struct Brake {
    /// The gate of control.
    pub gate: Gate,
    /// The way to the injector.
    pub injector: ControlSender,
}

impl Brake {
    /// Waits for nothing and can't fail, whether control is granted or not.
    pub fn pull(&self) {
        self.gate.raise();
        let _ = self.injector.send(ControlCommand::Stop);
    }
}

/// What the stop key and the person's own input do, on their own thread: the
/// brake first, and only then the controller hears of it.
pub struct StopSwitch {
    /// Ends control.
    pub brake: Brake,
    /// The gate of the person's own mouse and keyboard.
    pub hands: Gate,
    /// Told of presses, for who asks on the same thread.
    pub presses: Arc<Mutex<Presses>>,
    /// The way to the controller; must not block.
    pub report: Box<dyn Fn(ControlEvent) + Send>,
}

impl StopKeyHandler for StopSwitch {
    fn stop_key_pressed(&mut self) {
        self.brake.pull();
        (self.report)(ControlEvent::StopKey);
    }

    fn keyboard_gone(&mut self) {
        self.brake.pull();
        (self.report)(ControlEvent::KeyboardGone);
    }

    fn local_input(&mut self) {
        // What waits for injection is dead from here on, however busy the
        // controller is.
        self.hands.raise();
        (self.report)(ControlEvent::LocalInput);
    }

    fn input_seen(&mut self, input: SeenInput) {
        self.presses.lock().unwrap_or_else(PoisonError::into_inner).saw(input, Instant::now());
    }

    fn watch_lost(&mut self) {
        self.brake.pull();
        (self.report)(ControlEvent::StopKeyLost);
    }
}

impl Drop for StopSwitch {
    /// A watch that ends by a fault is lost like one whose display is gone: no
    /// control without a stop key.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.watch_lost();
        }
    }
}

#[cfg(test)]
mod tests;
