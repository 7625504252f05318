//! Writing key files: complete or not at all, whatever moment the process is killed in, and one writer at a time.
//!
//! A file is written and synced under a passing name first. Then it is linked to its own, which fails where that is
//! taken; only what was asked for by name (`renew`) is renamed over an older file, of which a copy is kept.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::error::CertificateError;

/// For the user who runs maquis alone.
const MODE: u32 = 0o600;

/// The certificates folder, made if need be, held by one maker at a time: the lock goes with the process.
pub(super) struct Folder {
    handle: File,
    path: PathBuf,
}

/// What became of a file that should be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    Written,
    AlreadyThere,
}

/// Whose a new file is, and who may read it.
struct Owner {
    user: u32,
    group: u32,
    mode: u32,
}

impl Owner {
    fn of(metadata: &fs::Metadata) -> Owner {
        Owner { user: metadata.uid(), group: metadata.gid(), mode: metadata.mode() & 0o777 }
    }
}

impl Folder {
    pub(super) fn lock(path: &Path) -> Result<Folder, CertificateError> {
        let open = || {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            let handle = File::open(path)?;
            match handle.lock() {
                // Where a file system knows no locks, `place` still clobbers nothing.
                Err(error) if error.kind() == ErrorKind::Unsupported => Ok(handle),
                Err(error) => Err(error),
                Ok(()) => Ok(handle),
            }
        };
        let handle = open().map_err(unwritable(path))?;
        Ok(Folder { handle, path: path.to_owned() })
    }

    /// Puts a file there complete, or not at all, and never over another.
    pub(super) fn place(&self, path: &Path, contents: &[u8]) -> Result<Placed, CertificateError> {
        self.try_place(path, contents).map_err(unwritable(path))
    }

    /// The same, for whoever owns another file, and as open as that.
    pub(super) fn place_like(&self, path: &Path, contents: &[u8], like: &Path) -> Result<Placed, CertificateError> {
        let placed = fs::metadata(like).and_then(|like| self.link(path, contents, &Owner::of(&like)));
        placed.map_err(unwritable(path))
    }

    /// Puts a file in the place of another, which is there until this one is there, complete.
    pub(super) fn replace(&self, path: &Path, contents: &[u8]) -> Result<(), CertificateError> {
        self.try_replace(path, contents).map_err(unwritable(path))
    }

    /// Gives a file its own name, over the one that had it.
    pub(super) fn promote(&self, from: &Path, path: &Path) -> Result<(), CertificateError> {
        fs::rename(from, path).and_then(|()| self.handle.sync_all()).map_err(unwritable(path))
    }

    /// Keeps a file under a second name too; one that has that name already is the same from an earlier try.
    pub(super) fn keep(&self, path: &Path, kept: &Path) -> Result<(), CertificateError> {
        match fs::hard_link(path, kept) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => self.handle.sync_all(),
        }
        .map_err(unwritable(kept))
    }

    /// Removes what a killed maker left of a file: only we hold the lock, so it is nobody's.
    pub(super) fn sweep(&self, path: &Path) -> Result<(), CertificateError> {
        let passing = self.passing(path);
        remove(&passing).map_err(unwritable(&passing))
    }

    fn passing(&self, path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.path.join(format!(".{name}.new"))
    }

    fn try_place(&self, path: &Path, contents: &[u8]) -> io::Result<Placed> {
        self.link(path, contents, &self.owner()?)
    }

    /// Whose a new file is where nothing else says so.
    fn owner(&self) -> io::Result<Owner> {
        Ok(Owner { mode: MODE, ..Owner::of(&self.handle.metadata()?) })
    }

    fn link(&self, path: &Path, contents: &[u8], owner: &Owner) -> io::Result<Placed> {
        let passing = self.write(path, contents, owner)?;
        let linked = fs::hard_link(&passing, path);
        remove(&passing)?;
        match linked {
            Ok(()) => self.handle.sync_all().map(|()| Placed::Written),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Placed::AlreadyThere),
            Err(error) => Err(error),
        }
    }

    fn try_replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        let owner = match fs::metadata(path) {
            Ok(old) => Owner::of(&old),
            Err(_) => self.owner()?,
        };
        let passing = self.write(path, contents, &owner)?;
        fs::rename(&passing, path)?;
        self.handle.sync_all()
    }

    fn write(&self, path: &Path, contents: &[u8], owner: &Owner) -> io::Result<PathBuf> {
        let passing = self.passing(path);
        remove(&passing)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&passing)?;
        // What root writes for a service is the service's.
        if rustix::process::geteuid().is_root() {
            fchown(&file, Some(owner.user), Some(owner.group))?;
        }
        file.set_permissions(fs::Permissions::from_mode(owner.mode))?;
        file.write_all(contents)?;
        file.sync_all()?;
        Ok(passing)
    }
}

/// Writes a file of its own, anywhere: complete or not at all, for its owner alone, and never over another.
pub(super) fn write_once(path: &Path, contents: &[u8]) -> Result<(), CertificateError> {
    let absolute = std::path::absolute(path).map_err(unwritable(path))?;
    let parent = absolute.parent().unwrap_or(Path::new("/"));
    let folder = Folder { handle: File::open(parent).map_err(unwritable(path))?, path: parent.to_owned() };
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let owner = Owner { user, group, mode: MODE };
    match folder.link(&absolute, contents, &owner).map_err(unwritable(path))? {
        Placed::Written => Ok(()),
        Placed::AlreadyThere => Err(CertificateError::Taken { path: path.to_owned() }),
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> CertificateError {
    let path = path.to_owned();
    move |source| CertificateError::Unwritable { path, source }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
