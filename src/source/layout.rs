//! Which generator a folder was made for, told by the files at its top.

use std::io;

use super::Root;

/// The layouts maquis can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Markdown and gemtext where they stand.
    Plain,
    Hugo,
    Zola,
    Jekyll,
    Pelican,
    Eleventy,
    Astro,
}

/// Files by which a folder of Eleventy's is known.
pub const ELEVENTY: [&str; 5] =
    ["eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", ".eleventy.js", ".eleventy.cjs"];
pub(super) const ASTRO: [&str; 4] = ["astro.config.mjs", "astro.config.ts", "astro.config.js", "astro.config.mts"];

impl Layout {
    pub const ALL: [Layout; 7] =
        [Layout::Plain, Layout::Hugo, Layout::Zola, Layout::Jekyll, Layout::Pelican, Layout::Eleventy, Layout::Astro];

    /// As said on the terminal and, in lower case, in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Plain => "plain",
            Layout::Hugo => "Hugo",
            Layout::Zola => "Zola",
            Layout::Jekyll => "Jekyll",
            Layout::Pelican => "Pelican",
            Layout::Eleventy => "Eleventy",
            Layout::Astro => "Astro",
        }
    }
}

/// Whether a file is there, be it one that cannot be read: what a configuration hides is not shown for want of it.
fn is_there(root: &Root, path: &str) -> bool {
    root.file(path).map_or_else(|error| !is_absent(&error), |_| true)
}

/// Whether an error says that there is no such file.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether there is a configuration of the layout's generator.
pub fn is_configured(root: &Root, layout: Layout) -> bool {
    let has = |paths: &[&str]| paths.iter().any(|path| is_there(root, path));
    match layout {
        Layout::Plain => false,
        Layout::Hugo => has(&super::hugo::CONFIGURATIONS) || has(&super::hugo::OLD_CONFIGURATIONS),
        Layout::Zola => has(&super::zola::CONFIGURATIONS),
        Layout::Jekyll => has(&super::jekyll::CONFIGURATIONS),
        Layout::Pelican => has(&super::pelican::CONFIGURATIONS),
        Layout::Eleventy => has(&ELEVENTY),
        Layout::Astro => has(&ASTRO),
    }
}

/// Tells the layout of a folder.
pub fn recognise(root: &Root) -> Layout {
    let has = |path: &str| is_there(root, path);
    if super::hugo::CONFIGURATIONS.iter().any(|path| has(path)) {
        return Layout::Hugo;
    }
    if has("zola.toml") && root.folder("content").is_ok() {
        return Layout::Zola;
    }
    // `config.*` is what Hugo called its configuration before 0.110; others use the name too.
    for path in super::hugo::OLD_CONFIGURATIONS {
        let text = root.read(path, 1 << 20).map(|bytes| String::from_utf8_lossy(&bytes).to_lowercase());
        let text = match text {
            Ok(text) => text,
            // Whose it is nobody can tell; whoever reads it as Hugo's is told that it cannot be read.
            Err(error) if !is_absent(&error) && root.folder("content").is_ok() => return Layout::Hugo,
            Err(_) => continue,
        };
        let sets =
            |key: &str| text.lines().any(|line| line.trim_start().trim_start_matches(['"', '\'']).starts_with(key));
        if sets("base_url") && root.folder("content").is_ok() {
            return Layout::Zola;
        }
        if sets("baseurl") && root.folder("content").is_ok() {
            return Layout::Hugo;
        }
    }
    let any = |paths: &[&str]| paths.iter().any(|path| has(path));
    match () {
        () if any(&super::jekyll::CONFIGURATIONS) || root.folder("_posts").is_ok() => Layout::Jekyll,
        () if has("pelicanconf.py") => Layout::Pelican,
        () if any(&ASTRO) => Layout::Astro,
        () if any(&ELEVENTY) => Layout::Eleventy,
        () => Layout::Plain,
    }
}
