//! The layouts' rules behind one set of questions, asked by the plan.
//!
//! Every question is a `match`; every answer that takes more than a line stands in its layout's own file. A new
//! layout is one more variant, and the compiler lists what it must answer.

mod files;
mod placing;
mod readme;

use jiff::tz::TimeZone;

use super::front_matter::Flavour;
use super::hugo::{self, Hugo, Shows};
use super::jekyll::Jekyll;
use super::markdown::Dialect;
use super::pattern::Pattern;
use super::pelican::Pelican;
use super::place::Place;
use super::plain;
use super::plan::{Headed, ancestors};
use super::zola::Zola;
use crate::content::plan::Undated;
use crate::content::{Address, Dates, Hidden, Language, Moment, PageKind, Role, Source};
use crate::text::slug::Slugs;

pub(super) use placing::{Build, Inherited, Placed, Placing};

/// What decides addresses and visibility.
pub enum Rules {
    Plain,
    Hugo(Box<Hugo>),
    Zola(Box<Zola>),
    Jekyll(Box<Jekyll>),
    Pelican(Box<Pelican>),
    /// Eleventy and Astro, whose addresses the author's configuration gives.
    Pattern(Box<Pattern>),
}

impl Rules {
    /// How front matter is written.
    pub fn flavour(&self) -> Flavour {
        match self {
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Pattern(_) => Flavour::Usual,
            Rules::Jekyll(_) => Flavour::Jekyll,
            Rules::Pelican(_) => Flavour::Pelican,
        }
    }

    /// How Markdown is written.
    pub fn dialect(&self, language: Language) -> Dialect {
        match self {
            Rules::Plain => Dialect::plain(language),
            Rules::Hugo(hugo) => Dialect::hugo(language).configured(&hugo.values),
            Rules::Zola(zola) => Dialect::zola(language).configured(&zola.values),
            Rules::Jekyll(jekyll) => Dialect::jekyll(language).configured(&jekyll.values),
            Rules::Pelican(_) => Dialect::pelican(language),
            Rules::Pattern(pattern) => pattern.dialect(language),
        }
    }

    /// How the pages of tags are named.
    pub(super) fn term_slugs(&self) -> Slugs {
        match self {
            Rules::Plain | Rules::Hugo(_) | Rules::Pattern(_) => Slugs::Hugo,
            Rules::Zola(zola) => zola.term_slugs,
            Rules::Jekyll(_) | Rules::Pelican(_) => Slugs::Ascii,
        }
    }

    /// How pages without a date follow each other.
    pub(super) fn undated(&self) -> Undated {
        match self {
            Rules::Plain | Rules::Jekyll(_) => Undated::ByName,
            Rules::Hugo(_) | Rules::Zola(_) | Rules::Pelican(_) | Rules::Pattern(_) => Undated::ByTitle,
        }
    }

    /// Languages the configuration names.
    pub(super) fn languages(&self) -> &[Language] {
        match self {
            Rules::Plain | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => &[],
            Rules::Hugo(hugo) => &hugo.languages,
            Rules::Zola(zola) => &zola.languages,
        }
    }

    /// What the blog is called in one of them.
    pub(super) fn title_in(&self, language: &Language) -> Option<String> {
        let titles = match self {
            Rules::Plain | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => return None,
            Rules::Hugo(hugo) => &hugo.titles,
            Rules::Zola(zola) => &zola.titles,
        };
        titles.iter().find(|(known, _)| known == language).map(|(_, title)| title.clone())
    }

    pub(super) fn place(&self, source: &Source, languages: &[Language]) -> Place {
        match self {
            Rules::Plain | Rules::Pattern(_) => Place::of(&source.logical, languages),
            Rules::Hugo(hugo) => Place::listed(&source.logical, &hugo.suffixes),
            Rules::Zola(zola) => Place::listed(&source.logical, &zola.languages),
            Rules::Jekyll(_) | Rules::Pelican(_) => Place::whole(&source.logical),
        }
    }

