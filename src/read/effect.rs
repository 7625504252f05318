//! What each shortcode, tag and component means: the ones generators bring, the ones most themes bring, and the
//! rest by their form.
//!
//! Called by `shortcode` once all tags of a source are known, so that pairs are found first. The author's own
//! table comes before all. A name that is not in the list keeps its inner content, or becomes a link where it
//! names a file or an address; what remains cannot be shown without the theme's templates and is a problem.

use std::ops::Range;

use crate::content::document::{Alert, Medium};

use super::conversion::Shortcode;
use super::embed;
use super::find::{Found, Wanted, What};
use super::shortcode::Prepared;
use super::tag::{Syntax, Tag, pairs};
use super::variables::Variables;

/// What stands in a shortcode's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Markdown, to be read in its place; mostly nothing at all.
    Source(String),
    /// Text as it is.
    Literal(String),
    /// What shows nothing here, in a sentence ("the shortcode x"); a problem.
    Unknown(String),
    Nothing,
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
            | Effect::NoteReference(_)
            | Effect::Note(_) => false,
            Effect::Code { inline, .. } => !inline,
            Effect::Math { block, .. } => *block,
            Effect::Open { around: Around::Link(_), .. } | Effect::Close { around: Around::Link(_), .. } => false,
            Effect::Unknown(_)
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
            Effect::Unknown(_) | Effect::Nothing => true,
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
            | Effect::NoteReference(_)
            | Effect::Note(_) => false,
        }
    }

    /// What it is within an address or an attribute.
    pub(super) fn as_text(&self) -> &str {
        match self {
            Effect::Source(text) | Effect::Literal(text) | Effect::Reference(text) | Effect::Address(text) => text,
            Effect::Code { text, .. } | Effect::Math { text, .. } => text,
            Effect::File { url, .. } => url,
            Effect::Unknown(_)
            | Effect::Nothing
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
    Effect::Unknown(format!("the {} {}", tag.syntax.noun(), tag.name))
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
        || alert(&lower).is_some()
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

/// Those whose inner content is code, whatever it looks like.
pub(super) fn is_raw(name: &str) -> bool {
    matches!(name, "highlight" | "code-toggle" | "code" | "mermaid" | "chart" | "math" | "katex" | "latex" | "qr")
}

pub(super) fn code(tag: &Tag<'_>, inner: &str) -> Effect {
    let text = inner.trim_start_matches([' ', '\t', '\r']).trim_start_matches('\n').trim_end();
    let language = match tag.name {
        "highlight" | "code" => tag.positional(0).or_else(|| tag.named(&["lang", "language"])).unwrap_or_default(),
        "code-toggle" => configuration_language(text).to_owned(),
        "math" | "katex" | "latex" => "TeX".to_owned(),
        other => other.to_owned(),
    };
    let options = tag.positional(1).unwrap_or_default().replace(' ', "");
    let inline = options.contains("hl_inline=true") || !inner.contains('\n');
    Effect::Code { language, text: text.to_owned(), inline }
}

/// A site's configuration shown in three languages is written in one of them.
fn configuration_language(text: &str) -> &'static str {
    match text.trim_start() {
        text if text.starts_with('{') => "json",
        text if text.starts_with('[') || text.lines().next().is_some_and(|line| line.contains(" = ")) => "toml",
        _ => "yaml",
    }
}

/// The kind of alert that goes by a name.
fn alert(name: &str) -> Option<Alert> {
    match name.to_ascii_lowercase().as_str() {
        "tip" | "hint" | "success" => Some(Alert::Tip),
        "important" => Some(Alert::Important),
        "warning" | "warn" | "attention" => Some(Alert::Warning),
        "danger" | "caution" | "error" | "alert" | "bug" | "failure" => Some(Alert::Caution),
        "note" | "info" | "notice" | "admonition" | "callout" | "aside" | "seealso" | "todo" => Some(Alert::Note),
        _ => None,
    }
}

/// As [`alert`], for callouts, whose names are freer.
pub(super) fn callout(name: &str) -> Alert {
    alert(name).unwrap_or(Alert::Note)
}

pub(super) fn around(tag: &Tag<'_>) -> Around {
    let title = || tag.named(&["title", "summary", "header"]).or_else(|| tag.positional(0)).unwrap_or_default();
    match tag.name.to_ascii_lowercase().as_str() {
        "details" | "expand" | "collapse" | "collapsible" | "spoiler" => Around::Summary(title()),
        "tab" | "tabitem" | "tab-item" | "panel" | "accordion" | "accordion-item" | "accordionitem" | "step" => {
            Around::Summary(
                tag.named(&["label", "title", "name", "header"]).or_else(|| tag.positional(0)).unwrap_or_default(),
            )
        }
        "quote" | "blockquote" | "pullquote" => {
            let author = tag.named(&["author", "source", "cite", "attribution"]).unwrap_or_default();
            Around::Quote { alert: None, title: String::new(), author }
        }
        name if alert(name).is_some() => {
            let named = tag.named(&["type", "level", "color", "context", "variant"]);
            let positional = tag.positional(0).filter(|word| alert(word).is_some());
            let kind = named.or(positional).unwrap_or_else(|| name.to_owned());
            let title = tag.named(&["title", "header"]).unwrap_or_default();
            Around::Quote { alert: Some(callout(&kind)), title, author: String::new() }
        }
        "gallery" | "figure" => Around::Gallery(tag.named(&["caption", "title"]).unwrap_or_default()),
        _ if tag.syntax == Syntax::Component => {
            let url = tag.named(&["href", "to", "url"]);
            match (url, tag.named(&["title", "label", "summary"])) {
                (Some(url), None) => Around::Link(url),
                (_, Some(title)) => Around::Summary(title),
                (None, None) => Around::Nothing,
            }
        }
        _ => Around::Nothing,
    }
}

fn alone(tag: &Tag<'_>, variables: &Variables<'_>) -> Effect {
    let unknown = || unknown(tag);
    let first = || tag.named(&["path", "name"]).or_else(|| tag.positional(0));
    match tag.name.to_ascii_lowercase().as_str() {
        "ref" | "relref" => first().map_or_else(unknown, Effect::Reference),
        "link" | "post_url" if tag.syntax == Syntax::Liquid => first().map_or_else(unknown, Effect::Reference),
        "figure" | "img" | "image" | "picture" | "fig" => image(tag).unwrap_or_else(unknown),
        "baseurl" | "siteurl" => Effect::Literal(variables.base()),
        "br" | "toc" | "table-of-contents" | "tableofcontents" | "clear" | "more" => Effect::Nothing,
        "else" | "elsif" | "elif" | "when" | "break" if tag.syntax == Syntax::Liquid => Effect::Literal(" ".to_owned()),
        "param" | "params" => {
            let value = tag.positional(0).and_then(|name| variables.parameter(&name));
            value.map_or_else(unknown, Effect::Literal)
        }
        "video" | "audio" | "mp4" => {
            let medium = if tag.name.eq_ignore_ascii_case("audio") { Medium::Audio } else { Medium::Video };
            file(tag, medium).unwrap_or_else(unknown)
        }
        name if embed::is_provider(name) => provider(tag, name).unwrap_or_else(unknown),
        name if ["image", "figure", "img"].iter().any(|part| name.contains(part)) => {
            image(tag).filter(|_| tag.named(&IMAGE_SOURCES).is_some()).unwrap_or_else(unknown)
        }
        _ => named_file(tag).unwrap_or_else(unknown),
    }
}

/// The names of an argument that is an image's address.
const IMAGE_SOURCES: [&str; 8] = ["src", "file", "path", "url", "href", "image", "name", "image_path"];

fn provider(tag: &Tag<'_>, name: &str) -> Option<Effect> {
    let named = tag.named(&["id", "video", "url", "src"]);
    let ids = match (tag.named(&["user"]), named) {
        (Some(user), Some(id)) if matches!(name, "gist" | "codepen") => vec![user, id],
        (_, Some(id)) => vec![id],
        (_, None) if name == "twitter" || name == "tweet" || name == "x" => {
            vec![tag.positional(1).or_else(|| tag.positional(0))?]
        }
        (_, None) => vec![tag.positional(0)?, tag.positional(1).unwrap_or_default()],
    };
    Some(Effect::Provider { name: name.to_owned(), ids, title: tag.named(&["title", "alt"]) })
}

fn image(tag: &Tag<'_>) -> Option<Effect> {
    // `{% img left /a.png 300 200 Title Alt %}`: only what can be a path or words counts.
    let words = (0..8).map_while(|index| tag.positional(index));
    let is_size = |word: &String| word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'x' | '%' | 'p' | '.'));
    let is_side = |word: &String| matches!(word.as_str(), "left" | "right" | "center" | "centre");
    let words: Vec<String> = words.filter(|word| !is_size(word) && !is_side(word)).collect();
    let named = tag.named(&IMAGE_SOURCES);
    let first = usize::from(named.is_none());
    let source = named.or_else(|| words.first().cloned())?;
    let text = |names: &[&str]| tag.named(names).unwrap_or_default();
    let attribution = match (text(&["attr"]), text(&["attrlink"])) {
        (attr, link) if attr.is_empty() || link.is_empty() => attr,
        (attr, link) => format!("[{attr}]({link})"),
    };
    let caption = match (tag.markdown(&["caption"]), attribution) {
        (caption, attribution) if attribution.is_empty() => caption,
        (caption, attribution) if caption.is_empty() => attribution,
        (caption, attribution) => format!("{caption} {attribution}"),
    };
    let title = text(&["title"]);
    // Hugo shows a figure's title above its caption.
    let caption = if tag.name == "figure" && caption.is_empty() { escaped(&title) } else { caption };
    let alt = tag.named(&["alt"]).or_else(|| words.get(first).cloned()).unwrap_or_default();
    Some(Effect::Image(Box::new(Image { source, alt, title, caption, link: text(&["link"]) })))
}

