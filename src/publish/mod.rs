//! Publishing: the whole line from source folders to a site, once at start and after every change.
//!
//! Pass one reads the heads of sources that changed, the plan is made, and pass two converts one source at a
//! time into the page store. What has not changed, and whose links lead where they led, is taken from the
//! store. A broken post keeps its last good version and is named as a problem.

mod passes;
mod setting;

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::passes::Work;
use self::setting::Setting;
use crate::content::masthead::Web;
use crate::content::source::Stamp;
use crate::content::{Address, Language, PageKind, Plan, Problem, Role, Source};
use crate::read::conversion::Conversion;
use crate::read::plan;
use crate::render::style::Style;
use crate::site::assemble::{Ingredients, assemble};
use crate::site::{Site, Stored};
use crate::source::layout::LayoutError;
use crate::source::{self, Layout, Root, walk};
use crate::store::{Kept, Pages, Store};

/// A source folder and what the configuration says of it; what it leaves open, the generator's own
/// configuration or a default says.
#[derive(Clone, Debug)]
pub struct CapsuleSource {
    pub folder: PathBuf,
    pub layout: Option<Layout>,
    pub hosts: Vec<String>,
    pub port: u16,
    pub title: Option<String>,
    pub author: Option<String>,
    pub language: Option<Language>,
    pub web: Option<Web>,
    pub timezone: Option<TimeZone>,
    pub contact: Option<String>,
    pub conversion: Arc<Conversion>,
    pub style: Style,
}

/// Why nothing can be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{folder}: {text}", text = walk::unreadable(.error))]
    Folder { folder: String, error: io::Error },
    #[error("{folder}: {error}")]
    Layout { folder: String, error: LayoutError },
    #[error("{folder}: there is no Markdown or gemtext in it; name the folder your posts are in")]
    Empty { folder: String },
    #[error("{folder}/{problem}")]
    Generator { folder: String, problem: Problem },
    #[error("the page store cannot be written: {0}; make room or let the user who runs maquis write the state folder")]
    Store(#[from] io::Error),
}

/// One state of all capsules.
pub struct Published {
    pub site: Site,
    pub pages: Pages,
    pub roots: Vec<Arc<Root>>,
    /// With paths as a user at the terminal would name them.
    pub problems: Vec<Problem>,
    pub capsules: Vec<Summary>,
    /// The next instant at which the site would differ.
    pub next_change: Option<Timestamp>,
    /// Tells this state from another.
    pub state: u64,
    /// Source folders at whose path another folder stands now; a restart reads that one.
    pub replaced: Vec<String>,
}

impl Published {
    /// The posts of all capsules.
    pub fn posts(&self) -> usize {
        self.capsules.iter().map(|capsule| capsule.posts).sum()
    }
}

/// What was found in one source folder.
pub struct Summary {
    pub layout: Layout,
    pub title: String,
    pub posts: usize,
}

/// Publishes again and again from the same folders.
pub struct Publisher {
    capsules: Vec<Capsule>,
    store: Store,
}

struct Capsule {
    source: CapsuleSource,
    root: Arc<Root>,
    layout: Layout,
    /// Addresses of pages that were published in this run.
    known: HashSet<Address>,
}

