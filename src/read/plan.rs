//! Pass one: from the heads of all sources to the plan, which says what is where.
//!
//! Pure: *now* decides which scheduled posts are shown, and the plan carries the next instant at which that
//! would differ. Here is what is shown at all; `pages` gives pages and sections their addresses, `rest`
//! everything else. What each layout decides is asked of [`Rules`].

mod introductions;
mod pages;
mod rest;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::place::Place;
use super::rules::{Build, Rules};
use crate::content::plan::{Edition, Plan};
use crate::content::problem::Kind;
use crate::content::redirect::Patterns;
use crate::content::{Address, FrontMatter, Hidden, Language, Masthead, Moment, Problem, Role, Source};

/// What is known of a page after pass one.
#[derive(Clone, Debug)]
pub struct Headed {
    pub source: Source,
    pub front: Arc<FrontMatter>,
    /// Where the body begins, in bytes.
    pub body_start: usize,
    /// The first heading of its body, where that is a title.
    pub heading: Option<String>,
    /// When its file or its history says it was written, where that is asked for.
    pub dated: Option<Moment>,
    pub health: Health,
}

/// What could be read of a source. One that is not whole is hidden, and hides what its like would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Whole,
    /// Its front matter is known, and its text cannot become a page.
    Unconvertible,
    /// Its front matter is known, and its text is in a format that maquis cannot read.
    Foreign,
    /// Not even its front matter is known: nobody can say what it hides.
    Unread,
}

impl Headed {
    /// Whether there is any: the shortest, two fences, is longer than a byte-order mark.
    pub fn has_front_matter(&self) -> bool {
        self.body_start > '\u{feff}'.len_utf8()
    }
}

/// The plan of a capsule, and what is wrong with its sources. Pages whose addresses are among `gone` are left out.
pub fn plan(
    masthead: Masthead,
    rules: &Rules,
    gone: &Patterns,
    pages: Vec<Headed>,
    files: Vec<Source>,
    now: Timestamp,
) -> (Plan, Vec<Problem>) {
    let mut planner = Planner::new(masthead, rules, gone, pages, now);
    planner.place_heads(&files);
    planner.choose_visible();
    planner.hide_inner_pages();
    planner.find_editions();
    planner.find_sections();
    planner.place_pages();
    planner.place_aliases();
    planner.place_files(files);
    planner.place_listings();
    (planner.plan, planner.problems)
}

/// A path of front matter as a page's: a web ending becomes a slash, and one is added where none is.
pub(super) fn page_path(url: &str) -> String {
    let path = url.trim().trim_start_matches('/');
    let path = ["index.html", "index.htm"].iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path);
    let path = [".html", ".htm"].iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path);
    if path.is_empty() || path.ends_with('/') { path.to_owned() } else { format!("{path}/") }
}

/// A section before its pages are placed: its edition and its folder.
type SectionKey = (Option<Language>, String);

struct Planner<'a> {
    rules: &'a Rules,
    gone: &'a Patterns,
    prefix: Address,
    /// The capsule's language and those the generator's configuration names.
    languages: Vec<Language>,
    now: Timestamp,
    pages: Vec<(Headed, Place)>,
    /// What front matter says of each placed page's older addresses and of where it has gone.
    fronts: Vec<Older>,
    /// Section folders and their addresses.
    sections: BTreeMap<SectionKey, Address>,
    /// Addresses of visible bundles (`x/index.md`) and of sections with an introduction, by folder.
    bundles: HashMap<String, Address>,
    introduced: HashMap<String, Address>,
    /// Folders of which a page or an introduction is hidden.
    veiled: HashSet<String>,
    /// Folders in which everything is hidden, because nobody knows what their introduction says.
    shut: Vec<String>,
    plan: Plan,
    problems: Vec<Problem>,
}

struct Older {
    aliases: Vec<String>,
    redirect_to: Option<String>,
    linked: Vec<String>,
    attached: Vec<String>,
}

