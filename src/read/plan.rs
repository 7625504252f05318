//! Pass one: from the heads of all sources to the plan, which says what is where.
//!
//! Pure: *now* decides which scheduled posts are shown, and the plan carries the next instant at which that
//! would differ. What each layout decides (addresses, kinds) is in `plain` and `hugo`.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::hugo::Hugo;
use super::place::{Place, in_words};
use super::{hugo, plain};
use crate::content::plan::{Format, Hidden, Plan, Section, StaticFile};
use crate::content::{Address, FrontMatter, Head, Language, Masthead, Moment, Page, PageKind, Problem, Role, Source};

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

/// What decides addresses and visibility.
pub enum Rules {
    Plain,
    Hugo(Box<Hugo>),
}

/// Values that may come from a section (Hugo `cascade`) or the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Build {
    pub(super) draft: bool,
    pub(super) render: bool,
    pub(super) list: bool,
}

/// The plan of a capsule, and what is wrong with its sources.
pub fn plan(
    masthead: Masthead,
    rules: &Rules,
    pages: Vec<Headed>,
    files: Vec<Source>,
    now: Timestamp,
) -> (Plan, Vec<Problem>) {
    let mut planner = Planner::new(masthead, rules, pages, now);
    planner.choose_visible();
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

struct Planner<'a> {
    rules: &'a Rules,
    prefix: Address,
    /// Languages the configuration names.
    languages: Vec<Language>,
    now: Timestamp,
    pages: Vec<(Headed, Place)>,
    /// What front matter calls each placed page's older addresses.
    aliases: Vec<Vec<String>>,
    /// Section folders and their addresses.
    sections: BTreeMap<String, Address>,
    /// Addresses of visible bundles.
    bundle_addresses: HashMap<String, Address>,
    plan: Plan,
    problems: Vec<Problem>,
}

