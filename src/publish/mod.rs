//! Publishing: the whole line from source folders to a site, once at start and after every change.
//!
//! Pass one reads the heads of sources that changed, the plan is made, and pass two converts one source at a
//! time into the page store. What has not changed, and whose links lead where they led, is taken from the
//! store. A broken post keeps its last good version and is named as a problem.

mod around;
mod body;
mod capsule;
mod included;
mod kept;
mod pass_one;
mod pass_two;
mod pictures;
pub mod plans;
mod renditions;
mod setting;
mod sources;

pub use around::Around;
pub use body::Copying;

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::capsule::{Capsule, Outcome};
use crate::content::files::FileRule;
use crate::content::masthead::{Licence, OwnWords, Web};
use crate::content::picture::Metadata;
use crate::content::redirect::Redirects;
use crate::content::{Dates, Gopher, Language, PageKind, Plan, Problem};
use crate::read::conversion::Conversion;
use crate::read::proof::{Leaving, Proof};
use crate::render::style::Style;
use crate::site::assemble::{Ingredients, assemble};
use crate::site::{Site, Stored};
use crate::source::history::HistoryError;
use crate::source::{self, History, Layout, Root, walk};
use crate::store::{Kept, Pages, Store};

/// A source folder and what the configuration says of it; what it leaves open, the generator's own
/// configuration or a default says.
#[derive(Clone, Debug)]
pub struct CapsuleSource {
    pub folder: PathBuf,
    /// The path in it of maquis's own configuration, which is not for readers.
    pub configuration: Option<String>,
    pub layout: Option<Layout>,
    pub hosts: Vec<String>,
    pub port: u16,
    pub title: Option<String>,
    pub author: Option<String>,
    pub language: Option<Language>,
    pub web: Option<Web>,
    pub timezone: Option<TimeZone>,
    pub contact: Option<String>,
    pub licence: Option<Licence>,
    /// For the capsule's own language and for others.
    pub words: Vec<OwnWords>,
    /// Gemtext above and below every page that maquis writes.
    pub header: Option<String>,
    pub footer: Option<String>,
    /// For a layout whose own configuration maquis cannot read: the folder of the posts, and the pattern of their
    /// addresses.
    pub content: Option<String>,
    pub addresses: Option<String>,
    /// Of pages that say none.
    pub dates: Dates,
    pub redirects: Redirects,
    /// How files are sent, where their names do not say it.
    pub files: Vec<FileRule>,
    /// Of pictures.
    pub metadata: Metadata,
    pub gopher: Option<Gopher>,
    pub proof: Proofreading,
    pub conversion: Arc<Conversion>,
    pub style: Style,
    /// What vouches for the keys of its hosts ([`crate::site::assemble::CONTINUITY`]).
    pub continuity: Option<Arc<[u8]>>,
}

impl CapsuleSource {
    /// A folder of which nothing else is said.
    pub fn new(folder: PathBuf, hosts: Vec<String>, port: u16) -> CapsuleSource {
        CapsuleSource {
            folder,
            configuration: None,
            layout: None,
            hosts,
            port,
            title: None,
            author: None,
            language: None,
            web: None,
            timezone: None,
            contact: None,
            licence: None,
            words: Vec::new(),
            header: None,
            footer: None,
            content: None,
            addresses: None,
            dates: Dates::default(),
            redirects: Redirects::default(),
            files: Vec::new(),
            metadata: Metadata::default(),
            gopher: None,
            proof: Proofreading::No,
            conversion: Arc::default(),
            style: Style::default(),
            continuity: None,
        }
    }
}

/// Whether pages are looked at with the eyes of a proof-reader too; those that are not read again are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proofreading {
    #[default]
    No,
    Yes,
}

