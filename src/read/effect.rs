//! What each shortcode, tag and component means: the ones generators bring, the ones most themes bring, and the
//! rest by their form.
//!
//! Called by `shortcode` once all tags of a source are known, so that pairs are found first. The author's own
//! table comes before all. A name that is not in the list keeps its inner content, or becomes a link where it
//! names a file or an address; what remains cannot be shown without the theme's templates and is a problem.

use std::borrow::Cow;
use std::ops::Range;

mod alone;
mod around;
mod code;

use crate::content::document::{Alert, Medium};

use super::conversion::Shortcode;
use super::embed;
use super::find::{Found, Wanted, What};
use super::shortcode::Prepared;
use super::tag::{Syntax, Tag, pairs};
use super::variables::Variables;

use alone::alone;
pub(super) use around::{alert_name, around, callout, is_alert, notice};
pub(super) use code::{code, is_raw};

/// What stands in a shortcode's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Markdown, to be read in its place; mostly nothing at all.
    Source(String),
    /// Text as it is.
    Literal(String),
    /// What shows nothing here, in a sentence ("the shortcode x"); a problem. Within a line its only argument says
    /// what matters, where that is a number: `{{< version "0.3" >}}`; alone it needs its name: `New in 0.153.0`.
    Unknown {
        name: String,
        value: String,
        alone: String,
    },
    Nothing,
    /// A link within a line.
    Link {
        url: String,
        text: String,
    },
    /// `ref` and `relref`.
    Reference(String),
    /// A bare address.
    Address(String),
    Image(Box<Image>),
    /// Players whose label depends on the page's language.
    Provider {
        name: String,
        ids: Vec<String>,
        title: Option<String>,
    },
    File {
        url: String,
        medium: Medium,
        title: Option<String>,
        /// Markdown, shown under it.
        caption: String,
    },
    Code {
        language: String,
        text: String,
        inline: bool,
    },
    Math {
        text: String,
        block: bool,
    },
    /// A reference to a footnote by its label, within a link's text.
    NoteReference(String),
    /// A footnote that stands where it is referred to.
    Note(Box<Prepared>),
    Open {
        pair: usize,
        around: Around,
    },
    Close {
        pair: usize,
        around: Around,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) source: String,
    pub(super) alt: String,
    pub(super) title: String,
    pub(super) caption: String,
    pub(super) link: String,
}

/// What a pair of shortcodes puts around its inner content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// Nothing.
    Nothing,
    Quote {
        alert: Option<Alert>,
        title: String,
        author: String,
    },
    /// A line before.
    Summary(String),
    /// A link after.
    Linked {
        url: String,
        title: String,
    },
    /// A line after.
    Gallery(String),
    /// A link.
    Link(String),
}

impl Effect {
    /// Whether it begins a block where it has a line for itself.
    pub(super) fn is_block(&self) -> bool {
        match self {
            Effect::Source(_)
            | Effect::Literal(_)
            | Effect::Reference(_)
            | Effect::Address(_)
            | Effect::Link { .. }
            | Effect::NoteReference(_)
            | Effect::Note(_) => false,
            Effect::Code { inline, .. } => !inline,
            Effect::Math { block, .. } => *block,
            Effect::Open { around: Around::Link(_), .. } | Effect::Close { around: Around::Link(_), .. } => false,
            Effect::Unknown { .. }
            | Effect::Nothing
            | Effect::Image(_)
            | Effect::Provider { .. }
            | Effect::File { .. }
            | Effect::Open { .. }
            | Effect::Close { .. } => true,
        }
    }

    /// Whether a reader sees nothing of it.
    pub(super) fn shows_nothing(&self) -> bool {
        match self {
            Effect::Unknown { value, .. } => value.is_empty(),
            Effect::Nothing => true,
            Effect::Open { around, .. } | Effect::Close { around, .. } => *around == Around::Nothing,
            Effect::Source(_)
            | Effect::Literal(_)
            | Effect::Reference(_)
            | Effect::Address(_)
            | Effect::Image(_)
            | Effect::Provider { .. }
            | Effect::File { .. }
            | Effect::Code { .. }
            | Effect::Math { .. }
            | Effect::Link { .. }
            | Effect::NoteReference(_)
            | Effect::Note(_) => false,
        }
    }

