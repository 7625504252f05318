//! No word lost and none added: the conversion of real posts against what the parser's own HTML of them says.
//!
//! The yardstick is pulldown-cmark's HTML of the same body, its tags taken off by an HTML tokenizer; nothing of it
//! goes through our tree. What may differ is named here.

use std::collections::{HashMap, HashSet};

use html5gum::{DefaultEmitter, Token, Tokenizer};
use maquis::read::markdown::Generator;
use pulldown_cmark::{Options, Parser};
use unicode_normalization::UnicodeNormalization;

use super::corpora::{self, Post};

/// Words that maquis adds in English and French.
const CATALOGUE: &[&str] = &[
    "Notes",
    "Links",
    "Liens",
    "Table",
    "Tableau",
    "row",
    "rows",
    "ligne",
    "lignes",
    "image",
    "Image",
    "Video",
    "Vidéo",
    "video",
    "Audio",
    "Note",
    "Tip",
    "Important",
    "Warning",
    "Caution",
    "Astuce",
    "Attention",
    "Prudence",
    "TeX",
    "YouTube",
    "Vimeo",
    "Twitter",
    "Gist",
    "Instagram",
    "updated",
    "jour",
    "mis",
    "le",
    "by",
    "par",
    "json",
    "yaml",
    "toml",
    "Untitled",
    // The address of a site, where a shortcode says it in code.
    "mtlynch",
    "xn",
];

/// Elements whose content nobody sees.
const UNSEEN: [&str; 11] =
    ["script", "style", "noscript", "template", "form", "svg", "select", "textarea", "button", "iframe", "video"];

/// The words and addresses of a body as the parser's own HTML has them.
pub(super) struct Yardstick {
    words: HashMap<String, usize>,
    pub(super) addresses: Vec<String>,
}

fn yardstick_html(post: &Post) -> String {
    let mut html = String::new();
    let body = match post.dialect.emoji {
        true => without_emoji(&without_tags(post)),
        false => without_tags(post),
    };
    let mut options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    options.set(Options::ENABLE_FOOTNOTES, body.contains("[^") && body.contains("]:"));
    options.set(Options::ENABLE_DEFINITION_LIST, post.dialect.definitions);
    options.set(Options::ENABLE_HEADING_ATTRIBUTES, true);
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(&body, options));
    html
}

pub(super) fn yardstick(post: &Post) -> Yardstick {
    let html = yardstick_html(post);
    let mut yardstick = Yardstick { words: HashMap::new(), addresses: Vec::new() };
    let mut unseen = 0_usize;
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(&html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                unseen += usize::from(UNSEEN.contains(&name.as_str()));
                let wanted = match name.as_str() {
                    "a" => "href",
                    "img" => "src",
                    _ => continue,
                };
                if let Some(address) = tag.attributes.get(wanted.as_bytes()).filter(|_| unseen == 0) {
                    yardstick.addresses.push(String::from_utf8_lossy(address).into_owned());
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                unseen = unseen.saturating_sub(usize::from(UNSEEN.contains(&name.as_str())));
            }
            Token::String(text) if unseen == 0 => count(&String::from_utf8_lossy(&text), &mut yardstick.words),
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    yardstick
}

/// The text without what Markdown does not know: shortcodes and template tags, which show what they want; lines of
/// attributes, and the names of callouts, whose words are in the catalogue.
fn without_tags(post: &Post) -> String {
    let jekyll = post.dialect.generator == Generator::Jekyll;
    let body = post.body().replace("{{<baseurl>}}", "https://mtlynch.io/").replace("* TOC\n{:toc}", "");
    let body = if jekyll { body.replace("{%- ", "{% ").replace(" -%}", " %}") } else { body };
    let body = if jekyll { without_loops(body) } else { body };
    let body = if jekyll { without(&without(&body, "{{", "}}"), "{%", "%}") } else { body };
    let body = if jekyll { unindented(&body) } else { body };
    let body = without(&without(&body, "{{<", "}}"), "{{%", "}}");
    let body = without(&body, "> [!", "]");
    let is_kept = |line: &&str| {
        let line = line.trim_start_matches([' ', '>']);
        !(line.starts_with(['{']) && line.trim_end().ends_with('}') && line[1..].starts_with(['.', ':', '#', 'c']))
    };
    without(&body.split_inclusive('\n').filter(is_kept).collect::<String>(), "{:", "}")
}

/// To kramdown what is indented within a table or a box is no code.
fn unindented(text: &str) -> String {
    let mut inside = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let bare = line.trim_start();
        inside |= bare.starts_with("<table") || bare.starts_with("<div");
        let bare = if inside { bare } else { line };
        inside &= !bare.contains("</table>") && !bare.contains("</div>");
        bare
    });
    lines.collect()
}

/// Loops go from the innermost out; a comment in their place keeps the HTML around them together.
fn without_loops(mut text: String) -> String {
    const END: &str = "{% endfor %}";
    while let Some(end) = text.find(END) {
        let start = text[..end].rfind("{% for ").unwrap_or(end);
        text.replace_range(start..end + END.len(), "<!-- -->");
    }
    text
}

fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        out.push_str(&rest[..at]);
        rest = &rest[rest[at..].find(close).map_or(rest.len(), |end| at + end + close.len())..];
    }
    out + rest
}

/// The text without `:name:`, which is a picture.
fn without_emoji(text: &str) -> String {
    let parts: Vec<&str> = text.split(':').collect();
    let known = |name: &&str| emojis::get_by_shortcode(name).is_none();
    parts.into_iter().filter(known).collect::<Vec<_>>().join(":")
}

