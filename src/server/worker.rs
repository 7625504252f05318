//! One thread that serves: all listening sockets, and the exchanges that it accepts, from their first byte to their last.
//!
//! There is one for each core, each with a runtime of its own, so that no exchange is ever handed from one thread to
//! another. They share the listening sockets and the limiter, and nothing else.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::heart::Heart;
use super::limiter::Limiter;
use super::listener::{Accepting, Trouble};
use super::{Listener, Snapshot};
use crate::notice::Notices;

/// Threads of one worker that may wait for disks. What they wait for is a file: pages come from the store.
const WAITING_THREADS: usize = 64;
/// When maquis stops, a reader who has just been let in has so long to send the request: with a service manager that
/// holds the sockets, an upgrade turns nobody away.
const ON_ITS_WAY: Duration = Duration::from_secs(1);
/// How long such a thread is kept for the next.
const KEPT: Duration = Duration::from_secs(5);

/// What a worker is given.
pub(super) struct Worker {
    pub(super) listeners: Vec<Listener>,
    pub(super) limiter: Arc<Limiter>,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Changes, or ends, when no more may be accepted.
    pub(super) stop: watch::Receiver<()>,
    pub(super) notices: Notices,
    pub(super) trouble: Arc<Trouble>,
    pub(super) heart: Arc<Heart>,
}

impl Worker {
    /// Starts the thread; the future ends when it has.
    pub(super) fn start(mut self) -> io::Result<impl Future<Output = ()> + use<>> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(WAITING_THREADS)
            .thread_keep_alive(KEPT)
            .build()?;
        let accepting: Vec<Accepting> = {
            let _entered = runtime.enter();
            let listeners = std::mem::take(&mut self.listeners);
            listeners.into_iter().map(|listener| self.accepting(listener)).collect::<io::Result<_>>()?
        };
        let (ending, ended) = oneshot::channel::<()>();
        thread::Builder::new().name("serving".into()).spawn(move || {
            // Dropped with the thread, whichever way it ends.
            let _ending = ending;
            self.serve(runtime, accepting);
        })?;
        Ok(async {
            let _ended = ended.await;
        })
    }

    fn accepting(&self, Listener { socket, speaks }: Listener) -> io::Result<Accepting> {
        socket.set_nonblocking(true)?;
        Ok(Accepting {
            port: socket.local_addr()?.port(),
            listener: tokio::net::TcpListener::from_std(socket)?,
            speaks,
            limiter: self.limiter.clone(),
            snapshots: self.snapshots.clone(),
            stop: self.stop.clone(),
            notices: self.notices.clone(),
            trouble: self.trouble.clone(),
        })
    }

    fn serve(self, runtime: Runtime, accepting: Vec<Accepting>) {
        let Worker { limiter, snapshots, heart, .. } = self;
        runtime.block_on(async {
            let _beats = tokio::spawn(heart.beat());
            let accepting: JoinSet<()> = accepting.into_iter().map(Accepting::run).collect();
            accepting.join_all().await;
            let grace = snapshots.borrow().limits.grace;
            let moment = ON_ITS_WAY.min(grace);
            if tokio::time::timeout(moment, limiter.deserted()).await.is_err() {
                // A connection on which nothing has been asked by now is no exchange.
                limiter.dismiss_waiting();
                // What is left after that is dropped with the runtime.
                let _in_time = tokio::time::timeout(grace - moment, limiter.deserted()).await;
            }
        });
        // A disk that hangs holds up nobody.
        runtime.shutdown_background();
    }
}
