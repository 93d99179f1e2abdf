//! The routing numbers that are free, and those that rest after their use.
//! Numbers that are open or booked are in neither.

use mitblick_protocol::{
    number::{ROUTING_COUNT, Routing},
    time::Moment,
};
use std::{collections::VecDeque, time::Duration};

/// Free and resting numbers; those in use are in neither.
#[derive(Debug)]
pub(super) struct Pool {
    free: Vec<Routing>,
    /// In the order of the moment at which their rest ends.
    resting: VecDeque<(Moment, Routing)>,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { free: (0..ROUTING_COUNT).filter_map(Routing::new).collect(), resting: VecDeque::new() }
    }

    /// Takes one of the free numbers, evenly. When all are taken, the number
    /// that has rested longest is taken early, unless it rests for less than
    /// `least_rest`: a help desk that opens thousands of numbers a day must
    /// not stand still for a precaution.
    pub(super) fn draw(&mut self, now: Moment, entropy: u64, rest: Duration, least_rest: Duration) -> Option<Routing> {
        while self.resting.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, routing)) = self.resting.pop_front() {
                self.free.push(routing);
            }
        }
        if self.free.is_empty() {
            let early = now.after(rest.saturating_sub(least_rest));
            let (_, routing) = self.resting.pop_front_if(|(until, _)| *until <= early)?;
            return Some(routing);
        }
        // 2^64 is so much more than 10 000 that the remainder is as good as even.
        let count = u64::try_from(self.free.len()).ok()?;
        let index = usize::try_from(entropy.checked_rem(count)?).ok()?;
        Some(self.free.swap_remove(index))
    }

    pub(super) fn rest(&mut self, routing: Routing, until: Moment) {
        self.resting.push_back((until, routing));
    }

    pub(super) fn rest_from_before(&mut self, routing: Routing, until: Moment) {
        if let Some(index) = self.free.iter().position(|free| *free == routing) {
            self.free.swap_remove(index);
            self.rest(routing, until);
        } else if let Some(index) = self.resting.iter().position(|(_, resting)| *resting == routing) {
            self.resting.remove(index);
            self.rest(routing, until);
        }
    }

    /// Every number that is in it.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = Routing> {
        self.free.iter().copied().chain(self.resting.iter().map(|(_, routing)| *routing))
    }

    /// Takes this number out, free or resting.
    pub(super) fn take(&mut self, routing: Routing) {
        self.resting.retain(|(_, resting)| *resting != routing);
        if let Some(index) = self.free.iter().position(|free| *free == routing) {
            self.free.swap_remove(index);
        }
    }

    /// Back unused: nobody has heard of it.
    pub(super) fn give_back(&mut self, routing: Routing) {
        self.free.push(routing);
    }
}
