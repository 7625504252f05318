//! The two passes over one capsule: heads first, then one source at a time into the page store.
//!
//! What has not changed, and whose links lead where they led, is taken from the store.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use serde::{Deserialize, Serialize};

use super::PublishError;
use super::renditions::Read;
use super::setting::Setting;
use crate::content::document::{Exceeded, MAX_SOURCE, Target};
use crate::content::plan::Format;
use crate::content::source::Stamp;
use crate::content::{FrontMatter, Page, Plan, Problem, Role, Source};
use crate::read::link;
use crate::read::markdown::{self, ReferenceKind};
use crate::read::plan::{Headed, Health};
use crate::read::{front_matter, gemtext};
use crate::site::{Renderings, Stored};
use crate::source::{Root, walk};
use crate::store::{Found, Store};

/// What is kept of a source beside its rendering.
#[derive(Serialize, Deserialize)]
struct Meta {
    /// A hash of what the rendering depends on beside the source.
    ingredients: u64,
    front: FrontMatter,
    body_start: usize,
    heading: Option<String>,
    head_problems: Vec<Problem>,
    body_problems: Vec<Problem>,
    /// Every destination of the source and where it led.
    references: Vec<Reference>,
    /// A hash of what the plan says of the page.
    planned: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Reference {
    #[serde(with = "used")]
    used: ReferenceKind,
    destination: String,
    line: u32,
    /// A hash of the target.
    target: u64,
}

/// What pass one reads of a file.
struct Head {
    front: FrontMatter,
    body_start: usize,
    heading: Option<String>,
    problems: Vec<Problem>,
}

/// How a source stands after pass one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// As it is in the store.
    Unchanged,
    Changed,
    /// It is broken; the store has an earlier version.
    LastGood,
    /// It is broken, and nothing else is known of it.
    Broken,
}

impl Standing {
    pub(super) fn was_read(self) -> bool {
        match self {
            Standing::Unchanged | Standing::Changed => true,
            Standing::LastGood | Standing::Broken => false,
        }
    }
}

/// What both passes over one capsule share.
pub(super) struct Work<'a> {
    /// Stands for the source folder in the store.
    pub(super) folder: u64,
    pub(super) root: &'a Root,
    pub(super) setting: &'a Setting,
    pub(super) stamps: &'a HashMap<String, Stamp>,
}

/// The result of pass two; `broken` pages have no body.
pub(super) struct Pass {
    pub(super) bodies: Vec<Renderings<Stored>>,
    pub(super) problems: Vec<Problem>,
    pub(super) broken: Vec<Problem>,
}

/// A page converted.
struct Converted {
    meta: Meta,
    bodies: Renderings<Vec<u8>>,
}

