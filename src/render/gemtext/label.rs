//! What a link line says: the link's text, and in brackets what tells it from others (conversion.md, "inline link").
//!
//! A text that says nothing of where it leads, or that leads to several places, gets the title or the host; where
//! that is the same again, the place, and at last the whole address.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::content::Language;
use crate::content::document::{NodeId, Target};
use crate::render::inline::Form;
use crate::render::target::{file_name, host, is_url, key, pieces, place, whole};
use crate::render::words::{self, Word};

/// Link texts that say nothing of where they lead.
static GENERIC: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("generic.txt").lines().collect());
/// No such text is longer, in bytes.
const LONGEST_GENERIC: usize = 24;

/// A remark that tells a link from others is no longer, in characters; as a last resort its place is.
const MAX_REMARK: usize = 48;
const MAX_PLACE: usize = 72;

/// A line to be written.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) node: NodeId,
    pub(super) target: &'a Target,
    pub(super) title: &'a str,
    pub(super) name: &'a str,
    pub(super) form: Form,
    /// Whether the name does not tell where it leads.
    pub(super) is_generic: bool,
    /// It stands where the blog itself does on the web.
    pub(super) is_own: bool,
    /// It is called by the alternative text of the picture in it.
    pub(super) is_by_picture: bool,
}

/// How often names stand for different addresses in one block.
pub(super) struct Repeated<'a> {
    names: HashMap<(Form, &'a str), u32>,
    qualified: HashMap<(Form, &'a str, &'a str), u32>,
    placed: HashMap<(Form, &'a str, Cow<'a, str>), u32>,
}

/// What has to be said beside a name.
#[derive(Clone, Copy)]
pub(super) enum Distinction {
    None,
    TitleOrHost,
    Place,
    Whole,
}

impl<'a> Repeated<'a> {
    pub(super) fn among(lines: &[Line<'a>]) -> Repeated<'a> {
        let mut repeated = Repeated { names: HashMap::new(), qualified: HashMap::new(), placed: HashMap::new() };
        if lines.len() > 1 {
            for line in lines {
                *repeated.names.entry((line.form, line.name)).or_default() += 1;
            }
        }
        // Mostly each name is there once and says enough; then nothing is asked about the rest.
        let speak = repeated.names.len() == lines.len() && !lines.iter().any(|line| line.is_generic);
        if lines.len() > 1 && !speak {
            for line in lines {
                *repeated.qualified.entry((line.form, line.group(), line.qualifier())).or_default() += 1;
                *repeated.placed.entry((line.form, line.group(), line.place())).or_default() += 1;
            }
        }
        repeated
    }

    pub(super) fn distinction(&self, line: &Line<'a>) -> Distinction {
        let count = |found: Option<&u32>| found.copied().unwrap_or(1);
        let again = count(self.names.get(&(line.form, line.name))) > 1;
        if !again && !line.is_generic {
            Distinction::None
        } else if count(self.qualified.get(&(line.form, line.group(), line.qualifier()))) == 1 {
            Distinction::TitleOrHost
        } else if count(self.placed.get(&(line.form, line.group(), line.place()))) == 1 {
            Distinction::Place
        } else {
            Distinction::Whole
        }
    }
}

impl<'a> Line<'a> {
    pub(super) fn says_nothing(&self) -> bool {
        self.name.is_empty() || self.is_generic
    }

    /// Calls it by another name.
    pub(super) fn rename(&mut self, name: &'a str) {
        (self.name, self.is_generic) = (name, is_generic(name));
    }

    /// Texts that say nothing are as good as the same.
    fn group(&self) -> &'a str {
        if self.is_generic { "" } else { self.name }
    }

    /// What tells this address from another, for those that have the same name in a document.
    pub(super) fn key(&self) -> crate::render::target::Key<'a> {
        key(self.target)
    }

