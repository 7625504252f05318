//! Raw HTML in Markdown to the same tree. The only file that names `html5gum`.
//!
//! A tokenizer and no tree builder: `compose` keeps what is open across blocks, closes what was forgotten and
//! never lets HTML bend the Markdown around it. Elements that only wrap show their content; what shows nothing as
//! text (scripts, styles, forms, drawings) is left out; what would be fetched to play becomes a link.

mod code;
mod list;
mod media;
mod names;
mod table;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use crate::content::document::{Exceeded, Kind, Medium, Span};

use self::code::{code, language};
use self::list::{definition, item};
use self::media::{image, media, player, skip};
use self::names::{HOLDERS, NAMES, is_block};
use self::table::{cell, row};
use super::compose::{Break, Origin, Role};
use super::dialect::Generator;
use super::effect;
use super::embed;
use super::markdown::ReferenceKind;
use super::reader::Reader;

/// More open elements than this are not remembered.
const MAX_ELEMENTS: usize = 128;

/// A text without its character references, as an attribute's value is.
pub(super) fn decoded(text: &str) -> String {
    let tag = format!("<a b=\"{}\">", text.replace('"', "&quot;"));
    // What is wrong in it, an unknown reference, comes before it.
    let value = Tokenizer::new(&tag).flatten().find_map(|token| match token {
        Token::StartTag(tag) => Attributes(&tag).get("b"),
        Token::EndTag(_) | Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => None,
    });
    value.unwrap_or_else(|| text.to_owned())
}

/// Whether nothing in it is text.
pub(super) fn is_wordless(html: &str) -> bool {
    Tokenizer::new(html).flatten().all(|token| match token {
        Token::String(text) => text.iter().all(u8::is_ascii_whitespace),
        Token::StartTag(_) | Token::EndTag(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => true,
    })
}

/// What the first heading of level one says, where nothing is text before it.
pub(super) fn heading(html: &str) -> Option<String> {
    let (mut title, mut inside) = (String::new(), false);
    for token in Tokenizer::new(html).flatten() {
        match token {
            Token::StartTag(tag) if &**tag.name == b"h1" => inside = true,
            Token::StartTag(tag) if &**tag.name == b"br" => title.push(' '),
            Token::EndTag(tag) if &**tag.name == b"h1" => break,
            Token::String(text) if inside => title.push_str(&String::from_utf8_lossy(&text)),
            Token::String(text) if !text.iter().all(u8::is_ascii_whitespace) => return None,
            Token::String(_)
            | Token::StartTag(_)
            | Token::EndTag(_)
            | Token::Comment(_)
            | Token::Doctype(_)
            | Token::Error(_) => {}
        }
    }
    let title = title.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// A block of HTML: whole lines, in which white space is collapsed.
pub(super) fn block(reader: &mut Reader<'_>, html: &str, span: Span) -> Result<(), Exceeded> {
    tokens(reader, html, span)?;
    reader.flush()
}

/// One tag or comment within a paragraph.
pub(super) fn inline(reader: &mut Reader<'_>, html: &str, span: Span) -> Result<(), Exceeded> {
    tokens(reader, html, span)
}

/// Whether an element is open in which an indented line is no code: of all that hold blocks where the generator takes
/// them whole, up to their end; to CommonMark only where nothing but elements can stand.
pub(super) fn is_open(reader: &mut Reader<'_>, span: Span) -> bool {
    let takes_whole = match reader.dialect.generator {
        Generator::Plain | Generator::Jekyll | Generator::Pelican => true,
        Generator::Hugo | Generator::Zola | Generator::Eleventy | Generator::Astro => false,
    };
    let innermost = reader.elements.last().copied();
    match innermost {
        Some(name) if names::holds_elements_only(name) => reader.closes_later(name, span),
        Some(_) if takes_whole => {
            let open = reader.elements.clone();
            open.into_iter().any(|name| reader.closes_later(name, span))
        }
        Some(_) | None => false,
    }
}

fn opened(reader: &mut Reader<'_>, name: &str) {
    if let Some(known) = HOLDERS.iter().find(|known| **known == name)
        && reader.elements.len() < MAX_ELEMENTS
    {
        reader.elements.push(known);
    }
}

fn closed(reader: &mut Reader<'_>, name: &str) {
    if let Some(at) = reader.elements.iter().rposition(|open| *open == name) {
        reader.elements.truncate(at);
    }
}

fn tokens(reader: &mut Reader<'_>, html: &str, span: Span) -> Result<(), Exceeded> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(html.trim_end().ends_with('>') && html.contains("</"));
    for token in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => {
                reader.flush()?;
                if let Ok(name) = std::str::from_utf8(&tag.name) {
                    start(reader, name, &Attributes(&tag), span)?;
                }
            }
            Ok(Token::EndTag(tag)) => {
                reader.flush()?;
                if let Ok(name) = std::str::from_utf8(&tag.name) {
                    end(reader, name, span)?;
                }
            }
            Ok(Token::String(text)) => self::text(reader, &String::from_utf8_lossy(&text), span)?,
            Ok(Token::Comment(_) | Token::Doctype(_) | Token::Error(_)) => {}
            Err(never) => match never {},
        }
    }
    Ok(())
}

