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

use super::closing::Closing;
use super::heart::Heart;
use super::limiter::Limiter;
use super::listener::{Accepting, Listening, Trouble};
use super::{Listener, Snapshot};
use crate::notice::Notices;

/// Threads of one worker that may wait for disks. What they wait for is a file: pages come from the store.
const WAITING_THREADS: usize = 64;
/// When maquis stops, a reader who has just been let in has so long to send the request: with a service manager that
/// holds the sockets, an upgrade turns nobody away.
const ON_ITS_WAY: Duration = Duration::from_secs(1);
/// Before a loop that ended in a fault begins again.
const PAUSE: Duration = Duration::from_millis(100);
/// Before a thread that could not be started is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
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
    pub(super) closing: Arc<Closing>,
}

impl Worker {
    /// Starts the thread; the future ends when it has.
    pub(super) fn start(self) -> io::Result<impl Future<Output = ()> + use<>> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(WAITING_THREADS)
            .thread_keep_alive(KEPT)
            .build()?;
        let accepting: Vec<Accepting> = {
            let _entered = runtime.enter();
            self.listeners.iter().map(|listener| self.accepting(listener)).collect::<io::Result<_>>()?
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

    fn accepting(&self, listener: &Listener) -> io::Result<Accepting> {
        let Listener { socket, speaks } = listener.again()?;
        socket.set_nonblocking()?;
        Ok(Accepting {
            port: socket.address().map_or(speaks.protocol().port(), |address| address.port()),
            listener: Listening::of(socket)?,
            speaks,
            limiter: self.limiter.clone(),
            snapshots: self.snapshots.clone(),
            stop: self.stop.clone(),
            notices: self.notices.clone(),
            trouble: self.trouble.clone(),
            closing: Arc::clone(&self.closing),
        })
    }

    fn serve(self, runtime: Runtime, accepting: Vec<Accepting>) {
        let worker = Arc::new(self);
        runtime.block_on(async {
            let Worker { limiter, snapshots, heart, closing, .. } = &*worker;
            let _beats = tokio::spawn(heart.beat());
            let closing = Arc::clone(closing);
            let _closes = tokio::spawn(async move { closing.tend().await });
            let mut tended = JoinSet::new();
            for (index, first) in accepting.into_iter().enumerate() {
                let worker = Arc::clone(&worker);
                let again = move || worker.accepting(&worker.listeners[index]).map(Accepting::run);
                tended.spawn(tend(first.run(), again));
            }
            tended.join_all().await;
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

/// Sees to it that a socket is accepted on until the end is asked for. A fault of ours that ends its loop, which is
/// said by its place, costs neither this socket nor the exchanges that are under way.
async fn tend<F>(first: F, again: impl Fn() -> io::Result<F>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut accepting = Ok(first);
    loop {
        if let Ok(accepting) = accepting
            && tokio::spawn(accepting).await.is_ok()
        {
            return;
        }
        tokio::time::sleep(PAUSE).await;
        accepting = again();
    }
}

/// Sees to it that there are workers: only a fault of ours, which is said by its place, ends one that was not told to
/// stop, and another takes its place, as soon as one can be started. Ends where none is left and none can be started.
pub(super) async fn staff<F>(workers: &mut JoinSet<()>, another: impl Fn() -> io::Result<F>) -> io::Error
where
    F: Future<Output = ()> + Send + 'static,
{
    let (mut missing, mut pause) = (0_usize, PAUSE);
    while missing > 0 || !workers.is_empty() {
        tokio::select! {
            Some(_) = workers.join_next(), if !workers.is_empty() => {
                missing += 1;
                pause = PAUSE;
            }
            () = tokio::time::sleep(pause), if missing > 0 => match another() {
                Ok(worker) => {
                    workers.spawn(worker);
                    missing -= 1;
                }
                Err(error) if workers.is_empty() => return error,
                Err(_) => pause = LONGEST_PAUSE.min(pause * 2),
            },
        }
    }
    io::Error::other("no worker is left")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_loop_that_ends_in_a_fault_begins_again_and_one_that_was_told_to_end_does_not() {
        let begun = Arc::new(AtomicUsize::new(0));
        let accepting = |begun: Arc<AtomicUsize>| async move {
            assert!(begun.fetch_add(1, Ordering::Relaxed) >= 2, "a fault");
        };
        let tries = AtomicUsize::new(0);
        let again = || match tries.fetch_add(1, Ordering::Relaxed) {
            // No descriptor for a moment.
            1 => Err(io::ErrorKind::Other.into()),
            _ => Ok(accepting(Arc::clone(&begun))),
        };
        tend(accepting(Arc::clone(&begun)), again).await;
        assert_eq!((begun.load(Ordering::Relaxed), tries.load(Ordering::Relaxed)), (3, 3));
    }

    #[tokio::test]
    async fn a_worker_that_ended_is_replaced_while_one_can_be_started() {
        let (mut workers, begun) = (JoinSet::new(), AtomicUsize::new(0));
        workers.spawn(async {});
        let another = || match begun.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Ok(std::future::ready(())),
            _ => Err(io::Error::other("no thread")),
        };
        let gone = staff(&mut workers, another).await;
        assert_eq!((begun.load(Ordering::Relaxed), gone.to_string().as_str()), (3, "no thread"));
    }
    #[tokio::test]
    async fn one_that_could_not_be_replaced_at_once_is_replaced_later() {
        let (mut workers, tries) = (JoinSet::new(), AtomicUsize::new(0));
        // One serves on, and keeps the house open; another ends in a fault while no thread can be had.
        let (serving, until) = oneshot::channel::<()>();
        workers.spawn(async { drop(until.await) });
        workers.spawn(async {});
        let (began, replaced) = oneshot::channel::<()>();
        let began = std::sync::Mutex::new(Some(began));
        let another = || match tries.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err(io::Error::other("no thread")),
            _ => {
                drop(began.lock().unwrap().take());
                Ok(std::future::pending::<()>())
            }
        };
        tokio::select! {
            gone = staff(&mut workers, another) => panic!("{gone}"),
            _ = replaced => {}
        }
        assert_eq!(tries.load(Ordering::Relaxed), 3);
        drop(serving);
    }
}
