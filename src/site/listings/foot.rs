//! What stands at the foot of a post: the ways on from it.

use super::Listings;
use crate::content::document::Target;
use crate::content::plan::Taxonomy;
use crate::content::{Entry, Language, Page};
use crate::render::words::{self, Word, word};
use crate::text::url;

/// How many related posts are named.
const RELATED: usize = 3;
/// A tag that so many posts share relates none of them.
const COMMON: usize = 100;

impl Listings<'_> {
    /// Previous and next, in its section and in its series; related posts, translations, what it is filed under; its
    /// section and home.
    pub(crate) fn ways_on(&self, index: usize) -> Vec<Entry> {
        let page = &self.plan.pages[index];
        let language = &page.head.language;
        let mut ways = Vec::new();
        let labelled = |label: Word, other: usize| {
            let other = &self.plan.pages[other];
            let label = words::labelled(language, label, other.label());
            Entry::page(&other.address, label)
        };
        let (previous, next) = self.neighbours(index);
        ways.extend(previous.map(|other| labelled(Word::Previous, other)));
        ways.extend(next.map(|other| labelled(Word::Next, other)));
        ways.extend(self.in_series(index, language, [previous, next]));
        let named: Vec<usize> = previous.into_iter().chain(next).collect();
        ways.extend(self.related(index, &named).into_iter().map(|other| labelled(Word::SeeAlso, other)));
        for other in self.translations(index) {
            let language = &other.head.language;
            let label = format!("{}{} {}", words::translation(language), words::colon(language), other.label());
            ways.push(Entry::page(&other.address, label));
        }
        for taxonomy in [Taxonomy::Categories, Taxonomy::Tags, Taxonomy::Authors] {
            let has_lists = page.listed && self.terms.get(&taxonomy).is_some_and(|terms| !terms.is_empty());
            for term in page.terms(taxonomy).iter().filter(|_| has_lists) {
                let address = self.plan.term_address(page.edition.as_ref(), taxonomy, term);
                let label = words::term(language, taxonomy, term);
                let address = address.filter(|address| self.plan.made.contains(address));
                ways.extend(address.map(|address| Entry::page(&address, label)));
            }
        }
        ways.extend(self.section_entry(&page.section).filter(|_| page.section != self.edition.root));
        ways.push(self.way_home(language));
        ways.extend(self.on_the_web(page));
        ways.extend(self.contact(language));
        ways.extend(self.licence(language));
        ways
    }

    /// On which terms it may be passed on, where the author says so.
    fn licence(&self, language: &Language) -> Option<Entry> {
        let licence = self.plan.masthead.licence.as_ref()?;
        let target = match licence.url.as_deref().and_then(url::escape) {
            Some(url) => Target::Elsewhere(url.into()),
            None => Target::Nowhere,
        };
        Some(Entry { target, date: None, label: words::labelled(language, Word::Licence, &licence.name) })
    }

    /// The same page on the web, where the blog stands there too.
    fn on_the_web(&self, page: &Page) -> Option<Entry> {
        let web = self.plan.masthead.web.as_ref()?;
        let path = page.web_path.clone().unwrap_or_else(|| page.address.encoded());
        let label = word(&page.head.language, Word::WebVersion).to_owned();
        Some(Entry { target: Target::Elsewhere(format!("{}{path}", web.origin).into()), date: None, label })
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
        let same = |other: &&usize| {
            let other = &self.plan.pages[**other];
            other.head.language == page.head.language && other.head.date.is_some() == page.head.date.is_some()
        };
        let before = list[..place].iter().rev().find(same).copied();
        let after = list[place + 1..].iter().find(same).copied();
        if page.head.date.is_some() && page.weight.is_none() { (after, before) } else { (before, after) }
    }

    /// Its series, its place in it, and the parts around it where they are not its neighbours anyway.
    fn in_series(&self, index: usize, language: &Language, neighbours: [Option<usize>; 2]) -> Vec<Entry> {
        let page = &self.plan.pages[index];
        let mut ways = Vec::new();
        for name in &page.series {
            let address = self.plan.term_address(page.edition.as_ref(), Taxonomy::Series, name);
            let found = address.as_ref().and_then(|address| self.terms.get(&Taxonomy::Series)?.get_key_value(address));
            let Some((address, (_, parts))) = found else { continue };
            let Some(place) = parts.iter().position(|part| *part == index) else { continue };
            let label = words::part(language, name, place + 1, parts.len());
            ways.push(Entry::page(address, label));
            let before = place.checked_sub(1).and_then(|place| parts.get(place));
            for (label, other) in [(Word::PreviousPart, before), (Word::NextPart, parts.get(place + 1))] {
                let other = other.filter(|other| !neighbours.contains(&Some(**other)));
                let Some(other) = other.map(|other| &self.plan.pages[*other]) else { continue };
                let label = words::labelled(language, label, other.label());
                ways.push(Entry::page(&other.address, label));
            }
        }
        ways
    }

    /// Posts that share tags with it, those that share rare ones first.
    fn related(&self, index: usize, named: &[usize]) -> Vec<usize> {
        let page = &self.plan.pages[index];
        let mut weights: std::collections::BTreeMap<usize, f64> = std::collections::BTreeMap::new();
        for tag in &page.head.tags {
            let address = self.plan.term_address(page.edition.as_ref(), Taxonomy::Tags, tag);
            let found = address.as_ref().and_then(|address| self.terms.get(&Taxonomy::Tags)?.get(address));
            let Some((_, pages)) = found.filter(|(_, pages)| pages.len() <= COMMON) else { continue };
            let rarity = (self.dated.len().max(2) as f64 / pages.len() as f64).ln().max(0.01);
            for other in pages.iter().filter(|other| **other != index && !named.contains(other)) {
                *weights.entry(*other).or_default() += rarity;
            }
        }
        let same = |other: &usize| self.plan.pages[*other].head.language == page.head.language;
        let mut related: Vec<(usize, f64)> = weights.into_iter().filter(|(other, _)| same(other)).collect();
        related.sort_by(|(a, wa), (b, wb)| {
            wb.total_cmp(wa).then_with(|| super::newest_first(&self.plan.pages[*a], &self.plan.pages[*b]))
        });
        related.into_iter().take(RELATED).map(|(other, _)| other).collect()
    }

    fn translations(&self, index: usize) -> impl Iterator<Item = &Page> {
        let page = &self.plan.pages[index];
        let same = page.translation_key.as_deref().and_then(|key| self.by_key.get(key));
        let others = same.into_iter().flatten().map(|&other| &self.plan.pages[other]);
        others.filter(|other| other.listed && other.head.language != page.head.language)
    }
}