struct Attributes<'a>(&'a StartTag<()>);

impl Attributes<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let value = self.0.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).trim().to_owned())
    }

    fn full(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

fn text(reader: &mut Reader<'_>, text: &str, span: Span) -> Result<(), Exceeded> {
    if reader.composer.is_in_pre() {
        reader.pending.push_raw(text, span);
        return reader.flush();
    }
    // The tokenizer takes what is in it for text.
    if text.contains("<img") && reader.composer.is_within(&[Origin::Html("noscript")], &[]).is_some() {
        for token in Tokenizer::new(text).flatten() {
            if let Token::StartTag(tag) = token
                && &**tag.name == b"img"
            {
                image(reader, &Attributes(&tag), span)?;
            }
        }
    }
    let space = |c: char| c.is_ascii_whitespace();
    let trimmed = text.trim_matches(space);
    if text.starts_with(space) {
        reader.flush()?;
        reader.composer.line_break(Break::Soft, span);
    }
    if !trimmed.is_empty() {
        let words: Vec<&str> = trimmed.split(space).filter(|word| !word.is_empty()).collect();
        reader.pending.push_raw(&words.join(" "), span);
        if text.ends_with(space) {
            reader.flush()?;
            reader.composer.line_break(Break::Soft, span);
        }
    }
    Ok(())
}

fn start(reader: &mut Reader<'_>, name: &str, attributes: &Attributes<'_>, span: Span) -> Result<(), Exceeded> {
    opened(reader, name);
    let Some(name) = NAMES.iter().copied().find(|known| *known == name) else {
        return void(reader, name, attributes, span);
    };
    let origin = Origin::Html(name);
    if let Some(id) = attributes.full("id").filter(|_| matches!(name, "li" | "p" | "div" | "dd" | "aside"))
        && reader.open_html_note(name, &id, span)?
    {
        return Ok(());
    }
    let composer = &mut reader.composer;
    match name {
        "a" => anchor(reader, attributes, span),
        "div" | "aside" => boxed(reader, name, attributes, span),
        "em" | "i" | "cite" | "dfn" | "var" => composer.open_inline(Kind::Emphasis, origin, span),
        "strong" | "b" => composer.open_inline(Kind::Strong, origin, span),
        "del" | "s" | "strike" => composer.open_inline(Kind::Strikethrough, origin, span),
        "sup" => composer.open_inline(Kind::Superscript, origin, span),
        "sub" => composer.open_inline(Kind::Subscript, origin, span),
        "q" => composer.open_inline(Kind::Quotation, origin, span),
        "code" | "samp" | "tt" => code(reader, attributes, origin, span),
        "summary" => {
            composer.paragraph_break();
            composer.open_inline(Kind::Strong, origin, span)
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            let level = name.as_bytes()[1] - b'0';
            reader.end_section(level, span)?;
            reader.composer.open_sealed(Kind::Heading { level }, origin, span)
        }
        "ul" | "menu" => composer.open_block(Kind::List { start: None }, origin, span),
        "ol" => {
            let start = attributes.get("start").and_then(|start| start.parse().ok()).unwrap_or(1);
            composer.open_block(Kind::List { start: Some(start) }, origin, span)
        }
        "li" => item(reader, attributes, span),
        "dl" => composer.open_block(Kind::Definitions, origin, span),
        "dt" | "dd" => definition(reader, name, span),
        "blockquote" => composer.open_block(Kind::Quote { alert: None }, origin, span),
        "figure" => composer.open_block(Kind::Figure, origin, span),
        "figcaption" if composer.is_within(&[Origin::Html("figure")], &[]).is_some() => {
            composer.open_sealed(Kind::Caption, origin, span)
        }
        "table" => {
            composer.paragraph_break();
            composer.open_mark(Role::Mark, origin, span)
        }
        "tr" => row(reader, span),
        "td" | "th" => cell(reader, name, attributes, span),
        "pre" => {
            let language = attributes.full("class").map_or_else(String::new, |class| language(&class));
            composer.paragraph_break();
            composer.close(origin)?;
            composer.open_mark(Role::Pre { text: String::new(), language }, origin, span)
        }
        "script" => skip(reader, name, player(attributes), span),
        "style" | "noscript" | "template" | "form" | "svg" | "select" | "textarea" | "button" => {
            skip(reader, name, None, span)
        }
        "rp" => {
            reader.silent = true;
            Ok(())
        }
        // What a word sounds like stands in brackets behind it.
        "rt" => composer.text("(", span),
        "iframe" => skip(reader, name, Some(media(attributes, "src", Medium::Page)), span),
        "object" => skip(reader, name, Some(media(attributes, "data", Medium::Page)), span),
        "video" => skip(reader, name, Some(media(attributes, "src", Medium::Video)), span),
        "audio" => skip(reader, name, Some(media(attributes, "src", Medium::Audio)), span),
        _ => {
            composer.paragraph_break();
            Ok(())
        }
    }
}

/// Elements without content, and those that only wrap.
fn void(reader: &mut Reader<'_>, name: &str, attributes: &Attributes<'_>, span: Span) -> Result<(), Exceeded> {
    match name {
        "br" => reader.composer.line_break(Break::Hard, span),
        "hr" => reader.composer.rule(span)?,
        "img" => image(reader, attributes, span)?,
        "source" => {
            if let Some(media) = reader.composer.media().filter(|media| media.source.is_none()) {
                media.source = attributes.full("src");
            }
        }
        "embed" if !reader.composer.is_muted() => {
            reader.composer.players.push((media(attributes, "src", Medium::Page), span));
            reader.players()?;
        }
        "lite-youtube" | "lite-vimeo" | "youtube-video" if !reader.composer.is_muted() => {
            let provider = if name == "lite-vimeo" { "vimeo" } else { "youtube" };
            let id = attributes.full("videoid").or_else(|| attributes.full("video-id")).unwrap_or_default();
            let title = attributes.full("playlabel").or_else(|| attributes.full("title"));
            let title = title.as_deref().map(|title| title.trim_start_matches("Play:").trim_start_matches("Play "));
            if let Some(embed) = embed::provider(provider, &[&id], title) {
                reader.place_link(&embed, span)?;
            }
        }
        "area" => {
            if let (Some(to), Some(alt)) = (attributes.full("href"), attributes.full("alt")) {
                let target = reader.target(ReferenceKind::Link, &to, span);
                reader.composer.link(target, &alt, span)?;
                reader.composer.paragraph_break();
            }
        }
        "input" if attributes.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) => {
            let done = attributes.get("checked").is_some();
            reader.composer.text(if done { "[x] " } else { "[ ] " }, span)?;
        }
        "progress" | "meter" => {
            let (value, max) = (attributes.full("value"), attributes.full("max"));
            if let (Some(value), Some(max)) = (value, max) {
                reader.composer.text(&format!("{value}/{max}"), span)?;
            }
        }
        "label" => reader.composer.line_break(Break::Soft, span),
        _ if is_block(name) => reader.composer.paragraph_break(),
        _ => {}
    }
    Ok(())
}

