//! Accepting: the only place besides the limiter where a peer's address passes, and where it ends.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::closing::Closing;
use super::connection::{self, Connection};
use super::limiter::{Limiter, Permit};
use super::socket::Socket;
use super::stream::Stream;
use super::{Snapshot, Speaks};
use crate::notice::{Notice, Notices};

/// The first and the longest pause after an accept that failed for want of something.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Without such a failure for so long, the next one is news.
const NEWS: Duration = Duration::from_secs(60);

/// A socket that listens, to be waited for.
pub(super) enum Listening {
    Tcp(tokio::net::TcpListener),
    Unix(tokio::net::UnixListener),
}

/// Who has come: from an address, or from this machine, through the file system.
#[derive(Clone, Copy)]
pub(super) enum Peer {
    At(IpAddr),
    Here,
}

impl Listening {
    /// On the runtime that is entered.
    pub(super) fn of(socket: Socket) -> io::Result<Listening> {
        Ok(match socket {
            Socket::Tcp(socket) => Listening::Tcp(tokio::net::TcpListener::from_std(socket)?),
            Socket::Unix(socket) => Listening::Unix(tokio::net::UnixListener::from_std(socket)?),
        })
    }

    async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Listening::Tcp(socket) => {
                let (stream, peer) = socket.accept().await?;
                Ok((Stream::Tcp(stream), Peer::At(peer.ip())))
            }
            // Which program it is could be asked for, and is not.
            Listening::Unix(socket) => socket.accept().await.map(|(stream, _)| (Stream::Unix(stream), Peer::Here)),
        }
    }
}

impl AsFd for Listening {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Listening::Tcp(socket) => socket.as_fd(),
            Listening::Unix(socket) => socket.as_fd(),
        }
    }
}

/// A listener at work.
pub(super) struct Accepting {
    pub(super) listener: Listening,
    pub(super) speaks: Speaks,
    /// The port it is bound to, or that readers use who come through a socket in the file system.
    pub(super) port: u16,
    pub(super) limiter: Arc<Limiter>,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Changes, or ends, when no more may be accepted.
    pub(super) stop: watch::Receiver<()>,
    pub(super) notices: Notices,
    pub(super) trouble: Arc<Trouble>,
    pub(super) closing: Arc<Closing>,
}

impl Accepting {
    /// Accepts until it is told to stop; exchanges still running go on, each with its permit.
    pub(super) async fn run(mut self) {
        let mut reserve = Reserve::new(&self.listener);
        let mut pause = PAUSE;
        loop {
            let accepted = tokio::select! {
                biased;
                _ = self.stop.changed() => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    pause = PAUSE;
                    let accepted_at = Instant::now();
                    let snapshot = self.snapshots.borrow().clone();
                    self.closing.look();
                    // The peer's address ends here: nothing after this look knows it.
                    let admitted = tokio::select! {
                        biased;
                        // First: who was let in as the end came is served.
                        admitted = self.limiter.admit(peer, &snapshot.limits, || self.closing.look_at_all()) => admitted,
                        _ = self.stop.changed() => return,
                    };
                    if let Some(permit) = admitted {
                        tokio::spawn(self.exchange(stream, snapshot, permit, accepted_at));
                    }
                }
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
                    self.closing.look_at_all();
                    self.limiter.dismiss_longest_waiting();
                    reserve.turn_one_away(&self.listener).await;
                    self.trouble.tell(&error, &self.notices);
                    tokio::select! {
                        _ = self.stop.changed() => return,
                        () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                    }
                }
            }
        }
    }

    fn exchange(
        &self,
        stream: Stream,
        snapshot: Arc<Snapshot>,
        permit: Permit,
        accepted_at: Instant,
    ) -> impl Future<Output = ()> + use<> {
        let ports = [self.port, snapshot.advertised_port.unwrap_or(self.port)];
        let closing = Arc::clone(&self.closing);
        connection::serve(stream, Connection { snapshot, speaks: self.speaks, ports, permit, closing, accepted_at })
    }
}

/// A connection that was broken before it was accepted is no trouble of ours.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// When accepting failed last; one for all sockets and workers. The operator hears of it once, however long it lasts.
#[derive(Default)]
pub(super) struct Trouble(Mutex<Option<Instant>>);

impl Trouble {
    fn tell(&self, error: &io::Error, notices: &Notices) {
        if self.is_news(Instant::now()) {
            notices.say(Notice::AcceptFailing { reason: error.to_string() });
        }
    }

    fn is_news(&self, now: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        last.is_none_or(|last| now.duration_since(last) >= NEWS)
    }
}

/// A descriptor kept for the day when none are left: given up for a moment, it lets us accept one connection and
/// close it, so that the reader is turned away rather than left hanging. It is a second one of the socket itself, for
/// which no path has to be opened.
struct Reserve(Option<OwnedFd>);

impl Reserve {
    fn new(listener: &Listening) -> Reserve {
        Reserve(listener.as_fd().try_clone_to_owned().ok())
    }

    async fn turn_one_away(&mut self, listener: &Listening) {
        if self.0.take().is_some() {
            let turned_away = tokio::time::timeout(PAUSE, listener.accept()).await;
            drop(turned_away);
        }
        *self = Reserve::new(listener);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepting_that_fails_for_ever_is_said_once() {
        let (trouble, begun) = (Trouble::default(), Instant::now());
        let news = |seconds| trouble.is_news(begun + Duration::from_secs(seconds));
        assert!(news(0));
        assert!(!(1..1000).any(news), "while it lasts");
        assert!(news(2000), "after it was over");
    }
}
