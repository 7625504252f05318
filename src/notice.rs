//! Everything that is ever printed while serving: a closed list, for the operator.
//!
//! No variant can hold an address, a path, a query or a certificate of a reader, so none can be printed. A notice
//! that cannot be written (a closed or a full pipe) is dropped and counted; serving goes on.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use crate::content::Problem;
use crate::publish::Tally;
use crate::server::certificate::{Fingerprints, Warning};
use crate::source::Layout;

/// One line, or a few that belong together.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A socket is open; printed first, so that tests and scripts can read the port.
    Listening { scheme: &'static str, host: String, port: u16 },
    /// The same of a socket in the file system.
    ListeningAt { scheme: &'static str, host: String, socket: String },
    /// This machine has no IPv6; the default IPv6 address is not served.
    Ipv6LeftOut,
    /// Something in the configuration is allowed and unlikely to be meant.
    Configuration { text: String },
    /// What a source folder is.
    Found { title: String, layout: Layout, pages: Tally },
    /// What is published at the start.
    Published { pages: Tally, problems: usize },
    /// How clients show the identity of a host.
    Identity { host: String, fingerprints: Fingerprints },
    /// A key pair is new.
    KeyPairMade { host: String },
    /// A certificate was missing beside its key.
    CertificateMade { host: String },
    /// An identity works and has a flaw.
    Certificate(Warning),
    /// An author's file has a flaw.
    Problem(Problem),
    /// There are more problems than are printed.
    MoreProblems { count: usize },
    /// The source folder changed and the new state is live.
    Changed { pages: Tally, problems: usize },
    /// The configuration was read again and is in force.
    Reloaded,
    /// The configuration or the content could not be read again; the old state serves on.
    ReloadFailed { reason: String },
    /// A key of the configuration changed that a reload cannot apply.
    RestartToApply { key: String },
    /// Another folder stands at the path of a source; the one that was opened at start is still served.
    FolderReplaced { folder: String },
    /// The kernel does not confine this process, or not wholly.
    Unconfined { what: String },
    /// Connections cannot be accepted for now.
    AcceptFailing { reason: String },
    /// An exchange, or a publication, ended in a fault of maquis's own.
    Fault { place: String },
    /// The server ends.
    Stopping,
    /// Notices that could not be written.
    Dropped { count: u64 },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Listening { scheme, host, port } if host.contains(':') => write!(f, "{scheme}://[{host}]:{port}/"),
            Notice::Listening { scheme, host, port } => write!(f, "{scheme}://{host}:{port}/"),
            Notice::ListeningAt { scheme, host, socket } if host.contains(':') => {
                write!(f, "{scheme}://[{host}]/ on {socket}")
            }
            Notice::ListeningAt { scheme, host, socket } => write!(f, "{scheme}://{host}/ on {socket}"),
            Notice::Ipv6LeftOut => f.write_str("this machine has no IPv6: serving over IPv4 only"),
            Notice::Configuration { text } => f.write_str(text),
            Notice::Found { title, layout, pages } => {
                write!(f, "{title}: {} layout, {}", layout.name(), counts(*pages, 0))
            }
            Notice::Published { pages, problems } => write!(f, "{}", counts(*pages, *problems)),
            Notice::Identity { host, fingerprints } => {
                writeln!(f, "{host}: certificate SHA-256 {}", fingerprints.certificate.hex())?;
                write!(f, "{host}: public key  SHA-256 {}", fingerprints.public_key.hex())
            }
            Notice::KeyPairMade { host } => {
                write!(f, "{host}: made a new key pair; keep a copy, readers' trust is bound to it")
            }
            Notice::CertificateMade { host } => write!(f, "{host}: made a new certificate from the key that was there"),
            Notice::Certificate(warning) => write!(f, "{warning}"),
            Notice::Problem(problem) => write!(f, "{problem}"),
            Notice::MoreProblems { count } => write!(f, "{count} more: maquis check"),
            Notice::Changed { pages, problems } => write!(f, "content changed: {}", counts(*pages, *problems)),
            Notice::Reloaded => f.write_str("configuration reloaded"),
            Notice::ReloadFailed { reason } => write!(f, "reload failed, the old state serves on: {reason}"),
            Notice::RestartToApply { key } => write!(f, "{key} changed: restart to apply"),
            Notice::FolderReplaced { folder } => {
                write!(f, "{folder} was replaced by another folder, the old one is still served: restart to apply")
            }
            Notice::Unconfined { what } => write!(f, "not confined: {what}"),
            Notice::AcceptFailing { reason } => write!(f, "connections cannot be accepted for now: {reason}"),
            Notice::Fault { place } => {
                write!(
                    f,
                    "a fault in maquis at {place}; what it was busy with is lost, all else goes on; please report it"
                )
            }
            Notice::Stopping => f.write_str("stopping"),
            Notice::Dropped { count } => write!(f, "{count} notices could not be written"),
        }
    }
}

fn counts(pages: Tally, problems: usize) -> String {
    match problems {
        0 => pages.to_string(),
        1 => format!("{pages}, 1 problem (maquis check)"),
        _ => format!("{pages}, {problems} problems (maquis check)"),
    }
}

