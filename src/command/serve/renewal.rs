//! Looking again while it serves: the content as it is now, or the configuration read anew. What cannot be published, or
//! cannot be read, leaves the old state in force.

use std::time::Duration;

use jiff::Timestamp;

use super::events::{Ends, LONGEST_WAIT};
use super::lost;
use super::running::{Failing, Serving};
use crate::command::identities::{Identities, Keys};
use crate::command::{Error, chain, fixed, sources};
use crate::notice::Notice;
use crate::publish::Published;

/// What could not be published is tried again after so long, and then ever more seldom, up to [`LONGEST_WAIT`]: a disk
/// that was full may have room again, and no change of the sources would tell.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// What came of looking again.
pub(super) enum Renewed {
    /// And what to say once it is in force.
    New(Box<Published>, Notice),
    /// Nothing differs but perhaps the time of the next change.
    Same {
        next: Option<Timestamp>,
    },
    /// A reload failed and was said; the old state stays.
    Refused,
    /// The content could not be published; the old state stays, and it is tried again.
    Kept {
        retry: Duration,
    },
    Stop,
}

impl Serving {
    /// The content as it is now, published beside the running server.
    pub(super) async fn republish(&mut self, ends: &mut Ends) -> Renewed {
        let done = self.publish(ends).await;
        if let Some(Ok(published)) = &done {
            self.name_replaced(&published.replaced);
        }
        match done {
            Some(Ok(published)) if published.state == self.state => {
                if let Some(failing) = self.failing.take() {
                    self.status = failing.status;
                }
                Renewed::Same { next: published.next_change }
            }
            Some(Ok(published)) => {
                let notice = Notice::Changed { pages: published.tally(), problems: published.problems.len() };
                Renewed::New(Box::new(published), notice)
            }
            Some(Err(error)) => self.keep(&error),
            None => Renewed::Stop,
        }
    }

    /// Each folder that was swapped is named once.
    fn name_replaced(&mut self, replaced: &[String]) {
        for folder in replaced.iter().filter(|folder| !self.replaced.contains(folder)) {
            self.notices.say(Notice::FolderReplaced { folder: folder.clone() });
        }
        self.replaced = replaced.to_vec();
    }

    async fn publish(&mut self, ends: &mut Ends) -> Option<Result<Published, Error>> {
        let mut publisher = self.publisher.take()?;
        let work = tokio::task::spawn_blocking(move || {
            // A fault must not take the publisher along: the next change is tried again.
            let attempt = || publisher.publish(Timestamp::now(), &|_, _| {});
            let published = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt));
            (publisher, published)
        });
        tokio::select! {
            done = work => {
                let Ok((publisher, published)) = done else { return Some(Err(lost())) };
                self.publisher = Some(publisher);
                Some(published.map_or_else(|_| Err(lost()), |published| published.map_err(Error::from)))
            }
            () = ends.come() => None,
        }
    }

    /// Reads configuration and certificates again. What cannot change keeps its old value and is named.
    pub(super) async fn reload(&mut self, ends: &mut Ends) -> Renewed {
        let mut settings = match self.asked.settings(&self.around) {
            Ok(settings) => settings,
            Err(error) => return self.refuse(&error.into()),
        };
        fixed::hold(&mut settings, &self.settings, &self.notices);
        let identities = match Identities::load(&settings, &self.notices, Keys::MustExist) {
            Ok(identities) => identities,
            Err(error) => return self.refuse(&error),
        };
        if let Some(publisher) = &mut self.publisher {
            publisher.update(identities.vouch(sources(&settings, &self.ports)));
        }
        match self.publish(ends).await {
            Some(Ok(published)) => {
                (self.settings, self.identities) = (settings, identities);
                Renewed::New(Box::new(published), Notice::Reloaded)
            }
            Some(Err(error)) => {
                if let Some(publisher) = &mut self.publisher {
                    publisher.update(self.identities.vouch(sources(&self.settings, &self.ports)));
                }
                self.refuse(&error)
            }
            None => Renewed::Stop,
        }
    }

    /// A reload that was asked for and failed: nothing is tried again before the next one.
    fn refuse(&mut self, error: &Error) -> Renewed {
        self.say_failed(chain(error));
        Renewed::Refused
    }

    /// Content that cannot be published: the old state serves on, until the cause is gone.
    fn keep(&mut self, error: &Error) -> Renewed {
        let reason = chain(error);
        let before = self.failing.take();
        let is_known = before.as_ref().is_some_and(|failing| failing.reason == reason);
        let (retry, status) = match before {
            Some(failing) => ((failing.retry * 2).min(LONGEST_WAIT), failing.status),
            None => (FIRST_RETRY, self.status.clone()),
        };
        if !is_known {
            self.say_failed(reason.clone());
        }
        self.failing = Some(Failing { reason, status, retry });
        Renewed::Kept { retry }
    }

    fn say_failed(&mut self, reason: String) {
        let notice = Notice::ReloadFailed { reason };
        self.status = notice.to_string();
        self.notices.say(notice);
    }
}
