//! Whether every worker still works: each shows a sign now and then, and the watchdog of a service manager is told only
//! while all do. A worker whose runtime is held up by a fault shows none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// The signs of all workers.
#[derive(Default)]
pub struct Heart {
    /// How often [`Heart::beats`] is asked; never where nobody watches.
    every: Option<Duration>,
    /// Gone with their workers.
    signs: Mutex<Vec<Weak<AtomicBool>>>,
}

impl Heart {
    /// For a watchdog that asks so often.
    pub fn watched(every: Option<Duration>) -> Arc<Heart> {
        Arc::new(Heart { every, signs: Mutex::default() })
    }

    /// Whether every worker has shown a sign since this was asked before.
    pub fn beats(&self) -> bool {
        let mut signs = self.signs.lock().unwrap_or_else(PoisonError::into_inner);
        signs.retain(|sign| sign.strong_count() > 0);
        // Each is looked at: a short cut would leave old signs behind.
        signs.iter().filter_map(Weak::upgrade).filter(|sign| !sign.swap(false, Ordering::Relaxed)).count() == 0
    }

    /// What one worker does beside its work; ends at once where nobody watches.
    pub(super) fn beat(&self) -> impl Future<Output = ()> + use<> {
        let sign = Arc::new(AtomicBool::new(true));
        if self.every.is_some() {
            self.signs.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&sign));
        }
        let every = self.every;
        async move {
            // More often than it is asked, so that no sign comes late by chance.
            while let Some(every) = every {
                sign.store(true, Ordering::Relaxed);
                tokio::time::sleep(every / 3).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_worker_that_hangs_is_noticed() {
        let heart = Heart::watched(Some(Duration::from_secs(3600)));
        let [healthy, hanging] = [heart.beat(), heart.beat()];
        assert!(heart.beats(), "both have just begun");
        let healthy = tokio::spawn(healthy);
        tokio::task::yield_now().await;
        assert!(!heart.beats(), "the other has shown no sign since");
        let hanging = tokio::spawn(hanging);
        tokio::task::yield_now().await;
        assert!(!heart.beats(), "now the first has shown none: it sleeps for long");
        for worker in [healthy, hanging] {
            worker.abort();
            assert!(worker.await.is_err());
        }
        assert!(heart.beats(), "who is gone is not waited for");
    }

    #[tokio::test]
    async fn nothing_beats_where_nobody_watches() {
        let heart = Heart::watched(None);
        heart.beat().await;
        assert!(heart.beats());
    }
}