impl Notice {
    /// Facts go to standard output, what asks for the operator's hand to standard error.
    fn write(&self) -> io::Result<()> {
        match self {
            Notice::Listening { .. }
            | Notice::ListeningAt { .. }
            | Notice::Found { .. }
            | Notice::Published { .. }
            | Notice::Identity { .. }
            | Notice::KeyPairMade { .. }
            | Notice::CertificateMade { .. }
            | Notice::Changed { .. }
            | Notice::Reloaded
            | Notice::Stopping => line(&mut io::stdout().lock(), self),
            Notice::Ipv6LeftOut
            | Notice::Configuration { .. }
            | Notice::Certificate(_)
            | Notice::Problem(_)
            | Notice::MoreProblems { .. }
            | Notice::ReloadFailed { .. }
            | Notice::RestartToApply { .. }
            | Notice::FolderReplaced { .. }
            | Notice::Unconfined { .. }
            | Notice::AcceptFailing { .. }
            | Notice::Fault { .. }
            | Notice::Dropped { .. } => line(&mut io::stderr().lock(), self),
        }
    }
}

fn line(out: &mut impl Write, notice: &Notice) -> io::Result<()> {
    out.write_all(format!("{notice}\n").as_bytes())?;
    out.flush()
}

/// Where notices go. Cheap to clone; saying something never blocks and never fails.
#[derive(Clone)]
pub struct Notices {
    queue: SyncSender<Notice>,
    dropped: Arc<AtomicU64>,
}

/// Notices that wait to be printed: no thread may start before the sandbox is entered.
pub struct Waiting {
    queue: Receiver<Notice>,
    dropped: Arc<AtomicU64>,
}

/// The thread that prints; ask it to finish before the process ends.
pub struct Printer {
    done: Receiver<()>,
}

/// How many problems are printed at once: more than anybody reads while serving.
const MOST_PROBLEMS: usize = 20;

/// What may wait for a slow reader of our output.
const QUEUE: usize = 1024;

/// How long the end of the process waits for one that reads nothing.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Notices {
    /// Notices that are printed once [`Waiting::start`] is called.
    pub fn waiting() -> (Notices, Waiting) {
        let (notices, queue) = Notices::collected();
        let dropped = notices.dropped.clone();
        (notices, Waiting { queue, dropped })
    }

    /// Notices that are handed to the caller; tests read them.
    pub fn collected() -> (Notices, Receiver<Notice>) {
        let (queue, collected) = mpsc::sync_channel(QUEUE);
        (Notices { queue, dropped: Arc::default() }, collected)
    }

    /// Says the worst problems, and how many there are beside them.
    pub fn say_problems(&self, mut problems: Vec<Problem>) {
        problems.sort_by_key(|problem| problem.kind.severity());
        let count = problems.len().saturating_sub(MOST_PROBLEMS);
        problems.into_iter().take(MOST_PROBLEMS).for_each(|problem| self.say(Notice::Problem(problem)));
        if count > 0 {
            self.say(Notice::MoreProblems { count });
        }
    }

    /// Says it, if there is room to.
    pub fn say(&self, notice: Notice) {
        match self.queue.try_send(notice) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// From now on a panic is a [`Notice::Fault`]: the standard message could hold a reader's bytes.
    pub fn take_over_panics(&self) {
        let notices = self.clone();
        std::panic::set_hook(Box::new(move |panic| {
            // A place in our source or a dependency's; the panic's own words are not looked at.
            let place = panic.location().map_or("an unknown place".to_owned(), ToString::to_string);
            notices.say(Notice::Fault { place });
        }));
    }
}

impl Waiting {
    /// Prints them, by a thread of its own: a full pipe holds up nobody else.
    pub fn start(self) -> io::Result<Printer> {
        let (ended, done) = mpsc::channel();
        thread::Builder::new().name("notices".into()).spawn(move || {
            // Dropped when the queue ends: that is what `Printer::finish` waits for.
            let _ended = ended;
            for notice in self.queue {
                print(&notice, &self.dropped);
            }
        })?;
        Ok(Printer { done })
    }

    /// Prints what waits and ends: the process cannot go on.
    pub fn flush(self) {
        self.queue.try_iter().for_each(|notice| print(&notice, &self.dropped));
    }
}

impl Printer {
    /// Waits until all is printed, or for a moment where nobody reads. Every [`Notices`] must be gone by then.
    pub fn finish(self) {
        let _ended = self.done.recv_timeout(LAST_WORDS);
    }
}

fn print(notice: &Notice, dropped: &AtomicU64) {
    let missed = dropped.swap(0, Ordering::Relaxed);
    let said_so = match missed {
        0 => Ok(()),
        count => Notice::Dropped { count }.write(),
    };
    if said_so.and_then(|()| notice.write()).is_err() {
        dropped.fetch_add(missed + 1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_as_sentences() {
        let text = |notice: Notice| notice.to_string();
        assert_eq!(
            text(Notice::Listening { scheme: "gemini", host: "::1".into(), port: 1965 }),
            "gemini://[::1]:1965/"
        );
        assert_eq!(
            text(Notice::Listening { scheme: "gemini", host: "localhost".into(), port: 7 }),
            "gemini://localhost:7/"
        );
        assert_eq!(text(Notice::Published { pages: Tally { posts: 1, others: 0 }, problems: 0 }), "1 post");
        assert_eq!(
            text(Notice::Changed { pages: Tally { posts: 9, others: 11 }, problems: 1 }),
            "content changed: 9 posts, 11 pages, 1 problem (maquis check)"
        );
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let (notices, _unread) = Notices::collected();
        for _ in 0..QUEUE + 3 {
            notices.say(Notice::Reloaded);
        }
        assert_eq!(notices.dropped.load(Ordering::Relaxed), 3);
    }
}
