//! Atom feeds: of a capsule, of a language, of a tag; the newest posts, with their whole text where there is room.

use crate::content::{Address, Language, Plan};
use crate::render::atom::{self, Feed, FeedEntry};

/// How many posts a feed has.
pub(super) const LENGTH: usize = 30;
/// So many bytes of text all feeds of tags together may repeat; above that they have summaries only, because feeds
/// are kept in memory.
pub(super) const ROOM: u64 = 4 * 1024 * 1024;

/// What a feed is of.
pub(super) struct Of<'a> {
    /// The page it is the feed of; the feed stands in it.
    pub(super) home: &'a Address,
    pub(super) title: &'a str,
    pub(super) language: &'a Language,
    pub(super) newest: &'a [usize],
}

/// Addresses and texts as one protocol has them.
pub(super) struct As<'a> {
    pub(super) media_type: &'static str,
    pub(super) url: &'a dyn Fn(&Address) -> String,
    pub(super) content: &'a dyn Fn(usize) -> String,
}

/// The address of a feed; none without posts, but for the capsule's own.
pub(super) fn address(of: &Of<'_>) -> Option<Address> {
    let address = of.home.child("atom.xml").ok()?;
    (!of.newest.is_empty() || of.home.as_str() == "/").then_some(address)
}

/// The text of a feed.
pub(super) fn feed(plan: &Plan, of: &Of<'_>, address: &Address, shown: &As<'_>) -> String {
    let masthead = &plan.masthead;
    let entries: Vec<FeedEntry> = of.newest.iter().filter_map(|&index| entry(plan, index, shown)).collect();
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    atom::feed(&Feed {
        // The date a tag URI needs is that of the name, not of the feed: one that never changes.
        id: tag_uri(masthead.host(), "2026-01-01", address),
        title: of.title.to_owned(),
        subtitle: None,
        updated,
        self_url: (shown.url)(address),
        alternate_url: (shown.url)(of.home),
        media_type: shown.media_type,
        rights: masthead.licence.as_ref().map(|licence| match &licence.url {
            Some(url) => format!("{} ({url})", licence.name),
            None => licence.name.clone(),
        }),
        author: masthead.author.clone().unwrap_or_else(|| masthead.title.clone()),
        language: of.language.clone(),
        entries,
    })
}

fn entry(plan: &Plan, index: usize, shown: &As<'_>) -> Option<FeedEntry> {
    let page = &plan.pages[index];
    let published = page.head.date?;
    Some(FeedEntry {
        id: tag_uri(plan.masthead.host(), &published.day.to_string(), &page.address),
        title: page.head.title.clone(),
        url: (shown.url)(&page.address),
        published: Some(published.instant),
        updated: page.head.updated.map_or(published.instant, |updated| updated.instant),
        authors: page.head.authors.clone(),
        summary: page.summary.clone(),
        content: (shown.content)(index),
        language: page.head.language.clone(),
        tags: page.head.tags.clone(),
    })
}

/// A name for good (RFC 4151): of host, date and path, never of scheme or port.
fn tag_uri(host: &str, date: &str, address: &Address) -> String {
    format!("tag:{host},{date}:{}", address.encoded())
}
