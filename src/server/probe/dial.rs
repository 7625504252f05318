//! A connection to a place where this machine listens, whichever kind it is: for `doctor`, and for tests.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::server::endpoint::Endpoint;

/// A connection that has been made.
pub enum Dialed {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// Connects to a place, and waits no longer than this for each step.
pub fn dial(endpoint: &Endpoint, patience: Duration) -> io::Result<Dialed> {
    match endpoint {
        Endpoint::Net(address) => {
            let stream = TcpStream::connect_timeout(&from_here(*address), patience)?;
            stream.set_read_timeout(Some(patience))?;
            stream.set_write_timeout(Some(patience))?;
            Ok(Dialed::Tcp(stream))
        }
        Endpoint::Unix(path) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(patience))?;
            stream.set_write_timeout(Some(patience))?;
            Ok(Dialed::Unix(stream))
        }
    }
}

/// Where this machine reaches a socket of its own.
fn from_here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(v4) if v4.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(v6) if v6.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl Read for Dialed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Dialed::Tcp(stream) => stream.read(into),
            Dialed::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Dialed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Dialed::Tcp(stream) => stream.write(bytes),
            Dialed::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Dialed::Tcp(stream) => stream.flush(),
            Dialed::Unix(stream) => stream.flush(),
        }
    }
}
