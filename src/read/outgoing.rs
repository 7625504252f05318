//! Addresses that lead out, freed from what follows readers: tracking parameters, redirectors, counters.
//!
//! Applied to every link and image of a source before it is resolved. What is no tracker stays byte for byte. The
//! trackers are in `outgoing.txt`; the author's configuration switches it off, adds parameters, or maps hosts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::content::address::percent_decode;

/// A redirector may lead to another, so many times.
const MAX_HOPS: usize = 3;

/// The author's say on addresses that lead out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    pub trackers: Trackers,
    /// Further parameters to remove, with a `*` at the end for any ending.
    pub parameters: Vec<String>,
    /// From a host to the one that is linked to in its place (`www.youtube.com` to `yewtu.be`), lower case.
    pub hosts: BTreeMap<String, String>,
}

/// What becomes of trackers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trackers {
    #[default]
    Removed,
    Kept,
}

/// `outgoing.txt`.
struct Known {
    parameters: Vec<&'static str>,
    redirectors: Vec<(&'static str, &'static str, &'static str)>,
    counters: Vec<(&'static str, &'static str)>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known { parameters: Vec::new(), redirectors: Vec::new(), counters: Vec::new() };
    for line in include_str!("outgoing.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let place = |place: &'static str| place.split_at(place.find('/').unwrap_or(place.len()));
        match words.as_slice() {
            ["parameter", name] => known.parameters.push(name),
            ["redirector", at, name] => known.redirectors.push((place(at).0, place(at).1, name)),
            ["counter", at] => known.counters.push(place(at)),
            _ => {}
        }
    }
    known
});

impl Outgoing {
    /// The address as it is to be linked to.
    pub fn clean<'a>(&self, url: &'a str) -> Cow<'a, str> {
        if web(url).is_none() {
            return Cow::Borrowed(url);
        }
        let mut clean = Cow::Borrowed(url);
        if self.trackers == Trackers::Removed {
            for _ in 0..MAX_HOPS {
                match target(&clean) {
                    Some(target) => clean = Cow::Owned(target),
                    None => break,
                }
            }
            if let Some(without) = self.without_parameters(&clean) {
                clean = Cow::Owned(without);
            }
        }
        match self.elsewhere(&clean) {
            Some(mapped) => Cow::Owned(mapped),
            None => clean,
        }
    }

    /// Whether an image only counts readers.
    pub(super) fn is_counter(&self, url: &str) -> bool {
        let Some((host, path)) = web(url).filter(|_| self.trackers == Trackers::Removed) else { return false };
        let host = host.to_ascii_lowercase();
        KNOWN.counters.iter().any(|(known, start)| is_host(&host, known) && path.starts_with(start))
    }

    fn without_parameters(&self, url: &str) -> Option<String> {
        let (before, rest) = url.split_once('?')?;
        let (query, fragment) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
        let kept: Vec<&str> = query.split('&').filter(|part| !self.is_tracker(part)).collect();
        if kept.len() == query.split('&').count() {
            return None;
        }
        let mark = if kept.is_empty() { "" } else { "?" };
        Some(format!("{before}{mark}{}{fragment}", kept.join("&")))
    }

    fn is_tracker(&self, part: &str) -> bool {
        let name = part.split('=').next().unwrap_or(part);
        // `?a=1&amp;utm_source=x` in an attribute that was escaped twice.
        let name = name.strip_prefix("amp;").unwrap_or(name);
        let own = self.parameters.iter().map(String::as_str);
        KNOWN.parameters.iter().copied().chain(own).any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == known,
        })
    }

    fn elsewhere(&self, url: &str) -> Option<String> {
        let (host, rest) = web(url).filter(|_| !self.hosts.is_empty())?;
        let instead = self.hosts.get(&host.to_ascii_lowercase())?;
        let scheme = url.split("://").next()?;
        Some(format!("{scheme}://{instead}{rest}"))
    }
}

