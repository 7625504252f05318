//! What a proof-reader says of a page: of nothing here is anything wrong, and readers would like it better otherwise.
//!
//! Asked in pass two, by `maquis check` alone, with the document at hand; the plan is looked at as a whole afterwards.

use std::collections::{HashMap, HashSet};

use unicode_security::MixedScript;

use super::plan::{Headed, Health};
use super::tongue;
use crate::content::document::{self, Document, NodeId, Target};
use crate::content::problem::{Kind, Position};
use crate::content::{Address, Language, PageKind, Plan, Problem};

/// A label with more characters than this fills more than two lines of most screens.
const LONG_LABEL: usize = 160;
/// Among fewer dated pages, one without a date says nothing.
const DATED: usize = 3;

/// What was seen of a page.
#[derive(Default)]
pub struct Proof {
    pub advice: Vec<Problem>,
    /// Links that leave the capsule.
    pub leaving: Vec<Leaving>,
}

/// A link that leaves the capsule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaving {
    pub url: String,
    /// The file it stands in.
    pub path: String,
    /// Counted from 1.
    pub line: u32,
}

/// A document that was read from this text of this file.
pub fn of_document(path: &str, text: &str, document: &Document, language: &Language) -> Proof {
    let mut proof = Proof::default();
    proof.advice.extend(of_language(path, document, language));
    let line = lines(text);
    let roots = document.notes().iter().map(|note| note.node).chain([document.root()]);
    let mut open: Vec<(NodeId, Told)> = roots.map(|node| (node, Told::Nothing)).collect();
    while let Some((node, around)) = open.pop() {
        let told = if is_captioned(document, node) { Told::ByCaption } else { around };
        open.extend(document.children(node).map(|child| (child, told)));
        let at = || line(document.span(node).start as usize);
        match document.kind(node) {
            document::Kind::Image { target, title } => {
                let is_silent = document.text(*title).trim().is_empty() && label(document, node).trim().is_empty();
                if is_silent && told == Told::Nothing {
                    let what = target.name().rsplit('/').next().unwrap_or_default();
                    let text =
                        format!("the picture `{what}` has no alternative text; say in a few words what it shows");
                    proof.advice.push(Problem::at(Kind::NoAlternative, path, at(), text));
                }
            }
            document::Kind::Link { target, .. } => {
                let length = label(document, node).trim().chars().count();
                if length > LONG_LABEL {
                    let text = format!("a link of {length} characters fills the screen as one line; link a few words");
                    proof.advice.push(Problem::at(Kind::LongLabel, path, at(), text));
                }
                if let Target::Elsewhere(url) = target {
                    proof.leaves(path, at(), url);
                }
            }
            _ => {}
        }
    }
    proof.advice.sort();
    proof
}

/// Whether the words of a document are plainly of another language than readers are told.
fn of_language(path: &str, document: &Document, language: &Language) -> Option<Problem> {
    let told = language.primary();
    let (spoken, tag) = tongue::other_than(told, &label(document, document.root()))?;
    let text = format!(
        "it is {spoken}, and readers are told that it is {}; set `language = \"{tag}\"` in config.toml, or `lang: {tag}` here",
        tongue::name(told)
    );
    Some(Problem::at(Kind::Language, path, 1, text))
}

/// What is told of the pictures in a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    ByCaption,
}

fn is_captioned(document: &Document, node: NodeId) -> bool {
    let is_caption = |child: &NodeId| matches!(document.kind(*child), document::Kind::Caption);
    matches!(document.kind(node), document::Kind::Figure)
        && document.children(node).filter(is_caption).any(|caption| !label(document, caption).trim().is_empty())
}

impl Proof {
    /// Takes what was seen of files that were looked at anew.
    pub fn replace(&mut self, seen: Proof, is_new: impl Fn(&str) -> bool) {
        self.advice.retain(|advice| !is_new(&advice.path));
        self.leaving.retain(|leaving| !is_new(&leaving.path));
        self.advice.extend(seen.advice);
        self.leaving.extend(seen.leaving);
    }

    /// A link that leaves the capsule.
    pub fn leaves(&mut self, path: &str, at: Position, url: &str) {
        if let Some(host) = deceptive_host(url) {
            let text =
                format!("the letters of `{host}` are of several scripts, as in names that imitate others; look twice");
            self.advice.push(Problem::at(Kind::MixedScripts, path, at, text));
        }
        self.leaving.push(Leaving { url: url.to_owned(), path: path.to_owned(), line: at.line });
    }
}

