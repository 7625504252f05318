//! `maquis serve`: from settings to a running server, and everything that changes while it runs.
//!
//! Start-up is a straight line: configuration, sockets, the user who runs, certificates, folders and store, sandbox, content,
//! runtime. A change of the sources makes a new snapshot; SIGHUP reads configuration and certificates again.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use super::identities::{Identities, Keys};
use super::manager::Manager;
use super::{Asked, Error, Ports, chain, counts, fixed, listening, privilege, sources};
use crate::config::{Reads, Settings, Surroundings};
use crate::memory;
use crate::notice::{Notice, Notices, Printer};
use crate::publish::{Published, Publisher};
use crate::sandbox::{self, Needs, Policy};
use crate::server::counts::{Counts, Names};
use crate::server::heart::Heart;
use crate::server::{self, Counting, Listener, Snapshot, tls};
use crate::store;
use crate::store::Store;
use crate::watch::Changes;

/// What could not be published is tried again after so long, and then ever more seldom, up to [`LONGEST_WAIT`]: a disk
/// that was full may have room again, and no change of the sources would tell.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// A timer is set no further ahead, so that a clock put forward or back is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Serves until SIGINT or SIGTERM.
pub fn run(asked: Asked) -> Result<(), Error> {
    let (notices, waiting) = Notices::waiting();
    let (serving, listeners) = match prepare(asked, &notices) {
        Ok(prepared) => prepared,
        Err(error) => {
            // What was said on the way here is true still: a key pair that was made, say.
            waiting.flush();
            return Err(error);
        }
    };
    let printing = waiting.start().map_err(Error::io("no thread can be started"))?;
    notices.take_over_panics();
    drop(notices);
    let ended = serving.go(listeners);
    finish(printing);
    ended
}

/// Everything up to the sandbox, on the one thread there is.
fn prepare(asked: Asked, notices: &Notices) -> Result<(Serving, Vec<Listener>), Error> {
    let around = Surroundings::here();
    let settings = asked.settings(&around)?;
    let (listeners, ports) = listening::open(&settings, notices)?;
    listening::announce(&settings, &listeners, notices)?;
    let manager = Manager::connect()?;
    let around = privilege::give_up_root(&settings, &listeners, around, notices)?;
    let identities = Identities::load(&settings, notices, Keys::Make)?;
    let store = open_store(&around)?;
    let publisher = Publisher::new(identities.vouch(sources(&settings, &ports)), store)?;
    let policy = listening::policy(&settings, &listeners);
    confine(policy, &needs(&settings, &asked, &around)?, notices)?;
    memory::give_back_from_now_on();
    let serving = Serving {
        asked,
        around,
        settings,
        publisher: Some(publisher),
        identities,
        ports,
        state: 0,
        replaced: Vec::new(),
        notices: notices.clone(),
        manager,
        status: String::new(),
        counts: Arc::default(),
        failing: None,
    };
    Ok((serving, listeners))
}

/// The page store has a folder of its own, the only one that stays writable.
fn store_folder(around: &Surroundings) -> Result<PathBuf, Error> {
    Ok(around.state_folder()?.join("store"))
}

/// What serving takes of the file system.
fn needs(settings: &Settings, asked: &Asked, around: &Surroundings) -> Result<Needs, Error> {
    let mut read: Vec<PathBuf> = settings.capsules.iter().map(|capsule| capsule.source.clone()).collect();
    read.push(settings.gemini.certificates.clone());
    read.extend(asked.config_folder());
    Ok(Needs { read, write: vec![store_folder(around)?] })
}

/// Enters the sandbox; what it leaves open is said.
fn confine(policy: Policy, needs: &Needs, notices: &Notices) -> Result<(), Error> {
    let confinement = sandbox::enter(policy, needs)?;
    match policy {
        Policy::Off => notices.say(Notice::Unconfined { what: "everything, because sandbox = \"off\"".into() }),
        Policy::Require | Policy::Prefer if confinement.open().is_empty() => {}
        Policy::Require | Policy::Prefer => notices.say(Notice::Unconfined { what: confinement.open().join(", ") }),
    }
    Ok(())
}

