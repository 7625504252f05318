//! A paragraph's content as text, and where its links and images stand in it.
//!
//! One buffer for all paragraphs of a page: it is cleared, filled, read by the walk over the blocks and filled again.
//! In gemtext links leave no marker in prose (conversion.md, "inline link"), their place is remembered as a
//! [`Mention`]; in plain text they leave a letter, and stress its signs.

use std::borrow::Cow;

use super::letters::Letters;
use super::script::Script;
use super::target::{is_badge, is_shield, place};
use crate::content::document::{Kind, NodeId, Slice, Target};
use crate::content::{Document, Language};
use crate::render::style::Emphasis;
use crate::render::words;
use crate::text::clean;

/// Characters that may stand between the links of a paragraph of nothing but links.
const SEPARATORS: &[char] =
    &[' ', '\n', '\u{a0}', '|', ',', ';', '.', ':', '/', '·', '•', '-', '–', '—', '→', '»', '«'];

/// A link or image that stands in the text.
#[derive(Clone, Copy)]
pub(super) struct Mention {
    pub(super) node: NodeId,
    /// Its text in [`Inline::text`]; an image's is `[alt]`, or nothing.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) form: Form,
    /// The index of the first mention inside it (a link around images).
    pub(super) inner: usize,
    /// Whether it stands in no other.
    pub(super) outer: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Link,
    Image,
}

pub(super) struct Inline<'a> {
    document: &'a Document,
    language: &'a Language,
    pub(super) text: String,
    /// In the order in which they end.
    pub(super) mentions: Vec<Mention>,
    open_links: usize,
    emphasis: Emphasis,
    /// How many notes the text so far refers to; their numbers are given in the order of reading.
    pub(super) notes: usize,
    soft_breaks: SoftBreaks,
    style: Style<'a>,
    /// What an image is called instead of its alternative text.
    pub(super) caption: Option<String>,
}

/// What stress, links and images leave in the text.
enum Style<'a> {
    /// Nothing but an image's alternative text.
    Bare,
    Marked(Letters<'a>),
}

/// What a line end in the source is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SoftBreaks {
    Spaces,
    /// In a term: each line is a term of its own.
    Lines,
}

