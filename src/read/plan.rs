//! Pass one: from the heads of all sources to the plan, which says what is where.
//!
//! Pure: *now* decides which scheduled posts are shown, and the plan carries the next instant at which that
//! would differ. Here is what is shown at all; `pages` gives pages and sections their addresses, `rest`
//! everything else. What each layout decides is asked of [`Rules`].

mod pages;
mod rest;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::place::Place;
use super::rules::{Build, Rules};
use crate::content::plan::{Edition, Plan};
use crate::content::redirect::Patterns;
use crate::content::{Address, FrontMatter, Hidden, Language, Masthead, Moment, Problem, Source};

/// What is known of a page after pass one.
#[derive(Clone, Debug)]
pub struct Headed {
    pub source: Source,
    pub front: FrontMatter,
    /// Where the body begins, in bytes.
    pub body_start: usize,
    /// The first heading of its body, where that is a title.
    pub heading: Option<String>,
}

impl Headed {
    /// Whether there is any: the shortest, two fences, is longer than a byte-order mark.
    pub(super) fn has_front_matter(&self) -> bool {
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
    planner.choose_visible();
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
    plan: Plan,
    problems: Vec<Problem>,
}

struct Older {
    aliases: Vec<String>,
    redirect_to: Option<String>,
    linked: Vec<String>,
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
            by_address: HashMap::new(),
            file_by_address: HashMap::new(),
            file_by_logical: HashMap::new(),
            moves: Vec::new(),
            hidden: HashMap::new(),
            term_slugs: rules.term_slugs(),
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
            plan,
            problems: Vec::new(),
        }
    }

    /// Drops what is not shown now, remembers why, and when that changes.
    fn choose_visible(&mut self) {
        let inherited = self.rules.inherited(&self.pages);
        for (mut headed, place) in std::mem::take(&mut self.pages) {
            let build = self.rules.build(&headed, &place, &inherited);
            match self.rules.refuses(&headed, &place).or_else(|| self.hidden(&headed, &place, build)) {
                Some(reason) => {
                    if reason == Hidden::Incomplete {
                        let what = self.rules.what_is_missing(&headed);
                        self.problem(&headed, format!("it has no {what}, so its generator does not publish it either"));
                    }
                    self.plan.hidden.insert(headed.source.logical.to_lowercase(), reason);
                }
                None => {
                    headed.front.list = Some(build.list);
                    self.pages.push((headed, place));
                }
            }
        }
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
        if !build.render {
            return Some(Hidden::NotRendered);
        }
        if let Some(expires) = front.expires.filter(|_| !shows.expired) {
            if expires.instant <= self.now {
                return Some(Hidden::Expired);
            }
            self.changes_at(expires);
        }
        let begins = front.publish_at.or_else(|| self.date(headed, place)).filter(|_| !shows.future)?;
        if begins.instant > self.now {
            self.changes_at(begins);
            return Some(Hidden::Scheduled);
        }
        None
    }

    fn changes_at(&mut self, moment: Moment) {
        let next = self.plan.next_change.map_or(moment.instant, |next| next.min(moment.instant));
        self.plan.next_change = Some(next);
    }

    fn date(&self, headed: &Headed, place: &Place) -> Option<Moment> {
        self.rules.date(headed, place, &self.plan.masthead.timezone)
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
                self.plan.editions.push(Edition { language: Some(language), root, title });
            }
        }
    }

    fn problem(&mut self, headed: &Headed, text: impl Into<String>) {
        self.problems.push(Problem::at(&headed.source.path, 1, text));
    }

    fn say(&mut self, source: &str, text: String) {
        self.problems.push(Problem::at(source, 1, text));
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
