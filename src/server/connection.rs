//! One connection: handshake, request, reply, end. Every step has its limit.
//!
//! Gemini is spoken over TLS; Gopher in the open, or over TLS where the first byte opens it.
//!
//! Gemini network protocol, "TLS" and "Closing connections": every whole reply ends with our close_notify, a reply
//! that breaks off never does, so that clients can tell. The reader's close is not waited for, only listened to for a
//! moment, lest unread bytes turn our close into a reset that destroys the tail of the reply.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::closing::Closing;
use super::limiter::Permit;
use super::line::{Begun, Line, Opening};
use super::outgoing::{self, Outgoing};
use super::stream::Stream;
use super::{Snapshot, Speaks};
use crate::protocol::{Exchange, Protocol, Reply, Step};
use crate::site::Body;

/// All that an exchange has, beside the socket it is held over.
pub(super) struct Connection {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) speaks: Speaks,
    /// The ports that are ours: the bound one and the advertised one.
    pub(super) ports: [u16; 2],
    pub(super) permit: Permit,
    /// Where it ends.
    pub(super) closing: Arc<Closing>,
    pub(super) accepted_at: Instant,
}

/// Serves one connection. Nothing of it is kept, and nothing of it is an error worth telling.
pub(super) async fn serve(stream: Stream, connection: Connection) {
    let asked = tokio::select! {
        asked = connection.request(stream) => asked,
        () = connection.permit.dismissed() => return,
    };
    let Connection { snapshot, speaks, permit, closing, .. } = connection;
    permit.begin();
    // In a box, like the handshake: a connection that waits for its request has room for neither.
    let within = snapshot.limits.close;
    if let Some(stream) = Box::pin(conclude(asked, speaks.protocol(), snapshot)).await {
        closing.close(stream, permit, within);
    }
}

/// Sends what is to be sent, and gives the socket back that is to be closed.
async fn conclude(asked: Asked, protocol: Protocol, snapshot: Arc<Snapshot>) -> Option<Stream> {
    match asked {
        Asked::For(line, reply) => {
            let body = snapshot.counting.as_ref().and(reply.body.clone());
            let sent = send(line, reply, protocol, &snapshot).await;
            count(&snapshot, body.filter(|_| sent.is_some()));
            sent
        }
        Asked::Nothing(mut line) => match end(&mut line, &snapshot).await {
            Ok(()) => Some(line.into_stream()),
            Err(_) => None,
        },
        Asked::NoTls(stream) => Some(stream),
        Asked::Gone => None,
    }
}

/// Counts the page that a whole reply was of, where the author asks for that.
fn count(snapshot: &Snapshot, sent: Option<Body>) {
    let Some(counting) = &snapshot.counting else { return };
    if let Some(page) = sent.as_ref().and_then(|body| counting.names.name(body)) {
        counting.counts.read(page);
    }
}

/// What a reader wanted.
enum Asked {
    For(Line, Reply),
    /// The handshake was made, and no whole request came in time.
    Nothing(Line),
    /// The handshake failed, and an alert said why; or it was no TLS, and not a byte was sent.
    NoTls(Stream),
    /// Too late, or no longer there.
    Gone,
}

impl Connection {
    async fn request(&self, stream: Stream) -> Asked {
        let mut line = match Box::pin(self.open(stream)).await {
            Ok(line) => line,
            Err(Some(stream)) => return Asked::NoTls(stream),
            Err(None) => return Asked::Gone,
        };
        let limits = &self.snapshot.limits;
        let name = line.server_name().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        let exchange = Exchange {
            site: &self.snapshot.site,
            server_name: name.as_deref(),
            ports: self.ports,
            capsule: self.speaks.capsule(),
            verdict: self.permit.verdict(limits),
        };
        let deadline = self.accepted_at + limits.request;
        match timeout_at(deadline, read(&mut line, self.speaks.protocol(), &exchange)).await {
            Ok(Some(reply)) => Asked::For(line, reply),
            Ok(None) | Err(_) => Asked::Nothing(line),
        }
    }

    /// TLS, if that is what comes. On Gemini's ports a first byte that opens no TLS connection is answered with
    /// nothing at all, not even rustls's alert, which a plain-text client would read as a line; on Gopher's it begins a
    /// request.
    async fn open(&self, stream: Stream) -> Result<Line, Option<Stream>> {
        let limits = &self.snapshot.limits;
        let protocol = self.speaks.protocol();
        let shaken_by = self.accepted_at + limits.handshake;
        let begun_by = match protocol {
            Protocol::Gemini => shaken_by,
            Protocol::Gopher => self.accepted_at + limits.request,
        };
        // Who may speak plainly waits for a place among the handshakes only when it turns out to shake hands.
        let leave = match protocol {
            Protocol::Gemini => Some(in_time(begun_by, self.permit.handshake()).await?),
            Protocol::Gopher => None,
        };
        let begun = in_time(begun_by, Begun::of(stream)).await?.ok_or(None)?;
        match (begun.opening(), protocol) {
            (Opening::Tls, _) => {}
            (Opening::Plain, Protocol::Gemini) => return Err(Some(begun.into_stream())),
            (Opening::Plain, Protocol::Gopher) => return Ok(Line::Open(begun)),
            (Opening::OldTls, _) => {
                begun.refuse_version();
                return Err(Some(begun.into_stream()));
            }
        }
        let _leave = match leave {
            Some(leave) => leave,
            None => in_time(shaken_by, self.permit.handshake()).await?,
        };
        in_time(shaken_by, begun.shake(self.snapshot.tls.clone())).await?.map_err(Some)
    }
}

/// What comes before the deadline; after it the connection is gone.
async fn in_time<T>(deadline: Instant, awaited: impl Future<Output = T>) -> Result<T, Option<Stream>> {
    timeout_at(deadline, awaited).await.map_err(|_| None)
}

/// Reads as much as it takes for a reply, and never more than the protocol's limit.
async fn read(line: &mut Line, protocol: Protocol, exchange: &Exchange<'_>) -> Option<Reply> {
    let mut request = Vec::new();
    loop {
        let room = protocol.limit() - request.len();
        let count = line.read(&mut request, room).await.ok()?;
        match protocol.step(&request, exchange) {
            Step::Reply(reply) => return Some(reply),
            Step::NeedMore if count == 0 => return None,
            Step::NeedMore => {}
        }
    }
}

/// Sends the reply and gives the socket back if all of it went out.
async fn send(mut line: Line, reply: Reply, protocol: Protocol, snapshot: &Arc<Snapshot>) -> Option<Stream> {
    let mut parts = reply.body.iter().flat_map(|body| body.iter());
    let (stream, session) = line.parts();
    let mut out = Outgoing::new(stream, session, snapshot.limits.reply);
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
        line.parts().0.break_off();
        return None;
    }
    Some(line.into_stream())
}

/// Ends a connection on which no whole request came: close_notify, and no reply.
async fn end(line: &mut Line, snapshot: &Snapshot) -> std::io::Result<()> {
    let (stream, session) = line.parts();
    Outgoing::new(stream, session, snapshot.limits.close).finish().await
}
