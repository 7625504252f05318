//! Tags whose inner content is code, whatever it looks like.

use super::Effect;
use crate::read::tag::Tag;

/// Those whose inner content is code, whatever it looks like.
pub(in crate::read) fn is_raw(name: &str) -> bool {
    matches!(name, "highlight" | "code-toggle" | "code" | "mermaid" | "chart" | "math" | "katex" | "latex" | "qr")
}

pub(in crate::read) fn code(tag: &Tag<'_>, inner: &str) -> Effect {
    let text = inner.trim_start_matches([' ', '\t', '\r']).trim_start_matches('\n').trim_end();
    let language = match tag.name {
        "code-toggle" => named_configuration(configuration_language(text), tag.named(&["file"])),
        "highlight" | "code" => tag.positional(0).or_else(|| tag.named(&["lang", "language"])).unwrap_or_default(),
        "math" | "katex" | "latex" => "TeX".to_owned(),
        other => other.to_owned(),
    };
    let options = tag.positional(1).unwrap_or_default().replace(' ', "");
    let inline = options.contains("hl_inline=true") || !inner.contains('\n');
    Effect::Code { language, text: text.to_owned(), inline }
}

/// `key = value`, and no colon before.
fn is_toml(line: &str) -> bool {
    let key = line.split(['=', ':']).next().unwrap_or(line);
    line.as_bytes().get(key.len()) == Some(&b'=')
}

/// The name of its file behind the language, as a fence has it; `hugo` alone is Hugo's own.
fn named_configuration(language: &str, file: Option<String>) -> String {
    match file.filter(|file| !file.contains(['`', '\n'])) {
        Some(file) if file.rsplit('/').next().is_some_and(|name| name.contains('.')) => format!("{language} {file}"),
        Some(file) => format!("{language} {file}.{language}"),
        None => language.to_owned(),
    }
}

/// A site's configuration shown in three languages is written in one of them.
fn configuration_language(text: &str) -> &'static str {
    match text.trim_start() {
        text if text.starts_with('{') => "json",
        text if text.starts_with('[') || text.lines().next().is_some_and(is_toml) => "toml",
        _ => "yaml",
    }
}
