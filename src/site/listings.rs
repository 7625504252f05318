//! The listings of a capsule as models: who stands where, in what order, and the ways on from a post.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::assemble::by_tag;
use crate::content::document::Target;
use crate::content::plan::Section;
use crate::content::{Address, Entry, Group, Language, Listing, Page, PageKind, Plan};
use crate::read::plan::tag_address;
use crate::render::words::{self, Word, word};
use crate::text::url;

/// How many posts the home page names.
const NEWEST: usize = 20;

/// The plan in the orders that listings need.
pub(super) struct Listings<'a> {
    plan: &'a Plan,
    /// Dated posts, newest first.
    dated: Vec<usize>,
    /// Listed posts by section, in the section's order.
    by_section: HashMap<&'a Address, Vec<usize>>,
    /// A page's place in its section's list.
    places: HashMap<usize, usize>,
    /// Pages that are translations of each other.
    by_key: HashMap<&'a str, Vec<usize>>,
    tags: BTreeMap<Address, (&'a str, Vec<usize>)>,
}

impl<'a> Listings<'a> {
    pub(super) fn new(plan: &'a Plan) -> Listings<'a> {
        let listed = |page: &&(usize, &Page)| page.1.listed && page.1.kind == PageKind::Post;
        let posts: Vec<(usize, &Page)> = plan.pages.iter().enumerate().filter(|page| listed(&page)).collect();
        let mut dated: Vec<usize> =
            posts.iter().filter(|(_, page)| page.head.date.is_some()).map(|(index, _)| *index).collect();
        dated.sort_by(|a, b| newest_first(&plan.pages[*a], &plan.pages[*b]));
        let mut by_section: HashMap<&Address, Vec<usize>> = HashMap::new();
        for (index, page) in posts {
            by_section.entry(&page.section).or_default().push(index);
        }
        let mut places = HashMap::new();
        for pages in by_section.values_mut() {
            pages.sort_by(|a, b| in_section(&plan.pages[*a], &plan.pages[*b]));
            places.extend(pages.iter().enumerate().map(|(place, index)| (*index, place)));
        }
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, page) in plan.pages.iter().enumerate() {
            if let Some(key) = &page.translation_key {
                by_key.entry(key).or_default().push(index);
            }
        }
        Listings { plan, dated, by_section, places, by_key, tags: by_tag(plan) }
    }

    /// The newest dated posts.
    pub(super) fn newest(&self, count: usize) -> &[usize] {
        &self.dated[..count.min(self.dated.len())]
    }

    /// Home: the newest posts, the sections, and pages that stand in none.
    pub(super) fn home(&self, introduced: bool) -> Listing {
        let masthead = &self.plan.masthead;
        let language = &masthead.language;
        let root = Address::root();
        let newest = self.newest(NEWEST).iter().map(|&index| self.entry(index)).collect();
        let alone = self.by_section.get(&root).into_iter().flatten();
        let alone = alone.filter(|&&index| self.plan.pages[index].head.date.is_none()).map(|&index| self.entry(index));
        let groups = vec![
            Group { heading: Some(word(language, Word::NewestPosts).into()), entries: newest },
            Group { heading: Some(word(language, Word::Sections).into()), entries: self.sections_in(&root) },
            Group { heading: Some(word(language, Word::Pages).into()), entries: alone.collect() },
        ];
        let mut ways = vec![way(language, Word::Archive, "/archive/")];
        if !self.tags.is_empty() {
            ways.push(way(language, Word::Tags, "/tags/"));
        }
        if !self.dated.is_empty() {
            ways.push(way(language, Word::Feed, "/atom.xml"));
        }
        self.listing((!introduced).then(|| masthead.title.clone()), language, groups, ways)
    }

    /// A section: the sections in it, then its pages.
    pub(super) fn section(&self, section: &Section) -> Listing {
        let introduction = section.introduction.map(|index| &self.plan.pages[index]);
        let language = introduction.map_or(&self.plan.masthead.language, |page| &page.head.language);
        let pages = self.by_section.get(&section.address).map_or(&[][..], Vec::as_slice);
        let inner = self.sections_in(&section.address);
        let mut groups = Vec::new();
        if !inner.is_empty() {
            groups.push(Group { heading: Some(word(language, Word::Sections).into()), entries: inner });
        }
        // A heading parts the pages from what stands above them.
        let heading = (introduction.is_some() || !groups.is_empty()).then(|| {
            let dated = pages.iter().any(|&index| self.plan.pages[index].head.date.is_some());
            word(language, if dated { Word::Posts } else { Word::Pages })
        });
        let entries = pages.iter().map(|&index| self.entry(index)).collect();
        groups.push(Group { heading: heading.map(str::to_owned), entries });
        let mut ways = Vec::new();
        if section.parent.as_str() != "/" {
            ways.extend(self.section_entry(&section.parent));
        }
        ways.push(self.way_home(language));
        self.listing(introduction.is_none().then(|| section.title.clone()), language, groups, ways)
    }

