//! A running server: its first state, then the loop of what wakes it, until the end.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use super::events::{Event, Wakes};
use super::renewal::Renewed;
use super::{lost, store_folder};
use crate::command::identities::Identities;
use crate::command::manager::Manager;
use crate::command::{Asked, Error, Ports, counts};
use crate::config::{Reads, Settings, Surroundings};
use crate::notice::{Notice, Notices};
use crate::publish::{Published, Publisher};
use crate::server::counts::{Counts, Names};
use crate::server::heart::Heart;
use crate::server::{self, Counting, Listener, Snapshot, tls};
use crate::watch::Changes;

/// A running server and what it was made from.
pub(super) struct Serving {
    pub(super) asked: Asked,
    pub(super) around: Surroundings,
    pub(super) settings: Settings,
    /// Away while it works on a thread of its own.
    pub(super) publisher: Option<Publisher>,
    pub(super) identities: Identities,
    pub(super) ports: Ports,
    /// Tells one published state from another.
    pub(super) state: u64,
    /// Source folders that are known to be swapped.
    pub(super) replaced: Vec<String>,
    pub(super) notices: Notices,
    pub(super) manager: Manager,
    /// What the service manager shows of it.
    pub(super) status: String,
    /// Reads of the day that runs, where they are counted.
    pub(super) counts: Arc<Counts>,
    /// Why the content cannot be published as it is now: said once.
    pub(super) failing: Option<Failing>,
}

pub(super) struct Failing {
    pub(super) reason: String,
    /// What was shown before.
    pub(super) status: String,
    pub(super) retry: Duration,
}

impl Serving {
    /// From the first state on, until the end.
    pub(super) fn go(mut self, listeners: Vec<Listener>) -> Result<(), Error> {
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

    async fn serve(mut self, listeners: Vec<Listener>, changes: Changes, published: Published) -> Result<(), Error> {
        let mut wakes = Wakes::new(changes).map_err(Error::io("signals cannot be received"))?;
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
            let event = wakes.next(next_change).await;
            let renewed = match event {
                Event::Stop => break,
                Event::Day => {
                    self.identities.remind(Timestamp::now().as_second(), &self.notices);
                    continue;
                }
                Event::Content => self.republish(&mut wakes.ends).await,
                Event::Reload => {
                    self.manager.reloading();
                    self.reload(&mut wakes.ends).await
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
                Event::Day | Event::Stop => {}
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
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::io("no thread can be started"))
}

fn in_short(published: &Published) -> String {
    Notice::Published { pages: published.tally(), problems: published.problems.len() }.to_string()
}