impl Publisher {
    /// Opens the folders. Nothing is read yet.
    pub fn new(sources: Vec<CapsuleSource>, store: Store) -> Result<Publisher, PublishError> {
        let open = |source: CapsuleSource| {
            let root = Root::open(&source.folder).map_err(|error| folder_error(&source.folder, error))?;
            let of_folder = |error| PublishError::Layout { folder: shown(&source.folder), error };
            let layout = source.layout.map_or_else(|| source::recognise(&root).map_err(of_folder), Ok)?;
            Ok(Capsule { root: Arc::new(root), layout, source, known: HashSet::new() })
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
            outcomes.push(capsule.convert(index, store, now, progress)?);
        }
        let sources: HashSet<(usize, &str)> = outcomes
            .iter()
            .enumerate()
            .flat_map(|(index, outcome)| outcome.kept.iter().map(move |path| (index, path.as_str())))
            .collect();
        if self.store.keep(&sources)? == Kept::Moved {
            for (index, outcome) in outcomes.iter_mut().enumerate() {
                outcome.locate(index, &self.store);
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
                String::from_utf8(bytes).ok()
            };
            let ingredients =
                Ingredients { plan: &outcome.plan, capsule: index, bodies: &outcome.bodies, known: &capsule.known };
            let (site, problems) = assemble(&ingredients, &read);
            let here = outcome.plan.pages.iter().map(|page| page.address.clone());
            capsule.known.extend(here);
            outcome.state.hash(&mut state);
            let folder = &capsule.source.folder;
            if capsule.root.was_replaced(folder) {
                published.replaced.push(shown(folder));
            }
            let all = outcome.problems.into_iter().chain(problems);
            published.problems.extend(all.map(|problem| on_terminal(folder, problem)));
            published.capsules.push(Summary {
                layout: outcome.layout,
                title: outcome.plan.masthead.title.clone(),
                posts: outcome.plan.pages.iter().filter(|page| page.kind == PageKind::Post).count(),
            });
            published.next_change = published.next_change.into_iter().chain(outcome.plan.next_change).min();
            published.site.capsules.push(site);
        }
        published.state = state.finish();
        published.problems.sort();
        published.problems.dedup();
        published
    }
}

/// A capsule after pass two.
struct Outcome {
    layout: Layout,
    plan: Plan,
    /// By page.
    bodies: Vec<Stored>,
    problems: Vec<Problem>,
    /// Sources whose renderings are worth keeping.
    kept: Vec<String>,
    /// A hash of the files, the settings and what is shown of them.
    state: u64,
}

impl Outcome {
    fn locate(&mut self, capsule: usize, store: &Store) {
        for (body, page) in self.bodies.iter_mut().zip(&self.plan.pages) {
            if let Some(place) = store.body(capsule, &page.source) {
                *body = place;
            }
        }
    }
}

impl Capsule {
    fn convert(
        &self,
        index: usize,
        store: &mut Store,
        now: Timestamp,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Outcome, PublishError> {
        let setting = Setting::find(&self.source, self.layout, &self.root)?;
        let (files, mut problems) = walk(&self.root).map_err(|error| folder_error(&self.source.folder, error))?;
        let (files, pages): (Vec<Source>, Vec<Source>) =
            setting.sources(files).into_iter().partition(|source| matches!(source.role, Role::Static | Role::Resource));
        if pages.is_empty() {
            return Err(PublishError::Empty { folder: shown(&self.source.folder) });
        }
        let mut state = DefaultHasher::new();
        setting.ingredients.hash(&mut state);
        files.iter().chain(&pages).for_each(|source| (&source.path, source.stamp).hash(&mut state));
        let kept = pages.iter().map(|source| source.path.clone()).collect();
        let stamps: HashMap<String, Stamp> = pages.iter().map(|source| (source.path.clone(), source.stamp)).collect();
        let work = Work { capsule: index, root: &self.root, setting: &setting, stamps: &stamps };
        let (mut headed, mut standings) = (Vec::new(), HashMap::new());
        for source in pages {
            match work.head(store, source, &mut problems) {
                Some((head, standing)) => {
                    standings.insert(head.source.path.clone(), standing);
                    headed.push(head);
                }
                None => continue,
            }
        }
        let title = self.source.title.clone().or_else(|| setting.title_of_home(&headed));
        // A page that turns out broken in pass two is taken out of the plan, so that nothing links to it.
        loop {
            let mut masthead = setting.masthead.clone();
            masthead.title = title.clone().unwrap_or(masthead.title);
            let (plan, planned) = plan::plan(masthead, &setting.rules, headed.clone(), files.clone(), now);
            let pass = work.pass_two(store, &plan, &standings, progress)?;
            if pass.broken.is_empty() {
                problems.extend(planned.into_iter().chain(pass.problems));
                plan.pages.iter().for_each(|page| page.address.hash(&mut state));
                let state = state.finish();
                return Ok(Outcome { layout: setting.layout, plan, bodies: pass.bodies, problems, kept, state });
            }
            for problem in pass.broken {
                headed.retain(|head| head.source.path != problem.path);
                problems.push(problem);
            }
        }
    }
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
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let from_here = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    from_here.display().to_string()
}
