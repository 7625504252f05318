//! What a capsule is read with: its layout, the generator's rules, and the masthead made of the configuration,
//! the generator's own and defaults.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{CapsuleSource, PublishError, shown};
use crate::content::files::FileRules;
use crate::content::masthead::Web;
use crate::content::plan::Format;
use crate::content::problem::{Kind, Position};
use crate::content::{Language, Masthead, Page, PageKind, Plan, Problem, Source};
use crate::read::agate;
use crate::read::conversion::Conversion;
use crate::read::hugo::Hugo;
use crate::read::jekyll::Jekyll;
use crate::read::markdown::Dialect;
use crate::read::pattern::{Generator, Pattern};
use crate::read::pelican::Pelican;
use crate::read::rules::Rules;
use crate::read::smart;
use crate::read::value::ValueError;
use crate::read::zola::Zola;
use crate::render::style::Style;
use crate::source::{self, FoundFile, Layout, Root, walk};

/// What a capsule is read with.
pub(super) struct Setting {
    pub(super) layout: Layout,
    pub(super) masthead: Masthead,
    pub(super) rules: Rules,
    conversion: Arc<Conversion>,
    pub(super) style: Style,
    /// What is wrong with it.
    pub(super) problems: Vec<Problem>,
    /// A hash of all of it.
    pub(super) ingredients: u64,
}

/// What a generator's own configuration says of the capsule.
#[derive(Default)]
struct Said {
    title: Option<String>,
    author: Option<String>,
    language: Option<Language>,
    base_url: Option<String>,
    timezone: Option<String>,
}

impl Setting {
    pub(super) fn find(
        source: &CapsuleSource,
        layout: Layout,
        root: &Root,
        files: &[FoundFile],
        metas: &[FoundFile],
    ) -> Result<Setting, PublishError> {
        let mut hasher = DefaultHasher::new();
        format!("{source:?} {layout:?}").hash(&mut hasher);
        let broken = |problem: Problem| PublishError::Generator { folder: shown(&source.folder), problem };
        let (rules, said) = generators(source, layout, root, files, &mut hasher).map_err(broken)?;
        let mut masthead = masthead(source, said);
        let (mut rules_of_files, mut problems) = (FileRules::new(source.files.clone()), Vec::new());
        for meta in metas.iter().filter(|_| layout == Layout::Plain) {
            // What it answers in the place of a file would be shown without it.
            let Some(bytes) = configuration(root, &meta.path).map_err(broken)? else { continue };
            bytes.hash(&mut hasher);
            let text = String::from_utf8_lossy(&bytes);
            problems.extend(agate::read(&meta.path, &text, &mut rules_of_files));
        }
        masthead.files = Arc::new(rules_of_files);
        format!("{:?}", masthead.timezone).hash(&mut hasher);
        let (conversion, style) = (Arc::clone(&source.conversion), source.style);
        Ok(Setting { layout, masthead, rules, conversion, style, problems, ingredients: hasher.finish() })
    }

    pub(super) fn sources(&self, root: &Root, files: Vec<FoundFile>) -> Vec<Source> {
        match &self.rules {
            Rules::Plain => source::plain(files),
            Rules::Hugo(hugo) => {
                let files = files.into_iter().filter(|file| hugo.reads(&file.path)).collect();
                source::hugo::sources(files, &hugo.mounts, &hugo.static_folders)
            }
            Rules::Zola(zola) => source::zola::sources(files, zola),
            Rules::Jekyll(jekyll) => source::jekyll::sources(root, files, jekyll),
            Rules::Pelican(pelican) => source::pelican::sources(files, pelican),
            Rules::Pattern(pattern) => source::pattern::sources(root, files, pattern),
        }
    }

    /// Titles of front matter are set as the text under them is. Where nobody names the blog, its home page does, if that
    /// is shown.
    pub(super) fn name(&self, plan: &mut Plan) {
        for page in plan.pages.iter_mut().filter(|page| page.format == Format::Markdown) {
            let Page { head, link_title, .. } = page;
            let texts = [Some(&mut head.title), head.subtitle.as_mut(), link_title.as_mut()];
            let language = head.language.clone();
            texts.into_iter().flatten().for_each(|text| self.set(text, &language));
        }
        for section in &mut plan.sections {
            let Some(language) = section.introduction.map(|index| plan.pages[index].head.language.clone()) else {
                continue;
            };
            self.set(&mut section.title, &language);
        }
        let unnamed = self.masthead.title == self.masthead.host();
        let home = plan.by_address.get("/").map(|&index| &plan.pages[index]);
        let home = home.filter(|home| unnamed && home.kind == PageKind::Home);
        if let Some(title) = home.map(|home| home.head.title.clone()) {
            plan.masthead.title = title;
        }
    }

    fn set(&self, text: &mut String, language: &Language) {
        // Nearly all hold nothing to set.
        if text.contains(['\'', '"']) || text.contains("--") || text.contains("...") {
            *text = smart::line(text, &self.dialect(language.clone())).into_owned();
        }
    }

    /// How the pages in a language are written.
    pub(super) fn dialect(&self, language: Language) -> Dialect {
        self.rules.dialect(language).with(&self.conversion)
    }
}

