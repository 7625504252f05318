//! The blog around a file, for one post that is converted by itself: whose dialect it is written in.
//!
//! The nearest folder above it that a layout recognises; no further up than the user's home, or the file system.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::CapsuleSource;
use super::setting::Setting;
use crate::content::Language;
use crate::read::front_matter::Flavour;
use crate::read::markdown::Dialect;
use crate::source::{Layout, Root, recognise};

/// How the posts of a blog are written.
pub struct Around(Setting);

impl Around {
    /// The blog that a file stands in; `None` where no generator is known around it.
    pub fn of(file: &Path, home: Option<&Path>) -> Option<Around> {
        let file = file.canonicalize().ok()?;
        let device = file.metadata().ok()?.dev();
        // A home may be a link, and the file's own path holds none.
        let home = home.and_then(|home| home.canonicalize().ok());
        let same = |folder: &&Path| folder.metadata().is_ok_and(|metadata| metadata.dev() == device);
        for folder in file.ancestors().skip(1).take_while(same) {
            if let Some(around) = Around::here(folder) {
                return Some(around);
            }
            if home.as_deref() == Some(folder) {
                break;
            }
        }
        None
    }

    fn here(folder: &Path) -> Option<Around> {
        let root = Root::open(folder).ok()?;
        let layout = recognise(&root);
        if layout == Layout::Plain {
            return None;
        }
        let source = CapsuleSource::new(folder.to_owned(), Vec::new(), 0);
        Setting::find(&source, layout, &root, &[], &[]).ok().map(Around)
    }

    /// The language of its pages, where they name no other.
    pub fn language(&self) -> &Language {
        &self.0.masthead.language
    }

    pub fn dialect(&self, language: Language) -> Dialect {
        self.0.dialect(language)
    }

    pub fn flavour(&self) -> Flavour {
        self.0.rules.flavour()
    }
}
