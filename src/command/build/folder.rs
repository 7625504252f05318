//! The folder that a build makes: written beside the old one, put in its place in one step, never over a folder that
//! maquis did not make.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FlockOperation, flock};

use super::BuildError;
use crate::system;

/// Stands in every folder that maquis built; only such a folder is replaced.
const MARK: &str = ".maquis-build";
const MARK_TEXT: &str =
    "Made by maquis build, which replaces this folder as a whole: keep nothing of your own in it.\n";

/// A folder in the making; what is written of it goes when this is dropped before [`Fresh::swap`].
pub(super) struct Fresh {
    /// What it will be called.
    target: PathBuf,
    /// What it is called until then.
    beside: PathBuf,
    /// Locked as long as somebody writes here.
    _mark: File,
    swapped: bool,
}

impl Fresh {
    /// Begun beside `target`, which must be free, empty, or made by an earlier build, and apart from the sources.
    pub(super) fn beside(target: &Path, sources: &[PathBuf]) -> Result<Fresh, BuildError> {
        let target = whole(target)?;
        look_at(&target)?;
        apart(&target, sources)?;
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let beside = target.with_file_name(format!(".{name}.maquis-new"));
        if beside.exists() {
            clear(&beside)?;
        }
        let unwritable = |error| BuildError::Unwritable { folder: parent(&target), error };
        fs::create_dir(&beside).map_err(unwritable)?;
        let mark = begin(&beside).map_err(|error| BuildError::Io { what: beside.join(MARK), error })?;
        Ok(Fresh { target, beside, _mark: mark, swapped: false })
    }

    /// A new file of it; the folders around it are made.
    pub(super) fn file(&self, path: &Path) -> io::Result<File> {
        let path = self.beside.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.beside))?;
        File::create_new(path)
    }

    /// Takes out a file that cannot be whole.
    pub(super) fn without(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(self.beside.join(path))
    }

    /// Puts it in the old one's place, and removes that.
    pub(super) fn swap(mut self) -> Result<(), BuildError> {
        let failed = |error| BuildError::Swap { target: self.target.clone(), error };
        if !self.target.exists() {
            fs::rename(&self.beside, &self.target).map_err(failed)?;
        } else {
            match system::exchange(&self.beside, &self.target) {
                Ok(()) => {}
                // A file system that cannot exchange: for a moment there is none.
                Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => self.put().map_err(failed)?,
                Err(error) => return Err(failed(error.into())),
            }
            fs::remove_dir_all(&self.beside).map_err(|error| BuildError::Io { what: self.beside.clone(), error })?;
        }
        self.swapped = true;
        Ok(())
    }

    /// The same in two steps.
    fn put(&self) -> io::Result<()> {
        let aside = self.beside.with_extension("maquis-old");
        fs::rename(&self.target, &aside)?;
        match fs::rename(&self.beside, &self.target) {
            Ok(()) => fs::rename(&aside, &self.beside),
            Err(error) => fs::rename(&aside, &self.target).and(Err(error)),
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.swapped {
            let _what_is_left = fs::remove_dir_all(&self.beside);
        }
    }
}

/// The mark, locked.
fn begin(folder: &Path) -> io::Result<File> {
    let mut mark = File::create_new(folder.join(MARK))?;
    mark.write_all(MARK_TEXT.as_bytes())?;
    flock(&mark, FlockOperation::NonBlockingLockExclusive)?;
    Ok(mark)
}

/// Removes what a build left that was killed; one that still writes is left alone.
fn clear(beside: &Path) -> Result<(), BuildError> {
    let mark = match File::open(beside.join(MARK)) {
        Ok(mark) => mark,
        Err(_) => return Err(BuildError::Foreign { folder: beside.to_owned() }),
    };
    flock(&mark, FlockOperation::NonBlockingLockExclusive).map_err(|_| BuildError::Busy)?;
    fs::remove_dir_all(beside).map_err(|error| BuildError::Io { what: beside.to_owned(), error })
}

/// The target without links, in a folder that is there.
fn whole(target: &Path) -> Result<PathBuf, BuildError> {
    let target = std::path::absolute(target).map_err(|error| BuildError::Io { what: target.to_owned(), error })?;
    match target.canonicalize() {
        Ok(whole) if whole.parent().is_some() => Ok(whole),
        Ok(whole) => Err(BuildError::Foreign { folder: whole }),
        Err(error) if error.kind() == ErrorKind::NotFound && target.symlink_metadata().is_err() => {
            let around = parent(&target);
            let whole = around.canonicalize().map_err(|_| BuildError::NoParent { folder: around.clone() })?;
            let name = target.file_name().ok_or(BuildError::NoParent { folder: around })?;
            Ok(whole.join(name))
        }
        Err(error) => Err(BuildError::Io { what: target, error }),
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_owned()
}

/// Whether it may be replaced.
fn look_at(target: &Path) -> Result<(), BuildError> {
    let unread = |error| BuildError::Io { what: target.to_owned(), error };
    match fs::metadata(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unread(error)),
        Ok(known) if !known.is_dir() => return Err(BuildError::File { path: target.to_owned() }),
        Ok(_) => {}
    }
    if target.join(MARK).exists() || fs::read_dir(target).map_err(unread)?.next().is_none() {
        rustix::fs::accessat(CWD, target, rustix::fs::Access::WRITE_OK, AtFlags::EACCESS)
            .map_err(|error| BuildError::Unwritable { folder: target.to_owned(), error: error.into() })
    } else {
        Err(BuildError::Foreign { folder: target.to_owned() })
    }
}

/// What stands in a source folder would be published with it; what stands around one would be replaced.
fn apart(target: &Path, sources: &[PathBuf]) -> Result<(), BuildError> {
    for source in sources {
        let whole = source.canonicalize().unwrap_or_else(|_| source.clone());
        if target.starts_with(&whole) {
            return Err(BuildError::InSource { source_folder: source.clone() });
        }
        if whole.starts_with(target) {
            return Err(BuildError::AroundSource { source_folder: source.clone() });
        }
    }
    Ok(())
}
