//! What a request comes in over and a reply goes out over: one socket, with TLS on it or in the open.
//!
//! RFC 8446, 4 (the handshake), 5.1 (records), 6 (alerts). rustls is driven here by hand, without a wrapper: the first
//! bytes are read once and looked at before anything is made for the connection, so that one on which nothing has come
//! costs little more than its socket.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

/// The type of the record that opens a TLS connection (RFC 8446, 5.1: handshake).
const HANDSHAKE: u8 = 0x16;
/// The type of the handshake message that does (RFC 8446, 4).
const CLIENT_HELLO: u8 = 1;
/// As a `ProtocolVersion` on the wire.
const TLS12: [u8; 2] = [3, 3];
/// Where the version stands in a ClientHello, its record's header included.
const VERSION_AT: std::ops::Range<usize> = 9..11;
/// A fatal alert, protocol_version, in a record.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 70];

/// What is read at once: a ClientHello with the largest key share in use, or any request.
const READ_BYTES: usize = 2048;

/// A connection that can be asked something.
pub(super) struct Line {
    tcp: TcpStream,
    /// None where nothing is encrypted.
    session: Option<Box<ServerConnection>>,
    /// What had come before it was known what it is.
    first: Vec<u8>,
}

/// What a connection begins with.
pub(super) enum Opening {
    Tls,
    /// TLS 1.0 or 1.1.
    OldTls,
    Plain,
}

impl Line {
    /// Waits for the first bytes; `None` where none come.
    pub(super) async fn begun(tcp: TcpStream) -> Option<Line> {
        let mut line = Line { tcp, session: None, first: Vec::new() };
        let count = receive(&mut line.tcp, &mut line.first).await.ok()?;
        (count > 0).then_some(line)
    }

    /// Told from the record header (RFC 8446, 5.1), the handshake header (4) and the version after it (4.1.2). rustls
    /// would call an old version a failure of the handshake, for want of an extension that is newer; clients can say
    /// more to their reader when they hear what it is. A hello that trickles in is left to rustls.
    pub(super) fn opening(&self) -> Opening {
        let hello = self.first.get(5) == Some(&CLIENT_HELLO);
        match (self.first.first(), self.first.get(VERSION_AT)) {
            (Some(&HANDSHAKE), Some(version)) if hello && *version < TLS12[..] => Opening::OldTls,
            (Some(&HANDSHAKE), _) => Opening::Tls,
            (_, _) => Opening::Plain,
        }
    }

    /// Says which versions are spoken here.
    pub(super) fn refuse_version(&self) {
        // Lost if the socket is full, which it cannot be before the first byte.
        let _sent = self.tcp.try_write(&PROTOCOL_VERSION_ALERT);
    }

    /// Shakes hands. Where that fails an alert has said why; `None` where the peer is gone.
    pub(super) async fn shake(mut self, config: Arc<ServerConfig>) -> Result<Line, Option<TcpStream>> {
        let Ok(session) = ServerConnection::new(config) else { return Err(Some(self.tcp)) };
        let mut session = Box::new(session);
        let first = std::mem::take(&mut self.first);
        let mut rest = first.as_slice();
        while !rest.is_empty() {
            // More than rustls takes at once is no hello.
            if session.read_tls(&mut rest).is_err() || session.process_new_packets().is_err() {
                return Err(alert(self.tcp, &mut session).await);
            }
        }
        drop(first);
        loop {
            if flush(&self.tcp, &mut session).await.is_err() {
                return Err(None);
            }
            if !session.is_handshaking() {
                self.session = Some(session);
                return Ok(self);
            }
            match more(&mut self.tcp, &mut session).await {
                Ok(()) => {}
                Err(Lost::Gone) => return Err(None),
                Err(Lost::Broken) => return Err(alert(self.tcp, &mut session).await),
            }
        }
    }

    /// The name the peer asked for in its handshake.
    pub(super) fn server_name(&self) -> Option<&str> {
        self.session.as_ref()?.server_name()
    }