    /// The archive by year, the list of tags, and a page for each tag.
    pub(super) fn archive_and_tags(&self) -> Vec<(Address, Listing)> {
        let language = &self.plan.masthead.language;
        let ways = || vec![self.way_home(language)];
        let mut made = Vec::new();
        let mut add =
            |path: &str, title: String, groups: Vec<Group>, ways: Vec<Entry>| {
                let address = Address::parse(path);
                made.extend(address.into_iter().map(|address| {
                    (address, self.listing(Some(title.clone()), language, groups.clone(), ways.clone()))
                }));
            };
        add("/archive/", word(language, Word::Archive).into(), self.by_year(), ways());
        if !self.tags.is_empty() {
            let mut names: Vec<_> = self.tags.iter().collect();
            names.sort_by_cached_key(|(_, (name, _))| name.to_lowercase());
            let counted = |(address, (name, pages)): (&Address, &(&str, Vec<usize>))| {
                Entry::page(address, format!("{name} ({})", words::posts(language, pages.len())))
            };
            let entries = names.into_iter().map(counted).collect();
            add("/tags/", word(language, Word::Tags).into(), vec![Group { heading: None, entries }], ways());
        }
        for (address, (name, pages)) in &self.tags {
            let mut pages = pages.clone();
            pages.sort_by(|a, b| in_section(&self.plan.pages[*a], &self.plan.pages[*b]));
            let entries = pages.iter().map(|&index| self.entry(index)).collect();
            let ways = vec![way(language, Word::Tags, "/tags/"), self.way_home(language)];
            add(address.as_str(), words::tag(language, name), vec![Group { heading: None, entries }], ways);
        }
        made
    }