    /// The pages among all sources, with what the configuration adds to their front matter.
    pub(super) fn prepare(&self, pages: Vec<(Headed, Place)>, timezone: &TimeZone) -> Vec<(Headed, Place)> {
        match self {
            Rules::Plain => readme::introducing(pages),
            Rules::Zola(_) => pages,
            Rules::Hugo(_) => hugo::without_resources(pages),
            Rules::Jekyll(jekyll) => jekyll.prepare(pages, timezone),
            Rules::Pelican(pelican) => pelican.prepare(pages, timezone),
            Rules::Pattern(pattern) => pattern.prepare(pages, timezone),
        }
    }

    /// What folders hand down.
    pub(super) fn inherited(&self, pages: &[(Headed, Place)]) -> Inherited {
        match self {
            Rules::Hugo(_) => Inherited::Hugo(hugo::cascades(pages)),
            Rules::Zola(_) => Inherited::Closed(Zola::closed(pages)),
            Rules::Plain | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => Inherited::Nothing,
        }
    }

    /// Whether an introduction decides over the pages beneath it.
    pub(super) fn hands_down(&self, place: &Place) -> bool {
        match self {
            Rules::Hugo(_) | Rules::Zola(_) => place.stem == "_index",
            Rules::Plain | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => false,
        }
    }

    /// Whether the generator makes a page of a file that maquis cannot read.
    pub fn is_foreign(&self, source: &Source) -> bool {
        match self {
            Rules::Hugo(_) => source.role == Role::Resource && hugo::is_foreign(&source.logical),
            Rules::Plain | Rules::Zola(_) | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => false,
        }
    }

    /// Whether the generator leaves a file out.
    pub(super) fn passes_over(&self, file: &Source) -> bool {
        match self {
            Rules::Hugo(hugo) => {
                file.role == Role::Resource && hugo.is_disabled(&Place::listed(&file.logical, &hugo.suffixes))
            }
            Rules::Plain | Rules::Zola(_) | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => false,
        }
    }

    pub(super) fn build(&self, headed: &Headed, place: &Place, inherited: &Inherited) -> Build {
        let own = Build::own(headed);
        match (self, inherited) {
            (Rules::Hugo(hugo), Inherited::Hugo(cascades)) => hugo.build(headed, place, cascades),
            (_, Inherited::Closed(folders)) => {
                let closed = || ancestors(&place.folder).chain([""]).any(|folder| folders.iter().any(|f| f == folder));
                Build { draft: own.draft || closed(), ..own }
            }
            (_, Inherited::Hugo(_) | Inherited::Nothing) => own,
        }
    }

    /// Why the generator would not publish a source, beside what front matter says of drafts and times.
    pub(super) fn refuses(&self, headed: &Headed, place: &Place) -> Option<Hidden> {
        match self {
            Rules::Plain | Rules::Pattern(_) => None,
            Rules::Hugo(hugo) => hugo.is_disabled(place).then_some(Hidden::Disabled),
            // Zola stops at a page without front matter.
            Rules::Zola(_) => needs_front_matter(headed),
            Rules::Jekyll(jekyll) => jekyll.refuses(headed, place),
            Rules::Pelican(pelican) => pelican.refuses(headed, place),
        }
    }

