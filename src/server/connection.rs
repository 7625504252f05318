//! One connection: handshake, request, reply, end. Every step has its limit.
//!
//! Gemini is spoken over TLS; Gopher in the open, or over TLS where the first byte opens it.
//!
//! Gemini network protocol, "TLS" and "Closing connections": every whole reply ends with our close_notify, a reply
//! that breaks off never does, so that clients can tell. The reader's close is not waited for, only listened to for a
//! moment, lest unread bytes turn our close into a reset that destroys the tail of the reply.

use std::sync::Arc;

use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::limiter::Permit;
use super::outgoing::{self, Outgoing};
use super::{Snapshot, Speaks};
use crate::protocol::{Exchange, Protocol, Reply, Step};

/// The type of the record that opens a TLS connection (RFC 8446, 5.1: handshake).
const HANDSHAKE: u8 = 0x16;
/// The type of the handshake message that does (RFC 8446, 4).
const CLIENT_HELLO: u8 = 1;
/// As a `ProtocolVersion` on the wire.
const TLS12: [u8; 2] = [3, 3];
/// The bytes of a ClientHello up to its version, with the record's header.
const HELLO_START: usize = 11;
/// A fatal alert, protocol_version, in a record.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 70];

/// Room for the bytes of most requests.
const TYPICAL_REQUEST: usize = 128;

/// What is read and thrown away after a reply, at most.
const DISCARD_BYTES: usize = 64 * 1024;

/// Serves one connection. Nothing of it is kept, and nothing of it is an error worth telling.
pub(super) async fn serve(
    stream: TcpStream,
    snapshot: Arc<Snapshot>,
    speaks: Speaks,
    ports: [u16; 2],
    permit: Permit,
    accepted_at: Instant,
) {
    let protocol = speaks.protocol();
    let request = request(stream, &snapshot, speaks, ports, &permit, accepted_at);
    let asked = tokio::select! {
        asked = request => asked,
        () = permit.dismissed() => return,
    };
    permit.begin();
    let close = snapshot.limits.close;
    let tcp = match asked {
        Asked::For(line, reply) => send(line, reply, protocol, &snapshot).await,
        Asked::Nothing(mut line) => match end(&mut line, &snapshot).await {
            Ok(()) => Some(line.into_tcp()),
            Err(_) => None,
        },
        Asked::NoTls(tcp) => Some(tcp),
        Asked::Gone => None,
    };
    drop(snapshot);
    if let Some(tcp) = tcp {
        // Whatever comes of it, the connection is over.
        let _closed = timeout(close, shut(tcp)).await;
    }
}

/// What requests come in over.
enum Line {
    Tls(Box<TlsStream<TcpStream>>),
    Open(TcpStream),
}

impl Line {
    fn into_tcp(self) -> TcpStream {
        match self {
            Line::Tls(tls) => tls.into_inner().0,
            Line::Open(tcp) => tcp,
        }
    }

    /// The socket, and the session where there is one.
    fn parts(&mut self) -> (&TcpStream, Option<&mut ServerConnection>) {
        match self {
            Line::Tls(tls) => {
                let (tcp, session) = tls.get_mut();
                (tcp, Some(session))
            }
            Line::Open(tcp) => (tcp, None),
        }
    }
}

/// What a reader wanted.
enum Asked {
    For(Line, Reply),
    /// The handshake was made, and no whole request came in time.
    Nothing(Line),
    /// The handshake failed, and an alert said why; or it was no TLS, and not a byte was sent.
    NoTls(TcpStream),
    /// Too late, or no longer there.
    Gone,
}

async fn request(
    stream: TcpStream,
    snapshot: &Snapshot,
    speaks: Speaks,
    ports: [u16; 2],
    permit: &Permit,
    accepted_at: Instant,
) -> Asked {
    let limits = &snapshot.limits;
    let protocol = speaks.protocol();
    let mut line = match open(stream, snapshot, protocol, permit, accepted_at).await {
        Ok(line) => line,
        Err(Some(tcp)) => return Asked::NoTls(tcp),
        Err(None) => return Asked::Gone,
    };
    let session = line.parts().1;
    let name = session.and_then(|session| session.server_name().map(str::to_owned));
    let name = name.map(|name| name.trim_end_matches('.').to_ascii_lowercase());
    let exchange = Exchange {
        site: &snapshot.site,
        server_name: name.as_deref(),
        ports,
        capsule: speaks.capsule(),
        verdict: permit.verdict(limits),
    };
    let deadline = accepted_at + limits.request;
    let reply = match &mut line {
        Line::Tls(tls) => timeout_at(deadline, read(tls, protocol, &exchange)).await,
        Line::Open(tcp) => timeout_at(deadline, read(tcp, protocol, &exchange)).await,
    };
    match reply {
        Ok(Some(reply)) => Asked::For(line, reply),
        Ok(None) | Err(_) => Asked::Nothing(line),
    }
}

