//! What a tag without inner content shows: images, players, files, values.

use super::{Effect, Image, unknown};
use crate::content::document::Medium;
use crate::read::embed;
use crate::read::tag::{Syntax, Tag};
use crate::read::variables::Variables;

pub(super) fn alone(tag: &Tag<'_>, variables: &Variables<'_>) -> Effect {
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
        _ => named_file(tag).or_else(|| any_address(tag)).unwrap_or_else(unknown),
    }
}

/// The names of an argument that is an image's address.
const IMAGE_SOURCES: [&str; 8] = ["src", "file", "path", "url", "href", "image", "name", "image_path"];

fn provider(tag: &Tag<'_>, name: &str) -> Option<Effect> {
    let named = tag.named(&["id", "video", "url", "src"]);
    let is_twitter = matches!(name, "twitter" | "tweet" | "x");
    let ids = match (tag.named(&["user"]), named) {
        (Some(user), Some(id)) if matches!(name, "gist" | "codepen") => vec![user, id],
        (Some(user), Some(id)) if is_twitter => vec![id, user],
        (_, Some(id)) => vec![id],
        (_, None) if is_twitter => match (tag.positional(0)?, tag.positional(1)) {
            (user, Some(id)) => vec![id, user],
            (id, None) => vec![id],
        },
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
    let named = tag.named(&["src"]).or_else(|| tag.named(&IMAGE_SOURCES));
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
        (caption, attribution) => format!("{caption} – {attribution}"),
    };
    let title = text(&["title"]);
    // Hugo shows a figure's title above its caption.
    let caption = if tag.name == "figure" && caption.is_empty() { escaped(&title) } else { caption };
    let alt = tag.named(&["alt"]).or_else(|| words.get(first).cloned()).unwrap_or_default();
    let link = tag.named(&["link"]).or_else(|| target(tag, &source)).unwrap_or_default();
    Some(Effect::Image(Box::new(Image { source, alt, title, caption, link })))
}

/// Where an image leads, besides to itself.
fn target(tag: &Tag<'_>, source: &str) -> Option<String> {
    let leads = |value: &String| value.contains("://") || value.starts_with(['/', '.']);
    ["href", "url", "target"].iter().find_map(|name| tag.named(&[name]).filter(|value| leads(value) && value != source))
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

/// Whatever an argument is called, an address leads somewhere.
fn any_address(tag: &Tag<'_>) -> Option<Effect> {
    let leads = |value: &str| ["https://", "http://", "gemini://"].iter().any(|start| value.starts_with(start));
    let (_, url) = tag.arguments.iter().find(|(_, value)| leads(value))?;
    Some(Effect::File { url: url.to_string(), medium: Medium::Page, title: None, caption: String::new() })
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
