//! What a request comes in over and a reply goes out over: one socket, with TLS on it or in the open.
//!
//! RFC 8446, 4 (the handshake), 5.1 (records), 6 (alerts). The first bytes are read once and looked at before anything
//! is made for a connection, and then handed on to whoever they are for: one on which nothing has come costs little
//! more than its socket.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::stream::Stream;

/// The type of the record that opens a TLS connection (RFC 8446, 5.1: handshake).
const HANDSHAKE: u8 = 0x16;
/// The type of the handshake message that does (RFC 8446, 4).
const CLIENT_HELLO: u8 = 1;
/// As a `ProtocolVersion` on the wire.
const TLS12: [u8; 2] = [3, 3];
/// A fatal alert, protocol_version, in a record.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 70];

/// What is read at once: a ClientHello with the largest key share in use, or any request.
const READ_BYTES: usize = 2048;

/// A connection that can be asked something.
pub(super) enum Line {
    Tls(Box<TlsStream<Begun>>),
    Open(Begun),
}

/// A socket, and what had come on it before it was known what it is: that is read first.
pub(super) struct Begun {
    stream: Stream,
    first: Vec<u8>,
}

/// What a connection begins with.
pub(super) enum Opening {
    Tls,
    /// TLS 1.0 or 1.1.
    OldTls,
    Plain,
}

impl Begun {
    /// Waits for the first bytes; `None` where none come.
    pub(super) async fn of(stream: Stream) -> Option<Begun> {
        let mut begun = Begun { stream, first: Vec::new() };
        let mut first = Vec::new();
        let count = receive(&mut begun, &mut first, READ_BYTES).await.ok()?;
        begun.first = first;
        (count > 0).then_some(begun)
    }

    /// Told from the record header (RFC 8446, 5.1), the handshake header (4) and the version after it (4.1.2). rustls
    /// would call an old version a failure of the handshake, for want of an extension that is newer; clients can say
    /// more to their reader when they hear what it is. A hello that trickles in is left to rustls.
    pub(super) fn opening(&self) -> Opening {
        match self.first[..] {
            [HANDSHAKE, _, _, _, _, CLIENT_HELLO, _, _, _, major, minor, ..] if [major, minor] < TLS12 => {
                Opening::OldTls
            }
            [HANDSHAKE, ..] => Opening::Tls,
            _ => Opening::Plain,
        }
    }

    /// Says which versions are spoken here.
    pub(super) fn refuse_version(&self) {
        // Lost if the socket is full, which it cannot be before the first byte.
        let _sent = self.stream.try_write(&PROTOCOL_VERSION_ALERT);
    }

    /// Shakes hands. Where that fails an alert has said why, and the socket is given back.
    pub(super) async fn shake(self, config: Arc<ServerConfig>) -> Result<Line, Stream> {
        match TlsAcceptor::from(config).accept(self).into_fallible().await {
            Ok(tls) => Ok(Line::Tls(Box::new(tls))),
            Err((_, begun)) => Err(begun.stream),
        }
    }

    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }
}

impl Line {
    /// The name the peer asked for in its handshake.
    pub(super) fn server_name(&self) -> Option<&str> {
        match self {
            Line::Tls(tls) => tls.get_ref().1.server_name(),
            Line::Open(_) => None,
        }
    }

    /// Appends what comes next, `room` bytes at most; nothing at the end.
    pub(super) async fn read(&mut self, into: &mut Vec<u8>, room: usize) -> io::Result<usize> {
        match self {
            Line::Tls(tls) => receive(tls, into, room).await,
            Line::Open(begun) => receive(begun, into, room).await,
        }
    }

    /// The socket, and the session where there is one.
    pub(super) fn parts(&mut self) -> (&Stream, Option<&mut ServerConnection>) {
        match self {
            Line::Tls(tls) => {
                let (begun, session) = tls.get_mut();
                (&begun.stream, Some(session))
            }
            Line::Open(begun) => (&begun.stream, None),
        }
    }

    pub(super) fn into_stream(self) -> Stream {
        match self {
            Line::Tls(tls) => tls.into_inner().0.stream,
            Line::Open(begun) => begun.stream,
        }
    }
}

/// Appends what comes. The buffer it is read into is on the stack of the moment, and no part of a connection that waits.
async fn receive(from: &mut (impl AsyncRead + Unpin), into: &mut Vec<u8>, room: usize) -> io::Result<usize> {
    poll_fn(|context| {
        let mut bytes = [0; READ_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes[..room.min(READ_BYTES)]);
        ready!(Pin::new(&mut *from).poll_read(context, &mut buffer))?;
        into.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    })
    .await
}

impl AsyncRead for Begun {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let count = self.first.len().min(into.remaining());
        into.put_slice(&self.first[..count]);
        self.first.drain(..count);
        if self.first.is_empty() {
            self.first = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Begun {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
