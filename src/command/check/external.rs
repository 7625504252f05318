//! `check --external`: whether links that leave the capsule still lead somewhere. The only thing in maquis that asks
//! strangers' hosts, and only when it is told to.
//!
//! Gemini, Gopher and the web, of each the first line of the answer; web pages by HEAD. One request at a time to each
//! host, a few hosts at a time, within a bounded time. No certificate is checked: what is looked for is whether a page
//! is there, not who says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fluent_uri::Uri;

use crate::content::Problem;
use crate::content::address::percent_decode;
use crate::content::problem::Kind;
use crate::read::proof::Leaving;
use crate::server::probe::line::{Under, first_line};

/// How many hosts are asked at the same time.
const HOSTS_AT_ONCE: usize = 8;
/// How long one link may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long all of them may; what is left then is not asked for.
const ALL: Duration = Duration::from_secs(300);

/// Where a server is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Host {
    protocol: Protocol,
    name: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Protocol {
    Gemini,
    Gopher,
    Http,
    Https,
}

/// The links to ask for, by host, each with the places it stands in.
pub(super) struct Questions(BTreeMap<Host, BTreeMap<String, Vec<Leaving>>>);

/// What came of it.
pub(super) struct Outcome {
    pub(super) problems: Vec<Problem>,
    /// Links for which no time was left.
    pub(super) unasked: usize,
}

impl Questions {
    /// Of the links of all capsules, but those to their own `hosts`.
    pub(super) fn of(leaving: &[Leaving], own: &BTreeSet<&str>) -> Questions {
        let mut hosts: BTreeMap<Host, BTreeMap<String, Vec<Leaving>>> = BTreeMap::new();
        for link in leaving {
            let url = link.url.split('#').next().unwrap_or(&link.url);
            if let Some(host) = Host::of(url).filter(|host| !own.contains(host.name.as_str())) {
                hosts.entry(host).or_default().entry(url.to_owned()).or_default().push(link.clone());
            }
        }
        Questions(hosts)
    }

    /// The names of all that will hear from us.
    pub(super) fn names(&self) -> Vec<&str> {
        self.0.keys().map(|host| host.name.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Asks.
    pub(super) fn ask(self) -> Outcome {
        let latest = Instant::now() + ALL;
        let queue = Mutex::new(self.0.into_iter());
        let next = || queue.lock().ok()?.next();
        let mut outcome = Outcome { problems: Vec::new(), unasked: 0 };
        std::thread::scope(|scope| {
            let work = || {
                let mut mine = Outcome { problems: Vec::new(), unasked: 0 };
                while let Some((host, links)) = next() {
                    host.ask_all(&links, latest, &mut mine);
                }
                mine
            };
            let workers: Vec<_> = (0..HOSTS_AT_ONCE).map(|_| scope.spawn(work)).collect();
            for done in workers.into_iter().flat_map(|worker| worker.join()) {
                outcome.problems.extend(done.problems);
                outcome.unasked += done.unasked;
            }
        });
        outcome
    }
}

impl Host {
    fn of(url: &str) -> Option<Host> {
        let uri = Uri::parse(url).ok()?;
        let (protocol, port) = match uri.scheme().as_str().to_ascii_lowercase().as_str() {
            "gemini" => (Protocol::Gemini, 1965),
            "gopher" => (Protocol::Gopher, 70),
            "http" => (Protocol::Http, 80),
            "https" => (Protocol::Https, 443),
            _ => return None,
        };
        let authority = uri.authority()?;
        let port = authority.port_to_u16().ok()?.unwrap_or(port);
        let name = percent_decode(authority.host())?;
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let name = if name.contains(':') { name.to_owned() } else { idna::domain_to_ascii(name).ok()? };
        (!name.is_empty()).then_some(Host { protocol, name, port })
    }

    /// One after the other. A host that does not answer is not asked again.
    fn ask_all(&self, links: &BTreeMap<String, Vec<Leaving>>, latest: Instant, outcome: &mut Outcome) {
        let mut silent: Option<String> = None;
        for (url, places) in links {
            let left = latest.saturating_duration_since(Instant::now());
            if left.is_zero() {
                outcome.unasked += 1;
                continue;
            }
            if silent.is_none()
                && let Err(error) = self.ask(url, left.min(PATIENCE)).map(|answer| {
                    let said = self.judged(&answer);
                    outcome.problems.extend(said.iter().flat_map(|what| named(places, what)));
                })
            {
                silent = Some(format!("no answer: {error}"));
            }
            outcome.problems.extend(silent.iter().flat_map(|what| named(places, what)));
        }
    }

    fn ask(&self, url: &str, within: Duration) -> std::io::Result<String> {
        let under = match self.protocol {
            Protocol::Gemini | Protocol::Https => Under::Tls,
            Protocol::Gopher | Protocol::Http => Under::Nothing,
        };
        first_line(&self.name, self.port, under, self.request(url).as_bytes(), within)
    }

    fn request(&self, url: &str) -> String {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find(['/', '?']).map_or("", |at| &rest[at..]);
        match self.protocol {
            Protocol::Gemini => format!("{url}\r\n"),
            // The first letter of the path is the type of the item.
            Protocol::Gopher => {
                let selector: String = path.chars().skip(2).collect();
                let selector = percent_decode(&selector).filter(|selector| !selector.contains(['\r', '\n']));
                format!("{}\r\n", selector.unwrap_or_default())
            }
            Protocol::Http | Protocol::Https => {
                let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
                let name = if self.name.contains(':') { format!("[{}]", self.name) } else { self.name.clone() };
                let usual = (self.protocol == Protocol::Http && self.port == 80)
                    || (self.protocol == Protocol::Https && self.port == 443);
                let host = if usual { name } else { format!("{name}:{}", self.port) };
                format!("HEAD {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: maquis\r\nConnection: close\r\n\r\n")
            }
        }
    }

    /// What is wrong with an answer. What may pass by itself, or is only that our kind of question is not liked, is not.
    fn judged(&self, answer: &str) -> Option<String> {
        let code = match self.protocol {
            Protocol::Gemini => answer.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit())),
            Protocol::Http | Protocol::Https => answer.strip_prefix("HTTP/").and_then(|rest| rest.split(' ').nth(1)),
            // Any line is an answer; only that of an error says so.
            Protocol::Gopher => {
                return (answer.starts_with('3') && answer.contains('\t')).then(|| "nothing is there".to_owned());
            }
        };
        match (self.protocol, code) {
            (_, None) => {
                Some(format!("`{}` is no answer of its protocol", answer.chars().take(40).collect::<String>()))
            }
            (Protocol::Gemini, Some(code @ ("51" | "52" | "53" | "59"))) => Some(format!("it answers {code}")),
            (Protocol::Http | Protocol::Https, Some(code @ ("404" | "410"))) => Some(format!("it answers {code}")),
            (Protocol::Gemini | Protocol::Gopher | Protocol::Http | Protocol::Https, Some(_)) => None,
        }
    }
}

