//! What has an address beside pages: older addresses, files, and the pages that maquis makes.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Planner, ancestors};
use crate::content::address::other_forms;
use crate::content::plan::{Edition, Moved, StaticFile, Taxonomy};
use crate::content::problem::Kind;
use crate::content::{Address, Language, PageKind, Role, Source};
use crate::read::rules::Rules;
use crate::text::url;

impl Planner<'_> {
    /// Older addresses, and pages that have moved away.
    pub(super) fn place_aliases(&mut self) {
        let fronts = std::mem::take(&mut self.fronts);
        for (index, front) in fronts.iter().enumerate() {
            let page = &self.plan.pages[index];
            let (source, own) = (page.source.clone(), page.address.clone());
            for alias in &front.aliases {
                let base = if alias.starts_with('/') {
                    self.prefix.clone()
                } else {
                    self.rules.alias_base(&self.prefix, &own)
                };
                match base.child(&alias_path(alias)) {
                    Err(_) => self.say(
                        Kind::Alias,
                        &source,
                        format!("the alias `{alias}` climbs out of the capsule; correct it"),
                    ),
                    Ok(address) if address == own => {
                        self.say(
                            Kind::Alias,
                            &source,
                            format!("the alias `{alias}` is the page's own address; remove it"),
                        );
                    }
                    Ok(address) => self.place_alias(index, &source, alias, address),
                }
            }
            if let Some(to) = &front.redirect_to {
                self.place_move(index, &source, to);
            }
        }
        self.fronts = fronts;
        self.break_circles();
    }

    /// Pages that lead to each other and to no end.
    fn break_circles(&mut self) {
        let next = |plan: &crate::content::Plan, index: usize| match &plan.pages[index].moved_to {
            Some(Moved::Here(address)) => plan.by_address.get(address).copied(),
            Some(Moved::Elsewhere(_)) | None => None,
        };
        for index in 0..self.plan.pages.len() {
            let mut seen = HashSet::from([index]);
            let mut at = index;
            while let Some(to) = next(&self.plan, at) {
                if !seen.insert(to) {
                    let source = self.plan.pages[index].source.clone();
                    self.say(
                        Kind::Alias,
                        &source,
                        "its `redirect_to` leads in a circle; correct one of them".to_owned(),
                    );
                    self.plan.pages[index].moved_to = None;
                    break;
                }
                at = to;
            }
        }
    }

    /// The page that is at an address or at another form of it.
    fn canonical(&self, address: Address) -> Address {
        let found = |path: &str| self.plan.by_address.get(path).map(|&index| self.plan.pages[index].address.clone());
        found(address.as_str())
            .or_else(|| other_forms(address.as_str()).find_map(|form| found(&form)))
            .unwrap_or(address)
    }

    fn place_alias(&mut self, index: usize, source: &str, alias: &str, address: Address) {
        match self.plan.by_address.get(&address) {
            Some(&other) if other == index => {}
            Some(&other) => {
                let taken = &self.plan.pages[other].source;
                self.say(
                    Kind::Alias,
                    source,
                    format!("the alias `{alias}` is taken by {taken}; remove one of the two"),
                );
            }
            None => {
                self.plan.by_address.insert(address.clone(), index);
                self.plan.pages[index].aliases.push(address);
            }
        }
    }

    fn place_move(&mut self, index: usize, source: &str, to: &str) {
        let moved = match url::scheme(to) {
            Some(_) => url::escape(to).map(Moved::Elsewhere),
            None => self.prefix.child(&alias_path(to)).ok().map(|to| Moved::Here(self.canonical(to))),
        };
        let own = &self.plan.pages[index].address;
        match moved {
            Some(Moved::Here(address)) if address == *own => {
                self.say(Kind::Alias, source, format!("`redirect_to` leads from {address} to itself; remove it"));
            }
            None => self.say(Kind::Alias, source, format!("`redirect_to: {to}` is no address; correct it")),
            moved => {
                let page = &mut self.plan.pages[index];
                (page.moved_to, page.listed) = (moved, false);
            }
        }
    }

    pub(super) fn place_files(&mut self, files: Vec<Source>) {
        let linked: HashSet<String> = self.fronts.iter().flat_map(|front| front.linked.iter().cloned()).collect();
        let mut attached: HashMap<String, usize> = HashMap::new();
        for (page, front) in self.fronts.iter().enumerate() {
            for file in &front.attached {
                attached.entry(file.clone()).or_insert(page);
            }
        }
        let peopled: HashSet<String> = self.plan.pages.iter().map(|page| folder_of(&page.logical).to_owned()).collect();
        let mut placed = Vec::new();
        let files = files.into_iter().filter(|file| self.plan.masthead.files.head(&file.path).is_none());
        for file in files.filter(|file| !self.rules.passes_over(file)).collect::<Vec<_>>() {
            if matches!(self.rules, Rules::Pelican(_)) && file.logical.ends_with(".rst") {
                self.say(
                    Kind::Unsupported,
                    &file.path,
                    "it is reStructuredText, which maquis cannot read; convert it to Markdown".into(),
                );
                continue;
            }
            if file.role == Role::Resource && self.rules.serves_only_linked() && !linked.contains(file.logical.as_str())
            {
                continue;
            }
            let attached = attached.get(&file.logical).and_then(|&page| {
                // The first page that attaches a file has it.
                super::super::pelican::attached_to(&self.plan.pages[page], &file.logical)
            });
            if let Some(address) = attached.or_else(|| self.file_address(&file, &peopled)) {
                placed.push((file, address));
            }
        }
        for (file, address) in placed {
            if self.plan.by_address.contains_key(&address) || self.plan.file_by_address.contains_key(&address) {
                self.say(
                    Kind::Address,
                    &file.path,
                    format!("its address {address} is taken by another file; rename it"),
                );
                continue;
            }
            let (index, logical) = (self.plan.files.len(), file.logical.to_lowercase());
            self.plan.file_by_address.insert(address.clone(), index);
            self.plan.file_by_logical.insert(file.logical.clone(), index);
            self.plan.file_by_logical.entry(logical.clone()).or_insert(index);
            let (source, length) = (file.path, file.stamp.size);
            let media_type = self.plan.masthead.files.media_type(&source).cloned();
            self.plan.files.push(StaticFile { source, logical, address, length, media_type });
        }
    }

    /// What an author answers in the place of files that are there, or were.
    pub(super) fn place_heads(&mut self, files: &[Source]) {
        let known = &self.plan.masthead.files;
        let paths = files.iter().chain(self.pages.iter().map(|(headed, _)| &headed.source)).map(|source| &source.path);
        let there = paths.filter_map(|path| Some((path.clone(), known.head(path)?)));
        let mut heads = Vec::new();
        for (path, head) in there.chain(known.heads()) {
            let folder = ["index.gmi", "index.gemini"].iter().find_map(|name| path.strip_suffix(name));
            let folder = folder.filter(|folder| folder.is_empty() || folder.ends_with('/'));
            let places = [Some(path.as_str()), folder].into_iter().flatten();
            heads.extend(places.filter_map(|place| Some((self.prefix.child(place).ok()?, head.clone()))));
        }
        self.plan.heads = heads;
    }

    /// A file beside a page moves with it; one of a hidden page is hidden too.
    fn file_address(&self, file: &Source, peopled: &HashSet<String>) -> Option<Address> {
        let (folder, name) = file.logical.rsplit_once('/').unwrap_or(("", &file.logical));
        match self.rules {
            Rules::Hugo(_) | Rules::Zola(_) if file.role == Role::Resource && self.is_shut(folder) => None,
            Rules::Hugo(hugo) if file.role == Role::Resource => {
                for bundle in ancestors(folder) {
                    if let Some(address) = self.bundles.get(bundle) {
                        return address.child(file.logical.get(bundle.len() + 1..)?).ok();
                    }
                    if self.veiled.contains(bundle) {
                        return None;
                    }
                }
                self.prefix.child(format!("{}/{name}", hugo.path(folder)).trim_start_matches('/')).ok()
            }
            // Zola publishes what stands directly beside a section's page, and all that is beneath a bundle.
            Rules::Zola(_) if file.role == Role::Resource => {
                for bundle in ancestors(folder) {
                    if let Some(address) = self.bundles.get(bundle) {
                        return address.child(file.logical.get(bundle.len() + 1..)?).ok();
                    }
                    if self.veiled.contains(bundle) {
                        return None;
                    }
                }
                self.introduced.get(folder)?.child(name).ok()
            }
            Rules::Plain if self.is_veiled(folder, peopled) => None,
            Rules::Plain
            | Rules::Hugo(_)
            | Rules::Zola(_)
            | Rules::Jekyll(_)
            | Rules::Pelican(_)
            | Rules::Pattern(_) => {
                // What is said once for a whole host stands at its root.
                let of_host = file.logical.starts_with(".well-known/")
                    || matches!(file.logical.as_str(), "robots.txt" | "favicon.txt");
                let base = if of_host { Address::root() } else { self.prefix.clone() };
                base.child(&self.rules.file_path(&file.logical)).ok()
            }
        }
    }

    /// Whether a folder belongs to a page that is hidden: no other page stands between the two.
    fn is_veiled(&self, folder: &str, peopled: &HashSet<String>) -> bool {
        let nearest = ancestors(folder).find(|folder| peopled.contains(*folder) || self.veiled.contains(*folder));
        nearest.is_some_and(|folder| !peopled.contains(folder))
    }

    /// The pages maquis makes, where the author has none.
    pub(super) fn place_listings(&mut self) {
        self.find_other_languages();
        self.introduce_lists();
        let mut made = HashSet::new();
        for edition in &self.plan.editions {
            let made_here = ["archive/", "atom.xml"].map(|path| edition.root.child(path));
            made.extend(made_here.into_iter().flatten().chain([edition.root.clone()]));
        }
        made.extend(self.plan.sections.iter().map(|section| section.address.clone()));
        // Whoever follows these arrives somewhere.
        let leads = self.plan.heads.iter().filter(|(_, head)| head.status < 40);
        made.extend(leads.map(|(address, _)| address.clone()));
        for edition in &self.plan.editions {
            for taxonomy in Taxonomy::ALL {
                let terms = self.terms(edition.language.as_ref(), taxonomy);
                if !terms.is_empty() {
                    made.extend(self.plan.taxonomy_address(edition.language.as_ref(), taxonomy));
                }
                made.extend(terms);
            }
        }
        self.plan.made.extend(made);
        self.refuse_aliases_of_made_pages();
        self.place_terms_of_the_web();
    }

    /// The addresses of the terms that listed pages of an edition are filed under.
    pub(super) fn terms(&self, edition: Option<&Language>, taxonomy: Taxonomy) -> BTreeSet<Address> {
        let pages = self.plan.pages.iter().filter(|page| page.listed && page.edition.as_ref() == edition);
        let pages = pages.filter(|page| page.kind == PageKind::Post);
        // Each is looked at once, however many pages have it.
        let terms: HashSet<&String> = pages.flat_map(|page| page.terms(taxonomy)).collect();
        let addresses: BTreeSet<Address> =
            terms.into_iter().filter_map(|term| self.plan.term_address(edition, taxonomy, term)).collect();
        match taxonomy {
            // One author needs no list of authors.
            Taxonomy::Authors if addresses.len() < 2 => BTreeSet::new(),
            Taxonomy::Authors | Taxonomy::Tags | Taxonomy::Categories | Taxonomy::Series => addresses,
        }
    }

    /// An older address at which maquis makes a page leads to that page.
    fn refuse_aliases_of_made_pages(&mut self) {
        for index in 0..self.plan.pages.len() {
            let made = &self.plan.made;
            let (taken, free) = std::mem::take(&mut self.plan.pages[index].aliases)
                .into_iter()
                .partition::<Vec<_>, _>(|alias| made.contains(alias));
            let source = self.plan.pages[index].source.clone();
            self.plan.pages[index].aliases = free;
            for alias in taken {
                self.plan.by_address.remove(&alias);
                self.say(
                    Kind::Alias,
                    &source,
                    format!("the alias `{alias}` is taken by the page that maquis makes there; remove it"),
                );
            }
        }
    }

    /// Languages in which some of the capsule's own pages are written: they stand among the others, and in a list of
    /// their own too.
    fn find_other_languages(&mut self) {
        let own = self.plan.masthead.language.primary();
        let posts = self.plan.pages.iter().filter(|page| page.listed && page.kind == PageKind::Post);
        let languages: BTreeSet<String> = posts
            .filter(|page| page.edition.is_none())
            .map(|page| page.head.language.primary().to_owned())
            .filter(|language| language != own)
            .collect();
        for language in languages.iter().filter_map(|language| Language::parse(language)) {
            let known =
                self.plan.editions.iter().any(|edition| {
                    edition.language.as_ref().is_some_and(|known| known.primary() == language.primary())
                });
            let Ok(root) = self.prefix.child(&format!("{language}/")) else { continue };
            let taken = self.plan.by_address.contains_key(&root)
                || self.plan.sections.iter().any(|section| section.address == root);
            if !known && !taken {
                let language = self.plan.masthead.spoken(language);
                self.plan.editions.push(Edition { language: Some(language), root, title: None });
            }
        }
    }

    /// Where the generator has its tags and categories, if elsewhere.
    fn place_terms_of_the_web(&mut self) {
        let mut moves = HashSet::new();
        for page in self.plan.pages.iter().filter(|page| page.listed) {
            for taxonomy in Taxonomy::ALL {
                let Some(folder) = self.rules.terms_on_the_web(taxonomy) else { continue };
                let start = self.start_of(page.edition.as_ref());
                for term in page.terms(taxonomy) {
                    let to = self.plan.term_address(page.edition.as_ref(), taxonomy, term);
                    let from = to.as_ref().and_then(|to| start.child(&format!("{folder}/{}/", to.name())).ok());
                    moves.extend(from.zip(to));
                }
            }
        }
        let made = &self.plan.made;
        moves
            .retain(|(from, to)| !self.plan.by_address.contains_key(from) && !made.contains(from) && made.contains(to));
        self.plan.moves.extend(moves);
        self.plan.moves.sort();
    }
}

fn folder_of(logical: &str) -> &str {
    logical.rsplit_once('/').map_or("", |(folder, _)| folder)
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
