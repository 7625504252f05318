//! What a page may take in from others (`read::include`): the texts of pages that are shown, of snippets that are no pages
//! of their own, and of files that are served. A draft shows nowhere, not even here.
//!
//! What was found is remembered beside the page's links, so that a page is made again when what it includes is another.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::pass_one::Work;
use crate::content::{Hidden, Plan, Role, Source};
use crate::read::include::{Asked, Included, places};
use crate::read::plan::Headed;

/// What may be included in the pages of a capsule.
pub(super) struct Texts<'a> {
    work: &'a Work<'a>,
    plan: &'a Plan,
    headed: &'a [Headed],
    files: &'a [Source],
    /// Markdown by its place in the layout, lower case; made when something asks for it, which is rare.
    by_place: OnceLock<HashMap<String, &'a Headed>>,
}

/// What a page included, or found not there.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Inclusion {
    page: String,
    name: String,
    /// A hash of what was there.
    state: u64,
}

/// What a name stands for now.
enum Found<'a> {
    Page(&'a Headed),
    File(&'a Source),
    Hidden(Hidden),
    Nothing,
}

impl<'a> Texts<'a> {
    pub(super) fn new(work: &'a Work<'a>, plan: &'a Plan, headed: &'a [Headed], files: &'a [Source]) -> Texts<'a> {
        Texts { work, plan, headed, files, by_place: OnceLock::new() }
    }

    /// Whether what was included is as it was.
    pub(super) fn holds(&self, inclusion: &Inclusion) -> bool {
        let asked = Asked { page: &inclusion.page, name: &inclusion.name };
        self.find(&asked).state() == inclusion.state
    }

    /// The text that is asked for, and what is to be remembered of it.
    pub(super) fn get(&self, asked: &Asked<'_>) -> (Included, Inclusion) {
        let found = self.find(asked);
        let text = match found {
            Found::Page(headed) => self.page(headed),
            Found::File(file) => self.file(file),
            Found::Hidden(reason) => Some(Included::Hidden(reason.reason())),
            Found::Nothing => Some(Included::Nothing),
        };
        // What is being written is looked at again.
        let state = if text.is_some() { found.state() } else { 0 };
        let inclusion = Inclusion { page: asked.page.to_owned(), name: asked.name.to_owned(), state };
        (text.unwrap_or(Included::Nothing), inclusion)
    }

    /// The text of a page as it was when it was seen to be shown; what was written since may be a draft.
    fn page(&self, headed: &Headed) -> Option<Included> {
        let source = &headed.source;
        let (text, stamp) = self.work.text(&source.path).ok()?;
        let head = self.work.markdown_head(&source.path, &source.logical, &text).ok()?;
        let body = text.get(head.body_start..).unwrap_or("");
        let text = self.work.setting.rules.body(&source.path, body).into_owned();
        (stamp == source.stamp).then(|| Included::Page { logical: source.logical.clone(), text })
    }

    fn file(&self, file: &Source) -> Option<Included> {
        let (text, stamp) = self.work.text(&file.path).ok()?;
        (stamp == file.stamp).then_some(Included::File { text })
    }

    fn find(&self, asked: &Asked<'_>) -> Found<'a> {
        let places = places(asked.page, asked.name);
        let found = places.iter().map(|place| self.at(&place.to_lowercase()));
        let found = found.into_iter().find(|found| !matches!(found, Found::Nothing));
        found.unwrap_or_else(|| self.by_name(&asked.name.trim().to_lowercase()))
    }

    fn at(&self, place: &str) -> Found<'a> {
        for ending in ["", ".md", "/index.md", "/_index.md"] {
            let form = format!("{place}{ending}");
            if let Some(headed) = self.by_place().get(&form) {
                return self.page_or_hidden(&form, headed);
            }
        }
        let file = self.plan.file_by_logical.get(place).map(|&index| &self.plan.files[index].source);
        let file = file.and_then(|path| self.files.iter().find(|file| file.path == *path));
        file.map_or(Found::Nothing, Found::File)
    }

    /// A name that is only once there, wherever that is.
    fn by_name(&self, name: &str) -> Found<'a> {
        let endings = [format!("/{name}"), format!("/{name}.md")];
        let mut named =
            self.by_place().iter().filter(|(place, _)| endings.iter().any(|ending| place.ends_with(ending)));
        match (named.next(), named.next()) {
            (Some((place, headed)), None) if !name.contains('/') => self.page_or_hidden(place, headed),
            (_, _) => Found::Nothing,
        }
    }

    fn page_or_hidden(&self, place: &str, headed: &'a Headed) -> Found<'a> {
        match self.plan.hidden.get(place) {
            // A snippet is no page of its own. What has no front matter does not say that it is a draft.
            Some(Hidden::NotRendered) => Found::Page(headed),
            Some(Hidden::Incomplete) if !headed.has_front_matter() => Found::Page(headed),
            Some(reason) => Found::Hidden(*reason),
            None if self.plan.by_logical.contains_key(place) => Found::Page(headed),
            // A part of a bundle is shown with its page.
            None => {
                let front = &headed.front;
                let timed = front.expires.or(front.publish_at).or(front.date).is_some();
                let shown = !front.draft && !front.hidden && !timed && self.is_in_bundle(place);
                if shown { Found::Page(headed) } else { Found::Nothing }
            }
        }
    }

    fn is_in_bundle(&self, place: &str) -> bool {
        let folders = std::iter::successors(place.rsplit_once('/'), |(folder, _)| folder.rsplit_once('/'));
        let bundle =
            folders.map(|(folder, _)| format!("{folder}/index.md")).find(|at| self.by_place().contains_key(at));
        bundle.is_some_and(|at| {
            let snippets = matches!(self.plan.hidden.get(&at), Some(Hidden::NotRendered));
            snippets || self.plan.by_logical.contains_key(&at)
        })
    }

    fn by_place(&self) -> &HashMap<String, &'a Headed> {
        self.by_place.get_or_init(|| {
            let pages = self.headed.iter().filter(|headed| headed.source.role == Role::Markdown);
            pages.map(|headed| (headed.source.logical.to_lowercase(), headed)).collect()
        })
    }
}

impl Found<'_> {
    fn state(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self {
            Found::Page(headed) => (&headed.source.path, headed.source.stamp).hash(&mut hasher),
            Found::File(source) => (&source.path, source.stamp).hash(&mut hasher),
            Found::Hidden(reason) => reason.reason().hash(&mut hasher),
            Found::Nothing => {}
        }
        hasher.finish()
    }
}
