//! agate's `.meta` files: what a gemtext capsule that was served by it says of its files.
//!
//! ```text
//! file     = *( comment / blank / line )
//! line     = name ":" metadata          ; a name of this folder, or a pattern of names
//! metadata = ""                         ; no language is told
//!          / ";" parameters             ; beside the type that the name says
//!          / status SP meta             ; nothing else is sent, whether there is such a file or not
//!          / media-type
//! ```
//! From agate's README, "Meta-Presets".

use crate::content::files::{FilePattern, FileRule, FileRules, Head, Manner, MediaType};
use crate::content::problem::Kind;
use crate::content::{Language, Problem};

/// Its name.
pub const NAME: &str = ".meta";
/// The longest meta text of a reply, in bytes (Gemini specification).
const META_BYTES: usize = 1024;

/// Adds what a `.meta` file says to the rules. `path` is its own.
pub fn read(path: &str, text: &str, rules: &mut FileRules) -> Vec<Problem> {
    let folder = path.strip_suffix(NAME).unwrap_or(path).trim_end_matches('/');
    let mut problems = Vec::new();
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == "[mime]" {
            continue;
        }
        let (name, said) = line.split_once(':').or_else(|| line.split_once('=')).unwrap_or((line, ""));
        let added = manner(&said.trim().replace('\t', " ")).and_then(|manner| add(folder, name.trim(), manner, rules));
        problems.extend(added.err().map(|problem| Problem::at(Kind::Meta, path, number, problem)));
    }
    problems
}

fn add(folder: &str, name: &str, manner: Manner, rules: &mut FileRules) -> Result<(), String> {
    let (folder, name) = match name.rsplit_once('/') {
        // All of a capsule's may stand in the one at its top.
        Some((inner, name)) if folder.is_empty() => (inner, name),
        Some(_) => return Err(format!("`{name}` is not a name in this folder; put the line into a `.meta` beside it")),
        None => (folder, name),
    };
    if name.is_empty() {
        return Err("it begins with no name; write `name:text/plain`".to_owned());
    }
    if name.contains(['*', '?', '[']) {
        rules.names(folder, FileRule { pattern: FilePattern::parse(name)?, manner });
    } else {
        rules.name(folder, name, manner);
    }
    Ok(())
}

fn manner(said: &str) -> Result<Manner, String> {
    if said.len() > META_BYTES || said.contains(char::is_control) {
        return Err(format!("it must be one line of at most {META_BYTES} bytes"));
    }
    if said.starts_with(|first: char| first.is_ascii_digit()) {
        let head = head(said).ok_or("it looks like a reply and is none; write `52 This file is gone`")?;
        return Ok(Manner { head: Some(head), ..Manner::default() });
    }
    let media_type = match said.strip_prefix(';') {
        Some(_) => MediaType::With(said.to_owned()),
        None if said.is_empty() => MediaType::With(String::new()),
        None if is_media_type(said) => MediaType::Whole(said.to_owned()),
        None => return Err(format!("`{said}` is no media type; write `text/plain`, `;lang=en` or `52 gone`")),
    };
    Ok(Manner { language: language(said), media_type: Some(media_type), head: None })
}

/// `type/subtype`, and whatever parameters.
pub fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or(text).trim();
    let token = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
        && !text.contains(char::is_control)
}

/// `52 This file is gone`
fn head(said: &str) -> Option<Head> {
    let (status, meta) = said.split_at_checked(2)?;
    let fits = |status: &u8| (10..70).contains(status);
    let status = status.parse().ok().filter(fits)?;
    let rest = meta.strip_prefix(char::is_whitespace)?;
    Some(Head { status, meta: rest.trim().to_owned() })
}

/// The one language of a `lang` parameter.
fn language(said: &str) -> Option<Language> {
    let mut parameters = said.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("lang"))?;
    Language::parse(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_understood() {
        let text = "# a comment\n\nindex.gmi:;lang=en-UK\nLICENSE: text/plain;charset=UTF-8\nbare.gmi:\n\
            gone.gmi:52 This file is no longer here, sorry.\nold.gmi:31\tgemini://x.example/new\n*.de.gmi: ;lang=de\n";
        let mut rules = FileRules::default();
        assert_eq!(read("notes/.meta", text, &mut rules), []);
        let typed = |path: &str| rules.media_type(path).map(|known| known.of("text/gemini; lang=fr"));
        assert_eq!(typed("notes/index.gmi").as_deref(), Some("text/gemini;lang=en-UK"));
        assert_eq!(typed("notes/LICENSE").as_deref(), Some("text/plain;charset=UTF-8"));
        assert_eq!(typed("notes/bare.gmi").as_deref(), Some("text/gemini"));
        assert_eq!(typed("notes/a.de.gmi").as_deref(), Some("text/gemini;lang=de"));
        assert_eq!((typed("index.gmi"), typed("notes/in/index.gmi")), (None, None));
        assert_eq!(rules.language("notes/a.de.gmi").map(Language::as_str), Some("de"));
        let head = |path: &str| rules.head(path).map(|head| (head.status, head.meta.as_str()));
        assert_eq!(head("notes/gone.gmi"), Some((52, "This file is no longer here, sorry.")));
        assert_eq!(head("notes/old.gmi"), Some((31, "gemini://x.example/new")));
        assert_eq!(rules.heads().count(), 2);
    }

    #[test]
    fn what_is_no_line_is_named() {
        let text = "a.gmi:5x gone\nb.gmi:52\nc.gmi:plain\n:text/plain\nd/e.gmi:52 gone\n[:text/plain\nf.gmi:99 x\n";
        let problems = read("notes/.meta", text, &mut FileRules::default());
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 7, "{lines:#?}");
        assert!(lines[0].starts_with("notes/.meta:1: it looks like a reply"), "{}", lines[0]);
        let mut rules = FileRules::default();
        assert_eq!(read(".meta", "d/e.gmi:52 gone\n", &mut rules), []);
        assert!(rules.head("d/e.gmi").is_some());
    }
}