    /// What a source lacks that is [`Hidden::Incomplete`].
    pub(super) fn what_is_missing(&self, headed: &Headed) -> &'static str {
        match self {
            Rules::Pelican(_) if headed.front.title.is_none() => "title",
            Rules::Pelican(_) => "date",
            Rules::Jekyll(_) if headed.has_front_matter() => "date in its name",
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Jekyll(_) | Rules::Pattern(_) => "front matter",
        }
    }

    /// What is shown that front matter would hide.
    pub(super) fn shows(&self) -> Shows {
        let nothing = Shows::default();
        match self {
            Rules::Plain | Rules::Pattern(_) => nothing,
            Rules::Hugo(hugo) => hugo.shows,
            // Zola publishes whatever the date.
            Rules::Zola(_) => Shows { future: true, ..nothing },
            Rules::Jekyll(jekyll) => Shows { future: jekyll.future, ..nothing },
            Rules::Pelican(pelican) => Shows { future: pelican.future, ..nothing },
        }
    }

    /// Where the dates come from that pages do not say, if the author lets them.
    pub fn dates(&self, asked: Dates) -> Dates {
        match self {
            Rules::Plain => asked,
            // `DEFAULT_DATE = 'fs'`
            Rules::Pelican(pelican) if pelican.dated_by_file => Dates::File,
            Rules::Hugo(_) | Rules::Zola(_) | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => {
                Dates::Written
            }
        }
    }

    /// The date of front matter, else one that the layout finds in the name.
    pub(super) fn date(&self, headed: &Headed, place: &Place, timezone: &TimeZone) -> Option<Moment> {
        let of_name = || match self {
            Rules::Plain | Rules::Pattern(_) => place.dated().map(|(day, _)| day),
            Rules::Hugo(_) => None,
            Rules::Zola(_) => Zola::day(headed, place),
            Rules::Jekyll(jekyll) => jekyll.day(place),
            Rules::Pelican(pelican) => pelican.day(place),
        };
        headed.front.date.or_else(|| {
            let day = of_name()?;
            let instant = timezone.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
            Some(Moment { instant, day })
        })
    }

    /// The language whose home and lists a page belongs to, where that is not the capsule's own.
    pub(super) fn edition(&self, headed: &Headed, place: &Place, own: &Language) -> Option<Language> {
        let other = |language: &Language| language.primary() != own.primary();
        match self {
            Rules::Plain | Rules::Pattern(_) => place.language.clone().or_else(|| top_language(place)).filter(other),
            Rules::Hugo(hugo) => place.language.clone().filter(|language| *language != hugo.language),
            Rules::Zola(zola) => place.language.clone().filter(|language| *language != zola.language),
            Rules::Jekyll(_) => None,
            Rules::Pelican(_) if headed.front.translation => headed.front.language.clone().filter(other),
            Rules::Pelican(_) => None,
        }
    }

    /// What makes pages translations of each other, where front matter does not say it.
    pub(super) fn translation_key(&self, headed: &Headed, place: &Place) -> Option<String> {
        match self {
            Rules::Plain | Rules::Pattern(_) => {
                let folder = match top_language(place) {
                    Some(_) => place.folder.split_once('/').map_or("", |(_, rest)| rest),
                    None => &place.folder,
                };
                Some(format!("{folder}/{}", place.stem))
            }
            Rules::Hugo(_) | Rules::Zola(_) => Some(format!("{}/{}", place.folder, place.stem)),
            Rules::Jekyll(_) => None,
            Rules::Pelican(pelican) => pelican.slug(headed, place).map(|slug| format!("slug {slug}")),
        }
    }

    /// What place a page has; `in_section` tells whether others are listed in its folder.
    pub(super) fn kind(&self, headed: &Headed, place: &Place, in_section: bool) -> PageKind {
        if !place.is_index() {
            return PageKind::Post;
        }
        let folder_of_language = || !place.folder.contains('/') && top_language(place).is_some();
        let (home, section) = match self {
            Rules::Plain | Rules::Pattern(_) => (place.folder.is_empty() || folder_of_language(), in_section),
            Rules::Hugo(_) => (place.folder.is_empty(), place.stem == "_index" || headed.source.role == Role::Gemtext),
            Rules::Zola(_) => (place.folder.is_empty(), place.stem == "_index"),
            Rules::Jekyll(_) => (place.folder.is_empty(), in_section),
            Rules::Pelican(_) => (false, false),
        };
        match (home, section) {
            (true, _) => PageKind::Home,
            (false, true) => PageKind::Section,
            (false, false) => PageKind::Post,
        }
    }

    /// The folders that become sections because of a page.
    pub(super) fn section_folders(&self, place: &Place) -> Vec<String> {
        let folder = place.folder.as_str();
        let all = |folder: &str| ancestors(folder).map(str::to_owned).collect::<Vec<_>>();
        match self {
            // Every folder with pages, and the folders around it; `x/index.md` alone makes no section.
            Rules::Plain | Rules::Pattern(_) => all(place.holder()),
            // Folders at the top that have pages, and those with an `_index.md`.
            Rules::Hugo(_) => {
                let alone = place.stem == "index" && !folder.contains('/');
                let first = (!alone).then(|| folder.split('/').next().unwrap_or("").to_owned());
                let own = (place.stem == "_index").then(|| folder.to_owned());
                first.into_iter().chain(own).collect()
            }
            Rules::Zola(_) => (place.stem == "_index").then(|| folder.to_owned()).into_iter().collect(),
            Rules::Jekyll(jekyll) => jekyll.section_folders(place).into_iter().flat_map(all).collect(),
            Rules::Pelican(_) => Vec::new(),
        }
    }

    /// Whether the folder of a page that is no post says nothing of its address.
    pub(super) fn files_pages_anywhere(&self) -> bool {
        match self {
            Rules::Jekyll(_) => true,
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Pelican(_) | Rules::Pattern(_) => false,
        }
    }

    /// The folder a page is listed in.
    pub(super) fn listed_in<'p>(&self, place: &'p Place, kind: PageKind) -> &'p str {
        match (self, kind) {
            (_, PageKind::Home) | (Rules::Pelican(_), _) => "",
            (Rules::Jekyll(jekyll), PageKind::Post) => jekyll.section_folders(place).unwrap_or(""),
            (_, PageKind::Post) => place.holder(),
            (_, PageKind::Section) => place.folder.rsplit_once('/').map_or("", |(parent, _)| parent),
        }
    }

    /// The address of a section's listing beneath the home of its edition.
    pub(super) fn section_address(&self, folder: &str, prefix: &Address, root: &Address) -> Option<Address> {
        let path = match self {
            Rules::Hugo(hugo) => hugo.path(folder),
            Rules::Jekyll(jekyll) => jekyll.section_path(folder),
            Rules::Pattern(pattern) => pattern.section_path(folder),
            Rules::Plain | Rules::Zola(_) | Rules::Pelican(_) => folder.to_owned(),
        };
        // `fr/notes` has its language in it already.
        let first = prefix.child(&format!("{}/", folder.split('/').next().unwrap_or(""))).ok();
        let base = match self {
            Rules::Plain | Rules::Pattern(_) if first.as_ref() == Some(root) => prefix,
            Rules::Plain
            | Rules::Pattern(_)
            | Rules::Hugo(_)
            | Rules::Zola(_)
            | Rules::Jekyll(_)
            | Rules::Pelican(_) => root,
        };
        base.child(&format!("{path}/")).ok()
    }

    /// Where a page is; `None` where that would be outside the capsule.
    pub(super) fn address(&self, placing: &Placing<'_>) -> Option<Placed> {
        if placing.headed.source.role == Role::Gemtext {
            return plain::address(placing).map(Placed::at);
        }
        match self {
            Rules::Plain => plain::address(placing).map(Placed::at),
            Rules::Hugo(hugo) => {
                hugo.address(placing.headed, placing.place, placing.kind, placing.prefix).map(Placed::at)
            }
            Rules::Zola(zola) => zola.address(placing).map(Placed::at),
            Rules::Jekyll(jekyll) => jekyll.address(placing),
            Rules::Pelican(pelican) => pelican.address(placing),
            Rules::Pattern(pattern) => pattern.address(placing),
        }
    }

    /// The language that one of a page's folders is named after.
    pub(super) fn folder_language(&self, place: &Place, languages: &[Language]) -> Option<Language> {
        match self {
            Rules::Plain | Rules::Hugo(_) | Rules::Jekyll(_) | Rules::Pattern(_) => place.folder_language(languages),
            Rules::Zola(_) | Rules::Pelican(_) => None,
        }
    }
}

pub(super) fn needs_front_matter(headed: &Headed) -> Option<Hidden> {
    let bare = !headed.has_front_matter() && headed.source.role == Role::Markdown;
    bare.then_some(Hidden::Incomplete)
}

/// The language that a page's top folder is named after.
fn top_language(place: &Place) -> Option<Language> {
    let top = place.folder.split('/').next().filter(|top| !top.is_empty())?;
    Place { folder: top.to_owned(), stem: String::new(), language: None }.folder_language(&[])
}