/// Why nothing can be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{folder}: {text}", text = walk::unreadable(.error))]
    Folder { folder: String, error: io::Error },
    #[error("{folder}: it cannot be read; let the user who runs maquis read it (chmod o+rx)")]
    Unreadable { folder: String },
    #[error("{folder}: there is no Markdown or gemtext in it; name the folder your posts are in")]
    Empty { folder: String },
    #[error("{folder}: the configuration of {layout} is not there any more; put it back, or restart to go on without")]
    Vanished { folder: String, layout: &'static str },
    #[error("{folder}: the dates that git has of it cannot be used: {error}")]
    History { folder: String, error: HistoryError },
    #[error("{folder}/{problem}")]
    Generator { folder: String, problem: Problem },
    #[error("the page store cannot be written; make room, or let the user who runs maquis write the state folder")]
    Store(#[from] io::Error),
}

/// One state of all capsules.
pub struct Published {
    pub site: Site,
    pub pages: Pages,
    pub roots: Vec<Arc<Root>>,
    /// With paths as a user at the terminal would name them.
    pub problems: Vec<Problem>,
    /// How many pages are missing because they cannot be read.
    pub lost: usize,
    /// What a proof-reader saw.
    pub proof: Proof,
    pub capsules: Vec<Summary>,
    /// The next instant at which the site would differ.
    pub next_change: Option<Timestamp>,
    /// Tells this state from another.
    pub state: u64,
    /// Source folders at whose path another folder stands now; a restart reads that one.
    pub replaced: Vec<String>,
}

impl Published {
    /// The pages of all capsules.
    pub fn tally(&self) -> Tally {
        let add = |sum: Tally, capsule: &Summary| Tally {
            posts: sum.posts + capsule.pages.posts,
            others: sum.others + capsule.pages.others,
        };
        self.capsules.iter().fold(Tally::default(), add)
    }
}

/// What was found in one source folder.
pub struct Summary {
    pub layout: Layout,
    pub title: String,
    pub pages: Tally,
}

/// How many pages there are beside those that introduce a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// With a date.
    pub posts: usize,
    /// Without.
    pub others: usize,
}

impl Tally {
    fn of(plan: &Plan) -> Tally {
        let pages = plan.pages.iter().filter(|page| page.kind == PageKind::Post);
        let (posts, others): (Vec<_>, Vec<_>) = pages.partition(|page| page.head.date.is_some());
        Tally { posts: posts.len(), others: others.len() }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, "{} post{}", self.posts, plural(self.posts))?;
        match self.others {
            0 => Ok(()),
            others => write!(f, ", {others} page{}", plural(others)),
        }
    }
}

/// Publishes again and again from the same folders.
pub struct Publisher {
    capsules: Vec<Capsule>,
    store: Store,
}

impl Publisher {
    /// Opens the folders. Nothing is read yet.
    pub fn new(sources: Vec<CapsuleSource>, store: Store) -> Result<Publisher, PublishError> {
        let open = |source: CapsuleSource| {
            let root = Root::open(&source.folder).map_err(|error| folder_error(&source.folder, error))?;
            let layout = source.layout.unwrap_or_else(|| source::recognise(&root));
            let configured = source::is_configured(&root, layout);
            let history = history(&source, layout)?;
            let mut key = DefaultHasher::new();
            source.folder.canonicalize().unwrap_or_else(|_| source.folder.clone()).hash(&mut key);
            Ok(Capsule {
                root: Arc::new(root),
                layout,
                configured,
                history,
                key: key.finish(),
                source,
                known: HashSet::new(),
                closed: None,
                verified: None,
            })
        };
        let capsules = sources.into_iter().map(open).collect::<Result<_, PublishError>>()?;
        Ok(Publisher { capsules, store })
    }

    /// Takes what a reload may change: everything said of a capsule but its folder.
    pub fn update(&mut self, sources: Vec<CapsuleSource>) {
        for (capsule, source) in self.capsules.iter_mut().zip(sources) {
            capsule.source = CapsuleSource { folder: capsule.source.folder.clone(), ..source };
        }
    }

