//! One capsule from its folder to its pages in the store: both passes, and again without what turned out broken.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::included::Texts;
use super::kept;
use super::pass_one::{Standings, Work};
use super::pass_two::Converter;
use super::pictures::Pictures;
use super::sources::Sources;
use super::{CapsuleSource, Proofreading, PublishError};
use crate::content::picture::{Metadata, Picture};
use crate::content::{Address, Plan, Problem};
use crate::read::plan::{self, Health};
use crate::read::proof::{self, Proof};
use crate::site::{Renderings, Stored};
use crate::source::{History, Layout, Root};
use crate::store::Store;

/// A source folder, and what is remembered of it from one state to the next.
pub(super) struct Capsule {
    pub(super) source: CapsuleSource,
    pub(super) root: Arc<Root>,
    pub(super) layout: Layout,
    /// Whether the generator's configuration was there at the start.
    pub(super) configured: bool,
    /// Stands for the folder in the store, whatever its place in the configuration.
    pub(super) key: u64,
    /// What git knew of it then, where it is asked for dates.
    pub(super) history: History,
    /// Addresses of pages that were published in this run.
    pub(super) known: HashSet<Address>,
    /// Folders that could not be read when this run began; one that is closed later is not yet given up.
    pub(super) closed: Option<HashSet<String>>,
    /// The shape of the plan at which every link was last seen to hold.
    pub(super) verified: Option<u64>,
}

/// A capsule after pass two.
pub(super) struct Outcome {
    pub(super) layout: Layout,
    pub(super) plan: Plan,
    /// By page.
    pub(super) bodies: Vec<Renderings<Stored>>,
    /// By source.
    pub(super) pictures: HashMap<String, Arc<Picture>>,
    pub(super) problems: Vec<Problem>,
    pub(super) proof: Proof,
    /// Sources whose renderings are worth keeping.
    pub(super) kept: Vec<String>,
    pub(super) closed: HashSet<String>,
    pub(super) shape: u64,
    /// A hash of the files, the settings and what is shown of them.
    pub(super) state: u64,
}

impl Outcome {
    /// Asks again where the renderings are in a store that was written anew.
    pub(super) fn locate(&mut self, folder: u64, store: &Store) {
        for (body, page) in self.bodies.iter_mut().zip(&self.plan.pages) {
            if let Some(places) = store.bodies(folder, &page.source) {
                *body = places;
            }
        }
    }
}

impl Capsule {
    /// Its state as it is on disk now.
    pub(super) fn convert(
        &self,
        store: &mut Store,
        now: Timestamp,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Outcome, PublishError> {
        let Sources { setting, files, mut headed, mut standings, mut problems, closed, withheld, mut state } =
            self.sources(store)?;
        let work = Work { folder: self.key, root: &self.root, setting: &setting };
        let mut proof = Proof::default();
        // A page that turns out broken in pass two is taken out of the plan, so that nothing links to it. What has been
        // converted by then is in the store, and is converted again only where a link of it leads elsewhere now.
        loop {
            let gone = &self.source.redirects.gone;
            let (mut plan, planned) =
                plan::plan(setting.masthead.clone(), &setting.rules, gone, headed.clone(), files.clone(), now);
            setting.name(&mut plan);
            let pictures = match self.source.metadata {
                Metadata::Remove => Pictures::of(&plan, &files, &self.root, self.key, store)?,
                Metadata::Keep => Pictures::default(),
            };
            pictures.measure(&mut plan);
            let shape = kept::shape(&plan);
            let converter = Converter {
                work: &work,
                plan: &plan,
                texts: Texts::new(&work, &plan, &headed, &files),
                standings: &standings,
                headed: headed.iter().map(|headed| (headed.source.path.as_str(), headed)).collect(),
                shape,
                verified: self.verified,
                proof: self.source.proof,
            };
            let pass = converter.run(store, progress)?;
            proof.replace(pass.proof, |path| pass.made.contains_key(path));
            if pass.broken.is_empty() {
                problems.extend(planned.into_iter().chain(pass.problems).chain(pictures.problems));
                self.withdraw(store, &plan, &headed, &standings)?;
                for (page, bodies) in plan.pages.iter().zip(&pass.bodies) {
                    (&page.address, bodies.gemtext.offset).hash(&mut state);
                }
                problems.iter().for_each(|problem| problem.to_string().hash(&mut state));
                let state = state.finish();
                if self.source.proof == Proofreading::Yes {
                    proof.advice.extend(proof::of_plan(&plan, &headed).into_iter().chain(withheld));
                    proof.advice.extend(self.without_dates(&plan));
                }
                return Ok(Outcome {
                    proof,
                    layout: setting.layout,
                    plan,
                    bodies: pass.bodies,
                    kept: standings.into_keys().chain(pictures.known).collect(),
                    pictures: pictures.by_source,
                    problems,
                    shape,
                    closed,
                    state,
                });
            }
            standings.extend(pass.made);
            for problem in pass.broken {
                let broken = headed.iter_mut().filter(|head| head.source.path == problem.path);
                broken.for_each(|head| head.health = Health::Unconvertible);
                problems.push(problem);
            }
        }
    }

    /// A page that was read well and is not to be shown takes its earlier versions with it: should its front
    /// matter break one day, none of them may come back.
    fn withdraw(
        &self,
        store: &mut Store,
        plan: &Plan,
        headed: &[plan::Headed],
        standings: &Standings,
    ) -> io::Result<()> {
        let shown: HashSet<&str> = plan.pages.iter().map(|page| page.source.as_str()).collect();
        let hidden = headed.iter().filter(|head| !shown.contains(head.source.path.as_str()));
        for head in
            hidden.filter(|head| standings.get(&head.source.path).is_some_and(|(_, standing)| standing.was_read()))
        {
            store.withdraw(self.key, &head.source.path, head.source.stamp)?;
        }
        Ok(())
    }
}
