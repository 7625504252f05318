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
/// A folder that is never quiet is read after so long all the same, and then, until it is quiet, ever more seldom:
/// a file that is written without end must neither keep a post from its readers nor us at work.
const PATIENCE: Duration = Duration::from_millis(600);
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);
/// How often the folders are looked at where notification works, and where it does not.
const RESCAN: Duration = Duration::from_secs(60);
const RESCAN_WITHOUT: Duration = Duration::from_millis(700);

/// The changes of some folders. What is known of them is kept here and not in a future, so that who waits may
/// give up at any moment and ask again.
pub struct Changes {
    events: mpsc::Receiver<()>,
    rescan: Duration,
    noise: Noise,
    /// When the folders are looked at without having heard anything; set at the first wait.
    look: Option<Instant>,
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
        Changes { events, rescan, noise: Noise::new(), look: None, _watcher: watcher.ok() }
    }

    /// Ends when the folders may have changed and are quiet, or when it is time to look. May be dropped and
    /// called again without losing a change.
    pub async fn next(&mut self) {
        let look = *self.look.get_or_insert_with(|| Instant::now() + self.rescan);
        loop {
            let until = self.noise.until().unwrap_or(look);
            match timeout_at(until, self.events.recv()).await {
                Ok(Some(())) => self.noise.hear(Instant::now()),
                // The watcher is gone: only looking is left.
                Ok(None) => {
                    sleep_until(until).await;
                    break;
                }
                Err(_) => break,
            }
        }
        self.noise.told();
        self.look = None;
    }
}

/// What was heard that nobody has been told.
struct Noise {
    /// When it was heard last, and when it must be told at the latest.
    heard: Option<(Instant, Instant)>,
    /// How long quiet is waited for.
    patience: Duration,
}

impl Noise {
    fn new() -> Noise {
        Noise { heard: None, patience: PATIENCE }
    }

    fn hear(&mut self, now: Instant) {
        let (last, latest) = self.heard.get_or_insert((now, now + self.patience));
        *last = now.min(*latest);
    }

    /// When it is to be told, should nothing be heard until then.
    fn until(&self) -> Option<Instant> {
        self.heard.map(|(last, latest)| (last + QUIET).min(latest))
    }

    fn told(&mut self) {
        let was_quiet = self.heard.take().is_none_or(|(last, latest)| last + QUIET <= latest);
        self.patience = if was_quiet { PATIENCE } else { (self.patience * 2).min(LONGEST_PATIENCE) };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_told_although_the_first_who_asked_gave_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut changes = Changes::of(&[folder.path().to_owned()]);
        std::fs::write(folder.path().join("a.md"), "x").unwrap();
        // Gives up at every moment of the wait, and asks again.
        let told = async { while tokio::time::timeout(Duration::from_millis(1), changes.next()).await.is_err() {} };
        assert!(tokio::time::timeout(Duration::from_secs(30), told).await.is_ok());
    }

    /// How long each of eight changes waited to be told, with something to hear at every `step`.
    fn waits(noise: &mut Noise, step: Duration) -> Vec<Duration> {
        let mut now = Instant::now();
        let one = |_| {
            let began = now;
            noise.hear(now);
            while noise.until().is_some_and(|until| now + step < until) {
                now += step;
                noise.hear(now);
            }
            now = noise.until().unwrap();
            noise.told();
            now - began
        };
        (0..8).map(one).collect()
    }

    #[test]
    fn a_folder_that_is_never_quiet_is_read_at_a_bound_and_ever_more_seldom() {
        let mut noise = Noise::new();
        let seconds = |wait: &Duration| wait.as_secs_f64();
        let never_quiet = waits(&mut noise, QUIET / 3);
        assert_eq!(never_quiet.iter().map(seconds).collect::<Vec<_>>(), [0.6, 1.2, 2.4, 4.8, 9.6, 10.0, 10.0, 10.0]);
        let now_and_then = waits(&mut noise, QUIET * 2);
        assert!(now_and_then.iter().all(|wait| *wait == QUIET), "{now_and_then:?}");
    }
}
