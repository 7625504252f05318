//! Atom feeds (RFC 4287): the newest posts whole, as gemtext, for readers' software.
//!
//! Everything is given: ids as `tag:` URIs, times as instants, addresses in full. What RFC 4287 requires of a feed
//! is required by the types (4.1.1, 4.1.2): an author, ids, titles, `updated`. The one door to `quick-xml`'s writer.

use std::io;

use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::content::Language;
use crate::text::clean;

/// The media type of a feed.
pub const MEDIA_TYPE: &str = "application/atom+xml";

/// A feed and what is in it, newest first.
#[derive(Clone, Debug)]
pub struct Feed {
    /// A `tag:` URI that never changes.
    pub id: String,
    pub title: String,
    pub subtitle: Option<String>,
    pub updated: Timestamp,
    /// Where the feed is.
    pub self_url: String,
    /// The page it is the feed of.
    pub alternate_url: String,
    /// What its pages are, as a media type.
    pub media_type: &'static str,
    /// Who wrote the entries that name nobody.
    pub author: String,
    /// On which terms the entries may be passed on.
    pub rights: Option<String>,
    pub language: Language,
    pub entries: Vec<FeedEntry>,
}

/// A post in a feed.
#[derive(Clone, Debug)]
pub struct FeedEntry {
    /// A `tag:` URI that never changes.
    pub id: String,
    pub title: String,
    pub url: String,
    pub published: Option<Timestamp>,
    pub updated: Timestamp,
    pub authors: Vec<String>,
    pub summary: Option<String>,
    /// The whole post, as gemtext; may be empty, for the link leads to it (RFC 4287, 4.1.2).
    pub content: String,
    pub language: Language,
    pub tags: Vec<String>,
}

/// The feed as XML. Ends with one newline.
pub fn feed(feed: &Feed) -> String {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write_feed(&mut xml, feed).expect("writing into memory does not fail");
    let mut out = String::from_utf8(xml.into_inner()).expect("only strings were written");
    out.push('\n');
    out
}

type Xml = Writer<Vec<u8>>;

fn write_feed(xml: &mut Xml, feed: &Feed) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let language = feed.language.as_str();
    let attributes = [("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", language)];
    xml.create_element("feed").with_attributes(attributes).write_inner_content(|xml| {
        text(xml, "id", &feed.id)?;
        text(xml, "title", &title(&feed.title, &feed.alternate_url))?;
        if let Some(subtitle) = &feed.subtitle {
            text(xml, "subtitle", &clean::one_line(subtitle))?;
        }
        text(xml, "updated", &rfc3339(feed.updated))?;
        link(xml, "self", MEDIA_TYPE, &feed.self_url)?;
        link(xml, "alternate", feed.media_type, &feed.alternate_url)?;
        author(xml, &title(&feed.author, &title(&feed.title, &feed.alternate_url)))?;
        if let Some(rights) = &feed.rights {
            text(xml, "rights", &clean::one_line(rights))?;
        }
        feed.entries.iter().try_for_each(|entry| write_entry(xml, feed, entry))
    })?;
    Ok(())
}