fn open_store(around: &Surroundings) -> Result<Store, Error> {
    let folder = store_folder(around)?;
    let cannot = || {
        Error::io(format!(
            "{}: the page store cannot be kept there; let the user who runs maquis write it",
            folder.display()
        ))
    };
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(cannot())?;
    Store::open(&folder.join("pages"), store::fingerprint()).map_err(cannot())
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::io("no thread can be started"))
}

fn finish(printing: Printer) {
    // The hook holds notices; printing ends when the last is gone.
    let _hook = std::panic::take_hook();
    printing.finish();
}

/// A running server and what it was made from.
struct Serving {
    asked: Asked,
    around: Surroundings,
    settings: Settings,
    /// Away while it works on a thread of its own.
    publisher: Option<Publisher>,
    identities: Identities,
    ports: Ports,
    /// Tells one published state from another.
    state: u64,
    /// Source folders that are known to be swapped.
    replaced: Vec<String>,
    notices: Notices,
    manager: Manager,
    /// What the service manager shows of it.
    status: String,
    /// Reads of the day that runs, where they are counted.
    counts: Arc<Counts>,
    /// Why the content cannot be published as it is now: said once.
    failing: Option<Failing>,
}

struct Failing {
    reason: String,
    /// What was shown before.
    status: String,
    retry: Duration,
}

/// What wakes a running server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Content,
    Reload,
    Stop,
}

impl Serving {
    /// From the first state on, until the end.
    fn go(mut self, listeners: Vec<Listener>) -> Result<(), Error> {
        let randomness = tls::draw_first_randomness();
        // Watched before they are read, so that no change falls between the two.
        let changes = Changes::of(&self.publisher.as_ref().map(Publisher::folders).unwrap_or_default());
        let published = self.first()?;
        let _drawn = randomness.join();
        runtime()?.block_on(self.serve(listeners, changes, published))
    }

    fn first(&mut self) -> Result<Published, Error> {
        let Some(publisher) = &mut self.publisher else { return Err(lost()) };
        Ok(publisher.publish(Timestamp::now(), &|_, _| {})?)
    }

    /// What the operator should know of the first state.
    fn say_first(&self, published: &Published) {
        let (pages, problems) = (published.tally(), published.problems.len());
        self.settings
            .warnings
            .iter()
            .for_each(|warning| self.notices.say(Notice::Configuration { text: warning.clone() }));
        for capsule in &published.capsules {
            self.notices.say(Notice::Found {
                title: capsule.title.clone(),
                layout: capsule.layout,
                pages: capsule.pages,
            });
        }
        self.notices.say(Notice::Published { pages, problems });
        self.notices.say_problems(published.problems.clone());
    }

