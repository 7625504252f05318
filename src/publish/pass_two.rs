//! Pass two over one capsule: one source at a time into the page store.
//!
//! What has not changed, and whose links lead where they led, is taken from the store.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::included::Texts;
use super::kept::{self, Links, Meta, Reference, planned};
use super::pass_one::{Head, Standing, Standings, Stood, Work, gemtext_head};
use super::renditions::Read;
use super::{Proofreading, PublishError, in_shares, workers};
use crate::content::document::{Exceeded, Target};
use crate::content::plan::Format;
use crate::content::problem::{Kind, Position};
use crate::content::source::Stamp;
use crate::content::{Page, Plan, Problem};
use crate::read::markdown::{self, ReferenceKind};
use crate::read::plan::Headed;
use crate::read::proof::{self, Proof};
use crate::read::{gemtext, include, link};
use crate::site::{Renderings, Stored};
use crate::store::Store;

/// What pass two works with.
pub(super) struct Converter<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) plan: &'a Plan,
    /// What pages may include.
    pub(super) texts: Texts<'a>,
    pub(super) standings: &'a Standings,
    /// What the plan was made from, by its source.
    pub(super) headed: HashMap<&'a str, &'a Headed>,
    /// The shape of the plan.
    pub(super) shape: u64,
    /// The shape at which the links of all that is unchanged were last seen to hold.
    pub(super) verified: Option<u64>,
    pub(super) proof: Proofreading,
}

/// The result of pass two; `broken` pages have no body.
pub(super) struct Pass {
    /// By page.
    pub(super) bodies: Vec<Renderings<Stored>>,
    pub(super) problems: Vec<Problem>,
    pub(super) broken: Vec<Problem>,
    /// How the sources stand that were converted.
    pub(super) made: Standings,
    pub(super) proof: Proof,
}

/// A page converted.
struct Converted {
    /// The state of its source.
    stamp: Stamp,
    meta: Meta,
    links: Links,
    bodies: Renderings<Vec<u8>>,
    proof: Proof,
}

/// A page converted, whatever state its source was in.
type Made = (Meta, Links, Renderings<Vec<u8>>, Proof);

/// A page's place in the plan, and what came of converting it.
type Done = (usize, Result<Converted, Problem>);

