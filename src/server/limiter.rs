//! How many connections there may be, in all and from each network prefix, and who gives way.
//!
//! The limiter is asked with a peer's address and answers with a [`Permit`] that holds nothing of it. Until its
//! request has come a connection is *waiting*: when all places are taken, the one that has waited longest gives its
//! place to the newcomer, so that idle connections can never keep readers out. A prefix (a /32 of IPv4, a /64 of IPv6:
//! what one reader can have for the asking) is known by hashes: one with the process's key while a connection is open, one
//! with a key of ten minutes for how fast it asks.

mod buckets;

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::listener::Peer;
use super::{Exempt, Limits};
use crate::protocol::Verdict;
pub(super) use buckets::GENERATION;
use buckets::{Buckets, Mark, Rate};

/// The places for connections.
pub(super) struct Limiter {
    places: usize,
    key: RandomState,
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    open: usize,
    next: u64,
    /// By the order of their coming.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// The prefixes from which a connection is open.
    prefixes: HashMap<u64, Open>,
    buckets: Buckets,
}

/// The open connections of one prefix.
struct Open {
    count: usize,
    handshakes: Arc<Semaphore>,
}

/// A place for one connection, free again when it is dropped.
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    number: u64,
    give_way: Arc<Notify>,
    /// None where the peer is exempt from the limits per prefix.
    prefix: Option<Prefix>,
}

struct Prefix {
    known: Known,
    handshakes: Arc<Semaphore>,
}

/// What is known of a prefix: its hash among those from which a connection is open, and among those who ask.
#[derive(Clone, Copy)]
struct Known {
    hash: u64,
    mark: Mark,
}

/// What comes of a wish for a place.
enum Admission {
    Granted(Permit),
    /// The prefix has its share.
    Refused,
    /// There is none now.
    Full,
}

impl Limiter {
    pub(super) fn new(places: usize) -> Arc<Limiter> {
        let state =
            State { open: 0, next: 0, waiting: BTreeMap::new(), prefixes: HashMap::new(), buckets: Buckets::new() };
        let key = RandomState::new();
        Arc::new(Limiter { places: places.max(1), key, state: Mutex::new(state), freed: Notify::new() })
    }

    /// A place, as soon as there is one; none for a peer whose prefix has all that it may have. Where there is none,
    /// `make_room` may let go of connections that are over; where all places are taken even then, the longest waiting
    /// connection is asked to leave.
    pub(super) async fn admit(
        self: &Arc<Limiter>,
        peer: Peer,
        limits: &Limits,
        make_room: impl FnOnce(),
    ) -> Option<Permit> {
        let prefix = self.prefix(peer, limits);
        match self.try_admit(prefix, limits) {
            Admission::Granted(permit) => return Some(permit),
            Admission::Refused | Admission::Full => make_room(),
        }
        loop {
            // Made before the look, so that a place freed in between wakes us.
            let freed = self.freed.notified();
            match self.try_admit(prefix, limits) {
                Admission::Granted(permit) => return Some(permit),
                Admission::Refused => return None,
                Admission::Full => {
                    self.dismiss_longest_waiting();
                    freed.await;
                }
            }
        }
    }

    /// The hashes of a peer's prefix, where the limits per prefix hold for it.
    fn prefix(&self, peer: Peer, limits: &Limits) -> Option<Known> {
        let peer = match peer {
            Peer::At(address) => address.to_canonical(),
            // Whoever hands readers on through a socket in the file system speaks for all of them.
            Peer::Here => return None,
        };
        if peer.is_loopback() && limits.exempt.contains(&Exempt::Loopback) {
            return None;
        }
        let known = |prefix: &[u8]| Known { hash: self.key.hash_one(prefix), mark: self.state().buckets.mark(prefix) };
        Some(match peer {
            IpAddr::V4(address) => known(&address.octets()),
            IpAddr::V6(address) => known(&address.octets()[..8]),
        })
    }

    fn try_admit(self: &Arc<Limiter>, prefix: Option<Known>, limits: &Limits) -> Admission {
        let mut state = self.state();
        let taken = prefix.and_then(|known| state.prefixes.get(&known.hash)).map_or(0, |open| open.count);
        if taken >= limits.connections_per_prefix {
            return Admission::Refused;
        }
        if state.open >= self.places {
            return Admission::Full;
        }
        let number = state.next;
        let give_way = Arc::new(Notify::new());
        state.open += 1;
        state.next += 1;
        state.waiting.insert(number, give_way.clone());
        let prefix = prefix.map(|known| state.enter(known, limits));
        Admission::Granted(Permit { limiter: self.clone(), number, give_way, prefix })
    }

    /// Asks every connection that has not sent its request to leave.
    pub(super) fn dismiss_waiting(&self) {
        for waiting in std::mem::take(&mut self.state().waiting).into_values() {
            waiting.notify_one();
        }
    }

    /// Asks the connection that has waited longest to leave: its place or its descriptor is needed.
    pub(super) fn dismiss_longest_waiting(&self) {
        if let Some((_, longest)) = self.state().waiting.pop_first() {
            longest.notify_one();
        }
    }

    /// Ends when no connection is open.
    pub(super) async fn deserted(&self) {
        loop {
            let freed = self.freed.notified();
            if self.state().open == 0 {
                return;
            }
            freed.await;
        }
    }

