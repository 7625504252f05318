//! maquis's unit of systemd's, if this machine has one: what the administrator wrote, drop-ins included.
//!
//! systemd.unit(5): of several folders the first that has the file counts, drop-ins are added in the order of their
//! names, and what is said last holds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::Asked;
use crate::config::FILE;

/// Where units are, in the order in which one wins over the next.
const FOLDERS: [&str; 4] =
    ["etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system"];
const NAME: &str = "maquis.service";

/// The text of the unit and of its drop-ins.
pub(super) struct Unit(String);

impl Unit {
    /// The unit beneath a root, the system's own.
    pub(super) fn find(root: &Path) -> Option<Unit> {
        let unit = FOLDERS.iter().map(|folder| root.join(folder).join(NAME)).find(|unit| unit.is_file())?;
        let text = fs::read_to_string(unit).ok()?;
        let folders = FOLDERS.iter().map(|folder| root.join(folder).join(format!("{NAME}.d")));
        let mut more: Vec<PathBuf> = folders
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        more.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
        Some(Unit(
            more.iter().filter_map(|path| fs::read_to_string(path).ok()).fold(text, |all, text| all + "\n" + &text),
        ))
    }

    /// What is said last of a key; empty where nothing is.
    pub(super) fn value(&self, key: &str) -> &str {
        let line = self.0.lines().rev().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('='));
        line.map(str::trim).unwrap_or_default()
    }

    /// Whether it serves what is asked for, and not another capsule of this machine.
    pub(super) fn serves(&self, asked: &Asked) -> bool {
        let config = std::path::absolute(asked.config.as_deref().unwrap_or(Path::new(FILE)));
        let words = self.value("ExecStart").split([' ', '=']);
        asked.source.is_none() && config.is_ok_and(|config| words.into_iter().any(|word| Path::new(word) == config))
    }

    /// The folder that systemd keeps for it.
    pub(super) fn state_folder(&self) -> Option<PathBuf> {
        let name = self.value("StateDirectory").split([' ', ':']).next().filter(|name| !name.is_empty())?;
        Some(Path::new("/var/lib").join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts_and_another_capsule_is_another_matter() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert!(Unit::find(root.path()).is_none());
        let start = "ExecStart=/usr/bin/maquis serve --config /etc/maquis/config.toml";
        write("usr/lib/systemd/system/maquis.service", &format!("[Service]\n{start}\nStateDirectory=maquis\nUser=a\n"));
        write("etc/systemd/system/maquis.service.d/20.conf", "[Service]\nUser=c\n");
        write("usr/lib/systemd/system/maquis.service.d/10.conf", "[Service]\nUser=b\nUserX=d\n");
        let unit = Unit::find(root.path()).unwrap();
        assert_eq!((unit.value("User"), unit.value("Group")), ("c", ""));
        assert_eq!(unit.state_folder().unwrap(), Path::new("/var/lib/maquis"));
        let asked = |config: &str| Asked { config: Some(config.into()), ..Asked::default() };
        assert!(unit.serves(&asked("/etc/maquis/config.toml")));
        assert!(!unit.serves(&asked("/home/ada/config.toml")) && !unit.serves(&Asked::default()));
        let folder = Asked { source: Some("/etc/maquis".into()), ..Asked::default() };
        assert!(!unit.serves(&folder));
    }
}