    fn by_year(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for &index in &self.dated {
            let year = self.plan.pages[index].head.date.map(|date| date.day.year().to_string());
            if groups.last().is_none_or(|group| group.heading != year) {
                groups.push(Group { heading: year, entries: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.entries.push(self.entry(index));
            }
        }
        let undated = |page: &Page| page.listed && page.kind == PageKind::Post && page.head.date.is_none();
        let mut rest: Vec<usize> =
            (0..self.plan.pages.len()).filter(|&index| undated(&self.plan.pages[index])).collect();
        rest.sort_by_cached_key(|&index| self.plan.pages[index].label().to_lowercase());
        let heading = (!groups.is_empty()).then(|| word(&self.plan.masthead.language, Word::Pages).to_owned());
        groups.push(Group { heading, entries: rest.into_iter().map(|index| self.entry(index)).collect() });
        groups
    }

    /// What stands at the foot of a post: previous and next, translations, tags, its section, home, the author.
    pub(super) fn ways_on(&self, index: usize) -> Vec<Entry> {
        let page = &self.plan.pages[index];
        let language = &page.head.language;
        let mut ways = Vec::new();
        let mut add = |address: &Address, label: String| ways.push(Entry::page(address, label));
        let (previous, next) = self.neighbours(index);
        for (label, neighbour) in [(Word::Previous, previous), (Word::Next, next)] {
            if let Some(other) = neighbour.map(|index| &self.plan.pages[index]) {
                add(&other.address, words::labelled(language, label, other.label()));
            }
        }
        for other in self.translations(index) {
            add(
                &other.address,
                format!(
                    "{}{} {}",
                    words::translation(&other.head.language),
                    words::colon(&other.head.language),
                    other.label()
                ),
            );
        }
        for tag in &page.head.tags {
            tag_address(tag).into_iter().for_each(|address| add(&address, words::tag(language, tag)));
        }
        ways.extend(self.section_entry(&page.section));
        ways.push(self.way_home(language));
        ways.extend(self.contact(language));
        ways
    }

    /// The way to the author, where there is one.
    fn contact(&self, language: &Language) -> Option<Entry> {
        let url = url::escape(self.plan.masthead.contact.as_deref()?)?;
        let label = word(language, Word::Contact).to_owned();
        Some(Entry { target: Target::Elsewhere(url.into()), date: None, label })
    }

    /// Older and newer among dated posts of its section, else the one before and after; in its language.
    fn neighbours(&self, index: usize) -> (Option<usize>, Option<usize>) {
        let page = &self.plan.pages[index];
        let Some(&place) = self.places.get(&index) else { return (None, None) };
        let Some(list) = self.by_section.get(&page.section) else { return (None, None) };
        let same = |other: &&usize| self.plan.pages[**other].head.language == page.head.language;
        let before = list[..place].iter().rev().find(same).copied();
        let after = list[place + 1..].iter().find(same).copied();
        if page.head.date.is_some() && page.weight.is_none() { (after, before) } else { (before, after) }
    }

    fn translations(&self, index: usize) -> impl Iterator<Item = &Page> {
        let page = &self.plan.pages[index];
        let same = page.translation_key.as_deref().and_then(|key| self.by_key.get(key));
        let others = same.into_iter().flatten().map(|&other| &self.plan.pages[other]);
        others.filter(|other| other.head.language != page.head.language)
    }

    fn sections_in(&self, parent: &Address) -> Vec<Entry> {
        let mut sections: Vec<&Section> =
            self.plan.sections.iter().filter(|section| section.parent == *parent).collect();
        let weight = |section: &Section| {
            section.introduction.and_then(|index| self.plan.pages[index].weight).unwrap_or(i64::MAX)
        };
        sections.sort_by_cached_key(|section| (weight(section), section.title.to_lowercase()));
        let listed = |section: &&Section| section.introduction.is_none_or(|index| self.plan.pages[index].listed);
        sections
            .into_iter()
            .filter(listed)
            .map(|section| Entry::page(&section.address, section.title.as_str()))
            .collect()
    }

    fn section_entry(&self, address: &Address) -> Option<Entry> {
        let section = self.plan.sections.iter().find(|section| section.address == *address)?;
        Some(Entry::page(address, section.title.as_str()))
    }

    fn way_home(&self, language: &Language) -> Entry {
        way(language, Word::Home, "/")
    }

    fn entry(&self, index: usize) -> Entry {
        let page = &self.plan.pages[index];
        Entry { date: page.head.date.map(|date| date.day), ..Entry::page(&page.address, page.label()) }
    }

    fn listing(&self, title: Option<String>, language: &Language, groups: Vec<Group>, ways: Vec<Entry>) -> Listing {
        let groups = groups.into_iter().filter(|group| !group.entries.is_empty()).collect();
        Listing { title, subtitle: None, language: language.clone(), groups, ways }
    }
}

fn way(language: &Language, label: Word, path: &str) -> Entry {
    let address = Address::parse(path).unwrap_or_else(|_| Address::root());
    Entry::page(&address, word(language, label))
}

fn newest_first(a: &Page, b: &Page) -> Ordering {
    let key = |page: &Page| page.head.date;
    key(b)
        .cmp(&key(a))
        .then_with(|| a.label().to_lowercase().cmp(&b.label().to_lowercase()))
        .then_with(|| a.source.cmp(&b.source))
}

/// As Hugo orders the pages of a section: by weight, then newest first, then by title.
fn in_section(a: &Page, b: &Page) -> Ordering {
    let weight = |page: &Page| page.weight.unwrap_or(i64::MAX);
    weight(a).cmp(&weight(b)).then_with(|| newest_first(a, b))
}

/// A page's text with its links made absolute, for a reader who has no base to resolve them against.
pub(super) fn with_full_links(text: &str, page: &str, root: &str) -> String {
    let origin = root.trim_end_matches('/');
    let mut out = String::with_capacity(text.len() + 256);
    let mut preformatted = false;
    for line in text.split_inclusive('\n') {
        preformatted ^= line.starts_with("```");
        match line.strip_prefix("=> ").filter(|_| !preformatted) {
            Some(rest) if rest.starts_with('/') => out.extend(["=> ", origin, rest]),
            Some(rest) if relative(rest) => out.extend(["=> ", page, rest]),
            _ => out.push_str(line),
        }
    }
    out
}

fn relative(link: &str) -> bool {
    url::scheme(link.split_whitespace().next().unwrap_or("")).is_none()
}