impl<'a> Planner<'a> {
    fn new(
        masthead: Masthead,
        rules: &'a Rules,
        gone: &'a Patterns,
        pages: Vec<Headed>,
        now: Timestamp,
    ) -> Planner<'a> {
        let prefix = masthead.web.as_ref().map_or_else(Address::root, |web| web.path.clone());
        let mut languages = vec![masthead.language.clone()];
        languages.extend(rules.languages().iter().cloned());
        let placed = |headed: Headed| {
            let place = rules.place(&headed.source, &languages);
            (headed, place)
        };
        let pages = rules.prepare(pages.into_iter().map(placed).collect(), &masthead.timezone);
        let plan = Plan {
            masthead,
            pages: Vec::new(),
            files: Vec::new(),
            sections: Vec::new(),
            editions: vec![Edition { language: None, root: Address::root(), title: None }],
            by_logical: HashMap::new(),
            by_name: HashMap::new(),
            by_address: HashMap::new(),
            file_by_address: HashMap::new(),
            file_by_logical: HashMap::new(),
            moves: Vec::new(),
            heads: Vec::new(),
            hidden: HashMap::new(),
            term_slugs: rules.term_slugs(),
            undated: rules.undated(),
            made: HashSet::new(),
            next_change: None,
        };
        Planner {
            rules,
            gone,
            prefix,
            languages,
            now,
            pages,
            fronts: Vec::new(),
            sections: BTreeMap::new(),
            bundles: HashMap::new(),
            introduced: HashMap::new(),
            veiled: HashSet::new(),
            shut: Vec::new(),
            plan,
            problems: Vec::new(),
        }
    }

    /// Drops what is not shown now, remembers why, and when that changes.
    fn choose_visible(&mut self) {
        let inherited = self.rules.inherited(&self.pages);
        self.shut_folders();
        let pages = std::mem::take(&mut self.pages);
        self.pages.reserve_exact(pages.len());
        for (mut headed, place) in pages {
            let build = self.rules.build(&headed, &place, &inherited);
            let unknown = unknown(headed.health).or_else(|| self.is_shut(&place.folder).then_some(Hidden::Around));
            let answered = self.plan.masthead.files.head(&headed.source.path).map(|_| Hidden::Answered);
            let unknown = answered.or(unknown);
            let reason =
                unknown.or_else(|| self.rules.refuses(&headed, &place)).or_else(|| self.hidden(&headed, &place, build));
            match reason {
                Some(reason) => {
                    if place.is_index() {
                        self.veiled.insert(place.folder.clone());
                    }
                    if reason == Hidden::Incomplete {
                        let what = self.rules.what_is_missing(&headed);
                        self.problem(
                            Kind::Hidden,
                            &headed,
                            format!("it has no {what}, so its generator does not publish it either"),
                        );
                    }
                    self.plan.hidden.insert(headed.source.logical.to_lowercase(), reason);
                }
                None => {
                    // Nearly all fronts say so already, and are shared.
                    if headed.front.list.unwrap_or(true) != build.list {
                        Arc::make_mut(&mut headed.front).list = Some(build.list);
                    }
                    self.pages.push((headed, place));
                }
            }
        }
    }

    /// An introduction that cannot be read may have hidden all that is beneath it.
    fn shut_folders(&mut self) {
        let unread: Vec<(String, String)> = self
            .pages
            .iter()
            .filter(|(headed, place)| headed.health == Health::Unread && self.rules.hands_down(place))
            .map(|(headed, place)| (headed.source.path.clone(), place.folder.clone()))
            .collect();
        for (path, folder) in unread {
            let text = "everything beneath it is hidden until it can be read, for it may say so";
            self.problems.push(Problem::whole(Kind::Hidden, &path, text));
            self.shut.push(folder);
        }
    }

    fn is_shut(&self, folder: &str) -> bool {
        ancestors(folder).chain([""]).any(|folder| self.shut.iter().any(|shut| shut == folder))
    }

    fn hidden(&mut self, headed: &Headed, place: &Place, build: Build) -> Option<Hidden> {
        let shows = self.rules.shows();
        let front = &headed.front;
        if front.hidden {
            return Some(Hidden::Doubtful);
        }
        if build.draft && !shows.drafts {
            return Some(Hidden::Draft);
        }
        if let Some(expires) = front.expires.filter(|_| !shows.expired) {
            if expires.instant <= self.now {
                return Some(Hidden::Expired);
            }
            self.changes_at(expires);
        }
        let begins = front.publish_at.or_else(|| self.written(headed, place)).filter(|_| !shows.future);
        if let Some(begins) = begins.filter(|begins| begins.instant > self.now) {
            self.changes_at(begins);
            return Some(Hidden::Scheduled);
        }
        // At last: what is not made into a page may be included in another, if nothing else hides it.
        (!build.render).then_some(Hidden::NotRendered)
    }

    /// In a plain folder, Markdown that says nothing of itself belongs to the page of its folder.
    fn hide_inner_pages(&mut self) {
        if !matches!(self.rules, Rules::Plain) || self.veiled.is_empty() {
            return;
        }
        let shown: HashSet<String> =
            self.pages.iter().filter(|(_, place)| place.is_index()).map(|(_, place)| place.folder.clone()).collect();
        let veiled = |place: &Place| self.veiled.contains(&place.folder) && !shown.contains(&place.folder);
        let inner = |(headed, place): &(Headed, Place)| {
            let says_nothing = headed.source.role == Role::Markdown && !headed.has_front_matter();
            says_nothing && !place.is_index() && place.dated().is_none() && !place.folder.is_empty() && veiled(place)
        };
        let (hidden, pages) = std::mem::take(&mut self.pages).into_iter().partition(inner);
        self.pages = pages;
        for (headed, _) in hidden {
            self.problem(
                Kind::Hidden,
                &headed,
                "it is hidden with the page of its folder; give it front matter to show it",
            );
            self.plan.hidden.insert(headed.source.logical.to_lowercase(), Hidden::Around);
        }
    }

    fn changes_at(&mut self, moment: Moment) {
        let next = self.plan.next_change.map_or(moment.instant, |next| next.min(moment.instant));
        self.plan.next_change = Some(next);
    }

    /// The date that the author wrote down: it decides visibility and stands in addresses.
    fn written(&self, headed: &Headed, place: &Place) -> Option<Moment> {
        self.rules.date(headed, place, &self.plan.masthead.timezone)
    }

    /// The date that readers see.
    fn date(&self, headed: &Headed, place: &Place) -> Option<Moment> {
        self.written(headed, place).or(headed.dated.filter(|_| !headed.front.undated))
    }

    fn edition(&self, headed: &Headed, place: &Place) -> Option<Language> {
        self.rules.edition(headed, place, &self.plan.masthead.language)
    }

    /// The languages that have pages of their own beside the capsule's, each with its home.
    fn find_editions(&mut self) {
        let mut languages: Vec<Language> =
            self.pages.iter().filter_map(|(headed, place)| self.edition(headed, place)).collect();
        languages.sort();
        languages.dedup();
        for language in languages {
            if let Ok(root) = self.prefix.child(&format!("{language}/")) {
                let title = self.rules.title_in(&language);
                let language = self.plan.masthead.spoken(language);
                self.plan.editions.push(Edition { language: Some(language), root, title });
            }
        }
    }

    fn problem(&mut self, kind: Kind, headed: &Headed, text: impl Into<String>) {
        self.problems.push(Problem::at(kind, &headed.source.path, 1, text));
    }

    fn say(&mut self, kind: Kind, source: &str, text: String) {
        self.problems.push(Problem::at(kind, source, 1, text));
    }
}

/// Why a source of which not all is known is hidden.
fn unknown(health: Health) -> Option<Hidden> {
    match health {
        Health::Whole => None,
        Health::Unconvertible | Health::Unread => Some(Hidden::Broken),
        Health::Foreign => Some(Hidden::Foreign),
    }
}

/// A folder and the folders around it, nearest first: `a/b`, `a`; none for the top.
pub(super) fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(folder).filter(|folder| !folder.is_empty());
    std::iter::from_fn(move || {
        let folder = next?;
        next = folder.rsplit_once('/').map(|(parent, _)| parent);
        Some(folder)
    })
}
