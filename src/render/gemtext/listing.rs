//! Listings and the foot of a post: link lines that maquis makes.
//!
//! The subscription companion (protocols.md 1.6): a title, a subtitle directly under it, and entries whose labels
//! begin with the ISO date; a label that does not cannot be followed.

use super::lines::Lines;
use crate::content::document::Target;
use crate::content::{Entry, Listing};
use crate::text::clean;

/// A listing. Without a title it goes on after an author's introduction, and begins with a blank line.
pub fn listing(listing: &Listing) -> String {
    let mut lines = Lines::unbounded();
    if let Some(title) = &listing.title {
        lines.heading(1, &clean::one_line(title));
        if let Some(subtitle) = &listing.subtitle {
            lines.heading(2, &clean::one_line(subtitle));
        }
    }
    for group in &listing.groups {
        lines.gap();
        if let Some(heading) = &group.heading {
            lines.heading(2, &clean::one_line(heading));
            lines.gap();
        }
        entries(&mut lines, &group.entries);
    }
    lines.gap();
    entries(&mut lines, &listing.ways);
    let text = finished(lines);
    if listing.title.is_some() || text.is_empty() { text } else { format!("\n{text}") }
}

/// The foot of a post, to be put after it: a blank line and the ways on. Nothing where there are none.
pub fn footer(ways: &[Entry]) -> String {
    let mut lines = Lines::unbounded();
    entries(&mut lines, ways);
    let text = finished(lines);
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn finished(lines: Lines) -> String {
    lines.finish().expect("lines without a limit do not exceed it")
}

fn entries(lines: &mut Lines, entries: &[Entry]) {
    for entry in entries {
        let url = match &entry.target {
            Target::Page(address) | Target::File(address, _) => address.encoded(),
            Target::Elsewhere(url) => url.to_string(),
            Target::Nowhere => {
                lines.text("", &clean::one_line(&entry.label));
                continue;
            }
        };
        let mut label = clean::one_line(&entry.label);
        if label.is_empty() {
            label = clean::one_line(entry.target.name());
        }
        match entry.date {
            Some(date) => lines.link(&url, &format!("{date} {label}")),
            None => lines.link(&url, &label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Address, Group, Language};

    fn entry(address: &str, date: Option<jiff::civil::Date>, label: &str) -> Entry {
        Entry { date, ..Entry::page(&Address::parse(address).unwrap(), label) }
    }

    #[test]
    fn a_listing_can_be_followed() {
        let entries = vec![
            entry("/posts/été/", Some(jiff::civil::date(2021, 7, 1)), "L’été\nest là"),
            entry("/about/", None, " "),
        ];
        let group = Group { heading: Some("2021".into()), entries };
        let mut page = Listing {
            title: Some("Carnet".into()),
            subtitle: Some("Notes de lecture".into()),
            language: Language::english(),
            groups: vec![group],
            ways: vec![entry("/", None, "Home")],
        };
        let body = "\n## 2021\n\n=> /posts/%C3%A9t%C3%A9/ 2021-07-01 L’été est là\n=> /about/ /about/\n\n=> / Home\n";
        assert_eq!(listing(&page), format!("# Carnet\n## Notes de lecture\n{body}"));
        page.title = None;
        assert_eq!(listing(&page), body);
        assert_eq!(footer(&page.ways), "\n=> / Home\n");
        assert_eq!(footer(&[]), "");
    }
}
