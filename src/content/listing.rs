//! A listing: dated links to posts, as home, a section, the archive or a tag shows them.

use jiff::civil::Date;

use super::document::Target;
use super::{Address, Language};

/// A page that maquis makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The heading; `None` where an author's introduction brings its own.
    pub title: Option<String>,
    /// Shown directly under the title.
    pub subtitle: Option<String>,
    pub language: Language,
    pub groups: Vec<Group>,
    /// The ways on, at the foot: home, archive, tags, feed.
    pub ways: Vec<Entry>,
}

/// Entries under one heading: a year, "Sections", or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub heading: Option<String>,
    pub entries: Vec<Entry>,
}

/// One line of a listing. Readers' software follows lines that begin with the date.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub target: Target,
    pub date: Option<Date>,
    pub label: String,
}

impl Entry {
    /// A page of the capsule, without a date.
    pub fn page(address: &Address, label: impl Into<String>) -> Entry {
        Entry { target: Target::Page(address.clone()), date: None, label: label.into() }
    }
}
