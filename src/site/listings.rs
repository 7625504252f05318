//! The listings of an edition as models: who stands where, in what order, and the ways on from a post.
//!
//! Here are the orders; [`made`] makes the listings themselves, [`foot`] what stands at the foot of a post, [`paging`]
//! parts what is long.

mod foot;
mod made;
pub(super) mod paging;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use crate::content::address::percent_decode;
use crate::content::plan::{Edition, Section, Taxonomy, Undated};
use crate::content::{Address, Entry, Group, Language, Listing, Page, PageKind, Plan};
use crate::render::words::{Word, word};
use crate::text::url;

/// Terms by their address: the name as first written, and the pages.
type Terms<'a> = BTreeMap<Address, (&'a str, Vec<usize>)>;

/// The plan in the orders that an edition's listings need.
pub(super) struct Listings<'a> {
    plan: &'a Plan,
    edition: &'a Edition,
    /// Dated posts, newest first.
    dated: Vec<usize>,
    /// Listed posts by section, in the section's order.
    by_section: HashMap<&'a Address, Vec<usize>>,
    /// A page's place in its section's list.
    places: HashMap<usize, usize>,
    /// Pages that are translations of each other, in all editions.
    by_key: HashMap<&'a str, Vec<usize>>,
    terms: BTreeMap<Taxonomy, Terms<'a>>,
}

impl<'a> Listings<'a> {
    pub(super) fn new(plan: &'a Plan, edition: &'a Edition) -> Listings<'a> {
        let posts: Vec<(usize, &Page)> = plan.pages.iter().enumerate().filter(|(_, page)| is_listed(page)).collect();
        let here = |page: &Page| shows(edition, page);
        let mut dated: Vec<usize> =
            posts.iter().filter(|(_, page)| page.head.date.is_some() && here(page)).map(|(index, _)| *index).collect();
        dated.sort_by(|a, b| newest_first(&plan.pages[*a], &plan.pages[*b]));
        let mut by_section: HashMap<&Address, Vec<usize>> = HashMap::new();
        for (index, page) in posts.iter().filter(|(_, page)| page.edition == edition.language) {
            by_section.entry(&page.section).or_default().push(*index);
        }
        let mut places = HashMap::new();
        for pages in by_section.values_mut() {
            pages.sort_by(|a, b| in_section(plan, *a, *b));
            places.extend(pages.iter().enumerate().map(|(place, index)| (*index, place)));
        }
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, page) in plan.pages.iter().enumerate() {
            if let Some(key) = &page.translation_key {
                by_key.entry(key).or_default().push(index);
            }
        }
        let terms = Taxonomy::ALL.into_iter().map(|taxonomy| (taxonomy, terms(plan, edition, taxonomy))).collect();
        Listings { plan, edition, dated, by_section, places, by_key, terms }
    }

    /// The newest dated posts.
    pub(super) fn newest(&self, count: usize) -> &[usize] {
        &self.dated[..count.min(self.dated.len())]
    }

    /// The newest dated among these.
    pub(super) fn newest_of(&self, pages: &[usize], count: usize) -> Vec<usize> {
        let mut dated: Vec<usize> =
            pages.iter().copied().filter(|&index| self.plan.pages[index].head.date.is_some()).collect();
        dated.sort_by(|a, b| newest_first(&self.plan.pages[*a], &self.plan.pages[*b]));
        dated.truncate(count);
        dated
    }

    /// The terms of a taxonomy.
    pub(super) fn terms(&self, taxonomy: Taxonomy) -> impl Iterator<Item = (&Address, &str, &[usize])> {
        self.terms.get(&taxonomy).into_iter().flatten().map(|(address, (name, pages))| (address, *name, &pages[..]))
    }

    /// The language of the pages that maquis makes.
    pub(super) fn language(&self) -> &'a Language {
        self.edition.language.as_ref().unwrap_or(&self.plan.masthead.language)
    }

    /// What the blog is called in that language.
    pub(super) fn title(&self) -> &'a str {
        self.edition.title.as_deref().unwrap_or(&self.plan.masthead.title)
    }

    /// The sections of the edition.
    pub(super) fn sections(&self) -> impl Iterator<Item = &'a Section> {
        self.plan.sections.iter().filter(|section| section.edition == self.edition.language)
    }

    /// A section's pages in its order, with those of transparent sections in it.
    fn pages_of(&self, section: &Address) -> Vec<usize> {
        let mut pages = self.by_section.get(section).cloned().unwrap_or_default();
        let own = pages.len();
        for inner in self.sections().filter(|inner| inner.transparent && inner.parent == *section) {
            if inner.address != *section {
                pages.extend(self.pages_of(&inner.address));
            }
        }
        if pages.len() > own {
            pages.sort_by(|a, b| in_section(self.plan, *a, *b));
        }
        pages
    }

    fn section_entry(&self, address: &Address) -> Option<Entry> {
        let section = self.plan.sections.iter().find(|section| section.address == *address)?;
        Some(Entry::page(address, section.title.as_str()))
    }

    /// A way to a page of the edition's root.
    fn way(&self, language: &Language, label: Word, path: &str) -> Entry {
        let address = self.edition.root.child(path).unwrap_or_else(|_| Address::root());
        Entry::page(&address, word(language, label))
    }

    fn way_home(&self, language: &Language) -> Entry {
        Entry::page(&self.edition.root, word(language, Word::Home))
    }

    fn entry(&self, index: usize) -> Entry {
        let page = &self.plan.pages[index];
        Entry { date: page.head.date.map(|date| date.day), ..Entry::page(&page.address, page.label()) }
    }

    fn entries(&self, pages: &[usize]) -> Vec<Entry> {
        pages.iter().map(|&index| self.entry(index)).collect()
    }

    fn listing(&self, title: String, language: &Language, groups: Vec<Group>, ways: Vec<Entry>) -> Listing {
        let groups = groups.into_iter().filter(|group| !group.entries.is_empty()).collect();
        Listing { title: Some(title), subtitle: None, language: language.clone(), groups, ways }
    }
}

