//! Publishing: the whole line from source folders to a site, once at start and after every change.
//!
//! Pass one reads the heads of sources that changed, the plan is made, and pass two converts one source at a
//! time into the page store. What has not changed, and whose links lead where they led, is taken from the
//! store. A broken post keeps its last good version and is named as a problem.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::content::document::{MAX_SOURCE, Target};
use crate::content::masthead::Web;
use crate::content::plan::Format;
use crate::content::source::Stamp;
use crate::content::{Address, FrontMatter, Language, Masthead, Page, Plan, Problem, Role, Source};
use crate::read::hugo::Hugo;
use crate::read::link;
use crate::read::markdown::{self, Dialect, ReferenceKind};
use crate::read::plan::{Headed, Rules};
use crate::read::{front_matter, gemtext, plan};
use crate::render;
use crate::site::assemble::{Ingredients, assemble};
use crate::site::{Site, Stored};
use crate::source::layout::LayoutError;
use crate::source::{self, FoundFile, Layout, Root, walk};
use crate::store::{Found, Kept, Pages, Store};

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
    /// Addresses of pages that were published in this run.
    known: HashSet<Address>,
}

/// What is kept of a source beside its rendering.
#[derive(Serialize, Deserialize)]
struct Meta {
    /// A hash of what the rendering depends on beside the source.
    ingredients: u64,
    front: FrontMatter,
    body_start: usize,
    heading: Option<String>,
    head_problems: Vec<Problem>,
    body_problems: Vec<Problem>,
    /// Every destination of the source and where it led.
    references: Vec<Reference>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Reference {
    #[serde(with = "used")]
    used: ReferenceKind,
    destination: String,
    line: u32,
    /// A hash of the target.
    target: u64,
}

/// How a source stands after pass one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// As it is in the store.
    Unchanged,
    Changed,
    /// It is broken; the store has an earlier version.
    LastGood,
}