/// TLS, if that is what comes. On Gemini's ports a first byte that opens no TLS connection is answered with nothing at
/// all, not even rustls's alert, which a plain-text client would read as a line; on Gopher's it begins a request.
async fn open(
    stream: TcpStream,
    snapshot: &Snapshot,
    protocol: Protocol,
    permit: &Permit,
    accepted_at: Instant,
) -> Result<Line, Option<TcpStream>> {
    let limits = &snapshot.limits;
    let handshaken = accepted_at + limits.handshake;
    // Whoever connects to Gemini's port means to shake hands; to Gopher's, the first byte says so.
    let (leave, patience) = match protocol {
        Protocol::Gemini => (Some(in_time(handshaken, permit.handshake()).await?), handshaken),
        Protocol::Gopher => (None, accepted_at + limits.request),
    };
    let mut first = [0; HELLO_START];
    let seen = in_time(patience, stream.peek(&mut first)).await?.map_err(|_| None)?;
    match (opening(&first[..seen]), protocol) {
        (Opening::Tls, _) => {}
        (Opening::NoTls, Protocol::Gemini) => return Err(Some(stream)),
        (Opening::NoTls, Protocol::Gopher) => return Ok(Line::Open(stream)),
        (Opening::OldTls, _) => {
            // Lost if the socket is full, which it cannot be before the first byte.
            let _sent = stream.try_write(&PROTOCOL_VERSION_ALERT);
            return Err(Some(stream));
        }
    }
    let _leave = match leave {
        Some(leave) => leave,
        None => in_time(handshaken, permit.handshake()).await?,
    };
    let acceptor = TlsAcceptor::from(snapshot.tls.clone());
    // In a box, so that its state is gone when the handshake is done: idle connections stay small.
    let handshake = Box::pin(acceptor.accept(stream).into_fallible());
    match in_time(handshaken, handshake).await? {
        Ok(tls) => Ok(Line::Tls(Box::new(tls))),
        Err((_, tcp)) => Err(Some(tcp)),
    }
}

/// What comes before the deadline; after it the connection is gone.
async fn in_time<T>(deadline: Instant, awaited: impl Future<Output = T>) -> Result<T, Option<TcpStream>> {
    timeout_at(deadline, awaited).await.map_err(|_| None)
}

/// What a connection begins with.
enum Opening {
    Tls,
    /// TLS 1.0 or 1.1.
    OldTls,
    NoTls,
}

/// Told from the record header (RFC 8446, 5.1), the handshake header (4) and the version after it (4.1.2). rustls
/// would call an old version a failure of the handshake, for want of an extension that is newer; clients can say more
/// to their reader when they hear what it is. A hello that trickles in is left to rustls.
fn opening(first: &[u8]) -> Opening {
    match first {
        [HANDSHAKE, _, _, _, _, CLIENT_HELLO, _, _, _, version @ ..] if version.len() == 2 && *version < TLS12[..] => {
            Opening::OldTls
        }
        [HANDSHAKE, ..] => Opening::Tls,
        _ => Opening::NoTls,
    }
}

/// Reads as much as it takes for a reply, and never more than the protocol's limit.
async fn read(line: &mut (impl AsyncRead + Unpin), protocol: Protocol, exchange: &Exchange<'_>) -> Option<Reply> {
    let mut request = Vec::new();
    loop {
        request.reserve(TYPICAL_REQUEST);
        let room = protocol.limit() - request.len();
        let count = line.take(room as u64).read_buf(&mut request).await.ok()?;
        match protocol.step(&request, exchange) {
            Step::Reply(reply) => return Some(reply),
            Step::NeedMore if count == 0 => return None,
            Step::NeedMore => {}
        }
    }
}

/// Sends the reply and gives the socket back if all of it went out.
async fn send(mut line: Line, reply: Reply, protocol: Protocol, snapshot: &Arc<Snapshot>) -> Option<TcpStream> {
    let mut parts = reply.body.iter().flat_map(|body| body.iter());
    let (tcp, session) = line.parts();
    let mut out = Outgoing::new(tcp, session, snapshot.limits.reply);
    // The first part is opened before the head goes out, while there is still another reply to give.
    let first = match parts.next() {
        Some(part) => outgoing::open(part, snapshot).await.map(Some),
        None => Ok(None),
    };
    let sent = match first {
        Ok(first) => {
            out.push(reply.head.as_bytes());
            out.parts(first, parts, snapshot).await
        }
        Err(failure) => {
            let reply = failure.reply(protocol, &snapshot.site);
            out.short(&reply).await
        }
    };
    if sent.is_err() {
        // In the open nothing else tells a reader that a reply breaks off; over TLS the missing close_notify does.
        let _reset = line.parts().0.set_zero_linger();
        return None;
    }
    Some(line.into_tcp())
}

/// Ends a connection on which no whole request came: close_notify, and no reply.
async fn end(line: &mut Line, snapshot: &Snapshot) -> std::io::Result<()> {
    let (tcp, session) = line.parts();
    Outgoing::new(tcp, session, snapshot.limits.close).finish().await
}

/// Shuts our side and listens for a moment.
async fn shut(mut tcp: TcpStream) -> std::io::Result<()> {
    tcp.shutdown().await?;
    let mut discarded = 0;
    while discarded < DISCARD_BYTES {
        tcp.readable().await?;
        // Not held across an await: an idle connection costs no buffer.
        let mut bin = [0; 4096];
        match tcp.try_read(&mut bin) {
            Ok(0) => break,
            Ok(count) => discarded += count,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