impl<'a> Inline<'a> {
    pub(super) fn new(document: &'a Document, language: &'a Language, emphasis: Emphasis) -> Inline<'a> {
        Inline {
            document,
            language,
            text: String::new(),
            mentions: Vec::new(),
            open_links: 0,
            emphasis,
            notes: 0,
            soft_breaks: SoftBreaks::Spaces,
            style: Style::Bare,
            caption: None,
        }
    }

    /// With signs for stress, and a letter for each link.
    pub(super) fn marked(document: &'a Document, language: &'a Language, emphasis: Emphasis) -> Inline<'a> {
        Inline { style: Style::Marked(Letters::default()), ..Inline::new(document, language, emphasis) }
    }

    /// The links that have letters so far, from `from` on.
    pub(super) fn letters_from(&self, from: usize) -> Vec<&'a Target> {
        match &self.style {
            Style::Bare => Vec::new(),
            Style::Marked(letters) => letters.targets.get(from..).unwrap_or_default().to_vec(),
        }
    }

    /// The links that got letters.
    pub(super) fn into_letters(self) -> Letters<'a> {
        match self.style {
            Style::Bare => Letters::default(),
            Style::Marked(letters) => letters,
        }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.mentions.clear();
    }

    /// Takes the content of a node in the place of what was there.
    pub(super) fn read(&mut self, node: NodeId) {
        self.clear();
        self.add_children(node);
    }

    /// Takes a term, or several of which each has its line.
    pub(super) fn read_terms(&mut self, node: NodeId) {
        self.soft_breaks = SoftBreaks::Lines;
        self.read(node);
        self.soft_breaks = SoftBreaks::Spaces;
    }

    /// Whether links and images are all there is to read.
    pub(super) fn is_only_mentions(&self) -> bool {
        let mut at = 0;
        for mention in self.mentions.iter().filter(|mention| mention.outer) {
            if !is_separator(&self.text[at..mention.start]) {
                return false;
            }
            at = mention.end;
        }
        !self.mentions.is_empty() && is_separator(&self.text[at..])
    }

    /// The link that alone stands in a line and begins it.
    pub(super) fn leading_link(&self) -> Option<Mention> {
        match self.mentions.as_slice() {
            [mention] if mention.form == Form::Link && is_blank(&self.text[..mention.start]) => Some(*mention),
            _ => None,
        }
    }

    fn add_children(&mut self, node: NodeId) {
        let document = self.document;
        for child in document.children(node) {
            self.add(child);
        }
    }

    /// Adds a node, and what is in it. A block among inlines (a cell may hold some) becomes lines.
    pub(super) fn add(&mut self, node: NodeId) {
        let document = self.document;
        match document.kind(node) {
            Kind::Text(slice) => clean::push_prose(&mut self.text, document.text(*slice)),
            Kind::SoftBreak if self.soft_breaks == SoftBreaks::Spaces => clean::push_space(&mut self.text),
            Kind::SoftBreak => clean::push_break(&mut self.text),
            Kind::HardBreak => clean::push_break(&mut self.text),
            Kind::Emphasis => self.add_stress(node, "_"),
            Kind::Strong => self.add_stress(node, "*"),
            Kind::Strikethrough => self.add_between("~~", node, "~~"),
            Kind::Superscript => self.add_script(node, Script::Super),
            Kind::Subscript => self.add_script(node, Script::Sub),
            Kind::Quotation => {
                let (open, close) = words::quotation_marks(self.language);
                self.add_between(open, node, close);
            }
            Kind::Link { target, .. } => self.add_link(node, target),
            Kind::Image { target, title } => self.add_image(node, target, *title),
            Kind::CodeSpan(slice) => self.add_code(document.text(*slice)),
            Kind::Math(slice) => self.add_math(document.text(*slice)),
            Kind::NoteReference(index) => {
                self.notes = self.notes.max(*index as usize + 1);
                self.text.push_str(&format!("[{}]", u64::from(*index) + 1));
            }
            Kind::Code { text, .. } => clean::push_prose(&mut self.text, document.text(*text)),
            Kind::MathBlock { text } => self.add_math(document.text(*text)),
            Kind::Embed { medium, provider, title } => {
                let (provider, title) = (document.text(*provider), document.text(*title));
                clean::push_prose(&mut self.text, &words::embed(self.language, *medium, provider, title));
            }
            Kind::Rule => {}
            Kind::Item { .. } | Kind::Definition => {
                self.begin_line();
                self.text.push_str("• ");
                self.add_children(node);
            }
            Kind::Document | Kind::Quote { .. } | Kind::List { .. } | Kind::Definitions | Kind::Note => {
                self.add_children(node);
            }
            Kind::Figure | Kind::Heading { .. } | Kind::Paragraph | Kind::Plain | Kind::Term | Kind::Caption => {
                self.begin_line_unless_item();
                self.add_children(node);
            }
            Kind::Table | Kind::TableHead | Kind::TableRow | Kind::Cell { .. } => {
                self.begin_line();
                self.add_children(node);
            }
        }
    }

    fn begin_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            clean::push_break(&mut self.text);
        }
    }

    fn begin_line_unless_item(&mut self) {
        if !self.text.ends_with("• ") {
            self.begin_line();
        }
    }

    fn add_between(&mut self, open: &str, node: NodeId, close: &str) {
        let (start, first) = (self.text.len(), self.mentions.len());
        self.text.push_str(open);
        self.add_children(node);
        if self.text.len() == start + open.len() {
            self.text.truncate(start);
            // A link may stand here without any text.
            self.mentions[first..].iter_mut().for_each(|mention| (mention.start, mention.end) = (start, start));
        } else {
            let end = self.end_of_words(first);
            self.text.insert_str(end, close);
        }
    }

    fn add_stress(&mut self, node: NodeId, sign: &str) {
        let is_marked = match self.emphasis {
            Emphasis::Usual => matches!(self.style, Style::Marked(_)),
            Emphasis::Drop => false,
            Emphasis::Markers => true,
        };
        if is_marked { self.add_between(sign, node, sign) } else { self.add_children(node) }
    }

    /// The end of what is added, without a letter that stands behind its last link.
    fn end_of_words(&self, first: usize) -> usize {
        let last = self.mentions[first..].last().filter(|mention| mention.form == Form::Link);
        let is_letter = |rest: &str| {
            let letters = rest.strip_prefix(" [").and_then(|rest| rest.strip_suffix(']'));
            letters.is_some_and(|letters| letters.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        last.map(|link| link.end).filter(|&end| is_letter(&self.text[end..])).unwrap_or(self.text.len())
    }

    fn add_link(&mut self, node: NodeId, target: &'a Target) {
        if *target == Target::Nowhere {
            let (start, mentions) = (self.text.len(), self.mentions.len());
            self.add_children(node);
            // The sign by which a heading is linked to.
            if mentions == self.mentions.len() && !self.text[start..].contains(char::is_alphanumeric) {
                self.text.truncate(start);
            }
            return;
        }
        let (start, inner) = (self.text.len(), self.mentions.len());
        self.open_links += 1;
        self.add_children(node);
        self.open_links -= 1;
        self.mention(Mention { node, start, end: 0, form: Form::Link, inner, outer: true });
        if let Style::Marked(letters) = &mut self.style {
            // A letter alone on its line would say nothing.
            if self.text[start..].trim().is_empty() && (start == 0 || self.text[..start].ends_with('\n')) {
                self.text.push_str(&place(target));
            }
            letters.mark(&mut self.text, start, target);
        }
    }

    fn add_image(&mut self, node: NodeId, target: &'a Target, title: Slice) {
        let (start, inner) = (self.text.len(), self.mentions.len());
        self.text.push('[');
        let style = std::mem::replace(&mut self.style, Style::Bare);
        self.add_children(node);
        self.style = style;
        // A link inside alternative text is text.
        self.mentions.truncate(inner);
        let alt = clean::one_line(&self.text[start + 1..]);
        self.text.truncate(start);
        let title = self.document.text(title);
        // A badge that leads somewhere is its words.
        if self.open_links > 0 && !alt.is_empty() && is_shield(target) {
            return self.text.push_str(&alt);
        }
        let decorative = alt.is_empty() && title.is_empty() && is_badge(target);
        self.push_image(&alt, title, target, decorative);
        if *target != Target::Nowhere && !decorative {
            self.mention(Mention { node, start, end: 0, form: Form::Image, inner, outer: true });
            if let Style::Marked(letters) = &mut self.style {
                letters.mark(&mut self.text, start, target);
            }
        }
    }

    /// `[alt]`; in marked text `[Image: alt]`, where a caption is a better name, a title too, and the file's name
    /// better than none.
    fn push_image(&mut self, alt: &str, title: &str, target: &Target, decorative: bool) {
        let name = match (&self.style, &self.caption) {
            (Style::Bare, _) => Cow::Borrowed(alt),
            (Style::Marked(_), Some(caption)) => Cow::Borrowed(caption.as_str()),
            (Style::Marked(_), None) => {
                let place = place(target);
                let file = clean::one_line(place.rsplit('/').next().unwrap_or(""));
                let names = [Cow::Owned(clean::one_line(title)), Cow::Borrowed(alt), Cow::Owned(file)];
                names.into_iter().find(|name| !name.is_empty() && !decorative).unwrap_or_default()
            }
        };
        match self.style {
            _ if name.is_empty() => {}
            Style::Bare => self.text.extend(["[", &name, "]"]),
            Style::Marked(_) => {
                if self.text.ends_with(']') {
                    self.text.push(' ');
                }
                self.text.extend(["[", &words::image(self.language, &name), "]"]);
            }
        }
    }

    fn mention(&mut self, mention: Mention) {
        let outer = self.open_links == 0;
        self.mentions.push(Mention { end: self.text.len(), outer, ..mention });
    }

    /// Code keeps its backticks; where it holds some itself, it gets more of them, as in Markdown.
    fn add_code(&mut self, code: &str) {
        if code.is_empty() {
            return;
        }
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
        let marks = "`".repeat(longest + 1);
        self.text.push_str(&marks);
        self.text.push_str(pad);
        self.push_verbatim(code);
        self.text.push_str(pad);
        self.text.push_str(&marks);
    }

    fn add_math(&mut self, tex: &str) {
        self.text.push('$');
        self.push_verbatim(tex);
        self.text.push('$');
    }

    /// Spaces as they are, but all on one line.
    fn push_verbatim(&mut self, text: &str) {
        let start = self.text.len();
        clean::push_preformatted(&mut self.text, text);
        if self.text[start..].contains(['\n', '\t']) {
            let line = self.text.split_off(start).replace(['\n', '\t'], " ");
            self.text.push_str(&line);
        }
    }

    fn add_script(&mut self, node: NodeId, script: Script) {
        let (start, mentions) = (self.text.len(), self.mentions.len());
        let base = self.text.chars().next_back().filter(|&c| c.is_alphanumeric() || matches!(c, ')' | ']' | '}'));
        self.add_children(node);
        let content = &self.text[start..];
        // Raised text that hangs on nothing is small print; a number alone is the sign of a note.
        let base = base.or(Some(' ').filter(|_| script.is_sign(content)));
        let Some(base) = base.filter(|_| !content.is_empty()) else { return };
        match script.letters(base, content) {
            Some(letters) if mentions == self.mentions.len() => {
                self.text.truncate(start);
                self.text.push_str(&letters);
            }
            Some(_) | None => self.bracket(start, mentions, script),
        }
    }

    /// `^(…)` around what was added since `start`; mentions in it move along.
    fn bracket(&mut self, start: usize, mentions: usize, script: Script) {
        let open = script.open();
        self.text.insert_str(start, open);
        for mention in &mut self.mentions[mentions..] {
            mention.start += open.len();
            mention.end += open.len();
        }
        self.text.push(')');
    }
}

fn is_separator(text: &str) -> bool {
    text.chars().all(|c| SEPARATORS.contains(&c))
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ')
}