/// A problem for each place in which a link stands.
fn named(places: &[Leaving], what: &str) -> impl Iterator<Item = Problem> {
    places.iter().map(move |place| {
        let text = format!("the link {} leads nowhere now ({what}); correct it, or leave it out", place.url);
        Problem::at(Kind::External, &place.path, place.line, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(url: &str) -> Host {
        Host::of(url).unwrap()
    }

    #[test]
    fn each_protocol_is_asked_in_its_own_words() {
        for (url, request) in [
            ("gemini://a.org/x?y", "gemini://a.org/x?y\r\n"),
            ("gopher://a.org", "\r\n"),
            ("gopher://a.org/1/x%20y", "/x y\r\n"),
            ("gopher://a.org/0x%0d%0ay", "\r\n"),
            ("http://a.org", "HEAD / HTTP/1.1\r\nHost: a.org\r\nUser-Agent: maquis\r\nConnection: close\r\n\r\n"),
            (
                "https://[::1]:8443/x?y",
                "HEAD /x?y HTTP/1.1\r\nHost: [::1]:8443\r\nUser-Agent: maquis\r\nConnection: close\r\n\r\n",
            ),
        ] {
            assert_eq!(host(url).request(url), request, "{url}");
        }
        assert_eq!(host("https://%C3%A9t%C3%A9.example/").name, "xn--t-9fab.example");
        assert!(Host::of("mailto:a@b.org").is_none() && Host::of("http:///x").is_none());
    }

    #[test]
    fn what_may_pass_is_no_problem() {
        for (url, answer, bad) in [
            ("gemini://a.org/", "20 text/gemini", false),
            ("gemini://a.org/", "44 10", false),
            ("gemini://a.org/", "51 nothing", true),
            ("gemini://a.org/", "HTTP/1.1 400 Bad", true),
            ("https://a.org/", "HTTP/1.1 200 OK", false),
            ("https://a.org/", "HTTP/1.1 405 No HEAD", false),
            ("https://a.org/", "HTTP/1.1 404 Not Found", true),
            ("https://a.org/", "", true),
            ("gopher://a.org/", "3No such thing\t\terror.host\t1", true),
            ("gopher://a.org/", "3 goats crossed the path", false),
        ] {
            assert_eq!(host(url).judged(answer).is_some(), bad, "{url} {answer}");
        }
    }
}