/// The text in a node; of what stands for something else, nothing.
fn label(document: &Document, node: NodeId) -> String {
    let mut text = String::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match document.kind(node) {
            document::Kind::Text(slice) | document::Kind::CodeSpan(slice) | document::Kind::Math(slice) => {
                text.push_str(document.text(*slice));
            }
            document::Kind::SoftBreak | document::Kind::HardBreak => text.push(' '),
            _ => {
                let from = open.len();
                open.extend(document.children(node));
                open[from..].reverse();
            }
        }
    }
    text
}

/// The line and the column of a place; asked in any order.
fn lines(text: &str) -> impl Fn(usize) -> Position {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    move |at| {
        let line = u32::try_from(starts.partition_point(|start| *start <= at)).unwrap_or(u32::MAX);
        Position::in_line(line, text, at)
    }
}

/// The host of a URL, where one of its labels mixes scripts that no language mixes (UTS 39, 5.1).
fn deceptive_host(url: &str) -> Option<String> {
    let host = host(url)?;
    let shown = crate::content::address::percent_decode(host)?;
    let (shown, _) = idna::domain_to_unicode(&shown);
    let mixed = !shown.is_ascii() && shown.split('.').any(|label| !label.is_single_script());
    mixed.then_some(shown)
}

/// The host of a URL, as it is written, without a port.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or(host, |(host, _)| host),
    )
}

/// What is missing of pages: titles, and dates where all around have one; and files that are served unawares.
pub fn of_plan(plan: &Plan, headed: &[Headed]) -> Vec<Problem> {
    let untitled: HashSet<&str> = headed
        .iter()
        .filter(|head| head.health == Health::Whole && head.heading.is_none())
        .filter(|head| head.front.title.as_deref().is_none_or(|title| title.trim().is_empty()))
        .map(|head| head.source.path.as_str())
        .collect();
    let mut dated: HashMap<&Address, (usize, usize)> = HashMap::new();
    let posts =
        || plan.pages.iter().filter(|page| page.kind == PageKind::Post && page.listed && page.moved_to.is_none());
    for page in posts() {
        let (with, all) = dated.entry(&page.section).or_default();
        *with += usize::from(page.head.date.is_some());
        *all += 1;
    }
    let mut advice = Vec::new();
    for page in posts() {
        if untitled.contains(page.source.as_str()) {
            let text =
                format!("it has no title, so it is called `{}` after its file; give it a `title`", page.head.title);
            advice.push(Problem::at(Kind::NoTitle, &page.source, 1, text));
        }
        let (with, all) = dated.get(&page.section).copied().unwrap_or_default();
        // At the top stand pages that need none.
        let is_expected =
            with >= DATED && with * 2 > all && plan.editions.iter().all(|edition| edition.root != page.section);
        if page.head.date.is_none() && is_expected {
            let text = "it has no date, unlike those beside it, so it is in no archive and no feed; give it a `date`";
            advice.push(Problem::at(Kind::NoDate, &page.source, 1, text));
        }
    }
    let private = plan.files.iter().filter(|file| is_private(&file.source));
    advice.extend(private.map(|file| {
        let text = format!("it looks private, and is served to whoever asks for {}; move it elsewhere", file.address);
        Problem::whole(Kind::Private, &file.source, text)
    }));
    advice
}

/// Whether a file that may be served is called like one that is meant for nobody.
fn is_private(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
    let data = matches!(ending, "json" | "yml" | "yaml" | "toml" | "ini" | "cfg" | "csv" | "txt");
    let told = ["credentials", "secrets", "secret", "passwords", "passwd", "htpasswd"].contains(&stem);
    (told && (data || ending.is_empty())) || ending == "env" || name == "authorized_keys"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_imitate_others_are_known() {
        for url in ["https://pаypal.com/", "https://x.org@xn--pypal-4ve.com:443/", "gemini://www.gοοgle.com"] {
            assert!(deceptive_host(url).is_some(), "{url}");
        }
        for url in [
            "https://paypal.com/а",
            "https://été.example/",
            "https://президент.рф/",
            "https://президент.com/",
            "https://日本語テスト.jp/",
            "https://xn--mnchen-3ya.de",
            "mailto:а@b.org",
        ] {
            assert_eq!(deceptive_host(url), None, "{url}");
        }
    }

    #[test]
    fn private_names_are_known() {
        for path in ["a/credentials.json", "secrets.yml", "passwords.csv", "prod.env", "htpasswd", "authorized_keys"] {
            assert!(is_private(path), "{path}");
        }
        for path in ["secrets.png", "a/the-secret.txt", "env", "credentials/photo.jpg", "secret.pdf", "keys.asc"] {
            assert!(!is_private(path), "{path}");
        }
    }
}
