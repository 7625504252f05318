//! The life of the server: owned sockets in, exchanges out, until it is told to stop.

pub mod bind;
pub mod certificate;
mod closing;
mod connection;
pub mod counts;
pub mod endpoint;
pub mod heart;
mod limiter;
mod line;
mod listener;
mod outgoing;
mod plain;
pub mod probe;
pub mod socket;
mod stream;
pub mod tls;
mod worker;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::notice::{Notice, Notices};
use crate::protocol::Protocol;
use crate::site::Site;
use crate::source::root::Root;
use crate::store::Pages;
use closing::{Closing, Parting};
use counts::{Counts, Names};
use heart::Heart;
use limiter::{GENERATION, Limiter};
use listener::Trouble;
use socket::Socket;
use worker::Worker;

/// Everything an exchange needs, swapped as a whole when the source or the configuration changes.
/// An exchange keeps the snapshot it began with.
pub struct Snapshot {
    pub site: Site,
    /// The store file the site's [`crate::site::Stored`] places are in.
    pub pages: Pages,
    /// The source folders, by capsule index.
    pub roots: Vec<Arc<Root>>,
    /// The certificates in force.
    pub tls: Arc<rustls::ServerConfig>,
    pub limits: Limits,
    /// The port readers use, when it is not the bound one.
    pub advertised_port: Option<u16>,
    /// Where the author asks for counts of reads.
    pub counting: Option<Counting>,
}

/// Counts, and the names of what is counted.
pub struct Counting {
    pub counts: Arc<Counts>,
    pub names: Names,
}

/// A socket that listens, and what is spoken on it.
pub struct Listener {
    pub socket: Socket,
    pub speaks: Speaks,
}

/// What is spoken on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Gemini,
    /// A request names no host: this capsule answers.
    Gopher {
        capsule: usize,
    },
}

impl Listener {
    fn again(&self) -> io::Result<Listener> {
        Ok(Listener { socket: self.socket.try_clone()?, speaks: self.speaks })
    }
}

impl Speaks {
    fn protocol(self) -> Protocol {
        match self {
            Speaks::Gemini => Protocol::Gemini,
            Speaks::Gopher { .. } => Protocol::Gopher,
        }
    }

    fn capsule(self) -> usize {
        match self {
            Speaks::Gemini => 0,
            Speaks::Gopher { capsule } => capsule,
        }
    }
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
    /// Connections from one network prefix: a /32 of IPv4, a /64 of IPv6.
    pub connections_per_prefix: usize,
    /// Handshakes of one prefix that may be under way at once; further ones wait their turn.
    pub handshakes_per_prefix: usize,
    /// Requests of one prefix in a second, once its burst is spent.
    pub requests_per_second: u32,
    /// Requests that one prefix may make at once.
    pub burst: u32,
    /// From where the limits per prefix do not hold.
    pub exempt: Vec<Exempt>,
}

/// Where readers of many places come from one: a proxy, a tunnel, Tor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exempt {
    Loopback,
}

impl Limits {
    /// What must be taken of a reply in every [`Limits::reply`].
    pub const PROGRESS_BYTES: usize = 30 * 1024;
}

/// Serves on these sockets until `stop` ends; then accepts no more, and gives running exchanges the time that
/// [`Limits::grace`] allows. Each exchange keeps the snapshot that was the newest when it began.
pub async fn run(
    listeners: Vec<Listener>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    stop: impl Future<Output = ()>,
    notices: Notices,
    heart: Arc<Heart>,
) -> io::Result<()> {
    let limiter = Limiter::new(places(snapshots.borrow().limits.connections));
    let (stopping, stopped) = watch::channel(());
    let trouble = Arc::<Trouble>::default();
    let parting = Arc::<Parting>::default();
    let worker = || -> io::Result<_> {
        let listeners = listeners.iter().map(Listener::again).collect::<io::Result<_>>()?;
        let worker = Worker {
            listeners,
            limiter: limiter.clone(),
            snapshots: snapshots.clone(),
            stop: stopped.clone(),
            notices: notices.clone(),
            trouble: trouble.clone(),
            heart: Arc::clone(&heart),
            closing: Arc::new(Closing::new(Arc::clone(&parting))),
        };
        worker.start()
    };
    let mut workers = JoinSet::new();
    for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
        workers.spawn(worker()?);
    }
    tokio::select! {
        () = stop => {}
        () = forget_in_time(&limiter) => {}
        gone = worker::staff(&mut workers, &worker) => return Err(gone),
    }
    drop((listeners, stopped));
    notices.say(Notice::Stopping);
    drop(stopping);
    workers.join_all().await;
    Ok(())
}

/// Keeps nothing of a prefix for longer than two generations.
async fn forget_in_time(limiter: &Limiter) {
    loop {
        tokio::time::sleep(GENERATION).await;
        limiter.forget_the_old();
    }
}

/// Raises the soft limit of open files to the hard one and gives back what it is then. A quarter of it is for
/// connections: each may need a file beside its socket, and the rest of the program needs some too.
fn places(wanted: usize) -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let current = match rustix::process::setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    // No limit is said as none.
    let quarter = current.map_or(usize::MAX, |files| usize::try_from(files / 4).unwrap_or(usize::MAX));
    wanted.min(quarter).max(1)
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
            connections_per_prefix: 32,
            handshakes_per_prefix: 8,
            requests_per_second: 20,
            burst: 60,
            exempt: vec![Exempt::Loopback],
        }
    }
}