/// Where a redirector leads.
fn target(url: &str) -> Option<String> {
    let (host, path) = web(url)?;
    let (_, query) = path.split_once('?')?;
    let query = query.split('#').next().unwrap_or(query);
    let host = host.to_ascii_lowercase();
    let names = KNOWN.redirectors.iter().filter(|(known, start, _)| *known == host && path.starts_with(start));
    let mut found = names.filter_map(|(_, _, name)| {
        let value = query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))?;
        percent_decode(value).filter(|target| web(target).is_some() && !target.contains(char::is_control))
    });
    found.next()
}

/// Host and path of a web address.
fn web(url: &str) -> Option<(&str, &str)> {
    let rest = strip_scheme(url, "https://").or_else(|| strip_scheme(url, "http://"))?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    (!host.is_empty()).then_some((host, path))
}

fn strip_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// `.example.org` is every name beneath it, and itself.
fn is_host(host: &str, known: &str) -> bool {
    match known.strip_prefix('.') {
        Some(bare) => host == bare || host.ends_with(known),
        None => host == known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(url: &str) -> String {
        Outgoing::default().clean(url).into_owned()
    }

    #[test]
    fn trackers_go_and_the_rest_stays_byte_for_byte() {
        for (url, expected) in [
            ("https://x.org/a?utm_source=b&utm_medium=c", "https://x.org/a"),
            ("https://x.org/?q=1&fbclid=2&r=%20é+x#f?utm_source=no", "https://x.org/?q=1&r=%20é+x#f?utm_source=no"),
            ("https://x.org/?gclid=1#top", "https://x.org/#top"),
            ("https://x.org/?utmost=1&spms=2&&", "https://x.org/?utmost=1&spms=2&&"),
            ("/local?utm_source=x", "/local?utm_source=x"),
            ("gemini://x.org/?fbclid=1", "gemini://x.org/?fbclid=1"),
        ] {
            assert_eq!(clean(url), expected);
        }
    }

    #[test]
    fn redirectors_become_their_target() {
        let target = "https%3A%2F%2Fx.org%2Fa%3Fb%3D1%26utm_source%3Dy";
        assert_eq!(clean(&format!("https://l.facebook.com/l.php?h=AT0&u={target}")), "https://x.org/a?b=1");
        assert_eq!(clean(&format!("https://www.google.com/url?sa=t&url={target}")), "https://x.org/a?b=1");
        let twice = "https://out.reddit.com/t3?url=https%3A%2F%2Fgoogle.com%2Furl%3Fq%3Dhttps%3A%2F%2Fx.org%2F";
        assert_eq!(clean(twice), "https://x.org/");
        let kept = "https://www.google.com/url?q=javascript%3Aalert(1)";
        assert_eq!(clean(kept), kept);
        assert_eq!(
            clean("https://www.google.com/search?q=https://x.org"),
            "https://www.google.com/search?q=https://x.org"
        );
    }

    #[test]
    fn the_author_has_the_last_word() {
        let kept = Outgoing { trackers: Trackers::Kept, ..Outgoing::default() };
        assert_eq!(kept.clean("https://x.org/?fbclid=1"), "https://x.org/?fbclid=1");
        let hosts = BTreeMap::from([("www.youtube.com".to_owned(), "yewtu.be".to_owned())]);
        let own = Outgoing { parameters: vec!["from*".to_owned()], hosts, ..Outgoing::default() };
        assert_eq!(own.clean("https://WWW.youtube.com/watch?v=a&from_x=1"), "https://yewtu.be/watch?v=a");
    }

    #[test]
    fn counters_are_known_by_their_place() {
        let is = |url| Outgoing::default().is_counter(url);
        assert!(is("https://c.statcounter.com/1/0/x/") && is("https://www.facebook.com/tr?id=1"));
        assert!(!is("https://www.facebook.com/me.jpg") && !is("/statcounter.com/x.png"));
    }
}
