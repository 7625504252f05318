//! Generators' own configuration, which often lies where ours is looked for, under the same name.

use std::path::{Path, PathBuf};

use super::ConfigError;

/// Keys at the top of a generator's TOML that nothing else has there.
const HUGO: [&str; 16] = [
    "baseurl",
    "languagecode",
    "defaultcontentlanguage",
    "contentdir",
    "publishdir",
    "theme",
    "params",
    "markup",
    "menu",
    "menus",
    "permalinks",
    "module",
    "outputs",
    "frontmatter",
    "paginate",
    "pagination",
];
const ZOLA: [&str; 11] = [
    "base_url",
    "compile_sass",
    "build_search_index",
    "generate_feed",
    "generate_feeds",
    "feed_filenames",
    "default_language",
    "output_dir",
    "markdown",
    "extra",
    "hard_link_static",
];

/// Files by which a folder's generator is known.
const FILES: [(&str, &str); 8] = [
    ("hugo.toml", "Hugo"),
    ("hugo.yaml", "Hugo"),
    ("hugo.yml", "Hugo"),
    ("hugo.json", "Hugo"),
    ("config.yaml", "Hugo"),
    ("_config.yml", "Jekyll"),
    ("pelicanconf.py", "Pelican"),
    ("eleventy.config.js", "Eleventy"),
];

/// The generator whose configuration these top-level keys are, if it is one's and not ours.
pub(super) fn generator(keys: &[&str]) -> Option<&'static str> {
    if keys.iter().any(|key| super::written::TABLES.contains(key)) {
        return None;
    }
    let count = |names: &[&str]| keys.iter().filter(|key| names.contains(&key.to_ascii_lowercase().as_str())).count();
    match (count(&HUGO), count(&ZOLA)) {
        (0, 0) => None,
        (hugo, zola) if hugo >= zola => Some("Hugo"),
        _ => Some("Zola"),
    }
}

/// The error for a generator's configuration: how its blog is served.
pub(super) fn error(path: &Path, generator: &'static str) -> ConfigError {
    ConfigError::Foreign { path: path.to_owned(), generator, folder: folder(path) }
}

/// What to do where there is no configuration.
pub(super) fn remedy(path: &Path) -> String {
    let folder = folder(path);
    match FILES.iter().find(|(name, _)| folder.join(name).is_file()) {
        Some((_, generator)) => {
            format!("this looks like a blog made with {generator}; to serve it: maquis serve {}", folder.display())
        }
        None => {
            "serve a folder of Markdown without one: maquis serve FOLDER; or make a capsule: maquis new capsule DIR"
                .to_owned()
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}
