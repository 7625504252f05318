//! One connection: handshake, request, reply, end. Every step has its limit.
//!
//! Gemini network protocol, "TLS" and "Closing connections": every whole reply ends with our close_notify, a reply
//! that breaks off never does, so that clients can tell. The reader's close is not waited for, only listened to for a
//! moment, lest unread bytes turn our close into a reset that destroys the tail of the reply.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Snapshot;
use super::limiter::Permit;
use super::outgoing::{self, Outgoing};
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
    ports: [u16; 2],
    permit: Permit,
    accepted_at: Instant,
) {
    let protocol = Protocol::Gemini;
    let request = request(stream, &snapshot, protocol, ports, &permit, accepted_at);
    let asked = tokio::select! {
        asked = request => asked,
        () = permit.dismissed() => return,
    };
    permit.begin();
    let close = snapshot.limits.close;
    let tcp = match asked {
        Asked::For(tls, reply) => send(tls, reply, protocol, &snapshot).await,
        Asked::Nothing(mut tls) => match end(&mut tls, &snapshot).await {
            Ok(()) => Some(tls.into_inner().0),
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

/// What a reader wanted.
enum Asked {
    For(Box<TlsStream<TcpStream>>, Reply),
    /// The handshake was made, and no whole request came in time.
    Nothing(Box<TlsStream<TcpStream>>),
    /// The handshake failed, and an alert said why; or it was no TLS, and not a byte was sent.
    NoTls(TcpStream),
    /// Too late, or no longer there.
    Gone,
}

async fn request(
    stream: TcpStream,
    snapshot: &Snapshot,
    protocol: Protocol,
    ports: [u16; 2],
    permit: &Permit,
    accepted_at: Instant,
) -> Asked {
    let limits = &snapshot.limits;
    // In a box, so that its state is gone when the handshake is done: idle connections stay small.
    let handshake = Box::pin(async {
        let _leave = permit.handshake().await;
        handshake(stream, snapshot).await
    });
    let mut tls = match timeout_at(accepted_at + limits.handshake, handshake).await {
        Ok(Ok(tls)) => tls,
        Ok(Err(Some(tcp))) => return Asked::NoTls(tcp),
        Ok(Err(None)) | Err(_) => return Asked::Gone,
    };
    let name = tls.get_ref().1.server_name().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
    let verdict = permit.verdict(limits);
    let exchange = Exchange { site: &snapshot.site, server_name: name.as_deref(), ports, verdict };
    match timeout_at(accepted_at + limits.request, read(&mut tls, protocol, &exchange)).await {
        Ok(Some(reply)) => Asked::For(tls, reply),
        Ok(None) | Err(_) => Asked::Nothing(tls),
    }
}

/// TLS, if that is what comes: a first byte that opens no TLS connection is answered with nothing at all, not even
/// rustls's alert, which a plain-text client would read as a line.
async fn handshake(stream: TcpStream, snapshot: &Snapshot) -> Result<Box<TlsStream<TcpStream>>, Option<TcpStream>> {
    let mut first = [0; HELLO_START];
    let seen = stream.peek(&mut first).await.map_err(|_| None)?;
    match opening(&first[..seen]) {
        Opening::Tls => {}
        Opening::NoTls => return Err(Some(stream)),
        Opening::OldTls => {
            // Lost if the socket is full, which it cannot be before the first byte.
            let _sent = stream.try_write(&PROTOCOL_VERSION_ALERT);
            return Err(Some(stream));
        }
    }
    let acceptor = TlsAcceptor::from(snapshot.tls.clone());
    match acceptor.accept(stream).into_fallible().await {
        Ok(tls) => Ok(Box::new(tls)),
        Err((_, tcp)) => Err(Some(tcp)),
    }
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
async fn read(tls: &mut TlsStream<TcpStream>, protocol: Protocol, exchange: &Exchange<'_>) -> Option<Reply> {
    let mut request = Vec::new();
    loop {
        request.reserve(TYPICAL_REQUEST);
        let room = protocol.limit() - request.len();
        let count = tls.take(room as u64).read_buf(&mut request).await.ok()?;
        match protocol.step(&request, exchange) {
            Step::Reply(reply) => return Some(reply),
            Step::NeedMore if count == 0 => return None,
            Step::NeedMore => {}
        }
    }
}

/// Sends the reply and gives the socket back if all of it went out.
async fn send(
    mut tls: Box<TlsStream<TcpStream>>,
    reply: Reply,
    protocol: Protocol,
    snapshot: &Arc<Snapshot>,
) -> Option<TcpStream> {
    let mut parts = reply.body.iter().flat_map(|body| body.iter());
    let (tcp, session) = tls.get_mut();
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
            out.push(failure.reply(protocol, &snapshot.site).head.as_bytes());
            out.finish().await
        }
    };
    sent.ok()?;
    Some(tls.into_inner().0)
}

/// Ends a connection on which no whole request came: close_notify, and no reply.
async fn end(tls: &mut TlsStream<TcpStream>, snapshot: &Snapshot) -> std::io::Result<()> {
    let (tcp, session) = tls.get_mut();
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