/// What the generator's own configuration says; all of it goes into the hash.
fn generators(
    source: &CapsuleSource,
    layout: Layout,
    root: &Root,
    files: &[FoundFile],
    hasher: &mut DefaultHasher,
) -> Result<(Rules, Said), Problem> {
    let mut read = |paths: &[&'static str]| first(root, paths).inspect(|found| found.hash(hasher));
    let wrong = |name: &str, error: ValueError| {
        let at = Position { line: error.line, column: error.column };
        Problem::at(Kind::Configuration, name, at, error.message)
    };
    Ok(match layout {
        Layout::Plain => (Rules::Plain, Said::default()),
        Layout::Hugo => {
            let paths = [&source::hugo::CONFIGURATIONS[..], &source::hugo::OLD_CONFIGURATIONS].concat();
            let (name, text) = read(&paths)?.unwrap_or(("hugo.toml", String::new()));
            hugo(Hugo::read(name, &text).map_err(|error| wrong(name, error))?)
        }
        Layout::Zola => {
            let (name, text) = read(&source::zola::CONFIGURATIONS)?.unwrap_or(("config.toml", String::new()));
            zola(Zola::read(&text).map_err(|error| wrong(name, error))?)
        }
        Layout::Jekyll => {
            let (name, text) = read(&source::jekyll::CONFIGURATIONS)?.unwrap_or(("_config.yml", String::new()));
            jekyll(Jekyll::read(&text).map_err(|error| wrong(name, error))?)
        }
        Layout::Pelican => {
            let texts = texts(root, &source::pelican::CONFIGURATIONS)?;
            texts.hash(hasher);
            pelican(Pelican::read(&texts.iter().map(String::as_str).collect::<Vec<_>>()))
        }
        Layout::Eleventy | Layout::Astro => {
            let generator = if layout == Layout::Astro { Generator::Astro } else { Generator::Eleventy };
            let content = source.content.as_deref().unwrap_or_else(|| source::pattern::content(root, generator));
            let data = source::pattern::data(root, files, generator)?;
            format!("{content} {data:?}").hash(hasher);
            let pattern = Pattern::new(generator, content, source.addresses.as_deref(), data);
            (Rules::Pattern(Box::new(pattern)), Said::default())
        }
    })
}

/// How large a configuration may be, in bytes.
const MAX_CONFIGURATION: usize = 1 << 20;

/// A configuration; `None` where there is none. One that is there and cannot be read hides nobody knows what.
fn configuration(root: &Root, path: &str) -> Result<Option<Vec<u8>>, Problem> {
    match root.read(path, MAX_CONFIGURATION) {
        Ok(bytes) if bytes.len() > MAX_CONFIGURATION => Err(Problem::whole(
            Kind::Configuration,
            path,
            "it is larger than 1 MiB, which no configuration is; mend it",
        )),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if source::is_absent(&error) => Ok(None),
        Err(error) => Err(Problem::whole(Kind::Unreadable, path, walk::unreadable(&error))),
    }
}

/// The texts of those of these files that are there.
fn texts(root: &Root, paths: &[&str]) -> Result<Vec<String>, Problem> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    paths.iter().filter_map(|path| Some(configuration(root, path).transpose()?.map(text))).collect()
}

/// The first of these files that is there.
fn first(root: &Root, paths: &[&'static str]) -> Result<Option<(&'static str, String)>, Problem> {
    for path in paths {
        if let Some(bytes) = configuration(root, path)? {
            return Ok(Some((*path, String::from_utf8_lossy(&bytes).into_owned())));
        }
    }
    Ok(None)
}

fn hugo(hugo: Hugo) -> (Rules, Said) {
    let said = Said {
        title: hugo.title.clone(),
        author: hugo.author.clone(),
        language: Some(hugo.language.clone()),
        base_url: hugo.base_url.clone(),
        timezone: hugo.timezone.clone(),
    };
    (Rules::Hugo(Box::new(hugo)), said)
}

fn zola(zola: Zola) -> (Rules, Said) {
    let said = Said {
        title: zola.title.clone(),
        author: zola.author.clone(),
        language: Some(zola.language.clone()),
        base_url: zola.base_url.clone(),
        timezone: None,
    };
    (Rules::Zola(Box::new(zola)), said)
}

fn jekyll(jekyll: Jekyll) -> (Rules, Said) {
    let said = Said {
        title: jekyll.title.clone(),
        author: jekyll.author.clone(),
        language: jekyll.language.clone(),
        base_url: jekyll.base_url.clone(),
        timezone: jekyll.timezone.clone(),
    };
    (Rules::Jekyll(Box::new(jekyll)), said)
}

fn pelican(pelican: Pelican) -> (Rules, Said) {
    let said = Said {
        title: pelican.title.clone(),
        author: pelican.author.clone(),
        language: Some(pelican.language.clone()),
        base_url: pelican.base_url.clone(),
        timezone: pelican.timezone.clone(),
    };
    (Rules::Pelican(Box::new(pelican)), said)
}

/// The configuration's word counts, then the generator's, then a default.
fn masthead(source: &CapsuleSource, said: Said) -> Masthead {
    let zone = || said.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let host = || source.hosts.first().cloned().unwrap_or_default();
    let mut masthead = Masthead {
        hosts: source.hosts.clone(),
        port: source.port,
        title: source.title.clone().or(said.title).unwrap_or_else(host),
        author: source.author.clone().or(said.author),
        language: source.language.clone().or(said.language).unwrap_or_else(Language::english),
        web: source.web.clone().or_else(|| said.base_url.as_deref().and_then(Web::parse)),
        timezone: source.timezone.clone().or_else(zone).unwrap_or_else(TimeZone::system),
        contact: source.contact.clone(),
        licence: source.licence.clone(),
        words: source.words.clone(),
        header: source.header.clone(),
        footer: source.footer.clone(),
        files: Arc::default(),
        gopher: source.gopher.clone(),
    };
    masthead.language = masthead.spoken(masthead.language.clone());
    masthead
}
