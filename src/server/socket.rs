//! A socket that listens: on the network, or in the file system.
//!
//! Owned standard ones, so that the start can bind before it drops its privileges, and so that tests and socket
//! activation can bring their own. What is known of it is where it listens; who comes is the listener's.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::net::sockopt;

use super::endpoint::Endpoint;
use crate::system::listens;

/// A socket that listens.
#[derive(Debug)]
pub enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Socket {
    /// Makes a socket that a service manager opened one of ours; none where it is not one to accept on.
    pub fn adopt(self) -> io::Result<Option<Socket>> {
        let listens = match &self {
            Socket::Tcp(socket) => listens(socket.as_fd())?,
            Socket::Unix(socket) => listens(socket.as_fd())?,
        };
        if !listens {
            return Ok(None);
        }
        self.set_nonblocking()?;
        if let Socket::Tcp(socket) = &self {
            sockopt::set_tcp_nodelay(socket, true)?;
        }
        Ok(Some(self))
    }

    /// Where it listens; none where the system cannot say, or it has no name in the file system.
    pub fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Socket::Tcp(socket) => socket.local_addr().ok().map(Endpoint::Net),
            Socket::Unix(socket) => {
                let address = socket.local_addr().ok()?;
                address.as_pathname().map(|path| Endpoint::Unix(path.to_owned()))
            }
        }
    }

    /// The address it is bound to, where it is one of a network.
    pub fn address(&self) -> Option<SocketAddr> {
        self.endpoint()?.net()
    }

    /// Whether only programs of this machine reach it; one that cannot say where it is may be open to all.
    pub fn is_local(&self) -> bool {
        match self {
            Socket::Tcp(_) => self.endpoint().is_some_and(|endpoint| endpoint.is_local()),
            Socket::Unix(_) => true,
        }
    }

    /// Whether it takes what comes to a place.
    pub fn covers(&self, wanted: &Endpoint) -> bool {
        match (self, wanted) {
            (Socket::Tcp(socket), Endpoint::Net(wanted)) => covers(socket, *wanted),
            (Socket::Unix(_), Endpoint::Unix(wanted)) => self.endpoint().is_some_and(|endpoint| match endpoint {
                Endpoint::Unix(path) => is_same(&path, wanted),
                Endpoint::Net(_) => false,
            }),
            (Socket::Tcp(_), Endpoint::Unix(_)) | (Socket::Unix(_), Endpoint::Net(_)) => false,
        }
    }

    /// The same socket once more: what comes in on it goes to whichever accepts first.
    pub(super) fn try_clone(&self) -> io::Result<Socket> {
        Ok(match self {
            Socket::Tcp(socket) => Socket::Tcp(socket.try_clone()?),
            Socket::Unix(socket) => Socket::Unix(socket.try_clone()?),
        })
    }

    pub(super) fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Socket::Tcp(socket) => socket.set_nonblocking(true),
            Socket::Unix(socket) => socket.set_nonblocking(true),
        }
    }
}

/// Whether a socket that is bound to one address takes what comes to another.
fn covers(socket: &TcpListener, wanted: SocketAddr) -> bool {
    let Ok(bound) = socket.local_addr() else { return false };
    let both = bound.is_ipv6() && sockopt::ipv6_v6only(socket).is_ok_and(|only| !only);
    let everywhere = bound.ip().is_unspecified() && (bound.is_ipv6() == wanted.is_ipv6() || both);
    bound.port() == wanted.port() && (bound.ip() == wanted.ip() || everywhere)
}

/// `/var/run` is a link to `/run`: what is written may not be what was bound.
fn is_same(one: &Path, other: &Path) -> bool {
    let resolved = |path: &Path| path.canonicalize().ok();
    one == other || resolved(one).is_some_and(|one| resolved(other) == Some(one))
}