/// Runs of letters and digits, whatever typography made of their marks.
fn words(text: &str) -> impl Iterator<Item = String> {
    // `36²⁴` is a word raised over another.
    let raised = |c: char| matches!(c, '²' | '³' | '¹' | '⁰'..='⁹' | '₀'..='₉');
    let (mut apart, mut last) = (String::with_capacity(text.len()), false);
    for character in text.chars() {
        if raised(character) && !last {
            apart.push(' ');
        }
        last = raised(character);
        apart.push(character);
    }
    let text: String = apart.nfkc().collect();
    let parts: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    parts.into_iter()
}

fn count(text: &str, into: &mut HashMap<String, usize>) {
    words(text).for_each(|word| *into.entry(word).or_default() += 1);
}

#[test]
fn no_word_is_lost() {
    let mut lost = Vec::new();
    for corpus in corpora::NAMES {
        let mut total = 0;
        for post in corpora::posts(corpus) {
            let Some(converted) = post.converted() else { continue };
            let mut shown = HashMap::new();
            count(&converted.gemtext, &mut shown);
            // Words that the width of a table cut stand there without the cut.
            let joined: String = converted.gemtext.split_whitespace().collect();
            for (word, wanted) in yardstick(&post).words {
                total += wanted;
                let found = shown.get(&word).copied().unwrap_or(0);
                if found < wanted && joined.matches(word.as_str()).count() < wanted {
                    lost.push(format!("{corpus}/{}: {word} ({found} of {wanted})", post.path));
                }
            }
        }
        eprintln!("{corpus}: {total} words");
    }
    lost.sort();
    assert!(lost.is_empty(), "{} words:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn no_word_is_added() {
    let mut added = Vec::new();
    for corpus in corpora::NAMES {
        for post in corpora::posts(corpus) {
            let Some(converted) = post.converted() else { continue };
            let plain = decoded(&post.text);
            let source: HashSet<String> = words(&post.text)
                .chain(words(&plain))
                .chain(words(&plain.replace(['[', ']', '*', '_', '`', '~'], "")))
                .collect();
            // The name of a host stands in a label where nothing better does.
            let hosts: HashSet<String> = converted
                .gemtext
                .lines()
                .filter_map(|line| line.strip_prefix("=> ")?.split(' ').next())
                .flat_map(words)
                .collect();
            let mut shown = HashMap::new();
            for line in converted.gemtext.lines() {
                let label =
                    line.strip_prefix("=> ").and_then(|rest| rest.split_once(' ')).map_or(line, |(_, label)| label);
                count(label, &mut shown);
            }
            for word in shown.into_keys().filter(|_| !post.dialect.emoji) {
                let number = word.chars().all(|c| c.is_ascii_digit());
                // What was cut from a longer word: a table's width, a tag within a word.
                let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
                let part = || post.text.contains(&word) || source.contains(bare);
                if !number
                    && !source.contains(&word)
                    && !hosts.contains(&word)
                    && !CATALOGUE.contains(&word.as_str())
                    && !part()
                {
                    added.push(format!("{corpus}/{}: {word}", post.path));
                }
            }
        }
    }
    added.sort();
    assert!(added.is_empty(), "{} words:\n{}", added.len(), added.join("\n"));
}

/// Paragraphs, items and headings of the parser's HTML without a block in them, each as its words.
fn blocks(html: &str) -> Vec<Vec<String>> {
    const BLOCKS: [&str; 8] = ["p", "li", "h1", "h2", "h3", "h4", "h5", "dd"];
    let (mut blocks, mut text, mut whole) = (Vec::new(), String::new(), false);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => match std::str::from_utf8(&tag.name).unwrap_or("") {
                name if BLOCKS.contains(&name) => (text, whole) = (String::new(), true),
                "em" | "strong" | "a" | "code" | "del" => {}
                "br" => text.push(' '),
                _ => whole = false,
            },
            Token::EndTag(tag) => match std::str::from_utf8(&tag.name).unwrap_or("") {
                name if BLOCKS.contains(&name) => {
                    blocks.extend(whole.then(|| words(&text).collect()));
                    whole = false;
                }
                "em" | "strong" | "a" | "code" | "del" => {}
                _ => whole = false,
            },
            Token::String(piece) => text.push_str(&String::from_utf8_lossy(&piece)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    blocks
}

#[test]
fn the_words_of_a_block_stay_in_order() {
    let mut lost = Vec::new();
    for corpus in corpora::NAMES {
        let mut total = 0;
        // The yardstick lacks the words of template tags, even where they are shown in code.
        let tagged = |post: &Post| ["{{", "{%", "[!"].iter().any(|tag| post.body().contains(tag));
        for post in corpora::posts(corpus).into_iter().filter(|post| !tagged(post)) {
            let Some(converted) = post.converted() else { continue };
            // Without spaces: code within a word has marks around it.
            let shown: String = words(&converted.gemtext).collect();
            for block in blocks(&yardstick_html(&post)).into_iter().filter(|block| block.len() > 1) {
                // An item that begins with an address is a link line without its scheme; the yardstick leaves links in
                // raw HTML as they are written.
                if block.iter().any(|word| word == "https") {
                    continue;
                }
                total += 1;
                if !shown.contains(&block.concat()) {
                    lost.push(format!("{corpus}/{}: {}", post.path, block.join(" ")));
                }
            }
        }
        eprintln!("{corpus}: {total} blocks");
    }
    assert!(lost.is_empty(), "{} blocks:\n{}", lost.len(), lost.join("\n"));
}

/// The text with its character references as characters, and without escapes.
pub(super) fn decoded(text: &str) -> String {
    let text: String = text.replace('\\', "");
    let mut out = String::new();
    for token in Tokenizer::new(&text).flatten() {
        if let Token::String(piece) = token {
            out.push_str(&String::from_utf8_lossy(&piece));
        }
    }
    out
}
