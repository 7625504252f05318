//! A source's head: what its front matter says, and what the page is called in the end.

use serde::{Deserialize, Serialize};

use super::{Language, Moment};

/// Front matter in one form, whatever generator and syntax it was written for.
/// Everything is optional but what has a neutral value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrontMatter {
    pub title: Option<String>,
    /// A shorter title for links and listings (Hugo `linkTitle`).
    pub link_title: Option<String>,
    pub subtitle: Option<String>,
    pub date: Option<Moment>,
    pub updated: Option<Moment>,
    /// It says that it has no date (`date: false`), whatever its file does.
    pub undated: bool,
    /// Not shown before (Hugo `publishDate`).
    pub publish_at: Option<Moment>,
    /// Not shown from then on (Hugo `expiryDate`).
    pub expires: Option<Moment>,
    pub draft: bool,
    /// It says itself that it is no draft, whatever is said of its folder.
    pub public: bool,
    /// Whether a page of its own is made, and whether listings name it (Hugo `build`); `None` inherits.
    pub render: Option<bool>,
    pub list: Option<bool>,
    pub slug: Option<String>,
    /// The whole address (Hugo `url`, Zola `path`, Pelican `Save_as`).
    pub url: Option<String>,
    /// The whole address as Jekyll and Eleventy write it; `:title` and its like may stand in it.
    pub permalink: Option<String>,
    /// Where the page has moved (`redirect_to`): an address of the capsule or a URL.
    pub redirect_to: Option<String>,
    pub aliases: Vec<String>,
    pub language: Option<Language>,
    pub translation_key: Option<String>,
    pub authors: Vec<String>,
    pub summary: Option<String>,
    pub tags: Vec<String>,
    pub categories: Vec<String>,
    /// What it is a part of, with others in an order.
    pub series: Vec<String>,
    pub weight: Option<i64>,
    /// For a section: its pages stand in the listing around it too (Zola `transparent`).
    pub transparent: bool,
    /// A translation of the page with the same slug (Pelican `Translation: true`).
    pub translation: bool,
    /// Files of the content that the text links to, by their place in it, where a generator publishes only those.
    pub linked_files: Vec<String>,
    /// Those of them that go with the page wherever it is (Pelican `{attach}`).
    pub attached_files: Vec<String>,
    /// What a section hands down to the pages beneath it (Hugo `cascade`), the first match wins.
    pub cascade: Vec<Cascade>,
    /// A field that decides visibility could not be read: the page stays hidden.
    pub hidden: bool,
}

impl FrontMatter {
    /// What this leaves open, the other says.
    pub fn or(self, other: FrontMatter) -> FrontMatter {
        let either = |own: Vec<String>, other: Vec<String>| if own.is_empty() { other } else { own };
        FrontMatter {
            title: self.title.or(other.title),
            link_title: self.link_title.or(other.link_title),
            subtitle: self.subtitle.or(other.subtitle),
            date: self.date.or(other.date),
            updated: self.updated.or(other.updated),
            undated: self.undated || other.undated,
            publish_at: self.publish_at.or(other.publish_at),
            expires: self.expires.or(other.expires),
            draft: self.draft || (other.draft && !self.public),
            public: self.public,
            render: self.render.or(other.render),
            list: self.list.or(other.list),
            slug: self.slug.or(other.slug),
            url: self.url.or(other.url),
            permalink: self.permalink.or(other.permalink),
            redirect_to: self.redirect_to.or(other.redirect_to),
            aliases: self.aliases,
            language: self.language.or(other.language),
            translation_key: self.translation_key.or(other.translation_key),
            authors: either(self.authors, other.authors),
            summary: self.summary.or(other.summary),
            tags: either(self.tags, other.tags),
            categories: either(self.categories, other.categories),
            series: either(self.series, other.series),
            weight: self.weight.or(other.weight),
            transparent: self.transparent || other.transparent,
            translation: self.translation || other.translation,
            linked_files: self.linked_files,
            attached_files: self.attached_files,
            cascade: self.cascade,
            hidden: self.hidden || other.hidden,
        }
    }
}

/// Values handed down to pages (Hugo `cascade`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cascade {
    /// The glob a page's logical path must match (`{/news/**}`); `None` takes all.
    pub path: Option<String>,
    /// The kinds it is for (`page`, `section`, `{home,section}`); `None` takes all.
    pub kind: Option<String>,
    pub draft: Option<bool>,
    pub render: Option<bool>,
    pub list: Option<bool>,
}

/// What a rendered page begins with.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Head {
    pub title: String,
    pub subtitle: Option<String>,
    pub date: Option<Moment>,
    pub updated: Option<Moment>,
    pub authors: Vec<String>,
    pub tags: Vec<String>,
    pub language: Language,
}

impl Head {
    /// Of a page of which nothing but its title and language is known.
    pub fn titled(title: &str, language: Language) -> Head {
        Head {
            title: title.to_owned(),
            subtitle: None,
            date: None,
            updated: None,
            authors: Vec::new(),
            tags: Vec::new(),
            language,
        }
    }
}
