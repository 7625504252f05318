//! The mistakes that authors make with the path of their blog: a folder within the blog, a home that nobody else may
//! enter.
//!
//! Asked when a configuration is read, before anything is served.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::CapsuleSettings;
use crate::source::{Layout, Root, recognise};

/// How many folders up a blog is looked for.
const MAX_UP: usize = 3;

/// Where a capsule's source is the folder of the texts of a blog, and not the blog: without its configuration nobody knows
/// titles, addresses and language. One whose layout the author names is meant so.
pub(super) fn warning(capsule: &CapsuleSettings) -> Option<String> {
    let source = capsule.source.canonicalize().ok().filter(|_| capsule.layout.is_none())?;
    let layout = |folder: &Path| Root::open(folder).map_or(Layout::Plain, |root| recognise(&root));
    if layout(&source) != Layout::Plain {
        return None;
    }
    let around = source.ancestors().skip(1).take(MAX_UP);
    let mut blogs = around.map(|folder| (folder, layout(folder))).filter(|(_, layout)| *layout != Layout::Plain);
    let (blog, layout) = blogs.next().filter(|(blog, layout)| holds_texts(*layout, &source, blog))?;
    let (source, blog, name) = (source.display(), blog.display(), layout.name());
    Some(format!("{source} is a folder of the {name} blog {blog}: serve that one, or say `layout = \"plain\"`"))
}

/// Whether a folder is where a layout keeps its texts.
fn holds_texts(layout: Layout, folder: &Path, blog: &Path) -> bool {
    let inner = folder.strip_prefix(blog).ok().and_then(|inner| inner.components().next());
    let first = inner.and_then(|first| first.as_os_str().to_str()).unwrap_or("");
    match layout {
        Layout::Plain => false,
        Layout::Hugo | Layout::Zola | Layout::Pelican => first == "content",
        Layout::Jekyll => first.starts_with('_'),
        Layout::Eleventy => matches!(first, "content" | "posts" | "src"),
        Layout::Astro => first == "src",
    }
}

/// Why a source folder cannot be looked at, and the remedy: where a folder on the way to it lets nobody in, that one is
/// named.
pub(super) fn unreadable(source: &Path, error: &io::Error) -> String {
    let shown = source.display();
    let barred = |folder: &&Path| folder.metadata().is_ok() && folder.join(".").metadata().is_err();
    match source.ancestors().skip(1).find(barred).filter(|_| error.kind() == io::ErrorKind::PermissionDenied) {
        Some(folder) => {
            let mode = folder.metadata().map_or(0, |metadata| metadata.mode() & 0o7777);
            let folder = folder.display();
            format!(
                "the source folder {shown} cannot be read, as only its owner may enter {folder} (mode {mode:04o}); \
                 `chmod o+x {folder}` lets others through without showing what is in it; or move the blog elsewhere"
            )
        }
        None => format!("the source folder {shown} cannot be read ({error}); give its user the right to"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::around;
    use super::super::{Overrides, Settings};

    #[test]
    fn a_folder_within_a_blog_is_told_from_the_blog() {
        let blog = tempfile::tempdir().unwrap();
        let at = |path: &str| blog.path().join(path);
        fs::create_dir_all(at("content/posts")).unwrap();
        fs::create_dir_all(at("capsule")).unwrap();
        fs::write(at("hugo.toml"), "title = 'x'\n").unwrap();
        let warnings = |path| Settings::for_folder(&at(path), &Overrides::default(), &around()).unwrap().warnings;
        let said = warnings("content/posts").join(" ");
        assert!(said.contains("content/posts is a folder of the Hugo blog"), "{said}");
        assert!(said.contains("serve that one"), "{said}");
        assert_eq!(warnings(""), [""; 0]);
        assert_eq!(warnings("capsule"), [""; 0]);
    }
}
