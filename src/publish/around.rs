//! The blog around a file, for one post that is converted by itself: whose dialect it is written in, and the texts that it
//! includes.
//!
//! The nearest folder above it that a layout recognises; no further up than the user's home, or the file system.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::included::Texts;
use super::pass_one::Work;
use super::setting::Setting;
use super::sources::Sources;
use super::{CapsuleSource, Publisher};
use crate::content::Language;
use crate::content::redirect::Patterns;
use crate::read::front_matter::Flavour;
use crate::read::markdown::Dialect;
use crate::read::{include, plan};
use crate::source::{Layout, Root, recognise};
use crate::store::Store;

/// How the posts of a blog are written.
pub struct Around {
    setting: Setting,
    folder: PathBuf,
    /// The file in it.
    path: String,
}

impl Around {
    /// The blog that a file stands in; `None` where no generator is known around it.
    pub fn of(file: &Path, home: Option<&Path>) -> Option<Around> {
        let file = file.canonicalize().ok()?;
        let device = file.metadata().ok()?.dev();
        // A home may be a link, and the file's own path holds none.
        let home = home.and_then(|home| home.canonicalize().ok());
        let same = |folder: &&Path| folder.metadata().is_ok_and(|metadata| metadata.dev() == device);
        for folder in file.ancestors().skip(1).take_while(same) {
            if let Some(around) = Around::here(folder, &file) {
                return Some(around);
            }
            if home.as_deref() == Some(folder) {
                break;
            }
        }
        None
    }

    fn here(folder: &Path, file: &Path) -> Option<Around> {
        let root = Root::open(folder).ok()?;
        let layout = recognise(&root);
        if layout == Layout::Plain {
            return None;
        }
        let source = CapsuleSource::new(folder.to_owned(), Vec::new(), 0);
        let setting = Setting::find(&source, layout, &root, &[], &[]).ok()?;
        let path = file.strip_prefix(folder).ok()?.to_str()?.to_owned();
        Some(Around { setting, folder: folder.to_owned(), path })
    }

    /// A body with what it includes in its place; the blog is read only where a body includes anything.
    pub fn include(&self, body: &str, dialect: &Dialect) -> Option<include::Body> {
        if !include::may_include(body) {
            return None;
        }
        let source = CapsuleSource::new(self.folder.clone(), Vec::new(), 0);
        let publisher = Publisher::new(vec![source], Store::memory()).ok()?;
        let capsule = publisher.capsules.first()?;
        let Sources { setting, files, headed, .. } = capsule.sources(&publisher.store).ok()?;
        let own = headed.iter().find(|headed| headed.source.path == self.path);
        let logical = own.map_or_else(|| self.path.clone(), |own| own.source.logical.clone());
        let work = Work { folder: capsule.key, root: &capsule.root, setting: &setting };
        let gone = Patterns::default();
        let now = Timestamp::now();
        let (plan, _) = plan::plan(setting.masthead.clone(), &setting.rules, &gone, headed.clone(), files.clone(), now);
        let texts = Texts::new(&work, &plan, &headed, &files);
        include::include(body, &logical, dialect, &mut |asked| texts.get(asked).0)
    }

    /// The language of its pages, where they name no other.
    pub fn language(&self) -> &Language {
        &self.setting.masthead.language
    }

    pub fn dialect(&self, language: Language) -> Dialect {
        self.setting.dialect(language)
    }

    pub fn flavour(&self) -> Flavour {
        self.setting.rules.flavour()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_search_ends_at_a_home_that_is_a_link() {
        let machine = tempfile::tempdir().unwrap();
        let at = |path: &str| machine.path().join(path);
        fs::create_dir_all(at("disk/ada/letters")).unwrap();
        symlink("disk", at("home")).unwrap();
        let file = at("home/ada/letters/a.md");
        fs::write(&file, "# A\n").unwrap();
        // Somebody else's, around all homes.
        fs::write(at("disk/hugo.toml"), "languageCode = 'eo'\n").unwrap();
        assert!(Around::of(&file, Some(&at("home/ada"))).is_none());
        assert!(Around::of(&file, None).is_some(), "it would be found");
    }
}