impl Publisher {
    /// Opens the folders. Nothing is read yet.
    pub fn new(sources: Vec<CapsuleSource>, store: Store) -> Result<Publisher, PublishError> {
        let open = |source: CapsuleSource| {
            let root = Root::open(&source.folder).map_err(|error| folder_error(&source.folder, error))?;
            Ok(Capsule { root: Arc::new(root), source, known: HashSet::new() })
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
            let all = outcome.problems.into_iter().chain(problems);
            published.problems.extend(all.map(|problem| on_terminal(folder, problem)));
            published.capsules.push(Summary {
                layout: outcome.layout,
                title: outcome.plan.masthead.title.clone(),
                posts: outcome.plan.pages.iter().filter(|page| page.kind == crate::content::PageKind::Post).count(),
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
        let setting = Setting::find(&self.source, &self.root)?;
        let (files, mut problems) = walk(&self.root).map_err(|error| folder_error(&self.source.folder, error))?;
        let (files, pages): (Vec<Source>, Vec<Source>) =
            setting.sources(files).into_iter().partition(|source| matches!(source.role, Role::Static | Role::Resource));
        if pages.is_empty() {
            return Err(PublishError::Empty { folder: self.source.folder.display().to_string() });
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
                headed.retain(|head| {
                    head.source.path != problem.path || standings.get(&problem.path) == Some(&Standing::LastGood)
                });
                problems.push(problem);
            }
        }
    }
}

/// What a capsule is read with.
struct Setting {
    layout: Layout,
    masthead: Masthead,
    rules: Rules,
    /// A hash of all of it.
    ingredients: u64,
}

impl Setting {
    fn find(source: &CapsuleSource, root: &Root) -> Result<Setting, PublishError> {
        let folder = || source.folder.display().to_string();
        let layout = match source.layout {
            Some(layout) => layout,
            None => source::recognise(root).map_err(|error| PublishError::Layout { folder: folder(), error })?,
        };
        let mut hasher = DefaultHasher::new();
        format!("{source:?}").hash(&mut hasher);
        let (masthead, rules) = match layout {
            Layout::Plain => (plain_masthead(source), Rules::Plain),
            Layout::Hugo => {
                let (name, text) = source::hugo::configuration(root).unwrap_or(("hugo.toml", String::new()));
                text.hash(&mut hasher);
                let hugo = Hugo::read(name, &text).map_err(|error| PublishError::Generator {
                    folder: folder(),
                    problem: Problem::at(name, error.line, error.message),
                })?;
                (hugo_masthead(source, &hugo), Rules::Hugo(Box::new(hugo)))
            }
        };
        Ok(Setting { layout, masthead, rules, ingredients: hasher.finish() })
    }

    fn sources(&self, files: Vec<FoundFile>) -> Vec<Source> {
        match &self.rules {
            Rules::Plain => source::plain(files),
            Rules::Hugo(hugo) => source::hugo::sources(files, &hugo.mounts, &hugo.static_folders),
        }
    }

    /// In a plain folder the home page names the blog.
    fn title_of_home(&self, headed: &[Headed]) -> Option<String> {
        let is_home = |head: &&Headed| matches!(head.source.logical.as_str(), "index.md" | "_index.md" | "index.gmi");
        let home = headed.iter().find(is_home).filter(|_| matches!(self.rules, Rules::Plain))?;
        home.front.title.clone().or_else(|| home.heading.clone())
    }

    fn dialect(&self, language: Language) -> Dialect {
        match self.rules {
            Rules::Plain => Dialect::plain(language),
            Rules::Hugo(_) => Dialect::hugo(language),
        }
    }
}

fn plain_masthead(source: &CapsuleSource) -> Masthead {
    Masthead {
        hosts: source.hosts.clone(),
        port: source.port,
        title: source.title.clone().unwrap_or_else(|| source.hosts.first().cloned().unwrap_or_default()),
        author: source.author.clone(),
        language: source.language.clone().unwrap_or_else(Language::english),
        web: source.web.clone(),
        timezone: source.timezone.clone().unwrap_or_else(TimeZone::system),
        contact: source.contact.clone(),
    }
}

fn hugo_masthead(source: &CapsuleSource, hugo: &Hugo) -> Masthead {
    let plain = plain_masthead(source);
    let zone = || hugo.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let web = || hugo.base_url.as_deref().and_then(Web::parse);
    Masthead {
        title: source.title.clone().or_else(|| hugo.title.clone()).unwrap_or(plain.title),
        author: plain.author.or_else(|| hugo.author.clone()),
        language: source.language.clone().unwrap_or_else(|| hugo.language.clone()),
        web: plain.web.or_else(web),
        timezone: source.timezone.clone().or_else(zone).unwrap_or(plain.timezone),
        ..plain
    }
}

/// What both passes over one capsule share.
struct Work<'a> {
    capsule: usize,
    root: &'a Root,
    setting: &'a Setting,
    stamps: &'a HashMap<String, Stamp>,
}

/// The result of pass two; `broken` pages have no body.
struct Pass {
    bodies: Vec<Stored>,
    problems: Vec<Problem>,
    broken: Vec<Problem>,
}

/// A page converted.
struct Converted {
    meta: Meta,
    body: Vec<u8>,
}

impl Work<'_> {
    /// Pass one for one source: its head from the store where nothing changed, else from the file.
    fn head(&self, store: &Store, source: Source, problems: &mut Vec<Problem>) -> Option<(Headed, Standing)> {
        let found: Option<Found<Meta>> = store.get(self.capsule, &source.path);
        let unchanged =
            |found: &&Found<Meta>| found.stamp == source.stamp && found.meta.ingredients == self.setting.ingredients;
        if let Some(found) = found.as_ref().filter(unchanged) {
            return Some((headed(source, &found.meta), Standing::Unchanged));
        }
        match self.read_head(&source) {
            Ok((front, body_start, heading)) => {
                Some((Headed { source, front, body_start, heading }, Standing::Changed))
            }
            Err(mut problem) => {
                let head = found.map(|found| headed(source, &found.meta));
                problem.text.push_str(match head {
                    Some(_) => "; its last good version stays published",
                    None => "; it is not published",
                });
                problems.push(problem);
                Some((head?, Standing::LastGood))
            }
        }
    }

    fn read_head(&self, source: &Source) -> Result<(FrontMatter, usize, Option<String>), Problem> {
        let text = self.text(&source.path)?;
        match source.role {
            Role::Gemtext => Ok((FrontMatter::default(), 0, gemtext::first_heading(&text).map(str::to_owned))),
            Role::Markdown | Role::Static | Role::Resource => {
                let (front, body_start, _) = front_matter::read(&source.path, &text, &self.setting.masthead.timezone)?;
                let heading = self.heading(&text, body_start, &front);
                Ok((front, body_start, heading))
            }
        }
    }

