//! The walk: every file beneath a source folder that may be published.
//!
//! Hidden names, editors' backups, keys and dumps are passed over, so that nothing of them can be served.
//! Directories are opened beneath the root's descriptor; a loop of symbolic links ends at the first
//! directory seen twice.

use std::collections::HashSet;
use std::io;

use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::{Root, root};
use crate::content::Problem;
use crate::content::problem::Kind;
use crate::content::source::Stamp;

/// agate's.
const META: &str = ".meta";
/// How much of a folder is walked.
#[derive(Clone, Copy)]
struct Bounds {
    /// How deep folders may nest.
    depth: usize,
    /// How many files a capsule may have.
    files: usize,
}

const BOUNDS: Bounds = Bounds { depth: 64, files: 1_000_000 };

/// A regular file beneath the root.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// Relative to the root, with `/` between names.
    pub path: String,
    pub stamp: Stamp,
}

/// What a walk found.
pub struct Walked {
    /// In the order of their paths.
    pub files: Vec<FoundFile>,
    pub problems: Vec<Problem>,
    /// Folders that could not be read.
    pub closed: Vec<String>,
    /// Names that look private, among those that are passed over.
    pub private: Vec<String>,
    /// Files by which another server was told how to send those beside them.
    pub metas: Vec<FoundFile>,
}

/// All files beneath a folder, and what could not be read.
pub fn walk(root: &Root) -> io::Result<Walked> {
    walk_within(root, BOUNDS)
}

fn walk_within(root: &Root, bounds: Bounds) -> io::Result<Walked> {
    let mut walk = Walk {
        root,
        bounds,
        files: Vec::new(),
        problems: Vec::new(),
        closed: Vec::new(),
        private: Vec::new(),
        metas: Vec::new(),
        seen: HashSet::new(),
        folders: Vec::new(),
        linked: Vec::new(),
    };
    let top = root.folder("")?;
    walk.enter(String::new(), top)?;
    while let Some(path) = walk.folders.pop().or_else(|| walk.linked.pop()) {
        match root.folder(&path).and_then(|folder| walk.enter(path.clone(), folder)) {
            Ok(()) => {}
            Err(error) => {
                walk.problems.push(Problem::whole(
                    Kind::Unreadable,
                    &path,
                    unreadable(&error).replace("o+r)", "o+rx)"),
                ));
                walk.closed.push(path);
            }
        }
        // Which of them are left out would be chance, and those that were published would be withdrawn.
        if walk.files.len() > bounds.files {
            return Err(io::Error::other(format!("it holds more than {} files; name a folder in it", bounds.files)));
        }
    }
    walk.files.sort_by(|a, b| a.path.cmp(&b.path));
    walk.metas.sort_by(|a, b| a.path.cmp(&b.path));
    walk.private.sort();
    let Walk { files, problems, closed, private, metas, .. } = walk;
    Ok(Walked { files, problems, closed, private, metas })
}

/// What to say of a file or folder that cannot be read.
pub fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "it cannot be read: let the user who runs maquis read it (chmod o+r)".into(),
        io::ErrorKind::NotFound => "it is not there any more".into(),
        io::ErrorKind::CrossesDevices => {
            "it is a link that leads out of the folder; put what it leads to in its place".into()
        }
        _ => format!("it cannot be read: {error}"),
    }
}

struct Walk<'a> {
    root: &'a Root,
    bounds: Bounds,
    files: Vec<FoundFile>,
    problems: Vec<Problem>,
    closed: Vec<String>,
    private: Vec<String>,
    metas: Vec<FoundFile>,
    seen: HashSet<(rustix::fs::Dev, u64)>,
    folders: Vec<String>,
    /// Entered last, so that of a folder and a link to it the folder is the one that is read.
    linked: Vec<String>,
}

impl Walk<'_> {
    fn enter(&mut self, path: String, folder: std::os::fd::OwnedFd) -> io::Result<()> {
        let stat = rustix::fs::fstat(&folder)?;
        if !self.seen.insert((stat.st_dev, stat.st_ino)) {
            return Ok(());
        }
        if !path.is_empty() && path.split('/').count() > self.bounds.depth {
            let text =
                format!("it lies deeper than {} folders, so nothing in it is read; move it up", self.bounds.depth);
            self.problems.push(Problem::whole(Kind::Unreadable, &path, text));
            return Ok(());
        }
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let Ok(name) = std::str::from_utf8(name) else {
                let shown = String::from_utf8_lossy(name);
                let place = if path.is_empty() { "." } else { &path };
                self.problems.push(Problem::whole(
                    Kind::FileName,
                    place,
                    format!("the name `{shown}` is not UTF-8; rename the file"),
                ));
                continue;
            };
            self.entry(&path, name, entry.file_type());
        }
        Ok(())
    }

    fn entry(&mut self, folder: &str, name: &str, kind: FileType) {
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        if name == META {
            let stat = rustix::fs::statat(self.root, &path, AtFlags::empty());
            let stat = stat.ok().filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
            self.metas.extend(stat.map(|stat| FoundFile { path, stamp: root::stamp(&stat) }));
            return;
        }
        if !is_public(name) {
            self.private.extend(is_private(name).then_some(path));
            return;
        }
        if name.chars().any(char::is_control) {
            let shown = path.escape_debug().to_string();
            return self.problems.push(Problem::whole(
                Kind::FileName,
                &shown,
                "its name holds a control character; rename the file",
            ));
        }
        if name.contains('\\') {
            return self.problems.push(Problem::whole(Kind::FileName, &path, "its name holds a `\\`; rename the file"));
        }
        let stat = match rustix::fs::statat(self.root, &path, AtFlags::empty()) {
            Ok(stat) => stat,
            Err(error) => return self.unseen(folder, &path, kind, error),
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if kind == FileType::Symlink => self.linked.push(path),
            FileType::Directory => self.folders.push(path),
            FileType::RegularFile if kind == FileType::Symlink && self.leads_out(&path) => {
                let error = io::Error::from(io::ErrorKind::CrossesDevices);
                self.problems.push(Problem::whole(Kind::Unreadable, &path, unreadable(&error)));
            }
            // One more than may be is enough to know it.
            FileType::RegularFile if self.files.len() <= self.bounds.files => {
                self.files.push(FoundFile { path, stamp: root::stamp(&stat) });
            }
            // A pipe, a socket or a device is nothing to publish.
            _ => {}
        }
    }
}