    async fn serve(
        mut self,
        listeners: Vec<Listener>,
        mut changes: Changes,
        published: Published,
    ) -> Result<(), Error> {
        let cannot = || Error::io("signals cannot be received");
        let mut reloads = signal(SignalKind::hangup()).map_err(cannot())?;
        let mut ends =
            [signal(SignalKind::terminate()).map_err(cannot())?, signal(SignalKind::interrupt()).map_err(cannot())?];
        let mut next_change = published.next_change;
        self.state = published.state;
        self.say_first(&published);
        self.status = in_short(&published);
        let (sender, snapshots) = watch::channel(Arc::new(self.snapshot(published)));
        let (stop, stopped) = oneshot::channel::<()>();
        let until = async {
            let _dropped = stopped.await;
        };
        let heart = Heart::watched(self.manager.watchdog());
        let server = tokio::spawn(server::run(listeners, snapshots, until, self.notices.clone(), Arc::clone(&heart)));
        let _watch = tokio::spawn(self.manager.clone().watch(heart));
        let _keeper = tokio::spawn(counts::keep(Arc::clone(&self.counts), counts::file(&store_folder(&self.around)?)));
        self.manager.ready(&self.status);
        loop {
            let event = next_event(&mut changes, next_change, &mut reloads, &mut ends).await;
            let renewed = match event {
                Event::Stop => break,
                Event::Content => self.republish(&mut ends).await,
                Event::Reload => {
                    self.manager.reloading();
                    self.reload(&mut ends).await
                }
            };
            match renewed {
                Renewed::Stop => break,
                Renewed::Same { next } => next_change = next,
                Renewed::Refused => {}
                Renewed::Kept { retry } => next_change = Timestamp::now().checked_add(retry).ok(),
                Renewed::New(published, notice) => {
                    next_change = published.next_change;
                    self.renew(*published, notice, &sender);
                }
            }
            match event {
                Event::Reload => self.manager.ready(&self.status),
                Event::Content => self.manager.status(&self.status),
                Event::Stop => {}
            }
        }
        self.manager.stopping();
        drop(stop);
        match server.await {
            Ok(ended) => ended.map_err(Error::io("the server cannot go on")),
            Err(_) => Err(lost()),
        }
    }

    /// Puts a new state in force, and says so when it is true.
    fn renew(&mut self, published: Published, notice: Notice, sender: &watch::Sender<Arc<Snapshot>>) {
        self.state = published.state;
        self.failing = None;
        self.status = in_short(&published);
        let problems = published.problems.clone();
        sender.send_replace(Arc::new(self.snapshot(published)));
        self.notices.say(notice);
        self.notices.say_problems(problems);
    }

    fn snapshot(&self, published: Published) -> Snapshot {
        let counting = match self.settings.reads {
            Reads::NotCounted => {
                self.counts.forget();
                None
            }
            Reads::Counted => Some(Counting { counts: Arc::clone(&self.counts), names: Names::of(&published.site) }),
        };
        Snapshot {
            site: published.site,
            pages: published.pages,
            roots: published.roots,
            tls: Arc::clone(&self.identities.tls),
            limits: self.settings.limits.clone(),
            advertised_port: self.settings.gemini.port,
            counting,
        }
    }

    /// The content as it is now, published beside the running server.
    async fn republish(&mut self, ends: &mut [Signal; 2]) -> Renewed {
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

    async fn publish(&mut self, ends: &mut [Signal; 2]) -> Option<Result<Published, Error>> {
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
            () = ended(ends) => None,
        }
    }

    /// Reads configuration and certificates again. What cannot change keeps its old value and is named.
    async fn reload(&mut self, ends: &mut [Signal; 2]) -> Renewed {
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

/// What came of looking again.
enum Renewed {
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

async fn next_event(
    changes: &mut Changes,
    next_change: Option<Timestamp>,
    reloads: &mut Signal,
    ends: &mut [Signal; 2],
) -> Event {
    let mut due = false;
    while !due {
        let wait = next_change.map_or(LONGEST_WAIT, |next| {
            let left = next.duration_since(Timestamp::now());
            Duration::try_from(left).unwrap_or_default().min(LONGEST_WAIT)
        });
        tokio::select! {
            () = ended(ends) => return Event::Stop,
            Some(()) = reloads.recv() => return Event::Reload,
            () = changes.next() => return Event::Content,
            () = tokio::time::sleep(wait) => due = next_change.is_some_and(|next| next <= Timestamp::now()),
        }
    }
    Event::Content
}

fn in_short(published: &Published) -> String {
    Notice::Published { pages: published.tally(), problems: published.problems.len() }.to_string()
}

async fn ended([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn lost() -> Error {
    Error::Io {
        what: "publishing ended in a fault of maquis's own; please report it".into(),
        source: std::io::Error::other("a panic"),
    }
}
