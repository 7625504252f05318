//! Hugo's folders: the configuration file, the mounts onto `content`, and `static`.
//!
//! What the configuration and the files mean for addresses is in `read::hugo`; here is only which file is
//! where. <https://gohugo.io/configuration/module/#mounts>

use super::{FoundFile, Root, beneath};
use crate::content::source::{Role, Source};

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

/// The path and text of the configuration.
pub fn configuration(root: &Root) -> Option<(&'static str, String)> {
    CONFIGURATIONS.iter().chain(&OLD_CONFIGURATIONS).find_map(|path| {
        let bytes = root.read(path, 1 << 20).ok()?;
        Some((*path, String::from_utf8_lossy(&bytes).into_owned()))
    })
}

/// The sources: files beneath the content's mounts (folder, place in the content), and files of `static`.
pub fn sources(files: Vec<FoundFile>, mounts: &[(String, String)], static_folders: &[String]) -> Vec<Source> {
    let mut sources = Vec::new();
    for file in files {
        let mounted = mounts.iter().find_map(|(folder, target)| {
            let rest = beneath(&file.path, folder)?;
            Some(if target.is_empty() { rest.to_owned() } else { format!("{target}/{rest}") })
        });
        let fixed = || static_folders.iter().find_map(|folder| beneath(&file.path, folder)).map(str::to_owned);
        if let Some(logical) = mounted {
            let role = match Role::of(&file.path) {
                Role::Static => Role::Resource,
                role => role,
            };
            sources.push(Source { role, path: file.path, logical, stamp: file.stamp });
        } else if let Some(logical) = fixed() {
            sources.push(Source { role: Role::Static, path: file.path, logical, stamp: file.stamp });
        }
    }
    sources
}
