//! Eleventy's and Astro's folders: the posts where the configuration says, and `public`.
//!
//! What is neither is the generator's own: templates, components, data.

use std::collections::HashSet;

use super::{FoundFile, Root, beneath, is_absent, walk};
use crate::content::Problem;
use crate::content::problem::{Kind, Position};
use crate::content::source::{Role, Source};
use crate::read::pattern::{self, Generator, Pattern};
use crate::read::value::Map;

/// Where the posts are when nobody says so.
pub fn content(root: &Root, generator: Generator) -> &'static str {
    let candidates: &[&str] = match generator {
        Generator::Eleventy => &["content", "src", "posts"],
        Generator::Astro => &["src/content/blog", "src/content/posts", "src/content", "src/pages"],
    };
    candidates.iter().copied().find(|folder| root.folder(folder).is_ok()).unwrap_or("")
}

/// Eleventy's data files. One that speaks of posts and cannot be read may be what hides them.
pub fn data(root: &Root, files: &[FoundFile], generator: Generator) -> Result<Vec<(String, Map)>, Problem> {
    if generator == Generator::Astro {
        return Ok(Vec::new());
    }
    let pages: HashSet<&str> = files
        .iter()
        .filter(|file| Role::of(&file.path) == Role::Markdown)
        .filter_map(|file| file.path.rsplit_once('.'))
        .map(|(stem, _)| stem)
        .collect();
    let decides = |path: &str| {
        pattern::data_stem(path).is_some_and(|stem| pattern::folder_of_data(stem).is_some() || pages.contains(stem))
    };
    let mut data = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".json") && is_open(&file.path) && decides(&file.path)) {
        data.extend(data_of(root, &file.path)?);
    }
    Ok(data)
}

/// How large a data file may be, in bytes.
const MAX_DATA: usize = 64 * 1024;

fn data_of(root: &Root, path: &str) -> Result<Option<(String, Map)>, Problem> {
    let unreadable = |why: String| Problem::whole(Kind::Unreadable, path, why);
    let bytes = match root.read(path, MAX_DATA) {
        Err(error) if is_absent(&error) => return Ok(None),
        read => read.map_err(|error| unreadable(walk::unreadable(&error)))?,
    };
    if bytes.len() > MAX_DATA {
        return Err(unreadable("it is larger than 64 KiB, which data of a folder never is; mend it".to_owned()));
    }
    let text = String::from_utf8_lossy(&bytes);
    pattern::data(path, &text).map_err(|error| {
        let at = Position { line: error.line, column: error.column };
        let why = format!("the data that the posts have from it cannot be read (JSON): {}", error.message);
        Problem::at(Kind::FrontMatter, path, at, why)
    })
}

/// The sources. A file among the posts is published where one of them links to it.
pub fn sources(root: &Root, files: Vec<FoundFile>, rules: &Pattern) -> Vec<Source> {
    // Eleventy copies `public` where its configuration says so.
    let copies_public = match rules.generator {
        Generator::Astro => true,
        Generator::Eleventy => super::layout::ELEVENTY.iter().any(|path| {
            let bytes = root.read(path, 1 << 20).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            text.contains("addPassthroughCopy") && text.contains("public")
        }),
    };
    let source = |file: FoundFile| {
        if !is_open(&file.path) {
            return None;
        }
        if let Some(path) = beneath(&file.path, "public") {
            let logical = path.to_owned();
            return copies_public.then_some(Source { role: Role::Static, logical, path: file.path, stamp: file.stamp });
        }
        let inner = match rules.content.as_str() {
            "" => file.path.as_str(),
            content => beneath(&file.path, content)?,
        };
        let logical = format!("{}/{inner}", rules.folder()).trim_start_matches('/').to_owned();
        let ending = inner.rsplit_once('.').map_or("", |(_, ending)| ending);
        let role = match Role::of(inner) {
            role @ (Role::Markdown | Role::Gemtext) => role,
            _ if CODE.contains(&ending) => return None,
            Role::Static | Role::Resource => Role::Resource,
        };
        Some(Source { role, logical, path: file.path, stamp: file.stamp })
    };
    files.into_iter().filter_map(source).collect()
}

/// What is a program, a template or data, and never for readers.
const CODE: [&str; 19] = [
    "js", "mjs", "cjs", "ts", "mts", "jsx", "tsx", "json", "njk", "liquid", "hbs", "ejs", "pug", "html", "astro",
    "mdx", "yml", "yaml", "toml",
];

/// Names that begin with `_` are the generator's own (`_data`, `_includes`, `_site`).
fn is_open(path: &str) -> bool {
    !path.split('/').any(|name| name.starts_with('_')) && beneath(path, "dist").is_none()
}
