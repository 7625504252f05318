//! Watching the source folders: that something changed, never what.
//!
//! File notification, gathered until a moment of quiet, so that a half-written post is not read; where
//! notification cannot be had, and now and then in any case, the folders are looked at again.

use std::path::PathBuf;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

/// No event for so long: the author's program is done writing.
const QUIET: Duration = Duration::from_millis(150);
/// A folder that is never quiet is read after so long all the same.
const PATIENCE: Duration = Duration::from_millis(600);
/// How often the folders are looked at where notification works, and where it does not.
const RESCAN: Duration = Duration::from_secs(60);
const RESCAN_WITHOUT: Duration = Duration::from_millis(700);

/// The changes of some folders.
pub struct Changes {
    events: mpsc::Receiver<()>,
    rescan: Duration,
    /// Kept, because it stops when it is dropped.
    _watcher: Option<RecommendedWatcher>,
}

impl Changes {
    /// Watches folders with all that is in them.
    pub fn of(folders: &[PathBuf]) -> Changes {
        // One waiting event says all there is to say.
        let (sender, events) = mpsc::channel(1);
        let heard = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| event.need_rescan() || is_change(event.kind)) {
                let _already_waiting = sender.try_send(());
            }
        };
        let watcher = notify::recommended_watcher(heard).and_then(|mut watcher| {
            folders.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))?;
            Ok(watcher)
        });
        let rescan = if watcher.is_ok() { RESCAN } else { RESCAN_WITHOUT };
        Changes { events, rescan, _watcher: watcher.ok() }
    }

    /// Ends when the folders may have changed and are quiet, or when it is time to look.
    pub async fn next(&mut self) {
        let look = Instant::now() + self.rescan;
        tokio::select! {
            event = self.events.recv() => match event {
                Some(()) => self.quiet().await,
                // The watcher is gone: only looking is left.
                None => sleep_until(look).await,
            },
            () = sleep_until(look) => {}
        }
    }

    async fn quiet(&mut self) {
        let latest = Instant::now() + PATIENCE;
        loop {
            let quiet = (Instant::now() + QUIET).min(latest);
            if timeout_at(quiet, self.events.recv()).await.is_err() || Instant::now() >= latest {
                return;
            }
        }
    }
}

/// Reading is no change; our own reading must not wake us.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}
