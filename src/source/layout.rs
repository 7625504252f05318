//! Which generator a folder was made for, told by the files at its top.

use super::Root;

/// The layouts maquis can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Markdown and gemtext where they stand.
    Plain,
    Hugo,
}

impl Layout {
    /// As said in the configuration and on the terminal.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Plain => "plain",
            Layout::Hugo => "Hugo",
        }
    }
}

/// Why a folder's layout cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LayoutError {
    #[error(
        "this is a {0} blog, and maquis cannot read {0}'s layout yet; to serve its Markdown as it stands, point maquis at the folder of posts, or set layout = \"plain\" in the configuration"
    )]
    Later(&'static str),
}

/// Tells the layout of a folder.
pub fn recognise(root: &Root) -> Result<Layout, LayoutError> {
    let has = |path: &str| root.file(path).is_ok();
    if super::hugo::CONFIGURATIONS.iter().any(|path| has(path)) {
        return Ok(Layout::Hugo);
    }
    // `config.*` is what Hugo called its configuration before 0.110; others use the name too.
    for path in super::hugo::OLD_CONFIGURATIONS {
        let text = root.read(path, 1 << 20).map(|bytes| String::from_utf8_lossy(&bytes).to_lowercase());
        let Ok(text) = text else { continue };
        let sets =
            |key: &str| text.lines().any(|line| line.trim_start().trim_start_matches(['"', '\'']).starts_with(key));
        if sets("base_url") {
            return Err(LayoutError::Later("Zola"));
        }
        if sets("baseurl") && root.folder("content").is_ok() {
            return Ok(Layout::Hugo);
        }
    }
    match () {
        () if has("_config.yml") || has("_config.yaml") => Err(LayoutError::Later("Jekyll")),
        () if has("pelicanconf.py") => Err(LayoutError::Later("Pelican")),
        () if has("astro.config.mjs") || has("astro.config.ts") => Err(LayoutError::Later("Astro")),
        () if has("eleventy.config.js") || has(".eleventy.js") => Err(LayoutError::Later("Eleventy")),
        () => Ok(Layout::Plain),
    }
}