    /// The title, else the file's name or the host; empty for a page of the capsule without a title. The title of a
    /// button says no more than the button.
    fn qualifier(&self) -> &'a str {
        let title = self.title.trim();
        let is_button = || self.is_generic && title.contains(self.name);
        match file_name(self.target) {
            Some(file) if is_button() => file,
            _ if !title.is_empty() && title != self.name => title,
            Some(file) => file,
            None if self.is_own => "",
            None => self.host(),
        }
    }

    fn host(&self) -> &'a str {
        host(self.target).trim_start_matches("www.")
    }

    /// What may tell it from others of the same name, what a reader knows best first; not what the name says already.
    pub(super) fn remarks(&self) -> impl Iterator<Item = Cow<'a, str>> {
        let file = Cow::Borrowed(file_name(self.target).unwrap_or(""));
        let known = [self.qualifier().into(), file, self.host().into()];
        let base = self.base();
        let name = words(&base);
        let host = self.host();
        let says = move |remark: &Cow<'_, str>| {
            // `GitHub` says all that `github.com` does.
            let bare = if *remark == host { host.rsplit_once('.').map_or(host, |(bare, _)| bare) } else { remark };
            let is_short = remark.chars().count() <= MAX_REMARK;
            is_short && !bare.is_empty() && !name.contains(&words(bare)) && !name.contains(&words(remark))
        };
        let rest = [self.place(), whole(self.target).into()].into_iter();
        let rest = rest.filter(move |rest| *rest != base && rest.chars().count() <= MAX_PLACE);
        known.into_iter().chain(pieces(self.target)).filter(says).chain(rest)
    }

    /// The label where the same name led elsewhere before: with the first thing in which the two differ.
    pub(super) fn label_beside(&self, before: &Target, language: &Language) -> String {
        let other = Line { target: before, title: "", ..*self };
        let mut theirs = pieces(before);
        theirs.extend([other.qualifier().into(), other.host().into()]);
        let remark = self.remarks().find(|remark| !theirs.contains(remark));
        remark.map_or_else(|| self.label(Distinction::None, language), |remark| self.label_with(&remark, language))
    }

    /// The label with a remark of what tells it from others.
    pub(super) fn label_with(&self, remark: &str, language: &Language) -> String {
        self.with_remarks(self.base().trim_end_matches([':', ' ']), vec![remark.into()], language)
    }

    /// What it is called without any remark.
    fn base(&self) -> Cow<'a, str> {
        if self.is_unnamed() { self.unnamed(Distinction::None) } else { self.name.into() }
    }

    pub(super) fn is_unnamed(&self) -> bool {
        self.name.is_empty() || is_url(self.name, self.target) || self.is_named_image()
    }

    /// The label, with as much of a remark as is asked for.
    pub(super) fn label(&self, distinction: Distinction, language: &Language) -> String {
        if self.is_unnamed() {
            return self.with_remarks(&self.unnamed(distinction), Vec::new(), language);
        }
        let remarks = match distinction {
            Distinction::None => Vec::new(),
            Distinction::TitleOrHost => match self.qualifier() {
                "" => vec![self.place()],
                qualifier => vec![qualifier.into()],
            },
            Distinction::Place => vec![self.place()],
            Distinction::Whole => vec![whole(self.target).into()],
        };
        self.with_remarks(self.name, remarks, language)
    }

    /// A name, and in brackets what tells it from others, that it is an image, and how large a file is.
    fn with_remarks<'r>(&self, name: &str, mut remarks: Vec<Cow<'r, str>>, language: &'r Language) -> String {
        let mut out = name.to_owned();
        if self.form == Form::Image {
            let word = words::word(language, Word::Image);
            let said =
                out.strip_suffix(')').and_then(|out| out.strip_suffix(word)).is_some_and(|out| out.ends_with('('));
            remarks.extend((!said).then_some(Cow::Borrowed(word)));
        }
        remarks.extend(self.target.file_length().map(|length| words::size(language, length).into()));
        if !remarks.is_empty() {
            out.push_str(&format!(" ({})", remarks.join(", ")));
        }
        out
    }

    /// An image that is called "image" has no name.
    fn is_named_image(&self) -> bool {
        let named = |known: &&str| self.name.eq_ignore_ascii_case(known);
        self.form == Form::Image && ["image", "img", "picture", "photo", "figure"].iter().any(named)
    }

    fn unnamed(&self, distinction: Distinction) -> Cow<'a, str> {
        let title = self.title.trim();
        // The address of a page on the web, which is here.
        if let (Target::Page(_), Some((_, rest))) = (self.target, self.name.split_once("://")) {
            return rest.trim_end_matches('/').into();
        }
        match distinction {
            _ if !title.is_empty() => Cow::Borrowed(title),
            Distinction::Whole if self.form == Form::Link => Cow::Borrowed(whole(self.target)),
            Distinction::None | Distinction::TitleOrHost | Distinction::Place | Distinction::Whole => self.place(),
        }
    }

    /// An image is called by its file's name, anything else by host and path.
    fn place(&self) -> Cow<'a, str> {
        let place = place(self.target);
        // Whose host it is, the reader knows.
        if self.is_own && self.form == Form::Link {
            let path = place.split_once('/').map_or("", |(_, path)| path);
            let is_file = !self.target.name().split(['?', '#']).next().unwrap_or("").ends_with('/');
            let name = path.rsplit('/').next().filter(|name| is_file && !name.is_empty());
            return name.map_or_else(|| format!("/{path}"), str::to_owned).into();
        }
        match (self.form, &place) {
            (Form::Image, Cow::Borrowed(text)) => Cow::Borrowed(text.rsplit('/').next().unwrap_or(text)),
            (Form::Image, Cow::Owned(text)) => Cow::Owned(text.rsplit('/').next().unwrap_or(text).to_owned()),
            (Form::Link, _) => place,
        }
    }
}

/// The words of a text, each between two spaces.
fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |out, word| out + &word.to_lowercase() + " ")
}

/// Whether a name does not tell where it leads.
pub(super) fn is_generic(name: &str) -> bool {
    let is_raised = |c: char| matches!(c, '⁰' | '¹' | '²' | '³' | '⁴'..='⁹');
    let is_mark = |c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '$' | '€' | '%') || is_raised(c);
    let bare = name.trim_matches(is_mark);
    // A text without a letter or digit, or one that is nothing but a number.
    let wordless = !name.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    wordless || (bare.len() < LONGEST_GENERIC && GENERIC.contains(bare.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_say_nothing() {
        for name in ["ici", "Here", "[1]", "this link", "12", "¹", "→ lire la suite", "→", ".", "“here”", "PNG", "etc."]
        {
            assert!(is_generic(name), "{name}");
        }
        for name in ["there", "Ici Paris", "1984 (novel)", "", "C++", "20 €"] {
            assert!(!is_generic(name), "{name}");
        }
    }
}