    /// What it is within an address or an attribute.
    pub(super) fn as_text(&self) -> &str {
        match self {
            Effect::Source(text) | Effect::Literal(text) | Effect::Reference(text) | Effect::Address(text) => text,
            Effect::Code { text, .. } | Effect::Math { text, .. } => text,
            Effect::File { url, .. } | Effect::Link { url, .. } => url,
            Effect::Unknown { value: text, .. } => text,
            Effect::Nothing
            | Effect::Image(_)
            | Effect::Provider { .. }
            | Effect::NoteReference(_)
            | Effect::Note(_)
            | Effect::Open { .. }
            | Effect::Close { .. } => "",
        }
    }
}

/// What stands in the place of each thing found, and the piece of the source it replaces. Pieces may overlap: what
/// stands in one that is left out is left out with it.
pub(super) fn effects(found: Vec<Found<'_>>, wanted: &Wanted<'_, '_>) -> Vec<(Range<usize>, Effect)> {
    let tags: Vec<Option<&Tag<'_>>> = found
        .iter()
        .map(|one| match &one.what {
            What::Tag(tag) => Some(tag),
            What::Effect(_) => None,
        })
        .collect();
    let partner = pairs(&tags);
    let ends: Vec<usize> = found.iter().map(|one| one.range.end).collect();
    let mut abouts: Vec<Option<Around>> = vec![None; found.len()];
    let mut effects = Vec::with_capacity(found.len());
    let parts = tags.iter().map(|tag| tag.is_some_and(|tag| is_alternative(tag))).collect::<Vec<_>>();
    for (index, one) in found.into_iter().enumerate() {
        let tag = match one.what {
            What::Effect(effect) => {
                effects.push((one.range, effect));
                continue;
            }
            What::Tag(tag) => tag,
        };
        let (range, start) = (one.range.clone(), one.range.start);
        let custom = wanted.dialect.conversion.shortcodes.get(tag.name);
        effects.push(match partner[index] {
            // What is asked for is not there, and nothing is said for that case.
            Some(other) if other > index && is_absent(&tag) && !parts[index..other].contains(&true) => {
                (start..ends[other], Effect::Nothing)
            }
            Some(other) if other > index => match pair(&tag, custom, wanted.variables) {
                Pair::Dropped(effect) => (start..ends[other], effect),
                Pair::Replaced(effect) => (range, effect),
                Pair::Around(around) => {
                    abouts[other] = Some(around.clone());
                    (range, Effect::Open { pair: index, around })
                }
            },
            Some(other) => match abouts[index].take() {
                Some(around) => (range, Effect::Close { pair: other, around }),
                None => (range, Effect::Nothing),
            },
            None if tag.closes() => (range, Effect::Nothing),
            None => (range, custom.map_or_else(|| alone(&tag, wanted.variables), |custom| as_configured(&tag, custom))),
        });
    }
    effects
}

/// `{% else %}`.
fn is_alternative(tag: &Tag<'_>) -> bool {
    tag.syntax == Syntax::Liquid && matches!(tag.name, "else" | "elsif" | "elif")
}

/// `{% if page.x %}` of a page that has no x.
fn is_absent(tag: &Tag<'_>) -> bool {
    tag.syntax == Syntax::Liquid
        && tag.name == "if"
        && matches!(tag.arguments.as_slice(), [(None, Cow::Owned(value))] if value.is_empty())
}

/// What two tags do with what stands between them.
enum Pair {
    /// It goes, and this stands for it all.
    Dropped(Effect),
    /// It stays, after this.
    Replaced(Effect),
    Around(Around),
}

