//! Two honest machines with streams between them that overtake each other.

use super::*;

/// Both machines with the streams between them.
pub(super) struct Pair {
    pub(super) shower: ShowerSession,
    pub(super) watcher: WatcherSession,
    pub(super) now: Moment,
    pub(super) next_frame: u64,
    /// The window that the watcher had last in its picture; a hand may still be
    /// on it.
    pub(super) seen_by_watcher: Option<u32>,
    /// Control and picture towards the watcher.
    pub(super) to_watcher: [VecDeque<ToWatcher>; 2],
    /// Control and input towards the shower.
    pub(super) to_shower: [VecDeque<ToShower>; 2],
}

impl Pair {
    pub(super) fn new() -> Self {
        let mut pair = Self {
            shower: ShowerSession::new(Limits::NONE, T0),
            watcher: WatcherSession::new(T0),
            now: T0,
            next_frame: 1,
            seen_by_watcher: None,
            to_watcher: Default::default(),
            to_shower: Default::default(),
        };
        pair.drain();
        pair.settle();
        pair
    }

    pub(super) fn step(&mut self, step: u8, pick: u8) {
        let now = self.now;
        match step {
            0..=2 => drop(self.shower.share(selection(u64::from(pick)), now)),
            3 => self.shower.pause(now),
            4 => self.shower.resume(now),
            5 if pick == 0 => self.shower.choose_again(now),
            6 | 7 => drop(self.shower.allow_control(ControlLimit::Minutes(1), now)),
            8 => match pick {
                0 => self.shower.refuse_control(now),
                1 => self.shower.emergency_stop(now),
                2 => self.shower.control_not_available(now),
                _ => self.shower.revoke_control(ControlEnd::TakenBack, now),
            },
            9 | 10 => drop(self.watcher.request_control(now)),
            11 if pick == 0 => drop(self.watcher.give_back_control(now)),
            11 if pick == 1 => drop(self.shower.allow_more_time(ControlLimit::Minutes(2), now)),
            11 if pick == 2 => drop(self.watcher.request_more_time(now)),
            11 => self.shower.refuse_more_time(now),
            12 => drop(self.watcher.input(key('x'))),
            13 if self.shower.state().sharing == SharingState::Showing => {
                self.to_watcher[1].push_back(empty_frame(self.next_frame));
                self.next_frame += 1;
            }
            18 if self.shower.state().sharing == SharingState::Showing => {
                let scene = scene(u32::from(pick).max(1));
                self.shower.scene_sent(&scene, now);
                let ToWatcher::Frame(frame) = empty_frame(self.next_frame) else { return };
                let frame = Frame { scene: Some(scene), ..frame };
                let fresh = self.next_frame.is_multiple_of(3);
                self.next_frame += 1;
                self.to_watcher[1].push_back(if fresh {
                    ToWatcher::FreshFrame(frame)
                } else {
                    ToWatcher::Frame(frame)
                });
            }
            19 => self.watcher.point(self.seen_by_watcher.map(place), now),
            20 | 21 => {
                if let Some(surface) = self.seen_by_watcher {
                    let Mark { shape, colour, life, .. } = mark(u32::from(pick), surface);
                    let drawing = Drawing { surface: SurfaceId(surface), shape, colour, life };
                    self.watcher.draw(drawing, pick == 0, now);
                }
            }
            22 if pick == 0 => drop(self.watcher.clear_marks(now)),
            23 => match pick {
                0 => drop(self.shower.hide_pointing(true, now)),
                1 => drop(self.shower.hide_pointing(false, now)),
                2 => drop(self.shower.clear_marks(now)),
                _ => drop(self.shower.point_out(self.next_frame.is_multiple_of(2), now)),
            },
            24 => match pick {
                0 => drop(self.watcher.take_back_ask(now)),
                1 => drop(self.shower.refuse_to_show(now)),
                _ => drop(self.watcher.ask_to_show("mail", now)),
            },
            29 | 30 => match pick {
                0 if step == 29 => drop(self.shower.turn_back(now)),
                0 | 1 => drop(self.shower.allow_turn(now)),
                2 if step == 29 => drop(self.watcher.end_turn(false, now)),
                2 => drop(self.watcher.turned_share(selection(7), now)),
                _ => drop(self.watcher.request_turn(now)),
            },
            27 => match pick {
                0 => drop(self.shower.allow_recording(RecordingOwners::Both, RecordingKey([1; 32]), now)),
                1 => self.shower.stop_recording(now),
                2 => drop(self.watcher.stop_recording(false, now)),
                _ => drop(self.watcher.request_recording(now)),
            },
            14 if pick == 0 => {
                self.now = Moment::from_ms(now.as_ms() + 20_000);
                self.shower.handle_timeout(self.now);
                self.watcher.handle_timeout(self.now);
            }
            _ => self.deliver(pick),
        }
        self.drain();
    }

    /// Delivers the next message of one of the four streams.
    fn deliver(&mut self, pick: u8) {
        let stream = usize::from(pick & 1);
        if pick < 2 {
            let Some(message) = self.to_watcher[stream].pop_front() else { return };
            let number = match &message {
                ToWatcher::Frame(frame) | ToWatcher::FreshFrame(frame) => Some(frame.number),
                _ => None,
            };
            let before = self.watcher.state().sharing;
            self.watcher.handle_message(message.clone(), self.now).unwrap_or_else(|e| panic!("{message:?}: {e}"));
            if let ToWatcher::Frame(frame) | ToWatcher::FreshFrame(frame) = &message
                && before == SharingState::Showing
            {
                let first = frame.scene.as_ref().and_then(|scene| scene.surfaces.first());
                self.seen_by_watcher = first.map(|surface| surface.id.0).or(self.seen_by_watcher);
            }
            if let Some(number) = number {
                self.watcher.frame_shown(number, 0);
            }
        } else {
            let Some(message) = self.to_shower[stream].pop_front() else { return };
            self.shower.handle_message(message.clone(), self.now).unwrap_or_else(|e| panic!("{message:?}: {e}"));
        }
    }

    pub(super) fn drain(&mut self) {
        while let Some(effect) = self.shower.poll_effect() {
            match effect {
                ShowerEffect::Send(message) => self.to_watcher[0].push_back(message),
                // Frames that wait do not leave; see the effect. One that has
                // left is ahead of whatever is said from here on.
                ShowerEffect::StopCapture => self.to_watcher[1].clear(),
                _ => {}
            }
        }
        while let Some(effect) = self.watcher.poll_effect() {
            if let WatcherEffect::Send(message) = effect {
                let points = matches!(
                    message,
                    ToShower::Input { .. } | ToShower::Point { .. } | ToShower::Mark { .. } | ToShower::ClearMarks
                );
                let stream = usize::from(points);
                self.to_shower[stream].push_back(message);
            }
        }
    }

    /// Until nothing is on the way.
    pub(super) fn settle(&mut self) {
        while self.to_watcher.iter().any(|q| !q.is_empty()) || self.to_shower.iter().any(|q| !q.is_empty()) {
            for pick in 0..4 {
                self.deliver(pick);
                self.drain();
            }
        }
    }
}
