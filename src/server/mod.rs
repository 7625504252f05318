//! The life of the server: owned sockets in, exchanges out, until it is told to stop.

pub mod certificate;
pub mod tls;

use std::sync::Arc;
use std::time::Duration;

use crate::site::Site;
use crate::source::root::Root;
use crate::store::Pages;

/// Everything an exchange needs, swapped as a whole when the source or the configuration changes.
/// An exchange keeps the snapshot it began with.
pub struct Snapshot {
    pub site: Site,
    /// The store file the site's [`crate::site::Stored`] places are in.
    pub pages: Pages,
    /// The source folders, by capsule index.
    pub roots: Vec<Root>,
    /// The certificates in force.
    pub tls: Arc<rustls::ServerConfig>,
    pub limits: Limits,
    /// The port readers use, when it is not the bound one.
    pub advertised_port: Option<u16>,
}

/// The limits the server keeps; `config` makes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// From accept to the end of the TLS handshake.
    pub handshake: Duration,
    /// From accept to the whole request.
    pub request: Duration,
    /// How long a reply may go without [`Limits::PROGRESS_BYTES`] being taken.
    pub reply: Duration,
    /// How long to wait for the reader's end after the reply.
    pub close: Duration,
    /// How long running exchanges get when the server stops.
    pub grace: Duration,
    /// Connections in all.
    pub connections: usize,
}

impl Limits {
    /// What must be taken of a reply in every [`Limits::reply`].
    pub const PROGRESS_BYTES: usize = 30 * 1024;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            handshake: Duration::from_secs(5),
            request: Duration::from_secs(10),
            reply: Duration::from_secs(30),
            close: Duration::from_secs(2),
            grace: Duration::from_secs(10),
            connections: 8192,
        }
    }
}
