//! What wakes a running server: a change of the sources, the time of the next change, a signal, a day that is over.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, Interval, interval_at};

use crate::watch::Changes;

/// A timer is set no further ahead, so that a clock put forward or back is noticed.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How often the operator is reminded of what does not mend itself.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    Content,
    Reload,
    /// A day has gone by since the start, or since the last time.
    Day,
    Stop,
}

/// All that is waited for.
pub(super) struct Wakes {
    changes: Changes,
    reloads: Signal,
    daily: Interval,
    pub(super) ends: Ends,
}

/// SIGTERM and SIGINT.
pub(super) struct Ends([Signal; 2]);

impl Wakes {
    pub(super) fn new(changes: Changes) -> io::Result<Wakes> {
        Wakes::every(DAY, changes)
    }

    fn every(day: Duration, changes: Changes) -> io::Result<Wakes> {
        let ends = Ends([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?]);
        let daily = interval_at(Instant::now() + day, day);
        Ok(Wakes { changes, reloads: signal(SignalKind::hangup())?, daily, ends })
    }

    /// The next event, where the content differs by itself at this time.
    pub(super) async fn next(&mut self, next_change: Option<Timestamp>) -> Event {
        loop {
            let wait = next_change.map_or(LONGEST_WAIT, |next| {
                let left = next.duration_since(Timestamp::now());
                Duration::try_from(left).unwrap_or_default().min(LONGEST_WAIT)
            });
            tokio::select! {
                () = self.ends.come() => return Event::Stop,
                Some(()) = self.reloads.recv() => return Event::Reload,
                () = self.changes.next() => return Event::Content,
                _ = self.daily.tick() => return Event::Day,
                () = tokio::time::sleep(wait) => {
                    if next_change.is_some_and(|next| next <= Timestamp::now()) {
                        return Event::Content;
                    }
                }
            }
        }
    }
}

impl Ends {
    /// Ends when the server should.
    pub(super) async fn come(&mut self) {
        let [terminate, interrupt] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn days_go_by_and_the_time_of_a_change_comes() {
        let mut wakes = Wakes::every(Duration::from_millis(1), Changes::of(&[])).unwrap();
        assert_eq!(wakes.next(None).await, Event::Day);
        assert_eq!(wakes.next(None).await, Event::Day, "and again");
        let mut wakes = Wakes::new(Changes::of(&[])).unwrap();
        assert_eq!(wakes.next(Some(Timestamp::now())).await, Event::Content);
    }
}