/// Text as Markdown that says just this.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_punctuation() && !matches!(character, '"' | '\'' | '-' | '.' | ',') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn file(tag: &Tag<'_>, medium: Medium) -> Option<Effect> {
    let url = tag
        .named(&["src", "href", "url", "link", "file", "filename", "mp4", "path", "webm"])
        .or_else(|| tag.positional(0))?;
    let caption = tag.named(&["caption"]).unwrap_or_default();
    // A plain caption is a good name for the link; one with links of its own stands under it.
    match caption.contains(['[', '<', '`']) {
        true => Some(Effect::File { url, medium, title: tag.named(&["title", "alt", "label", "name"]), caption }),
        false => {
            let title = tag.named(&["caption", "title", "alt", "label", "name"]);
            Some(Effect::File { url, medium, title, caption: String::new() })
        }
    }
}

fn named_file(tag: &Tag<'_>) -> Option<Effect> {
    let url = tag.named(&["src", "href", "url", "link", "file", "filename", "to"]);
    let url = url.or_else(|| tag.named(&["id"]).filter(|id| id.contains("://")))?;
    let title = tag.named(&["caption", "title", "alt", "label", "text", "name"]);
    match medium(&url) {
        Shown::Image => {
            let text = |names: &[&str]| tag.named(names).unwrap_or_default();
            let (alt, caption) = (text(&["alt", "text", "label"]), text(&["caption"]));
            Some(Effect::Image(Box::new(Image {
                source: url,
                alt,
                title: text(&["title"]),
                caption,
                link: String::new(),
            })))
        }
        Shown::As(medium) => Some(Effect::File { url, medium, title, caption: String::new() }),
    }
}

enum Shown {
    Image,
    As(Medium),
}

/// What a file is, by its ending.
fn medium(url: &str) -> Shown {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    match path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "svg") => Shown::Image,
        Some("mp4" | "webm" | "mov" | "ogv") => Shown::As(Medium::Video),
        Some("mp3" | "ogg" | "opus" | "flac" | "m4a" | "wav") => Shown::As(Medium::Audio),
        Some(_) | None => Shown::As(Medium::Page),
    }
}