impl Work<'_> {
    /// Pass one for one source: its head from the store where nothing changed, else from the file.
    pub(super) fn head(&self, store: &Store, source: Source, problems: &mut Vec<Problem>) -> (Headed, Standing) {
        let found: Option<Found<Meta>> = store.get(self.folder, &source.path);
        let unchanged =
            |found: &&Found<Meta>| found.stamp == source.stamp && found.meta.ingredients == self.setting.ingredients;
        if let Some(found) = found.as_ref().filter(unchanged) {
            problems.extend(found.meta.head_problems.iter().cloned());
            return (headed(source, &found.meta), Standing::Unchanged);
        }
        match self.read_head(&source) {
            Ok(head) => {
                problems.extend(head.problems);
                let (front, body_start, heading) = (head.front, head.body_start, head.heading);
                (Headed { source, front, body_start, heading, health: Health::Whole }, Standing::Changed)
            }
            Err(mut problem) => {
                let (ending, read) = match found {
                    Some(found) => {
                        ("; its last good version stays published", (headed(source, &found.meta), Standing::LastGood))
                    }
                    None => ("; it is not published", (unread(source), Standing::Broken)),
                };
                problem.text.push_str(ending);
                problems.push(problem);
                read
            }
        }
    }

    /// What the front matter of a page in a format that cannot be read says, where even that can.
    pub(super) fn foreign(&self, source: Source, problems: &mut Vec<Problem>) -> Headed {
        let text = "its format cannot be read yet, so it is not published; convert it to Markdown";
        problems.push(Problem::whole(&source.path, text));
        let flavour = self.setting.rules.flavour();
        let read = self
            .text(&source.path)
            .and_then(|text| front_matter::read(&source.path, &text, &self.setting.masthead.timezone, flavour));
        match read {
            // Org has its own way to say what a page is.
            Ok((_, 0, _)) if source.path.ends_with(".org") => unread(source),
            Ok((front, body_start, _)) => Headed { source, front, body_start, heading: None, health: Health::Foreign },
            Err(_) => unread(source),
        }
    }

    fn read_head(&self, source: &Source) -> Result<Head, Problem> {
        let text = self.text(&source.path)?;
        match source.role {
            Role::Gemtext => {
                let heading = gemtext::first_heading(&text).map(str::to_owned);
                Ok(Head { front: FrontMatter::default(), body_start: 0, heading, problems: Vec::new() })
            }
            Role::Markdown | Role::Static | Role::Resource => self.markdown_head(&source.path, &source.logical, &text),
        }
    }

    fn markdown_head(&self, path: &str, logical: &str, text: &str) -> Result<Head, Problem> {
        let rules = &self.setting.rules;
        let (mut front, body_start, problems) =
            front_matter::read(path, text, &self.setting.masthead.timezone, rules.flavour())?;
        front.linked_files = rules.linked_files(logical, text);
        front.attached_files = rules.attached_files(logical, text);
        let heading = self.heading(text, body_start, &front);
        Ok(Head { front, body_start, heading, problems })
    }

    fn heading(&self, text: &str, body_start: usize, front: &FrontMatter) -> Option<String> {
        let language = front.language.clone().unwrap_or_else(|| self.setting.masthead.language.clone());
        markdown::first_heading(text.get(body_start..).unwrap_or(""), &self.setting.dialect(language))
    }

    fn text(&self, path: &str) -> Result<String, Problem> {
        let unreadable = |error| Problem::whole(path, walk::unreadable(&error));
        let (bytes, stamp) = self.root.read_stamped(path, MAX_SOURCE).map_err(unreadable)?;
        // What pass one did not see may be a draft by now; the change wakes us again.
        if self.stamps.get(path).is_some_and(|known| *known != stamp) {
            return Err(Problem::whole(path, "it is being written; it is read again in a moment"));
        }
        if bytes.len() > MAX_SOURCE {
            return Err(Problem::whole(path, "it is larger than 2 MiB; split it into several posts"));
        }
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            Problem::at(path, line, "it is not UTF-8 here; save it as UTF-8")
        })
    }

    /// Pass two: every page is taken from the store or converted, on all cores, one source at a time on each.
    pub(super) fn pass_two(
        &self,
        store: &mut Store,
        plan: &Plan,
        standings: &HashMap<String, Standing>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Pass, PublishError> {
        let mut pass =
            Pass { bodies: vec![Renderings::default(); plan.pages.len()], problems: Vec::new(), broken: Vec::new() };
        let mut changed = Vec::new();
        for (index, page) in plan.pages.iter().enumerate() {
            let standing = standings.get(&page.source).copied().unwrap_or(Standing::Changed);
            match self.stored(store, plan, page, standing) {
                Some((body, problems)) => {
                    pass.bodies[index] = body;
                    pass.problems.extend(problems);
                }
                None => changed.push(index),
            }
        }
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(changed.len().div_ceil(8)).max(1);
        std::thread::scope(|scope| {
            // A short queue, so that renderings do not pile up in memory.
            let (sender, results) = mpsc::sync_channel(workers * 2);
            for _ in 0..workers {
                let (sender, next, changed) = (sender.clone(), &next, &changed);
                scope.spawn(move || {
                    while let Some(&index) = changed.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let page = &plan.pages[index];
                        if sender.send((index, self.convert(plan, page))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (done, (index, result)) in results.iter().enumerate() {
                progress(done + 1, changed.len());
                let page = &plan.pages[index];
                match result {
                    Ok(converted) => {
                        let stamp = self.stamps.get(&page.source).copied();
                        let Some(stamp) = stamp else { continue };
                        pass.bodies[index] =
                            store.put(self.folder, &page.source, stamp, &converted.meta, &converted.bodies)?;
                        pass.problems.extend(converted.meta.body_problems);
                    }
                    Err(problem) => self.broken(store, index, page, problem, &mut pass),
                }
            }
            Ok(pass)
        })
    }

    /// A post that cannot be converted shows its last good version, or leaves the plan.
    fn broken(&self, store: &Store, index: usize, page: &Page, mut problem: Problem, pass: &mut Pass) {
        match store.bodies(self.folder, &page.source) {
            Some(bodies) => {
                problem.text.push_str("; its last good version stays published");
                pass.bodies[index] = bodies;
                pass.problems.push(problem);
            }
            None => {
                problem.text.push_str("; it is not published");
                pass.broken.push(problem);
            }
        }
    }

    /// The stored rendering, where it still holds.
    fn stored(
        &self,
        store: &Store,
        plan: &Plan,
        page: &Page,
        standing: Standing,
    ) -> Option<(Renderings<Stored>, Vec<Problem>)> {
        if standing == Standing::Changed {
            return None;
        }
        let found: Found<Meta> = store.get(self.folder, &page.source)?;
        let leads_there = |reference: &Reference| {
            hash(plan, &link::resolve(plan, page, &reference.destination, reference.used).target) == reference.target
        };
        let as_planned = found.meta.planned == planned(page);
        let holds = standing == Standing::LastGood || (as_planned && found.meta.references.iter().all(leads_there));
        holds.then_some((found.bodies, found.meta.body_problems))
    }

    fn convert(&self, plan: &Plan, page: &Page) -> Result<Converted, Problem> {
        let text = self.text(&page.source)?;
        match page.format {
            Format::Gemtext => self.convert_gemtext(plan, page, text),
            Format::Markdown => self.convert_markdown(plan, page, &text),
        }
    }

    fn convert_markdown(&self, plan: &Plan, page: &Page, text: &str) -> Result<Converted, Problem> {
        let Head { front, body_start, heading, problems: head_problems } =
            self.markdown_head(&page.source, &page.logical, text)?;
        let mut resolver = Resolver { plan, page, references: Vec::new(), problems: Vec::new() };
        let changed = match self.setting.rules.body(&page.source, text.get(body_start..).unwrap_or("")) {
            Cow::Borrowed(_) => None,
            Cow::Owned(body) => Some(format!("{}{body}", &text[..body_start])),
        };
        let text = changed.as_deref().unwrap_or(text);
        let source = markdown::Source { path: &page.source, text, body_start };
        let dialect = self.setting.dialect(page.head.language.clone());
        let broken = |exceeded: Exceeded| Problem::whole(&page.source, exceeded.to_string());
        let reading = markdown::read(&source, &dialect, &mut |reference| {
            resolver.resolve(reference.destination, reference.kind, reference.line)
        })
        .map_err(broken)?;
        let (document, input_len, style) = (&reading.document, text.len(), self.setting.style);
        let read = Read { plan, page, document, input_len, style };
        let bodies = read.of_markdown().map_err(broken)?;
        let mut body_problems = resolver.problems;
        body_problems.extend(reading.problems);
        let meta = Meta {
            ingredients: self.setting.ingredients,
            front,
            body_start,
            heading,
            head_problems,
            body_problems,
            references: resolver.references,
            planned: planned(page),
        };
        Ok(Converted { meta, bodies })
    }

    /// Hand-written gemtext stays as it is; its links are looked at.
    fn convert_gemtext(&self, plan: &Plan, page: &Page, text: String) -> Result<Converted, Problem> {
        let mut resolver = Resolver { plan, page, references: Vec::new(), problems: Vec::new() };
        for (line, destination) in gemtext::links(&text) {
            resolver.resolve(destination, ReferenceKind::Link, line);
        }
        let meta = Meta {
            ingredients: self.setting.ingredients,
            front: FrontMatter::default(),
            body_start: 0,
            heading: gemtext::first_heading(&text).map(str::to_owned),
            head_problems: Vec::new(),
            body_problems: resolver.problems,
            references: resolver.references,
            planned: planned(page),
        };
        let led = |url: &str| link::resolve(plan, page, url, ReferenceKind::Link).target;
        let broken = |exceeded: Exceeded| Problem::whole(&page.source, exceeded.to_string());
        let document = gemtext::document(&text, &mut |url| led(url)).map_err(broken)?;
        let read = Read { plan, page, document: &document, input_len: text.len(), style: self.setting.style };
        let bodies = read.of_gemtext(text, &led).map_err(broken)?;
        Ok(Converted { meta, bodies })
    }
}

/// What a rendering takes from the plan beside links: the head, and what the page is.
fn planned(page: &Page) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?} {:?}", page.head, page.kind).hash(&mut hasher);
    hasher.finish()
}

/// Resolves a page's links and remembers where each led.
struct Resolver<'a> {
    plan: &'a Plan,
    page: &'a Page,
    references: Vec<Reference>,
    problems: Vec<Problem>,
}

impl Resolver<'_> {
    fn resolve(&mut self, destination: &str, used: ReferenceKind, line: u32) -> Target {
        let resolved = link::resolve(self.plan, self.page, destination, used);
        if let Some(problem) = resolved.problem {
            self.problems.push(Problem::at(&self.page.source, line, problem));
        }
        // A full URL of somebody else's leads there whatever the plan says.
        let fixed = matches!(&resolved.target, Target::Elsewhere(url) if **url == *destination)
            && self.plan.masthead.web.as_ref().is_none_or(|web| !destination.contains(&web.authority));
        if !fixed {
            let target = hash(self.plan, &resolved.target);
            self.references.push(Reference { used, destination: destination.to_owned(), line, target });
        }
        resolved.target
    }
}