/// Whether listings name a page.
fn is_listed(page: &Page) -> bool {
    page.listed && page.kind == PageKind::Post
}

/// Whether an edition's home, archive and feed name a page: its own, and those of the capsule in its language.
fn shows(edition: &Edition, page: &Page) -> bool {
    match &edition.language {
        _ if page.edition == edition.language => true,
        Some(language) => page.edition.is_none() && page.head.language.primary() == language.primary(),
        None => false,
    }
}

/// The pages filed under each term of a taxonomy.
fn terms<'a>(plan: &'a Plan, edition: &Edition, taxonomy: Taxonomy) -> Terms<'a> {
    let mut terms: Terms<'a> = BTreeMap::new();
    // Each is looked at once, however many pages have it.
    let mut addresses: HashMap<&str, Option<Address>> = HashMap::new();
    for (index, page) in plan.pages.iter().enumerate().filter(|(_, page)| is_listed(page)) {
        if page.edition != edition.language {
            continue;
        }
        for term in page.terms(taxonomy) {
            let address =
                addresses.entry(term).or_insert_with(|| plan.term_address(page.edition.as_ref(), taxonomy, term));
            let Some(address) = address.clone() else { continue };
            let (_, pages) = terms.entry(address).or_insert((term, Vec::new()));
            if pages.last() != Some(&index) {
                pages.push(index);
            }
        }
    }
    if taxonomy == Taxonomy::Authors && terms.len() < 2 {
        return Terms::new();
    }
    for (_, pages) in terms.values_mut() {
        match taxonomy {
            Taxonomy::Tags | Taxonomy::Categories | Taxonomy::Authors => {
                pages.sort_by(|a, b| in_section(plan, *a, *b));
            }
            Taxonomy::Series => pages.sort_by(|a, b| in_series(&plan.pages[*a], &plan.pages[*b])),
        }
    }
    terms
}

fn newest_first(a: &Page, b: &Page) -> Ordering {
    let key = |page: &Page| page.head.date;
    key(b)
        .cmp(&key(a))
        .then_with(|| a.label().to_lowercase().cmp(&b.label().to_lowercase()))
        .then_with(|| a.source.cmp(&b.source))
}

/// As Hugo orders the pages of a section: by weight, then newest first, then by title; as Jekyll does, by their names.
fn in_section(plan: &Plan, a: usize, b: usize) -> Ordering {
    let (a, b) = (&plan.pages[a], &plan.pages[b]);
    let weight = |page: &Page| page.weight.unwrap_or(i64::MAX);
    let by_name = plan.undated == Undated::ByName && a.head.date.is_none() && b.head.date.is_none();
    weight(a).cmp(&weight(b)).then_with(|| if by_name { a.source.cmp(&b.source) } else { newest_first(a, b) })
}

/// The parts of a series in the order of reading: by weight, then oldest first.
fn in_series(a: &Page, b: &Page) -> Ordering {
    let weight = |page: &Page| page.weight.unwrap_or(i64::MAX);
    weight(a).cmp(&weight(b)).then_with(|| a.head.date.cmp(&b.head.date)).then_with(|| a.source.cmp(&b.source))
}

/// A page's text with its links made absolute, for a reader who has no base to resolve them against.
pub(super) fn with_full_links(text: &str, page: &Address, url_of: &dyn Fn(&Address) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 256);
    let mut preformatted = false;
    for line in text.split_inclusive('\n') {
        preformatted ^= line.starts_with("```");
        let link = line.strip_prefix("=>").filter(|_| !preformatted).map(|rest| rest.trim_start_matches([' ', '\t']));
        let full = link.and_then(|rest| {
            let (url, label) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            Some((full_link(url, page, url_of)?, label))
        });
        match full {
            Some((url, label)) => out.extend(["=> ", &url, label]),
            None => out.push_str(line),
        }
    }
    out
}

/// What a relative link of a page means (RFC 3986, 5.2); `None` for one that is whole already.
fn full_link(url: &str, page: &Address, url_of: &dyn Fn(&Address) -> String) -> Option<String> {
    if url.is_empty() || url::scheme(url).is_some() {
        return None;
    }
    if url.starts_with("//") {
        return Some(format!("gemini:{url}"));
    }
    let (path, rest) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let address = if path.is_empty() { page.clone() } else { page.join(&percent_decode(path)?).ok()? };
    Some(format!("{}{rest}", url_of(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_a_feed_lead_where_they_led() {
        let url = |address: &Address| format!("gemini://h{}", address.encoded());
        let page = Address::parse("/log/a.gmi").unwrap();
        let full = |line: &str| with_full_links(line, &page, &url);
        for (line, wanted) in [
            ("=> b.gmi Next\n", "=> gemini://h/log/b.gmi Next\n"),
            ("=>b.gmi\n", "=> gemini://h/log/b.gmi\n"),
            ("=>\t/x?q=1#y Z", "=> gemini://h/x?q=1#y Z"),
            ("=> //o/x X\n", "=> gemini://o/x X\n"),
            ("=> https://o/ O\n", "=> https://o/ O\n"),
            ("```\n=> b.gmi\n```\n", "```\n=> b.gmi\n```\n"),
        ] {
            assert_eq!(full(line), wanted, "{line:?}");
        }
    }
}
