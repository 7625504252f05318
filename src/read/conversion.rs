//! What the author's configuration says of the reading of posts: shortcodes of their own, and where links lead.
//!
//! `config` makes it, [`super::dialect::Dialect`] carries it to the passes that ask.

use std::collections::BTreeMap;

pub use super::outgoing::{Outgoing, Trackers};

/// The author's say; what is `None`, the site's generator decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// By name.
    pub shortcodes: BTreeMap<String, Shortcode>,
    pub wiki_links: bool,
    pub emoji: Option<bool>,
    pub smart: Option<bool>,
    pub outgoing: Outgoing,
}

/// What a shortcode, tag or component becomes. An argument is named by its name, or by its place from `0` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortcode {
    /// The argument is an image's address; the second names its alternative text.
    Image(String, Option<String>),
    /// The argument is a link's address; the second names its text.
    Link(String, Option<String>),
    /// The argument is shown as text.
    Text(String),
    /// What stands between the tags is shown, and nothing else.
    Inner,
    /// Nothing is shown, neither it nor what stands between its tags.
    Drop,
}
