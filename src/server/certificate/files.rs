//! Reading key files, whatever form an author or another server left them in. `folder` writes them.
//!
//! PEM (RFC 7468, with either kind of line end, text around it and full chains) is told from DER by its content,
//! never by the file's name.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::error::CertificateError;

const OTHERS: u32 = 0o007;
const GROUP_BEYOND_READING: u32 = 0o030;
const GROUP_READS: u32 = 0o040;

/// Whether a file is there; anything but a clear answer is an error, lest a key be taken for absent.
pub(super) fn exists(path: &Path) -> Result<bool, CertificateError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(CertificateError::Unreadable { path: path.to_owned(), source }),
    }
}

/// A key is for the user who runs maquis; the group it runs in may read it too.
pub(super) fn refuse_exposed(path: &Path) -> Result<(), CertificateError> {
    let metadata =
        fs::metadata(path).map_err(|source| CertificateError::Unreadable { path: path.to_owned(), source })?;
    let mode = metadata.mode() & 0o777;
    let group_is_ours = metadata.gid() == rustix::process::getegid().as_raw()
        || rustix::process::getgroups().is_ok_and(|groups| groups.iter().any(|gid| gid.as_raw() == metadata.gid()));
    let group_exposes = mode & GROUP_READS != 0 && !group_is_ours;
    if mode & (OTHERS | GROUP_BEYOND_READING) != 0 || group_exposes {
        return Err(CertificateError::Exposed { path: path.to_owned(), mode });
    }
    Ok(())
}

/// The certificates of a file, the host's own first.
pub(super) fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    chain_of(path, read(path)?)
}

/// The same of bytes that are at hand; `path` is for messages.
pub(super) fn chain_of(path: &Path, bytes: Vec<u8>) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let chain = if is_pem(&bytes) {
        CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>().map_err(|error| broken(path, error))?
    } else {
        vec![CertificateDer::from(bytes)]
    };
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate { path: path.to_owned() });
    }
    for certificate in &chain {
        match X509Certificate::from_der(certificate) {
            Ok(([], _)) => {}
            Ok(_) => return Err(CertificateError::Damaged { path: path.to_owned() }),
            Err(_) if is_cut_off(certificate) => return Err(CertificateError::Truncated { path: path.to_owned() }),
            Err(_) if certificate.first() == Some(&SEQUENCE) => {
                return Err(CertificateError::Damaged { path: path.to_owned() });
            }
            Err(_) => return Err(CertificateError::NoCertificate { path: path.to_owned() }),
        }
    }
    Ok(chain)
}

/// The private key of a file.
pub(super) fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    key_of(path, read(path)?)
}

/// The same of bytes that are at hand; `path` is for messages.
pub(super) fn key_of(path: &Path, bytes: Vec<u8>) -> Result<PrivateKeyDer<'static>, CertificateError> {
    if is_encrypted(&bytes) {
        return Err(CertificateError::Encrypted { path: path.to_owned() });
    }
    if !is_pem(&bytes) {
        return key_from_der(path, bytes);
    }
    match PrivateKeyDer::from_pem_slice(&bytes) {
        Ok(key) if is_cut_off(key.secret_der()) => Err(CertificateError::Truncated { path: path.to_owned() }),
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) if contains(&bytes, "BEGIN OPENSSH PRIVATE KEY") => {
            Err(CertificateError::OpenSsh { path: path.to_owned() })
        }
        Err(pem::Error::NoItemsFound) => Err(CertificateError::NoKey { path: path.to_owned() }),
        Err(error) => Err(broken(path, error)),
    }
}

fn key_from_der(path: &Path, bytes: Vec<u8>) -> Result<PrivateKeyDer<'static>, CertificateError> {
    if bytes.first() == Some(&SEQUENCE) && is_cut_off(&bytes) {
        return Err(CertificateError::Truncated { path: path.to_owned() });
    }
    PrivateKeyDer::try_from(bytes).map_err(|_| CertificateError::NoKey { path: path.to_owned() })
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let bytes = fs::read(path).map_err(|source| CertificateError::Unreadable { path: path.to_owned(), source })?;
    if bytes.trim_ascii().is_empty() {
        return Err(CertificateError::Empty { path: path.to_owned() });
    }
    Ok(bytes)
}

fn broken(path: &Path, error: pem::Error) -> CertificateError {
    match error {
        pem::Error::MissingSectionEnd { .. } => CertificateError::Truncated { path: path.to_owned() },
        _ => CertificateError::Damaged { path: path.to_owned() },
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    contains(bytes, "-----BEGIN ")
}

/// PKCS#8 `EncryptedPrivateKeyInfo` begins with a sequence in a sequence, an open key with a version number.
fn is_encrypted(bytes: &[u8]) -> bool {
    if is_pem(bytes) {
        return contains(bytes, "BEGIN ENCRYPTED PRIVATE KEY") || contains(bytes, "Proc-Type: 4,ENCRYPTED");
    }
    header(bytes).is_some_and(|(start, _)| bytes.get(start) == Some(&SEQUENCE))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

const SEQUENCE: u8 = 0x30;

/// Where the content of a DER sequence begins, and how many bytes it says it has (X.690, 8.1.3).
fn header(der: &[u8]) -> Option<(usize, usize)> {
    let (&SEQUENCE, rest) = der.split_first()? else { return None };
    let (&first, rest) = rest.split_first()?;
    if first < 0x80 {
        return Some((2, usize::from(first)));
    }
    let digits = rest.get(..usize::from(first & 0x7f)).filter(|digits| digits.len() <= 4)?;
    Some((2 + digits.len(), digits.iter().fold(0, |len, digit| (len << 8) | usize::from(*digit))))
}

fn is_cut_off(der: &[u8]) -> bool {
    header(der).is_some_and(|(start, len)| start + len > der.len())
}
