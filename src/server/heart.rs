//! Whether every worker still works: each shows a sign now and then, and the watchdog of a service manager is told only
//! while all do. A worker whose runtime is held up by a fault shows none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The signs of all workers.
#[derive(Default)]
pub struct Heart {
    /// How often [`Heart::beats`] is asked; never where nobody watches.
    every: Option<Duration>,
    signs: Mutex<Vec<Arc<AtomicBool>>>,
}

impl Heart {
    /// For a watchdog that asks so often.
    pub fn watched(every: Option<Duration>) -> Arc<Heart> {
        Arc::new(Heart { every, signs: Mutex::default() })
    }

    /// Whether every worker has shown a sign since this was asked before.
    pub fn beats(&self) -> bool {
        let signs = self.signs.lock().unwrap_or_else(PoisonError::into_inner);
        // Each is looked at: a short cut would leave old signs behind.
        signs.iter().filter(|sign| !sign.swap(false, Ordering::Relaxed)).count() == 0
    }

    /// What one worker does beside its work; ends at once where nobody watches.
    pub(super) fn beat(&self) -> impl Future<Output = ()> + use<> {
        let sign = Arc::new(AtomicBool::new(true));
        if self.every.is_some() {
            self.signs.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&sign));
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
        healthy.abort();
        hanging.abort();
    }

    #[tokio::test]
    async fn nothing_beats_where_nobody_watches() {
        let heart = Heart::watched(None);
        heart.beat().await;
        assert!(heart.beats());
    }
}