    /// The source folders, in order.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.capsules.iter().map(|capsule| capsule.source.folder.clone()).collect()
    }

    /// One state of everything, as it is on disk now. `progress` hears how many of how many pages are done.
    pub fn publish(
        &mut self,
        now: Timestamp,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Published, PublishError> {
        let mut outcomes = Vec::new();
        for index in 0..self.capsules.len() {
            let (capsule, store) = (&self.capsules[index], &mut self.store);
            outcomes.push(capsule.convert(store, now, progress)?);
        }
        let with_keys = || outcomes.iter().zip(&self.capsules);
        let sources: HashSet<(u64, &str)> = with_keys()
            .flat_map(|(outcome, capsule)| outcome.kept.iter().map(|path| (capsule.key, path.as_str())))
            .collect();
        if self.store.keep(&sources) == Kept::Moved {
            for (outcome, capsule) in outcomes.iter_mut().zip(&self.capsules) {
                outcome.locate(capsule.key, &self.store);
            }
        }
        Ok(self.assemble(outcomes))
    }

    fn assemble(&mut self, outcomes: Vec<Outcome>) -> Published {
        let pages = self.store.pages();
        let mut published = Published {
            site: Site { capsules: Vec::new() },
            pages: pages.clone(),
            roots: self.capsules.iter().map(|capsule| Arc::clone(&capsule.root)).collect(),
            problems: Vec::new(),
            lost: 0,
            proof: Proof::default(),
            capsules: Vec::new(),
            next_change: None,
            state: 0,
            replaced: Vec::new(),
        };
        let mut state = DefaultHasher::new();
        for (index, (outcome, capsule)) in outcomes.into_iter().zip(&mut self.capsules).enumerate() {
            let read = |place: Stored| {
                let mut bytes = vec![0; place.len as usize];
                pages.read(place, &mut bytes).ok()?;
                Some(bytes)
            };
            let ingredients = Ingredients {
                plan: &outcome.plan,
                capsule: index,
                bodies: &outcome.bodies,
                known: &capsule.known,
                redirects: &capsule.source.redirects,
                pictures: &outcome.pictures,
                continuity: capsule.source.continuity.as_ref(),
            };
            let (site, problems) = assemble(&ingredients, &read);
            let here = outcome.plan.pages.iter().map(|page| page.address.clone());
            capsule.known.extend(here);
            capsule.closed.get_or_insert(outcome.closed);
            capsule.verified = Some(outcome.shape);
            outcome.state.hash(&mut state);
            published.lost += outcome.plan.hidden.values().filter(|reason| reason.is_lost()).count();
            let folder = &capsule.source.folder;
            if capsule.root.was_replaced(folder) {
                published.replaced.push(shown(folder));
            }
            let all = outcome.problems.into_iter().chain(problems);
            published.problems.extend(all.map(|problem| on_terminal(folder, problem)));
            published.proof.advice.extend(outcome.proof.advice.into_iter().map(|advice| on_terminal(folder, advice)));
            let led = |leaving: Leaving| Leaving { path: shown(&folder.join(&leaving.path)), ..leaving };
            published.proof.leaving.extend(outcome.proof.leaving.into_iter().map(led));
            published.capsules.push(Summary {
                layout: outcome.layout,
                // It is printed on a terminal.
                title: outcome.plan.masthead.title.chars().filter(|letter| !letter.is_control()).collect(),
                pages: Tally::of(&outcome.plan),
            });
            published.next_change = published.next_change.into_iter().chain(outcome.plan.next_change).min();
            published.site.capsules.push(site);
        }
        published.state = state.finish();
        published.problems.sort();
        published.problems.dedup_by(|one, other| one.says_the_same(other));
        published
    }
}

/// How many threads work on so many sources.
fn workers(sources: usize) -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(sources.div_ceil(8)).max(1)
}

/// The same of every item, in order, worked out on all cores.
fn in_shares<T: Sync, R: Send>(items: &[T], work: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    let share = items.len().div_ceil(workers(items.len())).max(1);
    std::thread::scope(|scope| {
        let shares: Vec<_> =
            items.chunks(share).map(|share| scope.spawn(|| share.iter().map(work).collect::<Vec<R>>())).collect();
        let mut all = Vec::with_capacity(items.len());
        for share in shares {
            all.extend(share.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)));
        }
        all
    })
}

/// Only a plain folder is dated so; the sandbox lets git be asked no later than now.
fn history(source: &CapsuleSource, layout: Layout) -> Result<History, PublishError> {
    if source.dates != Dates::Git || layout != Layout::Plain {
        return Ok(History::default());
    }
    History::of(&source.folder).map_err(|error| PublishError::History { folder: shown(&source.folder), error })
}

fn folder_error(folder: &Path, error: io::Error) -> PublishError {
    PublishError::Folder { folder: shown(folder), error }
}

/// A problem's path as seen from where the user stands.
fn on_terminal(folder: &Path, mut problem: Problem) -> Problem {
    problem.path = shown(&folder.join(&problem.path));
    problem
}

/// A path as seen from where the user stands.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let from_here = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    if from_here.as_os_str().is_empty() { ".".into() } else { from_here.display().to_string() }
}
