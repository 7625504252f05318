//! Renewing an identity on the operator's word: a new certificate for the same key, or a new key that the old one
//! vouches for. What was there is kept beside it.
//!
//! A kill at any moment leaves a whole pair. For a new key the certificate's file holds both certificates while the
//! key is exchanged, and the one that belongs to the key counts.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::error::CertificateError;
use super::folder::{Folder, Placed};
use super::pem::chain_pem;
use super::{Fingerprint, Identity, Pair, continuity, files, load, make, read_pair};

/// What a new certificate says that the old one did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// The last day; else as late as that of a new pair.
    pub until: Option<Date>,
    /// Names beside the host and those it has.
    pub names: Vec<String>,
}

/// An identity before and after, and where the old one is kept.
pub struct Renewed {
    pub old: Identity,
    pub new: Identity,
    pub kept: Vec<PathBuf>,
}

/// A new certificate for the same key.
pub fn extend(folder: &Path, host: &str, extension: &Extension) -> Result<Renewed, CertificateError> {
    let (pair, locked) = hold(folder, host)?;
    let old = load(folder, host)?;
    let mut names = vec![host.to_owned()];
    for name in old.names.iter().chain(&extension.names) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.clone());
        }
    }
    let until = extension.until.unwrap_or(make::LAST);
    let certificate = make::certificate(host, &names, until, &files::read_key(&pair.key)?)?;
    let kept = beside(folder, host, &old.fingerprints.certificate, "crt");
    locked.keep(&pair.certificate, &kept)?;
    locked.replace(&pair.certificate, certificate.as_bytes())?;
    Ok(Renewed { old, new: load(folder, host)?, kept: vec![kept] })
}

/// A new key and its certificate, and a statement signed by both keys.
pub fn rotate(folder: &Path, host: &str, today: Date) -> Result<Renewed, CertificateError> {
    let (pair, locked) = hold(folder, host)?;
    let old = load(folder, host)?;
    // A key from a try that was interrupted is as new as another: nobody has seen it but its statement.
    let next =
        Pair { key: folder.join(format!(".{host}.key.next")), certificate: folder.join(format!(".{host}.crt.next")) };
    if !files::exists(&next.key)? {
        match locked.place_like(&next.key, make::new_key(host)?.as_bytes(), &pair.key)? {
            Placed::Written | Placed::AlreadyThere => {}
        }
    }
    let certificate = make::certificate(host, &old_names(&old), make::LAST, &files::read_key(&next.key)?)?;
    locked.replace(&next.certificate, certificate.as_bytes())?;
    let new = read_pair(&next.certificate, &next.key, host)?;

    let print = &old.fingerprints.public_key;
    let kept = vec![beside(folder, host, print, "key"), beside(folder, host, print, "crt")];
    locked.keep(&pair.key, &kept[0])?;
    locked.keep(&pair.certificate, &kept[1])?;
    state(&locked, folder, &old, &new, today)?;
    // Both certificates, then the key, then the new certificate alone: whole at each step.
    locked.replace(&pair.certificate, both(&pair, &certificate)?.as_bytes())?;
    locked.promote(&next.key, &pair.key)?;
    locked.promote(&next.certificate, &pair.certificate)?;
    Ok(Renewed { old, new: load(folder, host)?, kept })
}

/// The certificate of a pair and the next, in a form of which each counts whatever form the first has.
fn both(pair: &Pair, next: &str) -> Result<String, CertificateError> {
    Ok(chain_pem(&files::read_chain(&pair.certificate)?) + next)
}

/// The host and what else the old certificate was for.
fn old_names(old: &Identity) -> Vec<String> {
    let others = old.names.iter().filter(|name| !name.eq_ignore_ascii_case(&old.host));
    std::iter::once(&old.host).chain(others).cloned().collect()
}

fn state(locked: &Folder, folder: &Path, old: &Identity, new: &Identity, today: Date) -> Result<(), CertificateError> {
    let path = continuity::path(folder, &old.host);
    let earlier =
        if files::exists(&path)? { fs::read_to_string(&path).map_err(unreadable(&path))? } else { String::new() };
    match continuity::continued(&earlier, old, new, &today.to_string())? {
        Some(text) => locked.replace(&path, text.as_bytes()),
        None => Ok(()),
    }
}

/// Only one maker, extender or rotator at a time, and only where there is something to renew.
fn hold(folder: &Path, host: &str) -> Result<(Pair, Folder), CertificateError> {
    let pair = Pair::of(folder, host)?;
    if !files::exists(&pair.key)? && !files::exists(&pair.certificate)? {
        return Err(CertificateError::NoPair { host: host.to_owned(), folder: folder.to_owned() });
    }
    Ok((pair, Folder::lock(folder)?))
}

/// The name under which an older file is kept: `blog.example.org.old-0b1c2d3e.key`.
fn beside(folder: &Path, host: &str, print: &Fingerprint, ending: &str) -> PathBuf {
    folder.join(format!("{host}.old-{}.{ending}", &print.hex()[..8]))
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> CertificateError {
    let path = path.to_owned();
    move |source| CertificateError::Unreadable { path, source }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;
    use crate::server::certificate::load_or_make;

    #[test]
    fn a_kill_between_the_steps_leaves_a_whole_pair_whatever_form_the_certificate_has() {
        let pem = |folder: &Path| fs::read_to_string(folder.join("a.org.crt")).unwrap();
        let der = |pem: &str| {
            let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
            BASE64.decode(lines.as_bytes()).unwrap()
        };
        let as_it_is: fn(&str) -> Vec<u8> = |pem| pem.as_bytes().to_vec();
        let without_line_end: fn(&str) -> Vec<u8> = |pem| pem.trim_end().as_bytes().to_vec();
        for form in [as_it_is, without_line_end, der] {
            let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            for folder in [old.path(), new.path()] {
                load_or_make(folder, "a.org").unwrap();
            }
            let pair = Pair::of(old.path(), "a.org").unwrap();
            fs::write(&pair.certificate, form(&pem(old.path()))).unwrap();
            let keys = |folder: &Path| load(folder, "a.org").map(|identity| identity.fingerprints.public_key.hex());
            let (first, next) = (keys(old.path()).unwrap(), keys(new.path()).unwrap());
            // Both certificates, and the old key; then the new one.
            fs::write(&pair.certificate, both(&pair, &pem(new.path())).unwrap()).unwrap();
            assert_eq!(keys(old.path()).unwrap(), first);
            fs::rename(new.path().join("a.org.key"), &pair.key).unwrap();
            assert_eq!(keys(old.path()).unwrap(), next);
        }
    }
}
