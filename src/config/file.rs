//! Reading a configuration file: a regular one, that nobody else could have written, through one descriptor.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::{ConfigError, Surroundings, foreign};

/// The largest configuration that is read, in bytes.
const MAX_CONFIGURATION: u64 = 1024 * 1024;

/// The text of a configuration file. What is checked is the file that is read: it is opened once, without
/// waiting for a pipe's other end, and a replacement made meanwhile is the next reload's.
pub(super) fn read(path: &Path, around: &Surroundings) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let refused = |why: &str| Err(ConfigError::Refused { path: path.to_owned(), why: why.to_owned() });
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ConfigError::Missing { path: path.to_owned(), remedy: foreign::remedy(path) });
        }
        Err(error) => return Err(unreadable(error)),
    };
    let stat = file.metadata().map_err(unreadable)?;
    if !stat.is_file() {
        return refused("is not a regular file; name the configuration file itself");
    }
    if stat.mode() & 0o002 != 0 {
        return refused("can be written by everybody, so anybody could serve any folder; run: chmod o-w");
    }
    if stat.uid() != 0 && stat.uid() != around.user {
        return refused(&format!(
            "belongs to user {}, neither to root nor to you (user {}); run maquis as its owner, or change the owner",
            stat.uid(),
            around.user
        ));
    }
    if stat.len() > MAX_CONFIGURATION {
        return refused("is larger than 1 MiB; is it a configuration?");
    }
    let mut bytes = Vec::new();
    file.take(MAX_CONFIGURATION).read_to_end(&mut bytes).map_err(unreadable)?;
    String::from_utf8(bytes).or_else(|_| refused("is not UTF-8; save it as UTF-8"))
}
