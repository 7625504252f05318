//! How many connections there may be, and who gives way.
//!
//! The limiter answers with a [`Permit`] that holds nothing of the reader. Until its request has come a connection
//! is *waiting*: when all places are taken, the one that has waited longest gives its place to the newcomer, so that
//! idle connections can never keep readers out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::protocol::Verdict;

/// The places for connections.
pub(super) struct Limiter {
    places: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Default)]
struct State {
    open: usize,
    next: u64,
    /// By the order of their coming.
    waiting: BTreeMap<u64, Arc<Notify>>,
}

/// A place for one connection, free again when it is dropped.
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    number: u64,
    give_way: Arc<Notify>,
}

impl Limiter {
    pub(super) fn new(places: usize) -> Arc<Limiter> {
        Arc::new(Limiter { places: places.max(1), state: Mutex::default(), freed: Notify::new() })
    }

    /// A place, as soon as there is one. Where all are taken, the longest waiting connection is asked to leave.
    pub(super) async fn admit(self: &Arc<Limiter>) -> Permit {
        loop {
            // Made before the look, so that a place freed in between wakes us.
            let freed = self.freed.notified();
            if let Some(permit) = self.try_admit() {
                return permit;
            }
            freed.await;
        }
    }

    fn try_admit(self: &Arc<Limiter>) -> Option<Permit> {
        let mut state = self.state();
        if state.open >= self.places {
            if let Some((_, longest)) = state.waiting.pop_first() {
                longest.notify_one();
            }
            return None;
        }
        let number = state.next;
        let give_way = Arc::new(Notify::new());
        state.open += 1;
        state.next += 1;
        state.waiting.insert(number, give_way.clone());
        Some(Permit { limiter: self.clone(), number, give_way })
    }

    /// Asks every connection that has not sent its request to leave.
    pub(super) fn dismiss_waiting(&self) {
        for waiting in std::mem::take(&mut self.state().waiting).into_values() {
            waiting.notify_one();
        }
    }

    /// Asks the connection that has waited longest to leave: its descriptor is needed.
    pub(super) fn dismiss_longest_waiting(&self) {
        if let Some((_, longest)) = self.state().waiting.pop_first() {
            longest.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The request has come: from here on the connection keeps its place.
    pub(super) fn begin(&self) {
        self.limiter.state().waiting.remove(&self.number);
    }

    /// Ends when this connection should leave for another.
    pub(super) async fn dismissed(&self) {
        self.give_way.notified().await;
    }

    /// What the protocol should say to this reader. (Limits for each network prefix come here.)
    pub(super) fn verdict(&self) -> Verdict {
        Verdict::Welcome
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        state.waiting.remove(&self.number);
        state.open -= 1;
        drop(state);
        self.limiter.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_waiting_gives_way_and_the_busy_do_not() {
        let limiter = Limiter::new(3);
        let busy = limiter.admit().await;
        busy.begin();
        let oldest = limiter.admit().await;
        let newer = limiter.admit().await;
        let (fourth, ()) = tokio::join!(limiter.admit(), async {
            oldest.dismissed().await;
            drop(oldest);
        });
        assert!(limiter.state().waiting.contains_key(&newer.number));
        assert_eq!(limiter.state().open, 3);
        drop((busy, newer, fourth));
        assert_eq!(limiter.state().open, 0);
    }
}