impl<'a> Planner<'a> {
    fn new(masthead: Masthead, rules: &'a Rules, pages: Vec<Headed>, now: Timestamp) -> Planner<'a> {
        let prefix = masthead.web.as_ref().map_or_else(Address::root, |web| web.path.clone());
        let mut languages = vec![masthead.language.clone()];
        if let Rules::Hugo(hugo) = rules {
            languages.extend(hugo.languages.iter().cloned());
        }
        let mut pages: Vec<(Headed, Place)> = pages
            .into_iter()
            .map(|headed| {
                let place = Place::of(&headed.source.logical, &languages);
                (headed, place)
            })
            .collect();
        if let Rules::Hugo(_) = rules {
            let leafs: HashSet<String> = pages
                .iter()
                .filter(|(_, place)| place.stem == "index")
                .map(|(_, place)| place.folder.clone())
                .collect();
            // Markdown inside a leaf bundle is a resource of its page.
            pages.retain(|(_, place)| {
                let inside = ancestors(&place.folder).any(|folder| leafs.contains(folder));
                !inside || (place.stem == "index" && leafs.contains(&place.folder))
            });
        }
        let plan = Plan {
            masthead,
            pages: Vec::new(),
            files: Vec::new(),
            sections: Vec::new(),
            by_logical: HashMap::new(),
            by_address: HashMap::new(),
            file_by_address: HashMap::new(),
            hidden: HashMap::new(),
            made: HashSet::new(),
            next_change: None,
        };
        Planner {
            rules,
            prefix,
            languages,
            now,
            pages,
            aliases: Vec::new(),
            sections: BTreeMap::new(),
            bundle_addresses: HashMap::new(),
            plan,
            problems: Vec::new(),
        }
    }

    /// Drops what is not shown now, remembers why, and when that changes.
    fn choose_visible(&mut self) {
        let cascades = match self.rules {
            Rules::Plain => Vec::new(),
            Rules::Hugo(_) => hugo::cascades(&self.pages),
        };
        let pages = std::mem::take(&mut self.pages);
        for (mut headed, place) in pages {
            let build = match self.rules {
                Rules::Plain => Build {
                    draft: headed.front.draft,
                    render: headed.front.render.unwrap_or(true),
                    list: headed.front.list.unwrap_or(true),
                },
                Rules::Hugo(hugo) => hugo.build(&headed, &place, &cascades),
            };
            match self.hidden(&headed, &place, build) {
                Some(reason) => {
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
        let shows = match self.rules {
            Rules::Plain => hugo::Shows::default(),
            Rules::Hugo(hugo) => hugo.shows,
        };
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
        let from_name = self.date(headed, place);
        if let Some(expires) = front.expires.filter(|_| !shows.expired) {
            if expires.instant <= self.now {
                return Some(Hidden::Expired);
            }
            self.changes_at(expires);
        }
        let begins = front.publish_at.or(from_name).filter(|_| !shows.future)?;
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

    /// The date of front matter, else in a plain folder that of the file's name.
    fn date(&self, headed: &Headed, place: &Place) -> Option<Moment> {
        let of_name = || match self.rules {
            Rules::Hugo(_) => None,
            Rules::Plain => {
                let (day, _) = place.dated()?;
                let instant = self.plan.masthead.timezone.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
                Some(Moment { instant, day })
            }
        };
        headed.front.date.or_else(of_name)
    }

    fn kind(&self, headed: &Headed, place: &Place) -> PageKind {
        if !place.is_index() {
            return PageKind::Post;
        }
        if place.folder.is_empty() {
            return PageKind::Home;
        }
        let heads_section = match self.rules {
            Rules::Hugo(_) => place.stem == "_index" || headed.source.role == Role::Gemtext,
            Rules::Plain => self.sections.contains_key(&place.folder),
        };
        if heads_section { PageKind::Section } else { PageKind::Post }
    }

    fn find_sections(&mut self) {
        let mut folders: HashSet<String> = HashSet::new();
        for (_, place) in &self.pages {
            let folder = place.folder.as_str();
            match self.rules {
                // Every folder with pages, and the folders around it; `x/index.md` alone makes no section.
                Rules::Plain => {
                    let holder = match place.stem.as_str() {
                        "index" => folder.rsplit_once('/').map_or("", |(parent, _)| parent),
                        _ => folder,
                    };
                    folders.extend(ancestors(holder).map(str::to_owned));
                }
                // Folders at the top that have pages, and those with an `_index.md`.
                Rules::Hugo(_) => {
                    let first = folder.split('/').next().unwrap_or("");
                    let alone = place.stem == "index" && !folder.contains('/');
                    if !alone {
                        folders.insert(first.to_owned());
                    }
                    if place.stem == "_index" {
                        folders.insert(folder.to_owned());
                    }
                }
            }
        }
        folders.remove("");
        for folder in folders {
            let path = match self.rules {
                Rules::Plain => format!("{folder}/"),
                Rules::Hugo(hugo) => format!("{}/", hugo.path(&folder)),
            };
            if let Ok(address) = self.prefix.child(&path) {
                self.sections.insert(folder, address);
            }
        }
    }

    /// The section a page in `folder` is listed in.
    fn section_of(&self, folder: &str) -> Address {
        ancestors(folder).find_map(|folder| self.sections.get(folder)).cloned().unwrap_or_else(Address::root)
    }

    fn place_pages(&mut self) {
        let pages = std::mem::take(&mut self.pages);
        for (headed, place) in &pages {
            let kind = self.kind(headed, place);
            let own = self.plan.masthead.language.clone();
            let address = match self.rules {
                Rules::Plain => plain::address(headed, place, kind, &self.prefix, &own),
                Rules::Hugo(_) if headed.source.role == Role::Gemtext => {
                    plain::address(headed, place, kind, &self.prefix, &own)
                }
                Rules::Hugo(hugo) => hugo.address(headed, place, kind, &self.prefix),
            };
            let Some(address) = address else {
                self.problem(headed, "its address climbs out of the capsule; correct its `url` or `slug`");
                continue;
            };
            self.place_page(headed, place, kind, address);
        }
        self.list_sections();
    }

    fn place_page(&mut self, headed: &Headed, place: &Place, kind: PageKind, address: Address) {
        if let Some(&other) = self.plan.by_address.get(&address) {
            let taken = format!(
                "its address {address} is taken by {}; give it a `slug` of its own",
                self.plan.pages[other].source
            );
            return self.problem(headed, taken);
        }
        let index = self.plan.pages.len();
        if kind == PageKind::Section {
            self.sections.insert(place.folder.clone(), address.clone());
        }
        if place.stem == "index" {
            self.bundle_addresses.insert(place.folder.clone(), address.clone());
        }
        let holder = match kind {
            PageKind::Home => "",
            PageKind::Post if place.stem != "index" => &place.folder,
            PageKind::Post | PageKind::Section => place.folder.rsplit_once('/').map_or("", |(parent, _)| parent),
        };
        let page = self.page(headed, place, kind, address.clone(), self.section_of(holder));
        self.plan.by_address.insert(address, index);
        self.plan.by_logical.entry(headed.source.logical.to_lowercase()).or_insert(index);
        self.plan.pages.push(page);
        self.aliases.push(headed.front.aliases.clone());
    }

    fn page(&self, headed: &Headed, place: &Place, kind: PageKind, address: Address, section: Address) -> Page {
        let front = &headed.front;
        let masthead = &self.plan.masthead;
        let title = front.title.clone().filter(|title| !title.trim().is_empty());
        let title = title.or_else(|| headed.heading.clone());
        let title = title.unwrap_or_else(|| match kind {
            PageKind::Home => masthead.title.clone(),
            PageKind::Section | PageKind::Post => place.title(),
        });
        let language = front.language.clone().or_else(|| place.language.clone());
        let language = language.or_else(|| place.folder_language(&self.languages));
        let authors = match kind {
            PageKind::Post if front.authors.is_empty() => masthead.author.iter().cloned().collect(),
            PageKind::Post => front.authors.clone(),
            PageKind::Home | PageKind::Section => Vec::new(),
        };
        let dated = kind == PageKind::Post;
        let head = Head {
            title,
            subtitle: front.subtitle.clone(),
            date: self.date(headed, place).filter(|_| dated),
            updated: front.updated.filter(|_| dated),
            authors,
            tags: if dated { front.tags.clone() } else { Vec::new() },
            language: language.unwrap_or_else(|| masthead.language.clone()),
        };
        Page {
            source: headed.source.path.clone(),
            logical: headed.source.logical.clone(),
            kind,
            format: if headed.source.role == Role::Gemtext { Format::Gemtext } else { Format::Markdown },
            address,
            section,
            head,
            link_title: front.link_title.clone(),
            summary: front.summary.clone(),
            weight: front.weight.filter(|weight| *weight != 0),
            aliases: Vec::new(),
            listed: front.list.unwrap_or(true),
            translation_key: front.translation_key.clone(),
            body_start: headed.body_start,
        }
    }

    fn list_sections(&mut self) {
        let introductions: HashMap<Address, usize> = (self.plan.pages.iter().enumerate())
            .filter(|(_, page)| page.kind == PageKind::Section)
            .map(|(index, page)| (page.address.clone(), index))
            .collect();
        for (folder, address) in &self.sections {
            let introduction = introductions.get(address).copied();
            let name = folder.rsplit('/').next().unwrap_or(folder);
            let title = introduction.map_or_else(|| in_words(name), |index| self.plan.pages[index].label().to_owned());
            let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            let parent = self.section_of(parent);
            self.plan.sections.push(Section { address: address.clone(), title, introduction, parent });
        }
        self.plan.sections.sort_by(|a, b| a.address.cmp(&b.address));
    }

    /// Older addresses: absolute from the site's root, else beside the page (Hugo).
    fn place_aliases(&mut self) {
        for (index, aliases) in std::mem::take(&mut self.aliases).iter().enumerate() {
            let page = &self.plan.pages[index];
            let (source, own) = (page.source.clone(), page.address.clone());
            for alias in aliases {
                let base = if alias.starts_with('/') { self.prefix.clone() } else { own.parent() };
                match base.child(&alias_path(alias)) {
                    Err(_) => self.say(&source, format!("the alias `{alias}` climbs out of the capsule; correct it")),
                    Ok(address) if address == own => {
                        self.say(&source, format!("the alias `{alias}` is the page's own address; remove it"));
                    }
                    Ok(address) => self.place_alias(index, &source, alias, address),
                }
            }
        }
    }

    fn place_alias(&mut self, index: usize, source: &str, alias: &str, address: Address) {
        match self.plan.by_address.get(&address) {
            Some(&other) if other == index => {}
            Some(&other) => {
                let taken = &self.plan.pages[other].source;
                self.say(source, format!("the alias `{alias}` is taken by {taken}; remove one of the two"));
            }
            None => {
                self.plan.by_address.insert(address.clone(), index);
                self.plan.pages[index].aliases.push(address);
            }
        }
    }

    fn place_files(&mut self, files: Vec<Source>) {
        for file in files {
            let Some(address) = self.file_address(&file) else { continue };
            if self.plan.by_address.contains_key(&address) || self.plan.file_by_address.contains_key(&address) {
                self.say(&file.path, format!("its address {address} is taken by another file; rename it"));
                continue;
            }
            self.plan.file_by_address.insert(address.clone(), self.plan.files.len());
            self.plan.files.push(StaticFile { source: file.path, address, length: file.stamp.size });
        }
    }

    /// A file beside a page moves with it; one of a hidden page is hidden too.
    fn file_address(&self, file: &Source) -> Option<Address> {
        let folder = file.logical.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Rules::Hugo(hugo) = self.rules {
            for bundle in ancestors(folder) {
                let hidden = |name: &str| self.plan.hidden.contains_key(&format!("{bundle}/{name}").to_lowercase());
                if let Some(address) = self.bundle_addresses.get(bundle) {
                    return address.child(file.logical.get(bundle.len() + 1..)?).ok();
                }
                if hidden("index.md") || hidden("_index.md") {
                    return None;
                }
            }
            let (folder, name) = file.logical.rsplit_once('/').unwrap_or(("", &file.logical));
            let folder = if file.role == Role::Resource { hugo.path(folder) } else { folder.to_owned() };
            return self.prefix.child(format!("{folder}/{name}").trim_start_matches('/')).ok();
        }
        // What is said once for a whole host stands at its root.
        let base = if file.logical.starts_with(".well-known/") { Address::root() } else { self.prefix.clone() };
        base.child(&file.logical).ok()
    }

    /// The pages maquis makes, where the author has none.
    fn place_listings(&mut self) {
        let root = Address::root();
        let made = ["/", "/archive/", "/tags/", "/atom.xml"].map(|path| root.join(path));
        self.plan.made.extend(made.into_iter().flatten());
        self.plan.made.extend(self.plan.sections.iter().map(|section| section.address.clone()));
        let tags: HashSet<Address> =
            self.plan.pages.iter().flat_map(|page| &page.head.tags).filter_map(|tag| tag_address(tag)).collect();
        self.plan.made.extend(tags);
    }

    fn problem(&mut self, headed: &Headed, text: impl Into<String>) {
        self.problems.push(Problem::at(&headed.source.path, 1, text));
    }

    fn say(&mut self, source: &str, text: String) {
        self.problems.push(Problem::at(source, 1, text));
    }
}

/// The address of a tag's page; `None` for a tag without a letter or digit.
pub fn tag_address(tag: &str) -> Option<Address> {
    let slug = crate::text::slug::hugo(tag);
    let slug = slug.trim_matches('/');
    if slug.is_empty() { None } else { Address::parse(&format!("/tags/{slug}/")).ok() }
}

fn alias_path(alias: &str) -> String {
    let path = alias.trim().trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    if path.ends_with('/') || [".html", ".htm", ".gmi", ".xml", ".txt"].iter().any(|ending| name.ends_with(ending)) {
        path.to_owned()
    } else {
        format!("{path}/")
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
