//! Binding: from a place to listen at to a socket that does, or the reason why not, with the remedy.
//!
//! At the start, before privileges are dropped and the sandbox is entered. No `SO_REUSEPORT`: a second instance would
//! bind silently.

mod unix;

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::net::{AddressFamily, sockopt};

use super::endpoint::Endpoint;
use super::socket::Socket;
use crate::notice::{Notice, Notices};
use crate::system::{BACKLOG, stream_socket};

/// Why a place cannot be listened at.
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
    #[error("{} is taken: another program listens there; stop it, or choose another path", path.display())]
    Answered { path: PathBuf },
    #[error("{} is there, and is no socket: remove it, or choose another path", path.display())]
    Occupied { path: PathBuf },
    #[error(
        "there is no folder {} for the socket: make it; a unit of systemd's does with RuntimeDirectory=maquis, for /run/maquis",
        folder.display()
    )]
    NoFolder { folder: PathBuf },
    #[error("no socket can be made in {}: let the user who runs maquis write there", folder.display())]
    Forbidden { folder: PathBuf },
    #[error("cannot listen on {endpoint}")]
    Other { endpoint: Endpoint, source: io::Error },
}

/// Listens at a place. IPv6 sockets take IPv6 only, so that both families bind side by side.
pub fn bind(endpoint: &Endpoint) -> Result<Socket, BindError> {
    match endpoint {
        Endpoint::Net(address) => bind_address(*address).map(Socket::Tcp),
        Endpoint::Unix(path) => unix::bind(path).map(Socket::Unix),
    }
}

/// Listens on the default addresses; on a machine without IPv6 its address is left out, with a notice.
pub fn bind_defaults(endpoints: &[Endpoint], notices: &Notices) -> Result<Vec<Socket>, BindError> {
    let mut sockets = Vec::new();
    for endpoint in endpoints {
        match bind(endpoint) {
            Ok(socket) => sockets.push(socket),
            Err(BindError::NoIpv6 { .. }) if endpoints.iter().any(is_ipv4) => notices.say(Notice::Ipv6LeftOut),
            Err(error) => return Err(error),
        }
    }
    Ok(sockets)
}

fn is_ipv4(endpoint: &Endpoint) -> bool {
    endpoint.net().is_some_and(|address| address.is_ipv4())
}

/// The notice that names a listening socket to people: by its host where it is on loopback or everywhere.
pub fn listening(socket: &Socket, scheme: &'static str, host: &str) -> io::Result<Notice> {
    let host = host.to_owned();
    match socket.endpoint() {
        Some(Endpoint::Net(address)) => {
            let named = address.ip().is_loopback() || address.ip().is_unspecified();
            let host = if named { host } else { address.ip().to_string() };
            Ok(Notice::Listening { scheme, host, port: address.port() })
        }
        Some(endpoint @ Endpoint::Unix(_)) => Ok(Notice::ListeningAt { scheme, host, socket: endpoint.to_string() }),
        None => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

fn bind_address(address: SocketAddr) -> Result<TcpListener, BindError> {
    open(address).map_err(|errno| match errno {
        Errno::ADDRINUSE => BindError::Taken { address },
        Errno::ACCESS | Errno::PERM => BindError::Privilege { address },
        Errno::AFNOSUPPORT => BindError::NoIpv6 { address },
        // Without IPv6 on any interface, its loopback and its "any" are missing too.
        Errno::ADDRNOTAVAIL if is_everywhere(address.ip()) => BindError::NoIpv6 { address },
        Errno::ADDRNOTAVAIL => BindError::NotHere { address },
        errno => BindError::Other { endpoint: address.into(), source: errno.into() },
    })
}

fn is_everywhere(ip: IpAddr) -> bool {
    ip == IpAddr::V6(Ipv6Addr::LOCALHOST) || ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED)
}

fn open(address: SocketAddr) -> Result<TcpListener, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = stream_socket(family)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<Socket, BindError> {
        bind(&text.parse().unwrap())
    }

    #[test]
    fn a_port_can_be_taken_only_once() {
        let first = at("127.0.0.1:0").unwrap();
        let endpoint = first.endpoint().unwrap();
        let error = bind(&endpoint).unwrap_err();
        assert!(matches!(error, BindError::Taken { .. }), "{error}");
        assert!(error.to_string().starts_with(&format!("port {} is taken", endpoint.port().unwrap())), "{error}");
    }

    #[test]
    fn an_address_of_another_machine_is_named() {
        let error = at("192.0.2.1:0").unwrap_err();
        assert!(matches!(error, BindError::NotHere { .. }), "{error}");
    }

    #[test]
    fn both_families_bind_side_by_side() {
        let Ok(v6) = at("[::]:0") else { return };
        bind(&SocketAddr::from(([0, 0, 0, 0], v6.address().unwrap().port())).into()).unwrap();
    }
}