fn pair(tag: &Tag<'_>, custom: Option<&Shortcode>, variables: &Variables<'_>) -> Pair {
    match custom {
        Some(Shortcode::Drop) => return Pair::Dropped(Effect::Nothing),
        Some(Shortcode::Inner) => return Pair::Around(Around::Nothing),
        Some(custom) => return Pair::Replaced(as_configured(tag, custom)),
        None => {}
    }
    let name = tag.name.to_ascii_lowercase();
    match (tag.syntax, name.as_str()) {
        (Syntax::Liquid, "comment" | "css" | "js" | "style" | "javascript" | "schema") => {
            Pair::Dropped(Effect::Nothing)
        }
        // Their inside is made of values that only the generator has.
        (Syntax::Liquid, "for" | "tablerow" | "capture" | "macro" | "set" | "block" | "call") => {
            Pair::Dropped(unknown(tag))
        }
        (Syntax::Component, "style" | "script") => Pair::Dropped(Effect::Nothing),
        // Templates written with an end tag where a theme shows only what the tag names.
        (_, "youtube" | "vimeo" | "tweet" | "gist") => Pair::Replaced(alone(tag, variables)),
        _ => Pair::Around(around(tag)),
    }
}

/// As the author's table says.
fn as_configured(tag: &Tag<'_>, custom: &Shortcode) -> Effect {
    let label = |name: &Option<String>| name.as_deref().and_then(|name| tag.argument(name));
    match custom {
        Shortcode::Image(address, text) => tag.argument(address).map_or_else(
            || unknown(tag),
            |source| {
                Effect::Image(Box::new(Image { source, alt: label(text).unwrap_or_default(), ..Image::default() }))
            },
        ),
        Shortcode::Link(address, text) => tag.argument(address).map_or_else(
            || unknown(tag),
            |url| Effect::File { url, medium: Medium::Page, title: label(text), caption: String::new() },
        ),
        Shortcode::Text(name) => tag.argument(name).map_or_else(|| unknown(tag), Effect::Literal),
        Shortcode::Inner | Shortcode::Drop => Effect::Nothing,
    }
}

fn unknown(tag: &Tag<'_>) -> Effect {
    let value = match tag.arguments.as_slice() {
        [(_, value)] if is_number(value) => value.to_string(),
        _ => String::new(),
    };
    let alone = in_words(tag).unwrap_or_default();
    Effect::Unknown { name: format!("the {} {}", tag.syntax.noun(), tag.name), value, alone }
}

/// `New in 0.153.0`: what a tag that names a version says where it stands alone.
fn in_words(tag: &Tag<'_>) -> Option<String> {
    let [(_, version)] = tag.arguments.as_slice() else { return None };
    let words = tag.name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    let first = letters.next().filter(|first| first.is_alphabetic())?.to_uppercase();
    (is_number(version) && version.contains('.')).then(|| format!("{first}{} {version}", letters.as_str()))
}

/// `3.2`, `v1.0-rc1`; not a path, and no words.
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix(['v', '≥']).unwrap_or(value);
    value.len() <= 24 && digits.starts_with(|c: char| c.is_ascii_digit()) && !value.contains(['/', ' '])
}

/// Whether a tag of this name says something wherever it stands; asked where others may be prose.
pub(super) fn is_known(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_raw(name)
        || embed::is_provider(&lower)
        || matches!(
            lower.as_str(),
            "figure"
                | "img"
                | "image"
                | "picture"
                | "video"
                | "audio"
                | "raw"
                | "comment"
                | "link"
                | "post_url"
                | "ref"
                | "relref"
                | "include_relative"
                | "assign"
                | "if"
                | "unless"
                | "for"
                | "else"
                | "elsif"
                | "quote"
                | "blockquote"
                | "details"
                | "gallery"
                | "seo"
                | "toc"
        )
        || is_alert(&lower)
}

/// What a tag says where only text can stand.
pub(super) fn text_in_code(tag: &Tag<'_>, variables: &Variables<'_>) -> Option<String> {
    let says_text = matches!(tag.name.to_ascii_lowercase().as_str(), "baseurl" | "siteurl" | "param" | "params");
    match alone(tag, variables) {
        Effect::Literal(text) if says_text => Some(text),
        _ => None,
    }
}

/// `{{ youtube("x") }}` of Nunjucks: a shortcode with its arguments in braces.
pub(super) fn shortcode_in_braces(text: &str, variables: &Variables<'_>) -> Option<Effect> {
    let tag = Tag::call(text, super::tag::Form::Alone)?;
    Some(alone(&tag, variables))
}
