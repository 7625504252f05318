//! A statement of continuity: one key says which key follows it, and both sign, so that a reader who is warned of a
//! new certificate can find out that it is no stranger's.
//!
//! It is text with PEM blocks (RFC 7468), made so that `openssl` alone can check it; the newest stands first. The
//! site shows it at [`CONTINUITY`](crate::site::assemble::CONTINUITY).

use std::fs;
use std::path::{Path, PathBuf};

use rustls::SignatureScheme;

use super::error::CertificateError;
use super::pem::pem;
use super::{Fingerprint, Identity};

/// More than a hundred changes of keys.
const MOST_BYTES: u64 = 256 * 1024;

/// What is said of the keys before the one in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// It is the first.
    Nothing,
    /// The statements, the newest first.
    Said(String),
    /// There are statements, and they do not lead to the key in use: they are not shown.
    OfAnotherKey(PathBuf),
}

/// Where the statements of a host are kept.
pub(super) fn path(folder: &Path, host: &str) -> PathBuf {
    folder.join(format!("{host}.continuity.txt"))
}

impl Continuity {
    /// What the folder holds for a host whose key has this fingerprint.
    pub(super) fn read(folder: &Path, host: &str, key: &Fingerprint) -> Continuity {
        let path = path(folder, host);
        let small = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= MOST_BYTES);
        match fs::read_to_string(&path) {
            Ok(text) if small && newest_key(&text) == Some(&key.hex()) => Continuity::Said(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Continuity::Nothing,
            Ok(_) | Err(_) => Continuity::OfAnotherKey(path),
        }
    }
}

const OLD: &str = "Old public key, SHA-256: ";
const NEW: &str = "New public key, SHA-256: ";

/// The key that the newest statement leads to.
fn newest_key(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix(NEW))
}

/// The statements with one more before them; the same statement is made once.
pub(super) fn continued(
    earlier: &str,
    old: &Identity,
    new: &Identity,
    day: &str,
) -> Result<Option<String>, CertificateError> {
    let keys = format!("{OLD}{}\n{NEW}{}\n", old.fingerprints.public_key.hex(), new.fingerprints.public_key.hex());
    if earlier.contains(&keys) {
        return Ok(None);
    }
    let said = format!(
        "Statement of continuity, version 1\nHost: {}\nDate: {day}\n{keys}\
         Whoever trusts the old key may trust the new one: both have signed these six lines.\n",
        old.host
    );
    let mut statement = format!("{said}\n");
    for identity in [old, new] {
        statement.push_str(&proof(identity, said.as_bytes())?);
    }
    Ok(Some(if earlier.is_empty() { statement } else { format!("{statement}\n{earlier}") }))
}

/// The ways to sign that openssl checks without being told more than the digest; one fits each kind of key.
const SCHEMES: [SignatureScheme; 5] = [
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PKCS1_SHA256,
];

/// A public key and its signature.
fn proof(identity: &Identity, said: &[u8]) -> Result<String, CertificateError> {
    let failed = |reason: &str| CertificateError::NotMade { host: identity.host.clone(), reason: reason.to_owned() };
    let key = &identity.certified.key;
    let public = key.public_key().ok_or_else(|| failed("its key has no public half"))?;
    let signer = key.choose_scheme(&SCHEMES).ok_or_else(|| failed("its key cannot sign"))?;
    let signature = signer.sign(said).map_err(|error| failed(&error.to_string()))?;
    Ok(pem("PUBLIC KEY", &public) + &pem("SIGNATURE", &signature))
}
