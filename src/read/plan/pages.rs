//! Pages and sections: their kinds, their addresses, and which section lists which page.

use std::collections::{HashMap, HashSet};

use super::{Older, Planner, SectionKey, ancestors};
use crate::content::plan::{Format, Section};
use crate::content::problem::Kind;
use crate::content::{Address, Head, Hidden, Language, Page, PageKind, Role};
use crate::read::place::{Place, in_words};
use crate::read::plan::Headed;
use crate::read::rules::{Placed, Placing};
use crate::read::title;

/// What a page may be called by: its name, its name without ending, and its folder's for an index.
fn names(logical: &str) -> HashSet<&str> {
    let (folder, name) = logical.rsplit_once('/').unwrap_or(("", logical));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let folder = folder.rsplit('/').next().filter(|_| matches!(stem, "index" | "_index"));
    [name, stem].into_iter().chain(folder).collect()
}

impl Planner<'_> {
    pub(super) fn find_sections(&mut self) {
        let mut keys: HashSet<SectionKey> = HashSet::new();
        // A page that only leads elsewhere is listed nowhere.
        for (headed, place) in self.pages.iter().filter(|(headed, _)| headed.front.redirect_to.is_none()) {
            let edition = self.edition(headed, place);
            keys.extend(self.rules.section_folders(place).into_iter().map(|folder| (edition.clone(), folder)));
        }
        for (edition, folder) in keys.into_iter().filter(|(_, folder)| !folder.is_empty()) {
            let root = self.start_of(edition.as_ref());
            let address = self.rules.section_address(&folder, &self.prefix, &root);
            // A folder named after its language is that language's home.
            if let Some(address) = address.filter(|address| *address != root) {
                self.sections.insert((edition, folder), address);
            }
        }
    }

    /// Where the pages of an edition start: beneath the path of the blog's web address.
    pub(super) fn start_of(&self, edition: Option<&Language>) -> Address {
        edition.map_or_else(|| self.prefix.clone(), |_| self.plan.root_of(edition))
    }

    /// The section a page in `folder` is listed in.
    fn section_of(&self, edition: &Option<Language>, folder: &str) -> Address {
        let found = ancestors(folder).find_map(|folder| self.sections.get(&(edition.clone(), folder.to_owned())));
        found.cloned().unwrap_or_else(|| self.plan.root_of(edition.as_ref()))
    }

    pub(super) fn place_pages(&mut self) {
        let mut pages = std::mem::take(&mut self.pages);
        // Hand-written gemtext is what its author wants readers to see: it has its address first.
        pages.sort_by_key(|(headed, place)| !(headed.source.role == Role::Gemtext && place.is_index()));
        self.place_sections(&pages);
        self.plan.pages.reserve_exact(pages.len());
        self.fronts.reserve_exact(pages.len());
        for (headed, place) in &pages {
            let edition = self.edition(headed, place);
            let kind = self.kind(headed, place, &edition);
            match self.address(headed, place, kind, &edition) {
                Some(placed) => self.place_page(headed, place, kind, edition, placed),
                None => self.problem(
                    Kind::Address,
                    headed,
                    "its address climbs out of the capsule; correct its `url` or `slug`",
                ),
            }
        }
        self.dissolve_sections();
        self.list_sections(&pages);
    }

    /// A section is where its introduction is, which may not stand first among its pages.
    fn place_sections(&mut self, pages: &[(Headed, Place)]) {
        for (headed, place) in pages.iter().filter(|(_, place)| place.is_index()) {
            let edition = self.edition(headed, place);
            let kind = self.kind(headed, place, &edition);
            if kind == PageKind::Section
                && let Some(placed) = self.address(headed, place, kind, &edition)
                && !self.gone.matches(placed.address.as_str())
            {
                self.sections.insert((edition, place.folder.clone()), placed.address);
            }
        }
    }

    /// A folder of the author's filing, none of whose pages is beneath it on the web, is no section to a reader.
    fn dissolve_sections(&mut self) {
        if !self.rules.files_pages_anywhere() {
            return;
        }
        // Posts and collections are more than files in a folder.
        let keeps = |address: &Address, page: &Page| {
            page.address.as_str().starts_with(address.as_str())
                || (page.section == *address && page.head.date.is_some())
        };
        let pages = &self.plan.pages;
        let empty: Vec<SectionKey> = (self.sections.iter())
            .filter(|((_, folder), _)| !folder.starts_with('_'))
            .filter(|(_, address)| !pages.iter().any(|page| keeps(address, page)))
            .map(|(key, _)| key.clone())
            .collect();
        for key in empty {
            let Some(address) = self.sections.remove(&key) else { continue };
            let parent = self.section_of(&key.0, key.1.rsplit_once('/').map_or("", |(parent, _)| parent));
            let filed = self.plan.pages.iter_mut().filter(|page| page.section == address);
            filed.for_each(|page| page.section = parent.clone());
        }
    }

    fn kind(&self, headed: &Headed, place: &Place, edition: &Option<Language>) -> PageKind {
        let in_section = self.sections.contains_key(&(edition.clone(), place.folder.clone()));
        self.rules.kind(headed, place, in_section)
    }

    fn address(&self, headed: &Headed, place: &Place, kind: PageKind, edition: &Option<Language>) -> Option<Placed> {
        self.rules.address(&Placing {
            headed,
            place,
            kind,
            prefix: &self.prefix,
            home: &self.plan.root_of(edition.as_ref()),
            root: &self.start_of(edition.as_ref()),
            date: self.written(headed, place),
            timezone: &self.plan.masthead.timezone,
        })
    }

    fn place_page(
        &mut self,
        headed: &Headed,
        place: &Place,
        kind: PageKind,
        edition: Option<Language>,
        placed: Placed,
    ) {
        let address = placed.address.clone();
        if let Some(&other) = self.plan.by_address.get(&address) {
            let taken = format!(
                "its address {address} is taken by {}; give it a `slug` of its own",
                self.plan.pages[other].source
            );
            return self.problem(Kind::Address, headed, taken);
        }
        let logical = headed.source.logical.to_lowercase();
        if self.gone.matches(address.as_str()) {
            self.plan.hidden.insert(logical, Hidden::Gone);
            if place.is_index() {
                self.veiled.insert(place.folder.clone());
            }
            return self.problem(
                Kind::Address,
                headed,
                format!("its address {address} is listed under `gone`; remove one of the two"),
            );
        }
        let index = self.plan.pages.len();
        if kind == PageKind::Section {
            self.sections.insert((edition.clone(), place.folder.clone()), address.clone());
        }
        let heads = if place.stem == "index" { &mut self.bundles } else { &mut self.introduced };
        if place.is_index() && (edition.is_none() || !heads.contains_key(&place.folder)) {
            heads.insert(place.folder.clone(), address.clone());
        }
        let section = self.section_of(&edition, self.rules.listed_in(place, kind));
        let page = self.page(headed, place, kind, edition, placed, section);
        self.plan.by_address.insert(address, index);
        for name in names(&logical) {
            self.plan.by_name.entry(name.to_owned()).or_default().push((logical.clone(), index));
        }
        self.plan.by_logical.insert(headed.source.logical.clone(), index);
        self.plan.by_logical.entry(logical).or_insert(index);
        self.plan.pages.push(page);
        let front = &headed.front;
        self.fronts.push(Older {
            aliases: front.aliases.clone(),
            redirect_to: front.redirect_to.clone(),
            linked: front.linked_files.clone(),
            attached: front.attached_files.clone(),
        });
    }

    fn page(
        &self,
        headed: &Headed,
        place: &Place,
        kind: PageKind,
        edition: Option<Language>,
        placed: Placed,
        section: Address,
    ) -> Page {
        let front = &headed.front;
        let dated = kind == PageKind::Post;
        let only_posts = |terms: &[String]| if dated { terms.to_vec() } else { Vec::new() };
        Page {
            source: headed.source.path.clone(),
            logical: headed.source.logical.clone(),
            kind,
            format: if headed.source.role == Role::Gemtext { Format::Gemtext } else { Format::Markdown },
            address: placed.address,
            section,
            head: self.head(headed, place, kind),
            link_title: front.link_title.clone(),
            summary: front.summary.clone(),
            categories: only_posts(&front.categories),
            series: only_posts(&front.series),
            weight: front.weight.filter(|weight| *weight != 0),
            edition,
            web_path: placed.web_path,
            moved_to: None,
            aliases: Vec::new(),
            listed: front.list.unwrap_or(true),
            translation_key: front.translation_key.clone().or_else(|| self.rules.translation_key(headed, place)),
            body_start: headed.body_start,
            media_type: self.plan.masthead.files.media_type(&headed.source.path).cloned(),
        }
    }

    fn head(&self, headed: &Headed, place: &Place, kind: PageKind) -> Head {
        let front = &headed.front;
        let masthead = &self.plan.masthead;
        let title = front.title.clone().filter(|title| !title.trim().is_empty());
        let title = title.map(|title| title::plain(&title).into_owned());
        let title = title.or_else(|| headed.heading.clone()).unwrap_or_else(|| match kind {
            PageKind::Home => masthead.title.clone(),
            PageKind::Section | PageKind::Post => place.title(),
        });
        let language = front.language.clone().or_else(|| place.language.clone());
        let language = language.or_else(|| masthead.files.language(&headed.source.path).cloned());
        let language = language.or_else(|| self.rules.folder_language(place, &self.languages));
        let authors = match kind {
            // Under a page without a date the author alone says nothing.
            PageKind::Post
                if front.authors.is_empty() && self.date(headed, place).is_none() && front.tags.is_empty() =>
            {
                Vec::new()
            }
            PageKind::Post if front.authors.is_empty() => masthead.author.iter().cloned().collect(),
            PageKind::Post => front.authors.clone(),
            PageKind::Home | PageKind::Section => Vec::new(),
        };
        let dated = kind == PageKind::Post;
        Head {
            title,
            subtitle: front.subtitle.as_deref().map(|subtitle| title::plain(subtitle).into_owned()),
            date: self.date(headed, place).filter(|_| dated),
            updated: front.updated.filter(|_| dated),
            authors,
            tags: if dated { front.tags.clone() } else { Vec::new() },
            language: language.map_or_else(|| masthead.language.clone(), |language| masthead.spoken(language)),
        }
    }

    fn list_sections(&mut self, pages: &[(Headed, Place)]) {
        let introductions: HashMap<Address, usize> = (self.plan.pages.iter().enumerate())
            .filter(|(_, page)| page.kind == PageKind::Section)
            .map(|(index, page)| (page.address.clone(), index))
            .collect();
        let transparent: HashSet<&str> = (pages.iter())
            .filter(|(headed, _)| headed.front.transparent)
            .map(|(headed, _)| headed.source.path.as_str())
            .collect();
        let mut seen = HashSet::new();
        for ((edition, folder), address) in &self.sections {
            if !seen.insert(address) {
                continue;
            }
            let introduction = introductions.get(address).copied();
            let name = folder.rsplit('/').next().unwrap_or(folder).trim_start_matches('_');
            let title = introduction.map_or_else(|| in_words(name), |index| self.plan.pages[index].label().to_owned());
            let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            self.plan.sections.push(Section {
                address: address.clone(),
                title,
                introduction,
                parent: self.section_of(edition, parent),
                edition: edition.clone(),
                transparent: introduction
                    .is_some_and(|index| transparent.contains(self.plan.pages[index].source.as_str())),
            });
        }
        self.plan.sections.sort_by(|a, b| a.address.cmp(&b.address));
    }
}