fn hash(plan: &Plan, target: &Target) -> u64 {
    let mut hasher = DefaultHasher::new();
    // What is at the other end decides what a Gopher item says of it.
    if let (Some(_), Target::Page(address) | Target::File(address, _)) = (&plan.masthead.gopher, target) {
        let item = plan.item(address);
        (item.kind, item.selector).hash(&mut hasher);
    }
    match target {
        Target::Page(address) => (0, address.as_str()).hash(&mut hasher),
        Target::File(address, length) => (1, address.as_str(), length).hash(&mut hasher),
        Target::Elsewhere(url) => (2, &**url).hash(&mut hasher),
        Target::Nowhere => 3.hash(&mut hasher),
    }
    hasher.finish()
}

fn headed(source: Source, meta: &Meta) -> Headed {
    Headed {
        source,
        front: meta.front.clone(),
        body_start: meta.body_start,
        heading: meta.heading.clone(),
        health: Health::Whole,
    }
}

fn unread(source: Source) -> Headed {
    Headed { source, front: FrontMatter::default(), body_start: 0, heading: None, health: Health::Unread }
}

mod used {
    //! [`ReferenceKind`] in the store, as one letter.
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ReferenceKind;

    pub(super) fn serialize<S: Serializer>(used: &ReferenceKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(match used {
            ReferenceKind::Link => 'l',
            ReferenceKind::Image => 'i',
            ReferenceKind::Ref => 'r',
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReferenceKind, D::Error> {
        Ok(match char::deserialize(deserializer)? {
            'i' => ReferenceKind::Image,
            'r' => ReferenceKind::Ref,
            _ => ReferenceKind::Link,
        })
    }
}
