//! Generators' own configuration, which often lies where ours is looked for, under the same name.

use std::path::{Path, PathBuf};

use super::ConfigError;
use crate::source::{self, Layout, Root};

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

/// What to do where there is no configuration: the folder is looked at as `serve` would look at it.
pub(super) fn remedy(path: &Path) -> String {
    let folder = folder(path);
    match Root::open(&folder).map_or(Layout::Plain, |root| source::recognise(&root)) {
        Layout::Plain => {
            "serve a folder of Markdown without one: maquis serve FOLDER; or make a capsule: maquis new capsule DIR"
                .to_owned()
        }
        generator @ (Layout::Hugo
        | Layout::Zola
        | Layout::Jekyll
        | Layout::Pelican
        | Layout::Eleventy
        | Layout::Astro) => {
            let (name, folder) = (generator.name(), folder.display());
            format!("this looks like a blog made with {name}; to serve it: maquis serve {folder}")
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::FILE;
    use super::super::tests::House;

    #[test]
    fn a_generators_configuration_is_recognised() {
        for (text, generator) in [
            ("base_url = 'https://x.org'\ntitle = 'x'\n[markdown]\n", "Zola"),
            ("baseURL = 'https://x.org'\ntitle = 'x'\n[params]\n", "Hugo"),
            ("baseurl = 'https://x.org'\n[taxonomies]\ntag = 'tags'\n", "Hugo"),
        ] {
            let house = House::new(text);
            let folder = house.path("").display().to_string().trim_end_matches('/').to_owned();
            let expected =
                format!("config.toml is {generator}'s configuration, not maquis's; to serve this blog: maquis serve ");
            assert_eq!(house.load().unwrap_err().to_string().replace(&format!("{folder}/"), ""), expected + &folder);
        }
        let house = House::new("");
        std::fs::remove_file(house.path(FILE)).unwrap();
        assert!(house.message().starts_with("there is no config.toml; serve a folder of Markdown without one"));
        for (file, generator) in [
            ("eleventy.config.js", "Eleventy"),
            ("astro.config.mjs", "Astro"),
            ("pelicanconf.py", "Pelican"),
            ("_config.yaml", "Jekyll"),
            ("zola.toml", "Zola"),
            ("hugo.toml", "Hugo"),
        ] {
            std::fs::create_dir_all(house.path("content")).unwrap();
            std::fs::write(house.path(file), "").unwrap();
            let expected = format!("there is no config.toml; this looks like a blog made with {generator}");
            assert!(house.message().starts_with(&expected), "{file}: {}", house.message());
        }
    }
}