    /// Appends what comes next, `room` bytes at most; nothing at the end, whatever sort of end it is.
    pub(super) async fn read(&mut self, into: &mut Vec<u8>, room: usize) -> usize {
        let Some(session) = &mut self.session else { return self.read_plain(into, room).await };
        loop {
            match plaintext(session, into, room) {
                Ok(count) => return count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return 0,
            }
            match more(&mut self.tcp, session).await {
                Ok(()) => {}
                Err(Lost::Gone) => return 0,
                Err(Lost::Broken) => {
                    // Whatever comes of it, nothing more is read.
                    let _sent = flush(&self.tcp, session).await;
                    return 0;
                }
            }
        }
    }

    async fn read_plain(&mut self, into: &mut Vec<u8>, room: usize) -> usize {
        if self.first.is_empty() && receive(&mut self.tcp, &mut self.first).await.is_err() {
            return 0;
        }
        let count = room.min(self.first.len());
        into.extend(self.first.drain(..count));
        count
    }

    /// The socket, and the session where there is one.
    pub(super) fn parts(&mut self) -> (&TcpStream, Option<&mut ServerConnection>) {
        (&self.tcp, self.session.as_deref_mut())
    }

    pub(super) fn into_tcp(self) -> TcpStream {
        self.tcp
    }
}

/// Why nothing more comes.
enum Lost {
    Gone,
    /// It is no TLS; an alert waits to be sent.
    Broken,
}

/// Waits for bytes and lets the session understand them.
async fn more(tcp: &mut TcpStream, session: &mut ServerConnection) -> Result<(), Lost> {
    let count = poll_fn(|context| match session.read_tls(&mut Waiting { tcp, context }) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        read => Poll::Ready(read),
    });
    let count = count.await.map_err(|_| Lost::Gone)?;
    session.process_new_packets().map_err(|_| Lost::Broken)?;
    // The end, clean or not: what was understood before it stays to be read.
    if count == 0 && session.is_handshaking() { Err(Lost::Gone) } else { Ok(()) }
}

/// Sends the alert that waits, and gives the socket back if it went out.
async fn alert(tcp: TcpStream, session: &mut ServerConnection) -> Option<TcpStream> {
    flush(&tcp, session).await.ok()?;
    Some(tcp)
}

async fn flush(tcp: &TcpStream, session: &mut ServerConnection) -> io::Result<()> {
    while session.wants_write() {
        match session.write_tls(&mut Socket(tcp)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => tcp.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Appends what the session has understood. (A function of its own: a buffer in it is no part of an idle connection.)
fn plaintext(session: &mut ServerConnection, into: &mut Vec<u8>, room: usize) -> io::Result<usize> {
    let mut bytes = [0; READ_BYTES];
    let count = session.reader().read(&mut bytes[..room.min(READ_BYTES)])?;
    into.extend_from_slice(&bytes[..count]);
    Ok(count)
}

/// Appends what comes; the buffer it is read into is no part of a connection that waits.
async fn receive(tcp: &mut TcpStream, into: &mut Vec<u8>) -> io::Result<usize> {
    poll_fn(|context| {
        let mut bytes = [0; READ_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut *tcp).poll_read(context, &mut buffer))?;
        into.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    })
    .await
}

/// The socket as rustls reads from it: what is not there yet wakes the task when it comes. (Tokio knows after a read
/// that did not fill its buffer that the next would find nothing, and spares us the call.)
struct Waiting<'a, 'b> {
    tcp: &'a mut TcpStream,
    context: &'a mut Context<'b>,
}

impl Read for Waiting<'_, '_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(bytes);
        match Pin::new(&mut *self.tcp).poll_read(self.context, &mut buffer) {
            Poll::Ready(read) => read.map(|()| buffer.filled().len()),
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

/// The socket as rustls writes to it: without waiting, all records in one call.
pub(super) struct Socket<'a>(pub(super) &'a TcpStream);

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
