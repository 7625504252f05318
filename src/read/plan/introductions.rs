//! Introductions of the lists that maquis makes: an `index.md` or `_index.md` where the archive, a tag or an author is.
//!
//! They were placed like any page of a folder; here it turns out that what they introduce is no section. A folder with
//! posts of its own at such an address stays one, and its list wins.

use std::collections::BTreeSet;

use super::Planner;
use crate::content::plan::{Format, Taxonomy};
use crate::content::{Address, Page, PageKind};
use crate::read::place::Place;

impl Planner<'_> {
    /// Takes the pages at addresses of made lists for their introductions.
    pub(super) fn introduce_lists(&mut self) {
        if !self.plan.pages.iter().any(|page| page.kind != PageKind::Home && is_introduction(page)) {
            return;
        }
        let lists = self.made_lists();
        for page in &mut self.plan.pages {
            if page.kind == PageKind::Post && lists.contains(&page.address) && is_introduction(page) {
                introduce(page);
            }
        }
        // From the inside out: what holds nothing but emptied folders is empty.
        while let Some(index) = self
            .plan
            .sections
            .iter()
            .position(|section| lists.contains(&section.address) && self.is_empty(&section.address))
        {
            self.plan.sections.remove(index);
        }
    }

    /// The addresses of archives, of taxonomies and of their terms.
    fn made_lists(&self) -> BTreeSet<Address> {
        let mut lists = BTreeSet::new();
        for edition in &self.plan.editions {
            lists.extend(edition.root.child("archive/"));
            for taxonomy in Taxonomy::ALL {
                let terms = self.terms(edition.language.as_ref(), taxonomy);
                if !terms.is_empty() {
                    lists.extend(self.plan.taxonomy_address(edition.language.as_ref(), taxonomy));
                }
                lists.extend(terms);
            }
        }
        lists
    }

    fn is_empty(&self, section: &Address) -> bool {
        let holds = |page: &Page| page.kind == PageKind::Post && page.section == *section;
        let around = self.plan.sections.iter().any(|inner| inner.parent == *section && inner.address != *section);
        !around && !self.plan.pages.iter().any(holds)
    }
}

/// Whether it is the Markdown of a folder. Hand-written gemtext is its page and introduces nothing.
fn is_introduction(page: &Page) -> bool {
    page.format == Format::Markdown && page.moved_to.is_none() && Place::of(&page.logical, &[]).is_index()
}

/// An introduction is no post: it has no date, and is filed under nothing.
fn introduce(page: &mut Page) {
    page.kind = PageKind::Section;
    (page.head.date, page.head.updated) = (None, None);
    for terms in [&mut page.head.authors, &mut page.head.tags, &mut page.categories, &mut page.series] {
        terms.clear();
    }
}