impl Converter<'_> {
    /// Every page is taken from the store or converted, on all cores, one source at a time on each.
    pub(super) fn run(
        &self,
        store: &mut Store,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Pass, PublishError> {
        let pages = &self.plan.pages;
        let mut pass = Pass {
            bodies: Vec::with_capacity(pages.len()),
            problems: Vec::new(),
            broken: Vec::new(),
            made: Standings::new(),
            proof: Proof::default(),
        };
        let mut changed = Vec::new();
        let stored = in_shares(pages, &|page| self.stored(store, page));
        for (index, stored) in stored.into_iter().enumerate() {
            if stored.is_none() {
                changed.push(index);
            }
            let (bodies, problems) = stored.unwrap_or_default();
            pass.bodies.push(bodies);
            pass.problems.extend(problems);
        }
        let next = AtomicUsize::new(0);
        let workers = workers(changed.len());
        std::thread::scope(|scope| {
            // A short queue, so that renderings do not pile up in memory.
            let (sender, results) = mpsc::sync_channel(workers * 2);
            for _ in 0..workers {
                let (sender, next, changed) = (sender.clone(), &next, &changed);
                scope.spawn(move || self.convert_all(changed, next, &sender));
            }
            drop(sender);
            for (done, (index, result)) in results.iter().enumerate() {
                progress(done + 1, changed.len());
                self.take(store, index, result, &mut pass)?;
            }
            Ok(pass)
        })
    }

    /// Converts whichever page is next, until there is none.
    fn convert_all(&self, changed: &[usize], next: &AtomicUsize, done: &mpsc::SyncSender<Done>) {
        while let Some(&index) = changed.get(next.fetch_add(1, Ordering::Relaxed)) {
            let page = &self.plan.pages[index];
            if done.send((index, self.convert(page))).is_err() {
                return;
            }
        }
    }

    fn take(
        &self,
        store: &mut Store,
        index: usize,
        result: Result<Converted, Problem>,
        pass: &mut Pass,
    ) -> Result<(), PublishError> {
        let page = &self.plan.pages[index];
        match result {
            Ok(Converted { stamp, meta, links, bodies, proof }) => {
                let texts = (&meta, &links);
                pass.bodies[index] = store.put(self.work.folder, &page.source, stamp, texts, &bodies)?;
                let stood = Stood { shape: meta.shape, planned: meta.planned, sound: meta.sound };
                pass.made.insert(page.source.clone(), (stamp, Standing::Unchanged(stood)));
                pass.problems.extend(links.body_problems);
                pass.proof.advice.extend(proof.advice);
                pass.proof.leaving.extend(proof.leaving);
            }
            Err(problem) => self.broken(store, index, problem, pass),
        }
        Ok(())
    }

    /// A post that cannot be converted shows its last good version, or leaves the plan.
    fn broken(&self, store: &Store, index: usize, mut problem: Problem, pass: &mut Pass) {
        match store.bodies(self.work.folder, &self.plan.pages[index].source) {
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
    fn stored(&self, store: &Store, page: &Page) -> Option<(Renderings<Stored>, Vec<Problem>)> {
        let (_, standing) = self.standings.get(&page.source)?;
        let stood = match standing {
            Standing::Changed | Standing::Faulty | Standing::Broken => return None,
            Standing::LastGood => None,
            Standing::Unchanged(stood) if stood.planned != planned(page) => return None,
            Standing::Unchanged(stood) => Some(*stood),
        };
        let bodies = store.bodies(self.work.folder, &page.source)?;
        let is_verified =
            |stood: &Stood| stood.sound && (stood.shape == self.shape || self.verified == Some(self.shape));
        if stood.as_ref().is_some_and(is_verified) {
            return Some((bodies, Vec::new()));
        }
        let links: Links = store.links(self.work.folder, &page.source)?;
        let leads_there = |reference: &Reference| {
            let target = link::resolve(self.plan, page, &reference.destination, reference.used).target;
            kept::hash(self.plan, &target) == reference.target
        };
        let holds = stood.is_none()
            || (links.included.iter().all(|included| self.texts.holds(included))
                && links.references.iter().all(leads_there));
        holds.then_some((bodies, links.body_problems))
    }

    fn convert(&self, page: &Page) -> Result<Converted, Problem> {
        let (text, stamp) = self.work.text(&page.source)?;
        let head = match (self.known(page, stamp), page.format) {
            (Some(head), _) => head,
            (None, Format::Gemtext) => gemtext_head(&text),
            (None, Format::Markdown) => self.work.markdown_head(&page.source, &page.logical, &text)?,
        };
        if !self.is_planned(page, stamp, &head) {
            return Err(Problem::whole(
                Kind::Unreadable,
                &page.source,
                "it is being written; it is read again in a moment",
            ));
        }
        let (meta, links, bodies, proof) = match page.format {
            Format::Gemtext => self.convert_gemtext(page, head, text)?,
            Format::Markdown => self.convert_markdown(page, head, &text)?,
        };
        Ok(Converted { stamp, meta, links, bodies, proof })
    }

    /// The head that pass one read of the same state, if there is nothing more to say of it.
    fn known(&self, page: &Page, stamp: Stamp) -> Option<Head> {
        let (planned, standing) = self.standings.get(&page.source)?;
        let headed = self.headed.get(page.source.as_str())?;
        (*planned == stamp && *standing == Standing::Changed).then(|| Head {
            front: (*headed.front).clone(),
            body_start: headed.body_start,
            heading: headed.heading.clone(),
            problems: Vec::new(),
        })
    }

    /// Whether a page is still what the plan has of it. One that was written again since may be a draft by now; where
    /// only its text is another, as of a file that is written without end, it is shown.
    fn is_planned(&self, page: &Page, stamp: Stamp, head: &Head) -> bool {
        let is_as_it_was = self.standings.get(&page.source).is_some_and(|(planned, _)| *planned == stamp);
        is_as_it_was || {
            let planned = self.headed.get(page.source.as_str());
            planned.is_some_and(|planned| *planned.front == head.front && planned.heading == head.heading)
        }
    }

    fn convert_markdown(&self, page: &Page, head: Head, text: &str) -> Result<Made, Problem> {
        let body_start = head.body_start;
        let mut resolver = Resolver { plan: self.plan, page, references: Vec::new(), problems: Vec::new() };
        let changed = match self.work.setting.rules.body(&page.source, text.get(body_start..).unwrap_or("")) {
            Cow::Borrowed(_) => None,
            Cow::Owned(body) => Some(format!("{}{body}", &text[..body_start])),
        };
        let text = changed.as_deref().unwrap_or(text);
        let source = markdown::Source { path: &page.source, text, body_start };
        let dialect = self.work.setting.dialect(page.head.language.clone());
        let broken = |exceeded: Exceeded| Problem::whole(Kind::Unreadable, &page.source, exceeded.to_string());
        let mut included = Vec::new();
        let including = include::include(text.get(body_start..).unwrap_or(""), &page.logical, &dialect, &mut |asked| {
            let (text, inclusion) = self.texts.get(asked);
            included.push(inclusion);
            text
        });
        let reading = markdown::read_with(&source, including.as_ref(), &dialect, &mut |reference| {
            resolver.resolve(reference.destination, reference.kind, reference.at)
        })
        .map_err(broken)?;
        let input_len = including.as_ref().map_or(text.len(), |body| body_start + body.len());
        let (document, style) = (&reading.document, self.work.setting.style);
        let read = Read { plan: self.plan, page, document, input_len, style };
        let bodies = read.of_markdown().map_err(broken)?;
        let mut links = resolver.links();
        links.body_problems.extend(reading.problems);
        links.included = included;
        let proof = match self.proof {
            Proofreading::Yes => proof::of_document(&page.source, text, document, &page.head.language),
            Proofreading::No => Proof::default(),
        };
        Ok((self.meta(page, head, &links), links, bodies, proof))
    }

    /// Hand-written gemtext stays as it is; its links are looked at.
    fn convert_gemtext(&self, page: &Page, head: Head, text: String) -> Result<Made, Problem> {
        let mut resolver = Resolver { plan: self.plan, page, references: Vec::new(), problems: Vec::new() };
        for (at, destination) in gemtext::links(&text) {
            resolver.resolve(destination, ReferenceKind::Link, at);
        }
        let links = resolver.links();
        let led = |url: &str| link::resolve(self.plan, page, url, ReferenceKind::Link).target;
        let broken = |exceeded: Exceeded| Problem::whole(Kind::Unreadable, &page.source, exceeded.to_string());
        let document = gemtext::document(&text, &mut |url| led(url)).map_err(broken)?;
        let read =
            Read { plan: self.plan, page, document: &document, input_len: text.len(), style: self.work.setting.style };
        let mut proof = Proof::default();
        if self.proof == Proofreading::Yes {
            let elsewhere = gemtext::links(&text).filter(|(_, url)| matches!(led(url), Target::Elsewhere(_)));
            elsewhere.for_each(|(at, url)| proof.leaves(&page.source, at, url));
        }
        let bodies = read.of_gemtext(text, &led).map_err(broken)?;
        Ok((self.meta(page, head, &links), links, bodies, proof))
    }

    fn meta(&self, page: &Page, head: Head, links: &Links) -> Meta {
        Meta {
            ingredients: self.work.setting.ingredients,
            shape: self.shape,
            planned: planned(page),
            front: head.front,
            body_start: head.body_start,
            heading: head.heading,
            head_problems: head.problems,
            sound: links.body_problems.is_empty() && links.included.is_empty(),
        }
    }
}

/// Resolves a page's links and remembers where each led.
struct Resolver<'a> {
    plan: &'a Plan,
    page: &'a Page,
    references: Vec<Reference>,
    problems: Vec<Problem>,
}

impl Resolver<'_> {
    fn links(&mut self) -> Links {
        let body_problems = std::mem::take(&mut self.problems);
        Links { references: std::mem::take(&mut self.references), body_problems, included: Vec::new() }
    }

    fn resolve(&mut self, destination: &str, used: ReferenceKind, at: Position) -> Target {
        let resolved = link::resolve(self.plan, self.page, destination, used);
        if let Some((kind, problem)) = resolved.problem {
            self.problems.push(Problem::at(kind, &self.page.source, at, problem));
        }
        // A full URL of somebody else's leads there whatever the plan says.
        let fixed = matches!(&resolved.target, Target::Elsewhere(url) if **url == *destination)
            && self.plan.masthead.web.as_ref().is_none_or(|web| {
                // In whatever form: `link` compares without case, and with `www.` or without.
                let authority = web.authority.to_ascii_lowercase();
                !destination.to_ascii_lowercase().contains(authority.trim_start_matches("www."))
            });
        if !fixed {
            let target = kept::hash(self.plan, &resolved.target);
            self.references.push(Reference { used, destination: destination.to_owned(), target });
        }
        resolved.target
    }
}
