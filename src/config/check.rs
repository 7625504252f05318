//! What the folders of a configuration must be: there, apart from each other, and not the whole machine.

use std::io;
use std::path::{Path, PathBuf};

use super::meant::Draft;
use super::{ConfigError, Surroundings};

/// Looks at every folder, as the file system resolves it.
pub(super) fn folders(draft: &Draft, around: &Surroundings) -> Result<(), ConfigError> {
    let mut sources: Vec<PathBuf> = Vec::new();
    for (capsule, place) in draft.settings.capsules.iter().zip(&draft.sources) {
        let source = source(&capsule.source, around).map_err(|text| place.error(text))?;
        if let Some(other) = sources.iter().find(|other| source.starts_with(other) || other.starts_with(&source)) {
            let (source, other) = (source.display(), other.display());
            return Err(place.error(format!(
                "the source folders {source} and {other} overlap; give each capsule a folder of its own"
            )));
        }
        sources.push(source);
    }
    let certificates = &draft.settings.gemini.certificates;
    let resolved = resolve(certificates);
    match sources.iter().find(|source| resolved.starts_with(source)) {
        Some(source) => Err(draft.certificates.error(format!(
            "the certificates {} are inside the source folder {}, which is published; keep keys outside of it: \
             set `certificates` to a folder beside it",
            certificates.display(),
            source.display()
        ))),
        None => state(around, &sources),
    }
}

/// The state folder holds every version of every post that was ever good.
fn state(around: &Surroundings, sources: &[PathBuf]) -> Result<(), ConfigError> {
    let Some(folder) = &around.state else { return Ok(()) };
    let resolved = resolve(folder);
    match sources.iter().find(|source| resolved.starts_with(source)) {
        Some(source) => Err(ConfigError::Whole(format!(
            "the state folder {} is inside the source folder {}, which is published; set STATE_DIRECTORY to a folder \
             outside of it",
            folder.display(),
            source.display()
        ))),
        None => Ok(()),
    }
}

fn source(path: &Path, around: &Surroundings) -> Result<PathBuf, String> {
    let shown = path.display();
    let source = path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("the source folder {shown} does not exist; create it or correct the path"),
        _ => format!("the source folder {shown} cannot be read ({error}); give its user the right to"),
    })?;
    if !source.is_dir() {
        return Err(format!("the source {shown} is not a folder; name the folder it is in"));
    }
    if source.parent().is_none() {
        return Err("the source / is the whole machine; name the blog's own folder".to_owned());
    }
    let home = around.home.as_ref().map(|home| resolve(home)).filter(|home| home.parent().is_some());
    if home.is_some_and(|home| home.starts_with(&source)) {
        return Err(format!("the source {shown} holds your home folder; name the blog's own folder in it"));
    }
    Ok(source)
}

/// The path with symbolic links resolved, as far as it exists.
pub(super) fn resolve(path: &Path) -> PathBuf {
    let found = path.ancestors().find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    match found {
        Some((ancestor, resolved)) => path.strip_prefix(ancestor).map_or(resolved.clone(), |rest| resolved.join(rest)),
        None => path.to_owned(),
    }
}
