//! What each shortcode means: the ones Hugo brings, the ones most themes bring, and the rest by their form.
//!
//! Called by `shortcode` once all tags of a source are known, so that pairs are found first. A name that is not
//! in the list keeps its inner content, or becomes a link where it names a file or an address; what remains
//! cannot be shown without the theme's templates and is a problem that names the shortcode.

use std::collections::HashMap;
use std::ops::Range;

use crate::content::document::Alert;

use super::embed::{self, Medium};
use super::shortcode::{Tag, pairs};

/// What stands in a shortcode's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Text as it is.
    Literal(String),
    /// The name of a shortcode that shows nothing here; a problem.
    Unknown(String),
    Nothing,
    /// `ref` and `relref`.
    Reference(String),
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
    },
    Code {
        language: String,
        text: String,
        inline: bool,
    },
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
}

impl Effect {
    /// Whether it begins a block where it has a line for itself.
    pub(super) fn is_block(&self) -> bool {
        match self {
            Effect::Literal(_) | Effect::Reference(_) => false,
            Effect::Code { inline, .. } => !inline,
            Effect::Unknown(_)
            | Effect::Nothing
            | Effect::Image(_)
            | Effect::Provider { .. }
            | Effect::File { .. }
            | Effect::Open { .. }
            | Effect::Close { .. } => true,
        }
    }

    /// What it is within an address or an attribute.
    pub(super) fn as_text(&self) -> &str {
        match self {
            Effect::Literal(text) | Effect::Reference(text) => text,
            Effect::Code { text, .. } => text,
            Effect::File { url, .. } => url,
            Effect::Unknown(_)
            | Effect::Nothing
            | Effect::Image(_)
            | Effect::Provider { .. }
            | Effect::Open { .. }
            | Effect::Close { .. } => "",
        }
    }
}