    fn heading(&self, text: &str, body_start: usize, front: &FrontMatter) -> Option<String> {
        let language = front.language.clone().unwrap_or_else(|| self.setting.masthead.language.clone());
        markdown::first_heading(text.get(body_start..).unwrap_or(""), &self.setting.dialect(language))
    }

    fn text(&self, path: &str) -> Result<String, Problem> {
        let bytes = self.root.read(path, MAX_SOURCE).map_err(|error| Problem::whole(path, walk::unreadable(&error)))?;
        if bytes.len() > MAX_SOURCE {
            return Err(Problem::whole(path, "it is larger than 2 MiB; split it into several posts"));
        }
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            Problem::at(path, line, "it is not UTF-8 here; save it as UTF-8")
        })
    }

    /// Pass two: every page is taken from the store or converted, on all cores, one source at a time on each.
    fn pass_two(
        &self,
        store: &mut Store,
        plan: &Plan,
        standings: &HashMap<String, Standing>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Pass, PublishError> {
        let mut pass = Pass {
            bodies: vec![Stored { offset: 0, len: 0 }; plan.pages.len()],
            problems: Vec::new(),
            broken: Vec::new(),
        };
        let mut changed = Vec::new();
        for (index, page) in plan.pages.iter().enumerate() {
            let standing = standings.get(&page.source).copied().unwrap_or(Standing::Changed);
            match self.stored(store, plan, page, standing) {
                Some((body, problems)) => {
                    pass.bodies[index] = body;
                    pass.problems.extend(problems);
                }
                None => changed.push(index),
            }
        }
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(changed.len().div_ceil(8)).max(1);
        std::thread::scope(|scope| {
            // A short queue, so that renderings do not pile up in memory.
            let (sender, results) = mpsc::sync_channel(workers * 2);
            for _ in 0..workers {
                let (sender, next, changed) = (sender.clone(), &next, &changed);
                scope.spawn(move || {
                    while let Some(&index) = changed.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let page = &plan.pages[index];
                        if sender.send((index, self.convert(plan, page))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (done, (index, result)) in results.iter().enumerate() {
                progress(done + 1, changed.len());
                let page = &plan.pages[index];
                match result {
                    Ok(converted) => {
                        let stamp = self.stamps.get(&page.source).copied();
                        let Some(stamp) = stamp else { continue };
                        pass.bodies[index] =
                            store.put(self.capsule, &page.source, stamp, &converted.meta, &converted.body)?;
                        pass.problems
                            .extend(converted.meta.head_problems.into_iter().chain(converted.meta.body_problems));
                    }
                    Err(problem) => self.broken(store, index, page, problem, &mut pass),
                }
            }
            Ok(pass)
        })
    }

    /// A post that cannot be converted shows its last good version, or leaves the plan.
    fn broken(&self, store: &Store, index: usize, page: &Page, mut problem: Problem, pass: &mut Pass) {
        match store.body(self.capsule, &page.source) {
            Some(body) => {
                problem.text.push_str("; its last good version stays published");
                pass.bodies[index] = body;
                pass.problems.push(problem);
            }
            None => {
                problem.text.push_str("; it is not published");
                pass.broken.push(problem);
            }
        }
    }

    /// The stored rendering, where it still holds.
    fn stored(&self, store: &Store, plan: &Plan, page: &Page, standing: Standing) -> Option<(Stored, Vec<Problem>)> {
        if standing == Standing::Changed {
            return None;
        }
        let found: Found<Meta> = store.get(self.capsule, &page.source)?;
        let leads_there = |reference: &Reference| {
            hash(&link::resolve(plan, page, &reference.destination, reference.used).target) == reference.target
        };
        let holds = standing == Standing::LastGood || found.meta.references.iter().all(leads_there);
        holds.then(|| {
            let problems = found.meta.head_problems.into_iter().chain(found.meta.body_problems).collect();
            (found.body, problems)
        })
    }

    fn convert(&self, plan: &Plan, page: &Page) -> Result<Converted, Problem> {
        let text = self.text(&page.source)?;
        match page.format {
            Format::Gemtext => Ok(self.convert_gemtext(plan, page, text)),
            Format::Markdown => self.convert_markdown(plan, page, &text),
        }
    }

    fn convert_markdown(&self, plan: &Plan, page: &Page, text: &str) -> Result<Converted, Problem> {
        let (front, body_start, head_problems) =
            front_matter::read(&page.source, text, &self.setting.masthead.timezone)?;
        let mut resolver = Resolver { plan, page, references: Vec::new(), problems: Vec::new() };
        let source = markdown::Source { path: &page.source, text, body_start };
        let dialect = self.setting.dialect(page.head.language.clone());
        let broken = |exceeded: crate::content::document::Exceeded| Problem::whole(&page.source, exceeded.to_string());
        let reading = markdown::read(&source, &dialect, &mut |reference| {
            resolver.resolve(reference.destination, reference.kind, reference.line)
        })
        .map_err(broken)?;
        let options = render::gemtext::Options::inside(text.len());
        let body = render::gemtext::document(&page.head, &reading.document, &options).map_err(broken)?;
        let mut body_problems = resolver.problems;
        body_problems.extend(reading.problems);
        let heading = self.heading(text, body_start, &front);
        let meta = Meta {
            ingredients: self.setting.ingredients,
            front,
            body_start,
            heading,
            head_problems,
            body_problems,
            references: resolver.references,
        };
        Ok(Converted { meta, body: body.into_bytes() })
    }

    /// Hand-written gemtext stays as it is; its links are looked at.
    fn convert_gemtext(&self, plan: &Plan, page: &Page, text: String) -> Converted {
        let mut resolver = Resolver { plan, page, references: Vec::new(), problems: Vec::new() };
        for (line, destination) in gemtext::links(&text) {
            resolver.resolve(destination, ReferenceKind::Link, line);
        }
        let meta = Meta {
            ingredients: self.setting.ingredients,
            front: FrontMatter::default(),
            body_start: 0,
            heading: gemtext::first_heading(&text).map(str::to_owned),
            head_problems: Vec::new(),
            body_problems: resolver.problems,
            references: resolver.references,
        };
        Converted { meta, body: text.into_bytes() }
    }
}

/// Resolves a page's links and remembers where each led.
struct Resolver<'a> {
    plan: &'a Plan,
    page: &'a Page,
    references: Vec<Reference>,
    problems: Vec<Problem>,
}

impl Resolver<'_> {
    fn resolve(&mut self, destination: &str, used: ReferenceKind, line: u32) -> Target {
        let resolved = link::resolve(self.plan, self.page, destination, used);
        if let Some(problem) = resolved.problem {
            self.problems.push(Problem::at(&self.page.source, line, problem));
        }
        // A full URL of somebody else's leads there whatever the plan says.
        let fixed = matches!(&resolved.target, Target::Elsewhere(url) if **url == *destination)
            && self.plan.masthead.web.as_ref().is_none_or(|web| !destination.contains(&web.authority));
        if !fixed {
            let target = hash(&resolved.target);
            self.references.push(Reference { used, destination: destination.to_owned(), line, target });
        }
        resolved.target
    }
}

fn hash(target: &Target) -> u64 {
    let mut hasher = DefaultHasher::new();
    match target {
        Target::Page(address) => (0, address.as_str()).hash(&mut hasher),
        Target::File(address) => (1, address.as_str()).hash(&mut hasher),
        Target::Elsewhere(url) => (2, &**url).hash(&mut hasher),
        Target::Nowhere => 3.hash(&mut hasher),
    }
    hasher.finish()
}

fn headed(source: Source, meta: &Meta) -> Headed {
    Headed { source, front: meta.front.clone(), body_start: meta.body_start, heading: meta.heading.clone() }
}

fn folder_error(folder: &Path, error: io::Error) -> PublishError {
    PublishError::Folder { folder: folder.display().to_string(), error }
}

/// A problem's path as seen from where the user stands.
fn on_terminal(folder: &Path, mut problem: Problem) -> Problem {
    let path = folder.join(&problem.path);
    let here = std::env::current_dir().ok();
    let from_here = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(&path);
    problem.path = from_here.display().to_string();
    problem
}

mod used {
    //! [`ReferenceKind`] in the store, as one letter.
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ReferenceKind;

    pub(super) fn serialize<S: Serializer>(used: &ReferenceKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(match used {
            ReferenceKind::Link => 'l',
            ReferenceKind::Image => 'i',
            ReferenceKind::Ref => 'r',
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReferenceKind, D::Error> {
        Ok(match char::deserialize(deserializer)? {
            'i' => ReferenceKind::Image,
            'r' => ReferenceKind::Ref,
            _ => ReferenceKind::Link,
        })
    }
}