impl Walk<'_> {
    /// What is there, and cannot be looked at.
    fn unseen(&mut self, folder: &str, path: &str, kind: FileType, error: Errno) {
        match (error, kind) {
            (Errno::NOENT | Errno::LOOP, FileType::Symlink) => {
                self.problems.push(Problem::whole(
                    Kind::Unreadable,
                    path,
                    "it is a link that leads nowhere; remove it or mend it",
                ));
            }
            // It was deleted since its folder was read.
            (Errno::NOENT, _) => {}
            (error, _) => {
                self.problems.push(Problem::whole(Kind::Unreadable, path, unreadable(&error.into())));
                // Its folder cannot be entered: what is in it is not withdrawn for that.
                if !self.closed.iter().any(|closed| closed == folder) {
                    self.closed.push(folder.to_owned());
                }
            }
        }
    }

    fn leads_out(&self, path: &str) -> bool {
        self.root.file(path).is_err_and(|error| error.kind() == io::ErrorKind::CrossesDevices)
    }
}

/// Whether a name may be published at all.
fn is_public(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let hidden = name.starts_with('.') && name != ".well-known";
    let backup = name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    let left_over = matches!(ending, "bak" | "swp" | "swo" | "orig" | "tmp");
    !hidden && !backup && !left_over && !is_private(name) && lower != "node_modules" && lower != "thumbs.db"
}

/// Whether a name is one of keys, passwords or dumps.
fn is_private(name: &str) -> bool {
    const NAMES: [&str; 13] = [
        ".aws",
        ".env",
        ".git-credentials",
        ".gnupg",
        ".htpasswd",
        ".netrc",
        ".pgpass",
        ".ssh",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "id_rsa",
        "wp-config.php",
    ];
    const ENDINGS: [&str; 10] = ["der", "jks", "kdbx", "key", "ovpn", "p12", "pem", "pfx", "ppk", "sql"];
    let lower = name.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    NAMES.contains(&lower.as_str()) || lower.starts_with(".env.") || ENDINGS.contains(&ending)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn paths(folder: &Path) -> Vec<String> {
        let walked = walk(&Root::open(folder).unwrap()).unwrap();
        walked.files.into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn what_is_not_for_readers_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            ".well-known/x",
            ".git/config",
            "a.md",
            "a.md~",
            "b/.env",
            "b/c.gmi",
            "cert.der",
            "id.P12",
            "key.pem",
            "node_modules/x.md",
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        assert_eq!(paths(folder.path()), [".well-known/x", "a.md", "b/c.gmi"]);
    }

    #[test]
    fn what_is_too_deep_is_named_and_too_many_files_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["a.md", "1/b.md", "1/2/c.md", "1/2/3/d.md"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let root = Root::open(folder.path()).unwrap();
        let walked = walk_within(&root, Bounds { depth: 2, files: 3 }).unwrap();
        assert_eq!(walked.files.len(), 3);
        let said: Vec<String> = walked.problems.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["1/2/3: it lies deeper than 2 folders, so nothing in it is read; move it up"]);
        let error = walk_within(&root, Bounds { depth: 9, files: 3 }).err().unwrap();
        assert_eq!(error.to_string(), "it holds more than 3 files; name a folder in it");
    }

    #[test]
    fn links_are_followed_inside_only_and_loops_end() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.md"), "x").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b/a.md"), "x").unwrap();
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        link(outside.path(), "out");
        link(&outside.path().join("secret.md"), "out.md");
        link(Path::new("b"), "inside");
        link(Path::new(".."), "b/up");
        // The folder itself, whatever the order of names.
        link(Path::new("b"), "a-twin");
        assert_eq!(paths(folder.path()), ["b/a.md"]);
        let problems = walk(&Root::open(folder.path()).unwrap()).unwrap().problems;
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(said.iter().filter(|text| text.contains("leads out of the folder")).count(), 2, "{said:?}");
        let root = Root::open(folder.path()).unwrap();
        assert!(root.file("out.md").is_err() && root.file("out/secret.md").is_err());
    }
}
