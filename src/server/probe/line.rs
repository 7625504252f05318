//! The first line of an answer, and no more, from whatever host: for `check --external`. Bounded in time and in bytes,
//! whatever the other side does.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use super::{Versions, config};

/// More of a first line is not read.
const MOST_BYTES: usize = 4096;

/// What lies under the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// Every certificate is taken: nothing is proven of who answers.
    Tls,
    Nothing,
}

/// Sends a request, and gives the first line of what comes back.
pub fn first_line(host: &str, port: u16, under: Under, request: &[u8], within: Duration) -> io::Result<String> {
    let latest = Instant::now() + within;
    let tcp = Timed { tcp: connect(host, port, latest)?, latest };
    match under {
        Under::Nothing => exchange(tcp, request),
        Under::Tls => {
            let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
            let session = ClientConnection::new(Arc::new(config(Versions::Any)?), name).map_err(io::Error::other)?;
            exchange(StreamOwned::new(session, tcp), request)
        }
    }
}

fn connect(host: &str, port: u16, latest: Instant) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(ErrorKind::NotFound, "the name leads nowhere");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, left(latest)?) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn exchange(mut stream: impl Read + Write, request: &[u8]) -> io::Result<String> {
    stream.write_all(request)?;
    stream.flush()?;
    let (mut line, mut piece) = (Vec::new(), [0; 512]);
    while line.len() < MOST_BYTES && !line.contains(&b'\n') {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => line.extend_from_slice(&piece[..count]),
            // Many close without a farewell.
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => break,
            Err(error) => return Err(error),
        }
    }
    let end = line.iter().position(|&byte| byte == b'\n').unwrap_or(line.len());
    Ok(String::from_utf8_lossy(&line[..end]).trim_end_matches('\r').to_owned())
}

fn left(latest: Instant) -> io::Result<Duration> {
    let left = latest.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::Error::new(ErrorKind::TimedOut, "it took too long")) } else { Ok(left) }
}

/// A connection that ends at an instant, however busy it is.
struct Timed {
    tcp: TcpStream,
    latest: Instant,
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(left(self.latest)?))?;
        self.tcp.read(into).map_err(late)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(left(self.latest)?))?;
        self.tcp.write(bytes).map_err(late)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// The system says of a time that ran out that it would have to wait.
fn late(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => io::Error::new(ErrorKind::TimedOut, "it took too long"),
        _ => error,
    }
}
