//! Pass one over a capsule: the walk, the generator's configuration, and the head of every source.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash};

use jiff::Timestamp;

use super::capsule::Capsule;
use super::pass_one::{Standings, Work};
use super::setting::Setting;
use super::{PublishError, folder_error, shown};
use crate::content::problem::Kind;
use crate::content::{Dates, Moment, PageKind, Plan, Problem, Role, Source};
use crate::read::plan::Headed;
use crate::source::{self, Layout, walk};
use crate::store::Store;

/// So many pages without a date may be meant as posts.
const NOTES: usize = 5;

/// A capsule after pass one.
pub(super) struct Sources {
    pub(super) setting: Setting,
    pub(super) files: Vec<Source>,
    pub(super) headed: Vec<Headed>,
    pub(super) standings: Standings,
    pub(super) problems: Vec<Problem>,
    pub(super) closed: HashSet<String>,
    /// What is said of files that look private, and are not served.
    pub(super) withheld: Vec<Problem>,
    pub(super) state: DefaultHasher,
}

impl Capsule {
    /// Pass one: every file there is, and the heads of those that become pages.
    pub(super) fn sources(&self, store: &Store) -> Result<Sources, PublishError> {
        let walked = walk(&self.root).map_err(|error| folder_error(&self.source.folder, error))?;
        let (mut files, mut problems) = (walked.files, walked.problems);
        files.retain(|file| Some(&file.path) != self.source.configuration.as_ref());
        // Without it, what it hides would be shown.
        if self.configured && !source::is_configured(&self.root, self.layout) {
            return Err(PublishError::Vanished { folder: shown(&self.source.folder), layout: self.layout.name() });
        }
        let setting = Setting::find(&self.source, self.layout, &self.root, &files, &walked.metas)?;
        problems.extend(setting.problems.iter().cloned());
        let (files, pages): (Vec<Source>, Vec<Source>) = setting
            .sources(&self.root, files)
            .into_iter()
            .partition(|source| matches!(source.role, Role::Static | Role::Resource));
        // A folder that is closed for a moment must not turn its posts into withdrawn ones.
        let closed_since = |path: &&String| self.closed.as_ref().is_some_and(|closed| !closed.contains(*path));
        if let Some(closed) = walked.closed.iter().find(closed_since) {
            return Err(PublishError::Unreadable { folder: shown(&self.source.folder.join(closed)) });
        }
        if pages.is_empty() {
            return Err(PublishError::Empty { folder: shown(&self.source.folder) });
        }
        let mut state = DefaultHasher::new();
        setting.ingredients.hash(&mut state);
        files.iter().chain(&pages).for_each(|source| (&source.path, source.stamp).hash(&mut state));
        let work = Work { folder: self.key, root: &self.root, setting: &setting };
        let (mut headed, standings) = work.heads(store, pages, &mut problems);
        let (foreign, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|source| setting.rules.is_foreign(source));
        headed.extend(foreign.into_iter().map(|source| work.foreign(source, &mut problems)));
        self.date(&setting, &mut headed, &mut problems);
        let closed = walked.closed.into_iter().collect();
        let text = "it looks private; it is not served, and is safer elsewhere";
        let withheld = walked.private.iter().map(|path| Problem::whole(Kind::Withheld, path, text)).collect();
        Ok(Sources { setting, files, headed, standings, problems, closed, withheld, state })
    }

    /// What files or git say of when pages were written, where they are asked.
    fn date(&self, setting: &Setting, headed: &mut [Headed], problems: &mut Vec<Problem>) {
        let (dates, timezone) = (setting.rules.dates(self.source.dates), &setting.masthead.timezone);
        if dates == Dates::Written && self.source.dates != dates {
            let text =
                format!("`dates` is for plain folders, and posts of {} say theirs; remove it", self.layout.name());
            problems.push(Problem::whole(Kind::Configuration, "", text));
        }
        let of_file = |source: &Source| {
            Timestamp::from_nanosecond(source.stamp.modified).ok().map(|instant| Moment::of(instant, timezone))
        };
        for headed in headed {
            headed.dated = match dates {
                Dates::Written => None,
                Dates::File => of_file(&headed.source),
                Dates::Git => self.history.first(&headed.source.path).or_else(|| of_file(&headed.source)),
            };
        }
    }

    /// What is said where no page has a date, as in a folder of notes: there are no lists of posts then.
    pub(super) fn without_dates(&self, plan: &Plan) -> Option<Problem> {
        let pages = || plan.pages.iter().filter(|page| page.kind == PageKind::Post);
        let asked = self.layout != Layout::Plain || self.source.dates != Dates::Written;
        if asked || pages().count() < NOTES || pages().any(|page| page.head.date.is_some()) {
            return None;
        }
        let text = "no page has a date, so the feed is empty; if they are posts, give each a \
                    `date`, or write dates = \"git\" or \"file\"";
        Some(Problem::whole(Kind::NoDate, "", text))
    }
}
