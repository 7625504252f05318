//! Home, sections, the archive, and the pages of tags, categories and series.

use std::collections::HashMap;

use super::Listings;
use crate::content::plan::{Section, Taxonomy};
use crate::content::{Address, Entry, Group, Listing, PageKind};
use crate::render::words::{self, Word, word};

/// How many posts the home page names.
const NEWEST: usize = 20;

impl Listings<'_> {
    /// Home: the newest posts, the sections, pages that stand in none, and other languages.
    pub(crate) fn home(&self) -> Listing {
        let (plan, language, root) = (self.plan, self.language(), &self.edition.root);
        let newest = self.entries(self.newest(NEWEST));
        let alone: Vec<usize> =
            self.pages_of(root).into_iter().filter(|&index| plan.pages[index].head.date.is_none()).collect();
        let groups = vec![
            Group { heading: Some(word(language, Word::NewestPosts).into()), entries: newest },
            Group { heading: Some(word(language, Word::Sections).into()), entries: self.sections_in(root) },
            Group { heading: Some(word(language, Word::Pages).into()), entries: self.entries(&alone) },
        ];
        let mut ways = vec![self.way(language, Word::Archive, "archive/")];
        for taxonomy in Taxonomy::ALL {
            if self.terms(taxonomy).next().is_some() {
                ways.push(self.way(language, taxonomy_word(taxonomy), &format!("{}/", taxonomy.folder())));
            }
        }
        if !self.dated.is_empty() {
            ways.push(self.way(language, Word::Feed, "atom.xml"));
        }
        for edition in plan.editions.iter().filter(|edition| *edition != self.edition) {
            let language = edition.language.as_ref().unwrap_or(&plan.masthead.language);
            let label = words::translation(language);
            ways.push(Entry::page(&edition.root, label));
        }
        self.listing(self.title().to_owned(), language, groups, ways)
    }

    /// A section: the sections in it, then its pages.
    pub(crate) fn section(&self, section: &Section) -> Listing {
        let introduction = section.introduction.map(|index| &self.plan.pages[index]);
        let language = introduction.map_or(self.language(), |page| &page.head.language);
        let pages = self.pages_of(&section.address);
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
        groups.push(Group { heading: heading.map(str::to_owned), entries: self.entries(&pages) });
        let mut ways = Vec::new();
        if section.parent != self.edition.root {
            ways.extend(self.section_entry(&section.parent));
        }
        ways.push(self.way_home(language));
        self.listing(section.title.clone(), language, groups, ways)
    }

    /// The archive by year.
    pub(crate) fn archive(&self) -> Option<(Address, Listing)> {
        let language = self.language();
        let address = self.edition.archive()?;
        let title = word(language, Word::Archive).to_owned();
        Some((address, self.listing(title, language, self.by_year(), vec![self.way_home(language)])))
    }

    /// For each taxonomy the list of its terms, and a page for each term.
    pub(crate) fn taxonomies(&self) -> Vec<(Address, Listing)> {
        Taxonomy::ALL.into_iter().flat_map(|taxonomy| self.taxonomy(taxonomy)).collect()
    }

    fn taxonomy(&self, taxonomy: Taxonomy) -> Vec<(Address, Listing)> {
        let language = self.language();
        let mut terms: Vec<_> = self.terms(taxonomy).collect();
        let Some(address) = self.plan.taxonomy_address(self.edition.language.as_ref(), taxonomy) else {
            return Vec::new();
        };
        if terms.is_empty() {
            return Vec::new();
        }
        terms.sort_by_cached_key(|(_, name, _)| name.to_lowercase());
        let counted = |(address, name, pages): &(&Address, &str, &[usize])| {
            Entry::page(address, format!("{name} ({})", words::posts(language, pages.len())))
        };
        let all = Group { heading: None, entries: terms.iter().map(counted).collect() };
        let title = word(language, taxonomy_word(taxonomy)).to_owned();
        let way_up = Entry::page(&address, title.as_str());
        let mut made = vec![(address, self.listing(title, language, vec![all], vec![self.way_home(language)]))];
        for (address, name, pages) in terms {
            let group = Group { heading: None, entries: self.entries(pages) };
            let title = words::term(language, taxonomy, name);
            let dated = pages.iter().any(|&index| self.plan.pages[index].head.date.is_some());
            let feed = address.child("atom.xml").ok().filter(|_| taxonomy == Taxonomy::Tags && dated);
            let feed = feed.map(|feed| Entry::page(&feed, word(language, Word::Feed)));
            let ways = feed.into_iter().chain([way_up.clone(), self.way_home(language)]).collect();
            made.push((address.clone(), self.listing(title, language, vec![group], ways)));
        }
        made
    }

    fn by_year(&self) -> Vec<Group> {
        let plan = self.plan;
        let mut groups: Vec<Group> = Vec::new();
        for &index in &self.dated {
            let year = plan.pages[index].head.date.map(|date| date.day.year().to_string());
            if groups.last().is_none_or(|group| group.heading != year) {
                groups.push(Group { heading: year, entries: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.entries.push(self.entry(index));
            }
        }
        let undated = |index: &usize| {
            let page = &plan.pages[*index];
            page.kind == PageKind::Post
                && super::is_listed(page)
                && page.head.date.is_none()
                && super::shows(self.edition, page)
        };
        let mut rest: Vec<usize> = (0..plan.pages.len()).filter(undated).collect();
        rest.sort_by_cached_key(|&index| plan.pages[index].label().to_lowercase());
        let heading = (!groups.is_empty()).then(|| word(self.language(), Word::Pages).to_owned());
        groups.push(Group { heading, entries: self.told_apart(&rest) });
        groups
    }

    /// Entries of which those with the same title name their section too.
    fn told_apart(&self, pages: &[usize]) -> Vec<Entry> {
        let mut titles: HashMap<&str, u32> = HashMap::new();
        for &index in pages {
            *titles.entry(self.plan.pages[index].label()).or_default() += 1;
        }
        let entry = |&index: &usize| {
            let page = &self.plan.pages[index];
            let mut entry = self.entry(index);
            let section = self.section_entry(&page.section).filter(|_| page.section != self.edition.root);
            if let Some(section) = section
                .filter(|_| titles.get(page.label()).is_some_and(|&count| count > 1))
                .filter(|section| section.label != page.label())
            {
                entry.label.push_str(&format!(" ({})", section.label));
            }
            entry
        };
        pages.iter().map(entry).collect()
    }

    fn sections_in(&self, parent: &Address) -> Vec<Entry> {
        let mut sections: Vec<&Section> = self.sections().filter(|section| section.parent == *parent).collect();
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
}

/// What the list of a taxonomy is called.
pub(super) fn taxonomy_word(taxonomy: Taxonomy) -> Word {
    match taxonomy {
        Taxonomy::Tags => Word::Tags,
        Taxonomy::Categories => Word::Categories,
        Taxonomy::Series => Word::Series,
        Taxonomy::Authors => Word::Authors,
    }
}
