//! The whole identity in one file: every host's key pair, the keys before it and the statements between them, to
//! keep at home and to take to another machine.
//!
//! TOML that holds PEM, so that it can be read without maquis too. What is put back replaces nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::CertificateError;
use super::folder::{self, Folder, Placed};
use super::pem::{chain_pem, key_pem};
use super::{Pair, files, load};

/// The version of the form.
const FORM: u32 = 1;
/// No identity is larger: some hundred hosts, each with some keys.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    maquis_identity: u32,
    /// By file name.
    files: BTreeMap<String, String>,
}

/// An identity in one text.
pub struct Bundle {
    /// The hosts whose pairs are in it.
    pub hosts: Vec<String>,
    files: BTreeMap<String, String>,
}

/// What putting an identity back did.
pub struct Restored {
    pub written: Vec<String>,
    /// These were there already, the same.
    pub same: Vec<String>,
}

impl Bundle {
    /// Everything the folder holds of these hosts; hosts without a pair are left out.
    pub fn of(folder: &Path, hosts: &[String]) -> Result<Bundle, CertificateError> {
        let mut bundle = Bundle { hosts: Vec::new(), files: BTreeMap::new() };
        for host in hosts.iter().filter(|host| super::is_there(folder, host)) {
            load(folder, host)?;
            for name in names_of(folder, host)? {
                let path = folder.join(&name);
                bundle.files.insert(name, text_of(&path)?);
            }
            bundle.hosts.push(host.clone());
        }
        match hosts.first() {
            Some(host) if bundle.hosts.is_empty() => {
                Err(CertificateError::NoPair { host: host.clone(), folder: folder.to_owned() })
            }
            Some(_) | None => Ok(bundle),
        }
    }

    /// Reads what [`Bundle::to_text`] wrote, and sees that each pair in it is whole. `path` is for messages.
    pub fn parse(path: &Path, text: &str) -> Result<Bundle, CertificateError> {
        let wrong = |reason: String| CertificateError::Bundle { path: path.to_owned(), reason };
        let written: Written = toml::from_str(text).map_err(|error| wrong(first_line(error.message())))?;
        if written.maquis_identity != FORM {
            return Err(wrong(format!("it has form {}, and this maquis reads form {FORM}", written.maquis_identity)));
        }
        if let Some(name) = written.files.keys().find(|name| !is_ours(name)) {
            return Err(wrong(format!("`{name}` is no file of an identity")));
        }
        let mut hosts = Vec::new();
        for key in written.files.keys().filter_map(|name| name.strip_suffix(".key")) {
            let pair = Pair { certificate: path.join(format!("{key}.crt")), key: path.join(format!("{key}.key")) };
            let contents =
                |ending: &str| written.files.get(&format!("{key}.{ending}")).map(|text| text.as_bytes().to_vec());
            let certificate = contents("crt").ok_or_else(|| wrong(format!("the certificate of {key} is missing")))?;
            let chain = files::chain_of(&pair.certificate, certificate)?;
            let private = files::key_of(&pair.key, contents("key").unwrap_or_default())?;
            super::identity(chain, private, key, &pair.certificate, &pair.key)?;
            if !is_old(key) {
                hosts.push(key.to_owned());
            }
        }
        if hosts.is_empty() {
            return Err(wrong("it holds no key pair".to_owned()));
        }
        Ok(Bundle { hosts, files: written.files })
    }

    pub fn to_text(&self) -> String {
        let written = Written { maquis_identity: FORM, files: self.files.clone() };
        let head = format!(
            "# The identity of {}.\n# Whoever has this file can pose as them: keep it secret, and keep it.\n\
             # To put it back: maquis identity import THIS-FILE\n\n",
            self.hosts.join(", ")
        );
        head + &toml::to_string_pretty(&written).expect("a map of texts by name is TOML")
    }

    /// Writes it to a file that is not there yet, for its owner alone.
    pub fn write(&self, path: &Path) -> Result<(), CertificateError> {
        folder::write_once(path, self.to_text().as_bytes())
    }

    /// Puts it into a folder. Where one file differs from what is there, nothing is written at all.
    pub fn restore(&self, folder: &Path) -> Result<Restored, CertificateError> {
        let locked = Folder::lock(folder)?;
        let mut restored = Restored { written: Vec::new(), same: Vec::new() };
        for (name, contents) in &self.files {
            let path = folder.join(name);
            match files::exists(&path)? {
                false => restored.written.push(name.clone()),
                true if text_of(&path)? == *contents => restored.same.push(name.clone()),
                true => return Err(CertificateError::Exists { path }),
            }
        }
        // Without its key a certificate makes no server start, and with both the pair is whole: so keys come last.
        restored.written.sort_by_key(|name| (name.ends_with(".key"), !is_old(name)));
        for name in &restored.written {
            let path = folder.join(name);
            if locked.place(&path, self.files[name].as_bytes())? == Placed::AlreadyThere {
                return Err(CertificateError::Exists { path });
            }
        }
        Ok(restored)
    }
}

/// Whether a file of this name can belong to an identity.
fn is_ours(name: &str) -> bool {
    let host = [".key", ".crt", ".continuity.txt"].into_iter().find_map(|ending| name.strip_suffix(ending));
    host.is_some_and(|host| Pair::of(Path::new(""), host).is_ok())
}

/// Whether a name is that of a file kept from before: a host's, `.old-`, and eight digits of a fingerprint. A host may
/// have `.old-` in its own name.
fn is_old(name: &str) -> bool {
    let stem = [".key", ".crt"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let print = stem.rsplit_once(".old-").map(|(_, print)| print);
    print.is_some_and(|print| print.len() == 8 && print.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The files of a host, as the folder has them.
fn names_of(folder: &Path, host: &str) -> Result<Vec<String>, CertificateError> {
    let unreadable = |source| CertificateError::Unreadable { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let Some(name) = name.to_str() else { continue };
        let rest = name.strip_prefix(host).unwrap_or_default();
        if matches!(rest, ".key" | ".crt" | ".continuity.txt")
            || (is_ours(name) && is_old(name) && rest.rfind(".old-") == Some(0))
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// A file in the form it has in a bundle: PEM, whatever it was before.
fn text_of(path: &Path) -> Result<String, CertificateError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("key") => {
            files::refuse_exposed(path)?;
            Ok(key_pem(&files::read_key(path)?))
        }
        Some("crt") => Ok(chain_pem(&files::read_chain(path)?)),
        _ => fs::read_to_string(path)
            .map_err(|source| CertificateError::Unreadable { path: PathBuf::from(path), source }),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("it cannot be read").to_owned()
}
