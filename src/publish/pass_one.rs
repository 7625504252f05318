//! Pass one over one capsule: the heads of its sources, from the store where nothing changed, else from the files.

use std::collections::HashMap;
use std::sync::Arc;

use super::in_shares;
use super::kept::Meta;
use super::setting::Setting;
use crate::content::document::MAX_SOURCE;
use crate::content::problem::{Kind, Position};
use crate::content::source::Stamp;
use crate::content::{FrontMatter, Problem, Role, Source};
use crate::read::plan::{Headed, Health};
use crate::read::{front_matter, gemtext, markdown};
use crate::source::{Root, walk};
use crate::store::{Found, Store};

/// What both passes over one capsule share.
pub(super) struct Work<'a> {
    /// Stands for the source folder in the store.
    pub(super) folder: u64,
    pub(super) root: &'a Root,
    pub(super) setting: &'a Setting,
}

/// Every source of a page by its path: the state it is in, and how it stands.
pub(super) type Standings = HashMap<String, (Stamp, Standing)>;

/// How a source stands after pass one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// As it is in the store.
    Unchanged(Stood),
    /// Its head was read, and nothing is wrong with that.
    Changed,
    /// Its head was read, and something was said of it.
    Faulty,
    /// It is broken; the store has an earlier version.
    LastGood,
    /// It is broken, and nothing else is known of it.
    Broken,
}

/// What the store says of a source that is unchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stood {
    pub(super) shape: u64,
    pub(super) planned: u64,
    pub(super) sound: bool,
}

impl Standing {
    pub(super) fn was_read(self) -> bool {
        match self {
            Standing::Unchanged(_) | Standing::Changed | Standing::Faulty => true,
            Standing::LastGood | Standing::Broken => false,
        }
    }
}

/// What is read of a file.
pub(super) struct Head {
    pub(super) front: FrontMatter,
    pub(super) body_start: usize,
    pub(super) heading: Option<String>,
    pub(super) problems: Vec<Problem>,
}

/// One source after pass one.
struct Passed {
    headed: Headed,
    standing: Standing,
    problems: Vec<Problem>,
}