    /// To be called once in every [`GENERATION`].
    pub(super) fn forget_the_old(&self) {
        self.state().buckets.forget_the_old();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// One more connection of a prefix.
    fn enter(&mut self, known: Known, limits: &Limits) -> Prefix {
        let fresh = || Open { count: 0, handshakes: Arc::new(Semaphore::new(limits.handshakes_per_prefix)) };
        let open = self.prefixes.entry(known.hash).or_insert_with(fresh);
        open.count += 1;
        Prefix { known, handshakes: open.handshakes.clone() }
    }

    fn leave(&mut self, hash: u64) {
        if let Some(open) = self.prefixes.get_mut(&hash) {
            open.count -= 1;
            if open.count == 0 {
                self.prefixes.remove(&hash);
            }
        }
    }
}

impl Permit {
    /// Leave to shake hands, held until it is dropped. More than a few at once wait for each other: a reader's program
    /// may well ask for twenty pages together, and half-open handshakes are what is cheapest to send and dear to hold.
    pub(super) async fn handshake(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.prefix.as_ref()?.handshakes.acquire().await.ok()
    }

    /// The request has come: from here on the connection keeps its place.
    pub(super) fn begin(&self) {
        self.limiter.state().waiting.remove(&self.number);
    }

    /// Ends when this connection should leave for another.
    pub(super) async fn dismissed(&self) {
        self.give_way.notified().await;
    }

    /// What the protocol should say to this reader's request. Each call counts as one.
    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        let Some(prefix) = &self.prefix else { return Verdict::Welcome };
        let rate = Rate { per_second: limits.requests_per_second, burst: limits.burst };
        self.limiter.state().buckets.take(prefix.known.mark, rate, Instant::now())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        state.waiting.remove(&self.number);
        state.open -= 1;
        if let Some(prefix) = &self.prefix {
            state.leave(prefix.known.hash);
        }
        drop(state);
        self.limiter.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Peer {
        if text.is_empty() { Peer::Here } else { Peer::At(text.parse().unwrap()) }
    }

    async fn admit(limiter: &Arc<Limiter>, text: &str, limits: &Limits) -> Option<Permit> {
        limiter.admit(peer(text), limits, || {}).await
    }

    #[tokio::test]
    async fn the_longest_waiting_gives_way_and_the_busy_do_not() {
        let (limiter, limits) = (Limiter::new(3), Limits::default());
        let admit = || async { admit(&limiter, "127.0.0.1", &limits).await.unwrap() };
        let busy = admit().await;
        busy.begin();
        let oldest = admit().await;
        let newer = admit().await;
        let (fourth, ()) = tokio::join!(admit(), async {
            oldest.dismissed().await;
            drop(oldest);
        });
        assert!(limiter.state().waiting.contains_key(&newer.number));
        assert_eq!(limiter.state().open, 3);
        drop((busy, newer, fourth));
        assert_eq!(limiter.state().open, 0);
    }

    #[tokio::test]
    async fn nobody_is_turned_away_or_asked_to_leave_for_a_place_that_is_free_at_a_closer_look() {
        let limiter = Limiter::new(2);
        let limits = Limits { connections_per_prefix: 1, ..Limits::default() };
        let waiting = admit(&limiter, "192.0.2.1", &limits).await.unwrap();
        let over = admit(&limiter, "192.0.2.2", &limits).await.unwrap();
        assert!(admit(&limiter, "192.0.2.2", &limits).await.is_none(), "it has its share");
        let again = limiter.admit(peer("192.0.2.2"), &limits, || drop(over)).await.unwrap();
        // All places are taken now.
        let third = limiter.admit(peer("192.0.2.3"), &limits, || drop(again)).await;
        assert!(third.is_some() && limiter.state().waiting.contains_key(&waiting.number));
    }

    #[tokio::test]
    async fn a_prefix_has_its_share_and_leaves_nothing_behind() {
        let limiter = Limiter::new(100);
        let limits = Limits { connections_per_prefix: 2, ..Limits::default() };
        // Two addresses of one /64, and an IPv4 address however it is written.
        for (one, same, other) in
            [("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"), ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2")]
        {
            let first = admit(&limiter, one, &limits).await.unwrap();
            let _second = admit(&limiter, same, &limits).await.unwrap();
            assert!(admit(&limiter, one, &limits).await.is_none());
            assert!(admit(&limiter, other, &limits).await.is_some());
            drop(first);
            assert!(admit(&limiter, same, &limits).await.is_some());
        }
        assert!(limiter.state().prefixes.is_empty() && limiter.state().open == 0);
    }

    #[tokio::test]
    async fn loopback_is_exempt_unless_it_is_said_otherwise() {
        let limiter = Limiter::new(100);
        let one = Limits { connections_per_prefix: 1, ..Limits::default() };
        let strict = Limits { exempt: Vec::new(), ..one.clone() };
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            let open = [admit(&limiter, address, &one).await, admit(&limiter, address, &one).await];
            assert!(open.iter().all(Option::is_some), "{address}");
            let open = [admit(&limiter, address, &strict).await, admit(&limiter, address, &strict).await];
            assert!(open[0].is_some() && open[1].is_none(), "{address}");
        }
    }

    #[tokio::test]
    async fn a_socket_in_the_file_system_is_no_prefix_and_has_no_more_places_than_there_are() {
        let limiter = Limiter::new(3);
        let limits = Limits { connections_per_prefix: 1, burst: 1, exempt: Vec::new(), ..Limits::default() };
        let mut open = Vec::new();
        for _ in 0..3 {
            let permit = admit(&limiter, "", &limits).await.unwrap();
            permit.begin();
            assert!((0..100).all(|_| permit.verdict(&limits) == Verdict::Welcome));
            open.push(permit);
        }
        assert!(limiter.state().prefixes.is_empty());
        assert!(matches!(limiter.try_admit(None, &limits), Admission::Full));
        open.pop();
        assert!(admit(&limiter, "", &limits).await.is_some());
    }
}