fn end(reader: &mut Reader<'_>, name: &str, span: Span) -> Result<(), Exceeded> {
    closed(reader, name);
    let Some(name) = NAMES.iter().copied().find(|known| *known == name) else {
        match name {
            "br" => reader.composer.line_break(Break::Hard, span),
            "label" => reader.composer.line_break(Break::Soft, span),
            _ if is_block(name) => reader.composer.paragraph_break(),
            _ => {}
        }
        return Ok(());
    };
    match name {
        "p" | "div" | "article" | "aside" => {
            reader.composer.close(Origin::Html(name))?;
            reader.composer.paragraph_break();
        }
        "tbody" => reader.starved |= reader.composer.starve_table()?.is_some(),
        "table" => {
            reader.composer.close(Origin::Html(name))?;
            if std::mem::take(&mut reader.starved) {
                reader.web_version(span)?;
            }
        }
        "rp" => reader.silent = false,
        "rt" => reader.composer.text(")", span)?,
        "summary" => {
            reader.composer.close(Origin::Html(name))?;
            reader.composer.paragraph_break();
        }
        "code" if reader.composer.is_in_pre() => {}
        "a" => {
            reader.silent = false;
            reader.composer.close(Origin::Html(name))?;
        }
        "noscript" => {
            reader.composer.close(Origin::Html(name))?;
            media::unseen(reader, span)?;
        }
        _ => reader.composer.close(Origin::Html(name))?,
    }
    reader.players()
}

/// A box that is a notice by its class is quoted; others only wrap, but for the one that they stand in.
fn boxed(reader: &mut Reader<'_>, name: &'static str, attributes: &Attributes<'_>, span: Span) -> Result<(), Exceeded> {
    let origin = Origin::Html(name);
    let class = attributes.full("class").unwrap_or_default();
    reader.composer.paragraph_break();
    match effect::notice(&class) {
        Some(alert) if reader.closes_later(name, span) => {
            reader.composer.open_block(Kind::Quote { alert: Some(alert) }, origin, span)
        }
        Some(_) | None if reader.composer.is_within(&[origin], &[]).is_some() => {
            reader.composer.open_mark(Role::Mark, origin, span)
        }
        Some(_) | None => Ok(()),
    }
}

fn anchor(reader: &mut Reader<'_>, attributes: &Attributes<'_>, span: Span) -> Result<(), Exceeded> {
    let origin = Origin::Html("a");
    reader.composer.close(origin)?;
    let Some(destination) = attributes.full("href") else { return Ok(()) };
    if reader.closes_later("a", span) && reader.refers_to_note(&destination, span)? {
        return Ok(());
    }
    let target = reader.target(ReferenceKind::Link, &destination, span);
    let title = attributes.full("title").unwrap_or_default();
    let title = reader.composer.builder.store(&reader.prepared.plain(&title));
    reader.composer.open_inline(Kind::Link { target, title }, origin, span)?;
    match reader.closes_later("a", span) {
        true => Ok(()),
        false => reader.composer.close(origin),
    }
}