fn write_entry(xml: &mut Xml, feed: &Feed, entry: &FeedEntry) -> io::Result<()> {
    let element = xml.create_element("entry").with_attribute(("xml:lang", entry.language.as_str()));
    element.write_inner_content(|xml| {
        text(xml, "id", &entry.id)?;
        text(xml, "title", &title(&entry.title, &entry.url))?;
        link(xml, "alternate", feed.media_type, &entry.url)?;
        if let Some(published) = entry.published {
            text(xml, "published", &rfc3339(published))?;
        }
        text(xml, "updated", &rfc3339(entry.updated))?;
        entry.authors.iter().try_for_each(|name| author(xml, name))?;
        for tag in entry.tags.iter().map(|tag| clean::one_line(tag)).filter(|tag| !tag.is_empty()) {
            xml.create_element("category").with_attribute(("term", legal(&tag).as_str())).write_empty()?;
        }
        if let Some(summary) = &entry.summary {
            text(xml, "summary", &clean::one_line(summary))?;
        }
        if !entry.content.is_empty() {
            let content = xml.create_element("content").with_attribute(("type", "text"));
            content.write_text_content(BytesText::new(&legal(&entry.content)))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn text(xml: &mut Xml, name: &str, value: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(&legal(value)))?;
    Ok(())
}

fn link(xml: &mut Xml, relation: &str, media_type: &str, url: &str) -> io::Result<()> {
    let attributes = [("rel", relation), ("type", media_type), ("href", url)];
    xml.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}

/// A person's name must not be empty; nobody is better than one without a name.
fn author(xml: &mut Xml, name: &str) -> io::Result<()> {
    let name = clean::one_line(name);
    if !name.is_empty() {
        xml.create_element("author").write_inner_content(|xml| text(xml, "name", &name))?;
    }
    Ok(())
}

/// A title, or what stands for one: readers' software skips an entry without a title.
fn title(title: &str, otherwise: &str) -> String {
    let title = clean::one_line(title);
    if title.is_empty() { otherwise.to_owned() } else { title }
}

/// RFC 3339 has no years before 0000.
fn rfc3339(instant: Timestamp) -> String {
    let text = instant.to_string();
    if text.starts_with('-') { "0000-01-01T00:00:00Z".to_owned() } else { text }
}

/// XML 1.0, production 2 (`Char`): what stands outside cannot even be escaped.
fn legal(text: &str) -> String {
    text.chars()
        .filter(|&c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
        .collect()
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;

    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn sample() -> Feed {
        let entry = FeedEntry {
            id: "tag:example.org,2021-03-01:/posts/x/".into(),
            title: "A < B & \"C\"\u{1}".into(),
            url: "gemini://example.org/posts/%C3%A9/".into(),
            published: Some(instant("2021-03-01T12:00:00Z")),
            updated: instant("2021-03-02T00:30:00.5Z"),
            authors: vec!["Ève".into(), " ".into()],
            summary: Some("Short\nly".into()),
            content: "# A < B\n\n```\n\ttab ]]> \u{ffff}\u{b}\n```\n=> /a?b&c label\n".into(),
            language: Language::parse("fr").unwrap(),
            tags: vec!["a\"b".into(), String::new()],
        };
        Feed {
            id: "tag:example.org,2021:/atom.xml".into(),
            title: "\n".into(),
            subtitle: Some("Sub".into()),
            updated: instant("2021-03-02T00:30:00Z"),
            self_url: "gemini://example.org/atom.xml".into(),
            alternate_url: "gemini://example.org/".into(),
            media_type: "text/gemini",
            author: "Somebody".into(),
            rights: Some("CC BY\n4.0".into()),
            language: Language::english(),
            entries: vec![entry],
        }
    }

    /// Elements as `path attribute=value… → text`, in document order.
    fn parsed(xml: &str) -> Vec<String> {
        let mut reader = Reader::from_str(xml);
        let (mut path, mut found, mut text) = (Vec::new(), Vec::new(), String::new());
        let describe = |path: &[String], tag: &quick_xml::events::BytesStart<'_>| {
            let attributes: String = tag
                .attributes()
                .map(|attribute| attribute.unwrap())
                .map(|attribute| {
                    let key = String::from_utf8(attribute.key.as_ref().as_bytes().to_vec()).unwrap();
                    let value = String::from_utf8(attribute.value.as_bytes().to_vec()).unwrap();
                    format!(" {key}={}", quick_xml::escape::unescape(&value).unwrap())
                })
                .collect();
            format!("{}{attributes}", path.join("/"))
        };
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    path.push(String::from_utf8(tag.name().as_ref().as_bytes().to_vec()).unwrap());
                    found.push(describe(&path, &tag));
                    text.clear();
                }
                Event::Empty(tag) => {
                    path.push(String::from_utf8(tag.name().as_ref().as_bytes().to_vec()).unwrap());
                    found.push(describe(&path, &tag));
                    path.pop();
                }
                Event::Text(piece) => text.push_str(std::str::from_utf8(piece.as_bytes()).unwrap()),
                Event::GeneralRef(name) => {
                    let entity = format!("&{};", std::str::from_utf8(name.as_bytes()).unwrap());
                    text.push_str(&quick_xml::escape::unescape(&entity).unwrap());
                }
                Event::End(_) => {
                    if !text.trim().is_empty() {
                        let last = found.last_mut().unwrap();
                        last.push_str(&format!(" → {text}"));
                    }
                    text.clear();
                    path.pop();
                }
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    #[test]
    fn a_feed_reads_back_with_all_that_is_required() {
        let xml = feed(&sample());
        assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "));
        let expected = [
            "feed xmlns=http://www.w3.org/2005/Atom xml:lang=en",
            "feed/id → tag:example.org,2021:/atom.xml",
            "feed/title → gemini://example.org/",
            "feed/subtitle → Sub",
            "feed/updated → 2021-03-02T00:30:00Z",
            "feed/link rel=self type=application/atom+xml href=gemini://example.org/atom.xml",
            "feed/link rel=alternate type=text/gemini href=gemini://example.org/",
            "feed/author",
            "feed/author/name → Somebody",
            "feed/rights → CC BY 4.0",
            "feed/entry xml:lang=fr",
            "feed/entry/id → tag:example.org,2021-03-01:/posts/x/",
            "feed/entry/title → A < B & \"C\"",
            "feed/entry/link rel=alternate type=text/gemini href=gemini://example.org/posts/%C3%A9/",
            "feed/entry/published → 2021-03-01T12:00:00Z",
            "feed/entry/updated → 2021-03-02T00:30:00.5Z",
            "feed/entry/author",
            "feed/entry/author/name → Ève",
            "feed/entry/category term=a\"b",
            "feed/entry/summary → Short ly",
            "feed/entry/content type=text → # A < B\n\n```\n\ttab ]]> \n```\n=> /a?b&c label\n",
        ];
        assert_eq!(parsed(&xml), expected);
    }

    #[test]
    fn years_before_zero_are_no_rfc_3339() {
        assert_eq!(rfc3339(Timestamp::MIN), "0000-01-01T00:00:00Z");
    }
}
