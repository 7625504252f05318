//! Connections whose reply is out, until their readers have closed them too.
//!
//! Our side of them is shut. What a reader still sends is read and thrown away, lest unread bytes turn our close into a
//! reset that destroys the tail of the reply; who neither closes nor stops is left after a while. No thread is woken for
//! any of that: the runtime knows nothing of these sockets, and they are looked at when the next reader comes, and now
//! and then while there are any. Workers share them, so that each can free the places that another's readers held.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::limiter::Permit;
use super::stream::{Ended, Stream};

/// What is read and thrown away after a reply, at most.
const DISCARD_BYTES: usize = 64 * 1024;
/// How long a connection that is over may go unnoticed. As long as readers come, this is the timer of a worker that ends
/// first: tokio need not wake itself for the time limits of each connection, which are all later.
const LOOK: Duration = Duration::from_millis(50);
/// How many are looked at when a reader comes: more than come, so that they do not become more and more.
const FEW: usize = 2;

/// The connections of all workers that are being closed, the longest of them first.
#[derive(Default)]
pub(super) struct Parting(Mutex<VecDeque<Last>>);

/// One that is being closed.
struct Last {
    socket: Ended,
    /// Held for as long as it is.
    _permit: Permit,
    until: Instant,
    discarded: usize,
}

/// A worker's part in it.
pub(super) struct Closing {
    parting: Arc<Parting>,
    more: Notify,
}

impl Closing {
    pub(super) fn new(parting: Arc<Parting>) -> Closing {
        Closing { parting, more: Notify::new() }
    }

    /// Shuts our side of a connection and takes the rest of it on, for so long at most.
    pub(super) fn close(&self, stream: Stream, permit: Permit, within: Duration) {
        // One that cannot be shut is over.
        let Ok(socket) = stream.end() else { return };
        self.parting.add(Last { socket, _permit: permit, until: Instant::now() + within, discarded: 0 });
        self.more.notify_one();
    }

    /// Looks at a few, when a reader has come.
    pub(super) fn look(&self) {
        self.parting.look(FEW, Instant::now());
    }

    /// Looks at all, when places or descriptors are wanted.
    pub(super) fn look_at_all(&self) {
        self.parting.look(usize::MAX, Instant::now());
    }

    /// What a worker does beside its work.
    pub(super) async fn tend(&self) {
        loop {
            sleep(LOOK).await;
            self.look_at_all();
            if self.parting.is_empty() {
                self.more.notified().await;
            }
        }
    }
}

impl Parting {
    fn add(&self, last: Last) {
        self.queue().push_back(last);
    }

    fn is_empty(&self) -> bool {
        self.queue().is_empty()
    }

    /// Looks at so many of them, the longest there first, and lets go of those that are over.
    fn look(&self, most: usize, now: Instant) {
        for _ in 0..most.min(self.queue().len()) {
            // Not looked at under the lock: what is over is closed as it is dropped.
            let Some(mut last) = self.next() else { return };
            if !last.is_over(now) {
                self.add(last);
            }
        }
    }

    fn next(&self) -> Option<Last> {
        self.queue().pop_front()
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Last>> {
        // Nothing under the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Last {
    /// Throws away what has come. Over is a connection that the reader has closed or broken off, one on which too much
    /// came, and one whose time is up.
    fn is_over(&mut self, now: Instant) -> bool {
        let mut bin = [0; 4096];
        while self.discarded < DISCARD_BYTES {
            match self.socket.read(&mut bin) {
                Ok(0) => return true,
                Ok(count) => self.discarded += count,
                Err(error) => return !may_come_to_more(&error) || now >= self.until,
            }
        }
        true
    }
}

fn may_come_to_more(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::server::Limits;
    use crate::server::limiter::Limiter;
    use crate::server::listener::Peer;

    const WITHIN: Duration = Duration::from_secs(2);

    struct House {
        limiter: Arc<Limiter>,
        closing: Closing,
    }

    impl House {
        fn new() -> House {
            House { limiter: Limiter::new(100), closing: Closing::new(Arc::default()) }
        }

        /// A reader to whom all has been said.
        async fn reader(&self) -> UnixStream {
            let (reader, ours) = UnixStream::pair().unwrap();
            ours.set_nonblocking(true).unwrap();
            let permit = self.limiter.admit(Peer::Here, &Limits::default(), || {}).await.unwrap();
            self.closing.close(Stream::Unix(tokio::net::UnixStream::from_std(ours).unwrap()), permit, WITHIN);
            reader
        }

        fn left(&self) -> usize {
            self.closing.parting.queue().len()
        }
    }

    #[tokio::test]
    async fn who_closes_is_let_go_with_the_next_reader_and_gives_a_place_back() {
        let house = House::new();
        let mut reader = house.reader().await;
        assert_eq!(reader.read(&mut [0]).unwrap(), 0, "our side is shut");
        house.closing.look();
        assert_eq!(house.left(), 1);
        reader.write_all(b"bytes after the request").unwrap();
        drop(reader);
        house.closing.look();
        assert_eq!(house.left(), 0);
        tokio::time::timeout(WITHIN, house.limiter.deserted()).await.unwrap();
    }

    #[tokio::test]
    async fn who_stays_is_left_in_time_and_holds_up_nobody() {
        let house = House::new();
        let _staying = [house.reader().await, house.reader().await, house.reader().await];
        let leaving = [house.reader().await, house.reader().await];
        drop(leaving);
        house.closing.look();
        house.closing.look();
        house.closing.look();
        assert_eq!(house.left(), 3, "the others were looked at in turn");
        house.closing.parting.look(usize::MAX, Instant::now() + WITHIN);
        assert_eq!(house.left(), 0);
    }

    #[tokio::test]
    async fn who_goes_on_sending_is_left() {
        let house = House::new();
        let mut reader = house.reader().await;
        let sent = (0..DISCARD_BYTES / 1024 + 1).take_while(|_| {
            let sent = reader.write_all(&[b'x'; 1024]);
            house.closing.look();
            sent.is_ok()
        });
        assert!(sent.count() <= DISCARD_BYTES / 1024);
        assert_eq!(house.left(), 0);
    }

    #[tokio::test]
    async fn a_worker_looks_at_them_of_itself() {
        let house = House::new();
        drop(house.reader().await);
        tokio::select! {
            () = house.closing.tend() => {}
            () = house.limiter.deserted() => {}
        }
        assert_eq!(house.left(), 0);
    }
}