impl Work<'_> {
    /// The heads of all sources in their order, read on all cores.
    pub(super) fn heads(
        &self,
        store: &Store,
        sources: Vec<Source>,
        problems: &mut Vec<Problem>,
    ) -> (Vec<Headed>, Standings) {
        let (mut headed, mut standings) = (Vec::with_capacity(sources.len()), HashMap::with_capacity(sources.len()));
        let mut take = |passed: Passed| {
            let source = &passed.headed.source;
            standings.insert(source.path.clone(), (source.stamp, passed.standing));
            problems.extend(passed.problems);
            headed.push(passed.headed);
        };
        in_shares(&sources, &|source| self.head(store, source.clone())).into_iter().for_each(&mut take);
        (headed, standings)
    }

    fn head(&self, store: &Store, source: Source) -> Passed {
        let found: Option<Found<Meta>> = store.get(self.folder, &source.path);
        let unchanged =
            |found: &Found<Meta>| found.stamp == source.stamp && found.meta.ingredients == self.setting.ingredients;
        match found {
            Some(mut found) if unchanged(&found) => {
                let Meta { shape, planned, sound, .. } = found.meta;
                let standing = Standing::Unchanged(Stood { shape, planned, sound });
                let problems = std::mem::take(&mut found.meta.head_problems);
                Passed { problems, headed: headed(source, found.meta), standing }
            }
            found => self.changed(source, found),
        }
    }

    /// A source that the store does not have in this state; what it has may take its place.
    fn changed(&self, mut source: Source, found: Option<Found<Meta>>) -> Passed {
        match self.read_head(&source) {
            Ok((Head { front, body_start, heading, problems }, stamp)) => {
                // A file that is written without end has another state at every look: this is the one that was read.
                source.stamp = stamp;
                let headed =
                    Headed { source, front: front.into(), body_start, heading, dated: None, health: Health::Whole };
                let standing = if problems.is_empty() { Standing::Changed } else { Standing::Faulty };
                Passed { headed, standing, problems }
            }
            Err(mut problem) => {
                let (ending, headed, standing) = match found {
                    Some(found) => {
                        ("; its last good version stays published", headed(source, found.meta), Standing::LastGood)
                    }
                    None => ("; it is not published", unread(source), Standing::Broken),
                };
                problem.text.push_str(ending);
                Passed { headed, standing, problems: vec![problem] }
            }
        }
    }

    /// What the front matter of a page in a format that cannot be read says, where even that can.
    pub(super) fn foreign(&self, source: Source, problems: &mut Vec<Problem>) -> Headed {
        let text = "its format cannot be read yet, so it is not published; convert it to Markdown";
        problems.push(Problem::whole(Kind::Unsupported, &source.path, text));
        let flavour = self.setting.rules.flavour();
        let read = self
            .text(&source.path)
            .and_then(|(text, _)| front_matter::read(&source.path, &text, &self.setting.masthead.timezone, flavour));
        match read {
            // Org has its own way to say what a page is.
            Ok((_, 0, _)) if source.path.ends_with(".org") => unread(source),
            Ok((front, body_start, _)) => {
                Headed { source, front: front.into(), body_start, heading: None, dated: None, health: Health::Foreign }
            }
            Err(_) => unread(source),
        }
    }

    fn read_head(&self, source: &Source) -> Result<(Head, Stamp), Problem> {
        let (text, stamp) = self.text(&source.path)?;
        let head = match source.role {
            Role::Gemtext => gemtext_head(&text),
            Role::Markdown | Role::Static | Role::Resource => {
                self.markdown_head(&source.path, &source.logical, &text)?
            }
        };
        Ok((head, stamp))
    }

    pub(super) fn markdown_head(&self, path: &str, logical: &str, text: &str) -> Result<Head, Problem> {
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

    /// A source's text, and the state it was read in.
    pub(super) fn text(&self, path: &str) -> Result<(String, Stamp), Problem> {
        let unreadable = |error| Problem::whole(Kind::Unreadable, path, walk::unreadable(&error));
        let (bytes, stamp) = self.root.read_stamped(path, MAX_SOURCE).map_err(unreadable)?;
        if bytes.len() > MAX_SOURCE {
            return Err(Problem::whole(Kind::Unreadable, path, "it is larger than 2 MiB; split it into several posts"));
        }
        if bytes.is_empty() && !may_be_empty(path) {
            return Err(Problem::whole(Kind::Unreadable, path, "it is empty; write it, or delete it"));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let whole = std::str::from_utf8(&error.as_bytes()[..valid]).unwrap_or_default();
            let line = 1 + whole.bytes().filter(|byte| *byte == b'\n').count();
            let at = Position::in_line(u32::try_from(line).unwrap_or(u32::MAX), whole, valid);
            Problem::at(Kind::Unreadable, path, at, "it is not UTF-8 here; save it as UTF-8")
        })?;
        Ok((text, stamp))
    }
}

/// Whether an empty file says what it is by its name: the index of a section. Any other is emptied by an editor that
/// is about to write it.
fn may_be_empty(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with("_index.") || name.starts_with("index."))
}

/// Gemtext has no front matter.
pub(super) fn gemtext_head(text: &str) -> Head {
    let heading = gemtext::first_heading(text).map(str::to_owned);
    Head { front: FrontMatter::default(), body_start: 0, heading, problems: Vec::new() }
}

fn headed(source: Source, meta: Meta) -> Headed {
    Headed {
        source,
        front: Arc::new(meta.front),
        body_start: meta.body_start,
        heading: meta.heading,
        dated: None,
        health: Health::Whole,
    }
}

fn unread(source: Source) -> Headed {
    Headed { source, front: Arc::default(), body_start: 0, heading: None, dated: None, health: Health::Unread }
}
