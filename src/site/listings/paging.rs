//! Long listings in parts: the first has the newest entries, the others never change when a new post comes.
//!
//! For that they are numbered from the oldest: `page/1/` is full and stays as it is. Only the first part grows, until
//! it can give a full part away.

use crate::content::{Address, Entry, Group, Listing};
use crate::render::words::{self, Word, word};

/// How many entries a part has; the first has at least as many, and fewer than twice as many.
pub(crate) const PART: usize = 100;

/// A listing in its parts, the first at its own address. `title` is what the others are called.
pub(crate) fn parted(address: &Address, title: &str, listing: Listing) -> Vec<(Address, Listing)> {
    let all: usize = listing.groups.iter().map(|group| group.entries.len()).sum();
    let older = (all / PART).saturating_sub(1);
    let places: Option<Vec<Address>> =
        (1..=older).map(|number| address.child(&format!("page/{number}/")).ok()).collect();
    let Some(places) = places.filter(|places| !places.is_empty()) else { return vec![(address.clone(), listing)] };
    let language = listing.language.clone();
    let dated = listing.groups.iter().flat_map(|group| &group.entries).any(|entry| entry.date.is_some());
    let (on, back) = if dated { (Word::OlderPosts, Word::NewerPosts) } else { (Word::NextPage, Word::PreviousPage) };
    let way = |to: &Address, label| Entry::page(to, word(&language, label));
    let mut parts = cut(listing.groups.clone(), all - older * PART);
    let mut made = Vec::new();
    let first = parts.remove(0);
    let mut ways = vec![way(&places[older - 1], on)];
    ways.extend(listing.ways.iter().cloned());
    made.push((address.clone(), Listing { groups: first, ways, ..listing.clone() }));
    for (index, groups) in parts.into_iter().enumerate() {
        let number = older - index;
        let mut ways = vec![way(if number == older { address } else { &places[number] }, back)];
        ways.extend((number > 1).then(|| way(&places[number - 2], on)));
        if number != older {
            ways.push(Entry::page(address, title));
        }
        ways.extend(listing.ways.iter().cloned());
        let title = Some(words::page(&language, title, number));
        let part = Listing { title, subtitle: None, language: language.clone(), groups, ways };
        made.push((places[number - 1].clone(), part));
    }
    made
}

/// Groups cut after so many entries, and then after each [`PART`]; a heading is repeated where its group goes on.
fn cut(groups: Vec<Group>, first: usize) -> Vec<Vec<Group>> {
    let mut parts: Vec<Vec<Group>> = vec![Vec::new()];
    let mut room = first;
    for group in groups {
        let mut opened = false;
        for entry in group.entries {
            if room == 0 {
                parts.push(Vec::new());
                (room, opened) = (PART, false);
            }
            let Some(part) = parts.last_mut() else { continue };
            if !opened {
                part.push(Group { heading: group.heading.clone(), entries: Vec::new() });
                opened = true;
            }
            if let Some(group) = part.last_mut() {
                group.entries.push(entry);
            }
            room -= 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Language;

    fn listing(count: usize) -> Listing {
        let entry = |number: usize| Entry {
            date: Some(jiff::civil::date(2020, 1, 1)),
            ..Entry::page(&Address::parse(&format!("/p/{number}/")).unwrap(), number.to_string())
        };
        let group = |numbers: std::ops::Range<usize>| Group {
            heading: Some("y".into()),
            entries: numbers.rev().map(entry).collect(),
        };
        let groups = vec![group(count / 3..count), group(0..count / 3)];
        Listing { title: Some("All".into()), subtitle: None, language: Language::english(), groups, ways: Vec::new() }
    }

    fn parts(count: usize) -> Vec<(String, Vec<String>)> {
        let address = Address::parse("/all/").unwrap();
        let labels = |listing: Listing| listing.groups.into_iter().flat_map(|g| g.entries).map(|e| e.label).collect();
        parted(&address, "All", listing(count)).into_iter().map(|(a, l)| (a.to_string(), labels(l))).collect()
    }

    #[test]
    fn nothing_is_lost_and_older_parts_stay() {
        assert_eq!(parts(2 * PART - 1).len(), 1);
        let (before, after) = (parts(350), parts(351));
        assert_eq!(
            before.iter().map(|(a, _)| a.as_str()).collect::<Vec<_>>(),
            ["/all/", "/all/page/2/", "/all/page/1/"]
        );
        assert_eq!(before[1..], after[1..]);
        assert_eq!(before.iter().map(|(_, labels)| labels.len()).collect::<Vec<_>>(), [150, 100, 100]);
        let all: Vec<String> = before.into_iter().flat_map(|(_, labels)| labels).collect();
        assert_eq!(all, (0..350).rev().map(|n| n.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn each_part_leads_on_and_back() {
        let address = Address::parse("/all/").unwrap();
        let made = parted(&address, "All", listing(350));
        let ways = |index: usize| {
            made[index].1.ways.iter().map(|way| way.target.page().unwrap().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ways(0), ["/all/page/2/"]);
        assert_eq!(ways(1), ["/all/", "/all/page/1/"]);
        assert_eq!(ways(2), ["/all/page/2/", "/all/"]);
        assert_eq!(made[2].1.title.as_deref(), Some("All, page 1"));
    }
}
