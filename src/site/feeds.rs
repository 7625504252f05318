//! Atom feeds: of a capsule, of a language, of a tag; the newest posts with their whole text.

use super::Stored;
use super::listings::with_full_links;
use crate::content::{Address, Language, Plan};
use crate::render::atom::{self, Feed, FeedEntry};

/// How many posts a feed has.
pub(super) const LENGTH: usize = 30;

/// What a feed is of.
pub(super) struct Of<'a> {
    /// The page it is the feed of; the feed stands in it.
    pub(super) home: &'a Address,
    pub(super) title: String,
    pub(super) language: &'a Language,
}

/// The address and text of a feed; none without posts, but for the capsule's own.
pub(super) fn feed(
    plan: &Plan,
    bodies: &[Stored],
    of: &Of<'_>,
    newest: &[usize],
    read: &dyn Fn(Stored) -> Option<String>,
) -> Option<(Address, String)> {
    let masthead = &plan.masthead;
    let address = of.home.child("atom.xml").ok()?;
    if newest.is_empty() && of.home.as_str() != "/" {
        return None;
    }
    let entries: Vec<FeedEntry> = newest.iter().filter_map(|&index| entry(plan, bodies, index, read)).collect();
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let feed = Feed {
        // The date a tag URI needs is that of the name, not of the feed: one that never changes.
        id: tag_uri(masthead.host(), "2026-01-01", &address),
        title: of.title.clone(),
        subtitle: None,
        updated,
        self_url: masthead.url(&address),
        alternate_url: masthead.url(of.home),
        author: masthead.author.clone().unwrap_or_else(|| masthead.title.clone()),
        language: of.language.clone(),
        entries,
    };
    Some((address, atom::feed(&feed)))
}

fn entry(plan: &Plan, bodies: &[Stored], index: usize, read: &dyn Fn(Stored) -> Option<String>) -> Option<FeedEntry> {
    let (masthead, page) = (&plan.masthead, &plan.pages[index]);
    let published = page.head.date?;
    let text = read(bodies[index]).unwrap_or_default();
    Some(FeedEntry {
        id: tag_uri(masthead.host(), &published.day.to_string(), &page.address),
        title: page.head.title.clone(),
        url: masthead.url(&page.address),
        published: Some(published.instant),
        updated: page.head.updated.map_or(published.instant, |updated| updated.instant),
        authors: page.head.authors.clone(),
        summary: page.summary.clone(),
        content: with_full_links(&text, &masthead.url(&page.address), &masthead.url(&Address::root())),
        language: page.head.language.clone(),
        tags: page.head.tags.clone(),
    })
}

/// A name for good (RFC 4151): of host, date and path, never of scheme or port.
fn tag_uri(host: &str, date: &str, address: &Address) -> String {
    format!("tag:{host},{date}:{}", address.encoded())
}