/// The effect of each tag and where what it replaces ends; `None` leaves the source as it is.
pub(super) fn effects(source: &str, found: &[(Range<usize>, Option<&Tag<'_>>, bool)]) -> Vec<Option<(Effect, usize)>> {
    let closes = next_closes(found);
    let live: Vec<Option<&Tag<'_>>> =
        found.iter().map(|(_, tag, in_code)| tag.filter(|tag| !*in_code && !is_raw(tag.name))).collect();
    let partner = pairs(&live);
    let mut effects: Vec<Option<(Effect, usize)>> = Vec::with_capacity(found.len());
    for (index, (range, tag, in_code)) in found.iter().enumerate() {
        let effect = match tag {
            None => Some((Effect::Literal(uncommented(&source[range.clone()])), range.end)),
            Some(_) if *in_code => None,
            Some(tag) if is_raw(tag.name) => match closes[index].filter(|_| tag.opens()) {
                Some(close) => {
                    let inner = &source[range.end..found[close].0.start];
                    Some((code(tag, inner), found[close].0.end))
                }
                None if tag.closes() => Some((Effect::Nothing, range.end)),
                None => Some((Effect::Unknown(tag.name.to_owned()), range.end)),
            },
            Some(tag) => match partner[index] {
                Some(other) if other > index => Some((Effect::Open { pair: index, around: around(tag) }, range.end)),
                Some(other) => {
                    let around = found[other].1.map_or(Around::Nothing, around);
                    Some((Effect::Close { pair: other, around }, range.end))
                }
                None if tag.closes() => Some((Effect::Nothing, range.end)),
                None => Some((alone(tag), range.end)),
            },
        };
        effects.push(effect);
    }
    effects
}

/// For each tag, the next one after it that closes its name.
fn next_closes(found: &[(Range<usize>, Option<&Tag<'_>>, bool)]) -> Vec<Option<usize>> {
    let mut next: HashMap<&str, usize> = HashMap::new();
    let mut closes = vec![None; found.len()];
    for (index, (_, tag, _)) in found.iter().enumerate().rev() {
        if let Some(tag) = tag {
            closes[index] = next.get(tag.name).copied();
            if tag.closes() {
                next.insert(tag.name, index);
            }
        }
    }
    closes
}

/// Those whose inner content is code, whatever it looks like.
fn is_raw(name: &str) -> bool {
    matches!(name, "highlight" | "code-toggle" | "code" | "mermaid" | "chart" | "math" | "katex" | "latex")
}

fn code(tag: &Tag<'_>, inner: &str) -> Effect {
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

fn around(tag: &Tag<'_>) -> Around {
    let title = || tag.named(&["title", "summary", "header"]).or_else(|| tag.positional(0)).unwrap_or_default();
    let alert = |kind: &str| match kind.to_ascii_lowercase().as_str() {
        "tip" | "hint" | "success" => Some(Alert::Tip),
        "important" => Some(Alert::Important),
        "warning" | "warn" | "attention" => Some(Alert::Warning),
        "danger" | "caution" | "error" | "alert" => Some(Alert::Caution),
        "note" | "info" | "notice" | "admonition" | "callout" => Some(Alert::Note),
        _ => None,
    };
    match tag.name.to_ascii_lowercase().as_str() {
        "details" | "expand" | "collapse" | "spoiler" => Around::Summary(title()),
        "quote" | "blockquote" => {
            let author = tag.named(&["author", "source", "cite", "attribution"]).unwrap_or_default();
            Around::Quote { alert: None, title: String::new(), author }
        }
        name @ ("note" | "tip" | "hint" | "warning" | "info" | "caution" | "important" | "danger" | "notice"
        | "alert" | "admonition" | "callout") => {
            let named = tag.named(&["type", "level", "color", "context"]);
            let positional = tag.positional(0).filter(|word| alert(word).is_some());
            let kind = named.or(positional).unwrap_or_else(|| name.to_owned());
            let title = tag.named(&["title", "header"]).unwrap_or_default();
            Around::Quote { alert: alert(&kind).or(Some(Alert::Note)), title, author: String::new() }
        }
        "gallery" | "figure" => Around::Gallery(tag.named(&["caption", "title"]).unwrap_or_default()),
        _ => Around::Nothing,
    }
}

fn alone(tag: &Tag<'_>) -> Effect {
    let unknown = || Effect::Unknown(tag.name.to_owned());
    match tag.name.to_ascii_lowercase().as_str() {
        "ref" | "relref" => tag.named(&["path"]).or_else(|| tag.positional(0)).map_or_else(unknown, Effect::Reference),
        "figure" | "img" | "image" | "picture" | "fig" => image(tag).unwrap_or_else(unknown),
        "baseurl" | "siteurl" => Effect::Literal("/".to_owned()),
        "br" | "toc" | "table-of-contents" | "clear" => Effect::Nothing,
        "param" => unknown(),
        "video" | "audio" | "mp4" => {
            let medium = if tag.name.eq_ignore_ascii_case("audio") { Medium::Audio } else { Medium::Video };
            file(tag, medium).unwrap_or_else(unknown)
        }
        name if embed::is_provider(name) => provider(tag, name).unwrap_or_else(unknown),
        _ => named_file(tag).unwrap_or_else(unknown),
    }
}

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
    let source = tag.named(&["src", "file", "path", "url", "href", "image", "name"]).or_else(|| tag.positional(0))?;
    let text = |names: &[&str]| tag.named(names).unwrap_or_default();
    let attribution = match (text(&["attr"]), text(&["attrlink"])) {
        (attr, link) if attr.is_empty() || link.is_empty() => attr,
        (attr, link) => format!("[{attr}]({link})"),
    };
    let caption = match (text(&["caption"]), attribution) {
        (caption, attribution) if attribution.is_empty() => caption,
        (caption, attribution) if caption.is_empty() => attribution,
        (caption, attribution) => format!("{caption} {attribution}"),
    };
    let title = text(&["title"]);
    // Hugo shows a figure's title above its caption.
    let caption = if tag.name == "figure" && caption.is_empty() { title.clone() } else { caption };
    let alt = tag.named(&["alt"]).or_else(|| tag.positional(1)).unwrap_or_default();
    Some(Effect::Image(Box::new(Image { source, alt, title, caption, link: text(&["link"]) })))
}

fn file(tag: &Tag<'_>, medium: Medium) -> Option<Effect> {
    let url = tag
        .named(&["src", "href", "url", "link", "file", "filename", "mp4", "path", "webm"])
        .or_else(|| tag.positional(0))?;
    Some(Effect::File { url, medium, title: tag.named(&["caption", "title", "alt", "label", "name"]) })
}

fn named_file(tag: &Tag<'_>) -> Option<Effect> {
    let url = tag.named(&["src", "href", "url", "link", "file", "filename"]);
    let url = url.or_else(|| tag.named(&["id"]).filter(|id| id.contains("://")))?;
    let title = tag.named(&["caption", "title", "alt", "label", "text", "name"]);
    Some(Effect::File { url, medium: Medium::Page, title })
}

/// `{{</* x */>}}` shows `{{< x >}}`.
fn uncommented(tag: &str) -> String {
    let parts = tag.split_once("/*").and_then(|(start, rest)| Some((start, rest.rsplit_once("*/")?)));
    parts.map_or_else(|| tag.to_owned(), |(start, (inner, end))| format!("{start}{inner}{end}"))
}
