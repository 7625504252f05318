//! Hugo's folders: the configuration file, the mounts onto `content`, and `static`.
//!
//! What the configuration and the files mean for addresses is in `read::hugo`; here is only which file is
//! where. <https://gohugo.io/configuration/module/#mounts>

use super::{FoundFile, beneath};
use crate::content::Language;
use crate::content::source::{Role, Source};
use crate::read::hugo::Mount;

/// Where Hugo keeps its configuration, in the order it looks.
pub const CONFIGURATIONS: [&str; 7] = [
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/hugo.json",
];

/// The older name, which other generators use too.
pub const OLD_CONFIGURATIONS: [&str; 6] = [
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "config/_default/config.toml",
    "config/_default/config.yaml",
];

/// The sources: files beneath the content's mounts (folder, place in the content), and files of `static`.
pub fn sources(files: Vec<FoundFile>, mounts: &[Mount], static_folders: &[String]) -> Vec<Source> {
    let mut sources = Vec::new();
    for file in files {
        let mounted = mounts.iter().find_map(|mount| Some((mount, beneath(&file.path, &mount.folder)?)));
        let fixed = || static_folders.iter().find_map(|folder| beneath(&file.path, folder)).map(str::to_owned);
        if let Some((mount, rest)) = mounted {
            let role = match Role::of(&file.path) {
                Role::Static => Role::Resource,
                role => role,
            };
            let logical = if mount.target.is_empty() { rest.to_owned() } else { format!("{}/{rest}", mount.target) };
            let logical = in_language(logical, role, mount.language.as_ref());
            sources.push(Source { role, path: file.path, logical, stamp: file.stamp });
        } else if let Some(logical) = fixed() {
            sources.push(Source { role: Role::Static, path: file.path, logical, stamp: file.stamp });
        }
    }
    sources
}

/// A page in a folder of its language stands where its translation with a suffix would: `x.fr.md`.
fn in_language(logical: String, role: Role, language: Option<&Language>) -> String {
    match (role, language, logical.rsplit_once('.')) {
        (Role::Markdown, Some(language), Some((stem, ending))) => format!("{stem}.{language}.{ending}"),
        _ => logical,
    }
}
