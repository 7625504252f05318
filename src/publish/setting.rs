//! What a capsule is read with: its layout, the generator's rules, and the masthead made of the configuration,
//! the generator's own and defaults.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{CapsuleSource, PublishError, shown};
use crate::content::masthead::Web;
use crate::content::{Language, Masthead, Problem, Source};
use crate::read::conversion::Conversion;
use crate::read::hugo::Hugo;
use crate::read::markdown::Dialect;
use crate::read::plan::{Headed, Rules};
use crate::render::style::Style;
use crate::source::{self, FoundFile, Layout, Root};

/// What a capsule is read with.
pub(super) struct Setting {
    pub(super) layout: Layout,
    pub(super) masthead: Masthead,
    pub(super) rules: Rules,
    conversion: Arc<Conversion>,
    pub(super) style: Style,
    /// A hash of all of it.
    pub(super) ingredients: u64,
}

impl Setting {
    pub(super) fn find(source: &CapsuleSource, layout: Layout, root: &Root) -> Result<Setting, PublishError> {
        let mut hasher = DefaultHasher::new();
        format!("{source:?}").hash(&mut hasher);
        let (masthead, rules) = match layout {
            Layout::Plain => (plain_masthead(source), Rules::Plain),
            Layout::Hugo => {
                let (name, text) = source::hugo::configuration(root).unwrap_or(("hugo.toml", String::new()));
                text.hash(&mut hasher);
                let hugo = Hugo::read(name, &text).map_err(|error| PublishError::Generator {
                    folder: shown(&source.folder),
                    problem: Problem::at(name, error.line, error.message),
                })?;
                (hugo_masthead(source, &hugo), Rules::Hugo(Box::new(hugo)))
            }
        };
        let (conversion, style) = (Arc::clone(&source.conversion), source.style);
        Ok(Setting { layout, masthead, rules, conversion, style, ingredients: hasher.finish() })
    }

    pub(super) fn sources(&self, files: Vec<FoundFile>) -> Vec<Source> {
        match &self.rules {
            Rules::Plain => source::plain(files),
            Rules::Hugo(hugo) => source::hugo::sources(files, &hugo.mounts, &hugo.static_folders),
        }
    }

    /// In a plain folder the home page names the blog.
    pub(super) fn title_of_home(&self, headed: &[Headed]) -> Option<String> {
        let is_home = |head: &&Headed| matches!(head.source.logical.as_str(), "index.md" | "_index.md" | "index.gmi");
        let home = headed.iter().find(is_home).filter(|_| matches!(self.rules, Rules::Plain))?;
        home.front.title.clone().or_else(|| home.heading.clone())
    }

    pub(super) fn dialect(&self, language: Language) -> Dialect {
        let dialect = match &self.rules {
            Rules::Plain => Dialect::plain(language),
            Rules::Hugo(hugo) => Dialect::hugo(language).configured(&hugo.values),
        };
        dialect.with(&self.conversion)
    }
}

fn plain_masthead(source: &CapsuleSource) -> Masthead {
    Masthead {
        hosts: source.hosts.clone(),
        port: source.port,
        title: source.title.clone().unwrap_or_else(|| source.hosts.first().cloned().unwrap_or_default()),
        author: source.author.clone(),
        language: source.language.clone().unwrap_or_else(Language::english),
        web: source.web.clone(),
        timezone: source.timezone.clone().unwrap_or_else(TimeZone::system),
        contact: source.contact.clone(),
    }
}

fn hugo_masthead(source: &CapsuleSource, hugo: &Hugo) -> Masthead {
    let plain = plain_masthead(source);
    let zone = || hugo.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let web = || hugo.base_url.as_deref().and_then(Web::parse);
    Masthead {
        title: source.title.clone().or_else(|| hugo.title.clone()).unwrap_or(plain.title),
        author: plain.author.or_else(|| hugo.author.clone()),
        language: source.language.clone().unwrap_or_else(|| hugo.language.clone()),
        web: plain.web.or_else(web),
        timezone: source.timezone.clone().or_else(zone).unwrap_or(plain.timezone),
        ..plain
    }
}
