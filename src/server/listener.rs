//! Listening and accepting: the only place besides the limiter where a peer's address passes, and where it ends.
//!
//! Sockets are owned standard ones, so that the start can bind before it drops its privileges and so that tests and
//! socket activation can bring their own. No `SO_REUSEPORT`: a second instance would bind silently.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;

use super::connection::{self, Connection};
use super::limiter::{Limiter, Permit};
use super::{Snapshot, Speaks};
use crate::notice::{Notice, Notices};

/// Connections the kernel keeps for us in a burst; a short queue costs the unlucky ones seconds.
const BACKLOG: i32 = 4096;

/// The first and the longest pause after an accept that failed for want of something.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Without such a failure for so long, the next one is news.
const NEWS: Duration = Duration::from_secs(60);

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(
        "port {} is taken: another program listens on {address}; stop it, or choose another address with --listen",
        address.port()
    )]
    Taken { address: SocketAddr },
    #[error(
        "port {} needs a privilege: use a port from 1024 on, or give maquis CAP_NET_BIND_SERVICE ({address})",
        address.port()
    )]
    Privilege { address: SocketAddr },
    #[error("{address} is no address of this machine: correct it, or listen on 0.0.0.0 or [::]")]
    NotHere { address: SocketAddr },
    #[error("this machine has no IPv6: leave out {address}")]
    NoIpv6 { address: SocketAddr },
    #[error("cannot listen on {address}")]
    Other { address: SocketAddr, source: io::Error },
}

/// Listens on an address. IPv6 sockets take IPv6 only, so that both families bind side by side.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    open(address).map_err(|errno| match errno {
        Errno::ADDRINUSE => BindError::Taken { address },
        Errno::ACCESS | Errno::PERM => BindError::Privilege { address },
        Errno::AFNOSUPPORT => BindError::NoIpv6 { address },
        // Without IPv6 on any interface, its loopback and its "any" are missing too.
        Errno::ADDRNOTAVAIL if is_everywhere(address.ip()) => BindError::NoIpv6 { address },
        Errno::ADDRNOTAVAIL => BindError::NotHere { address },
        errno => BindError::Other { address, source: errno.into() },
    })
}

/// Listens on the default addresses; on a machine without IPv6 its address is left out, with a notice.
pub fn bind_defaults(addresses: &[SocketAddr], notices: &Notices) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::new();
    for address in addresses {
        match bind(*address) {
            Ok(listener) => listeners.push(listener),
            Err(BindError::NoIpv6 { .. }) if addresses.iter().any(SocketAddr::is_ipv4) => {
                notices.say(Notice::Ipv6LeftOut);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(listeners)
}

/// The notice that names a listening socket to people: by its host where it is on loopback or everywhere.
pub fn listening(listener: &TcpListener, scheme: &'static str, host: &str) -> io::Result<Notice> {
    let address = listener.local_addr()?;
    let named = address.ip().is_loopback() || address.ip().is_unspecified();
    let host = if named { host.to_owned() } else { address.ip().to_string() };
    Ok(Notice::Listening { scheme, host, port: address.port() })
}

fn is_everywhere(ip: IpAddr) -> bool {
    ip == IpAddr::V6(Ipv6Addr::LOCALHOST) || ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED)
}

/// Makes a socket that a service manager opened one of ours; none where it is not one to accept on.
pub fn adopt(socket: TcpListener) -> io::Result<Option<TcpListener>> {
    if !sockopt::socket_acceptconn(&socket)? {
        return Ok(None);
    }
    socket.set_nonblocking(true)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    Ok(Some(socket))
}

/// Whether a socket that is bound to one address takes what comes to another.
pub fn covers(socket: &TcpListener, wanted: SocketAddr) -> bool {
    let Ok(bound) = socket.local_addr() else { return false };
    let both = bound.is_ipv6() && sockopt::ipv6_v6only(socket).is_ok_and(|only| !only);
    let everywhere = bound.ip().is_unspecified() && (bound.is_ipv6() == wanted.is_ipv6() || both);
    bound.port() == wanted.port() && (bound.ip() == wanted.ip() || everywhere)
}

fn open(address: SocketAddr) -> Result<TcpListener, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, true)?;
    }
    sockopt::set_socket_reuseaddr(&socket, true)?;
    // Inherited by what is accepted.
    sockopt::set_tcp_nodelay(&socket, true)?;
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(TcpListener::from(socket))
}

/// A listener at work.
pub(super) struct Accepting {
    pub(super) listener: tokio::net::TcpListener,
    pub(super) speaks: Speaks,
    /// The port it is bound to.
    pub(super) port: u16,
    pub(super) limiter: Arc<Limiter>,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Changes, or ends, when no more may be accepted.
    pub(super) stop: watch::Receiver<()>,
    pub(super) notices: Notices,
    pub(super) trouble: Arc<Trouble>,
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
                    // The peer's address ends here: nothing after this look knows it.
                    let admitted = tokio::select! {
                        biased;
                        // First: who was let in as the end came is served.
                        admitted = self.limiter.admit(peer, &snapshot.limits) => admitted,
                        _ = self.stop.changed() => return,
                    };
                    if let Some(permit) = admitted {
                        tokio::spawn(self.exchange(stream, snapshot, permit, accepted_at));
                    }
                }
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
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
        stream: TcpStream,
        snapshot: Arc<Snapshot>,
        permit: Permit,
        accepted_at: Instant,
    ) -> impl Future<Output = ()> + use<> {
        let ports = [self.port, snapshot.advertised_port.unwrap_or(self.port)];
        connection::serve(stream, Connection { snapshot, speaks: self.speaks, ports, permit, accepted_at })
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
    fn new(listener: &tokio::net::TcpListener) -> Reserve {
        Reserve(listener.as_fd().try_clone_to_owned().ok())
    }

    async fn turn_one_away(&mut self, listener: &tokio::net::TcpListener) {
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
    fn a_port_can_be_taken_only_once() {
        let first = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = first.local_addr().unwrap();
        let error = bind(address).unwrap_err();
        assert!(matches!(error, BindError::Taken { .. }), "{error}");
        assert!(error.to_string().starts_with(&format!("port {} is taken", address.port())), "{error}");
    }

    #[test]
    fn accepting_that_fails_for_ever_is_said_once() {
        let (trouble, begun) = (Trouble::default(), Instant::now());
        let news = |seconds| trouble.is_news(begun + Duration::from_secs(seconds));
        assert!(news(0));
        assert!(!(1..1000).any(news), "while it lasts");
        assert!(news(2000), "after it was over");
    }

    #[test]
    fn an_address_of_another_machine_is_named() {
        let error = bind("192.0.2.1:0".parse().unwrap()).unwrap_err();
        assert!(matches!(error, BindError::NotHere { .. }), "{error}");
    }

    #[test]
    fn both_families_bind_side_by_side() {
        let Ok(v6) = bind("[::]:0".parse().unwrap()) else { return };
        let port = v6.local_addr().unwrap().port();
        bind(SocketAddr::from(([0, 0, 0, 0], port))).unwrap();
    }
}
