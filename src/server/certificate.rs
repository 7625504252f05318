//! A host's identity: its key pair in the certificates folder, `<host>.crt` and `<host>.key`.
//!
//! Readers trust a capsule's certificate on first use and are warned when it changes, so an identity is made once
//! (`make`) or brought along ([`import`]) and replaced only on the operator's word ([`renew`]): whatever is wrong
//! with an existing file is an error that says so. Certificates: RFC 5280; keys: RFC 5958 (PKCS#8), 5915 (SEC1), 8017 (PKCS#1); PEM: RFC 7468.

pub mod bundle;
pub mod continuity;
mod error;
mod files;
mod fingerprint;
mod folder;
mod import;
mod make;
mod pem;
pub mod renew;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use continuity::Continuity;
pub use error::CertificateError;
pub use fingerprint::{Fingerprint, Fingerprints};
pub use import::import;

/// So many seconds before its end, a certificate is spoken of: thirty days.
const SOON: i64 = 30 * 24 * 3600;

/// A host and the key pair it proves itself with; the two belong together.
pub struct Identity {
    /// The name, lower case, an A-label; an IPv6 address without brackets.
    pub host: String,
    /// The certificate, then those that signed it, and the key.
    pub certified: Arc<CertifiedKey>,
    pub fingerprints: Fingerprints,
    /// What vouches for its key.
    pub continuity: Continuity,
    /// The names the certificate is for.
    pub names: Vec<String>,
    /// Seconds since 1970.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
}

/// Whether an identity was there or is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Found,
    /// Neither file was there.
    Made,
    /// The key was there and the certificate was not: it is made again, from the same key.
    CertificateMade,
}

/// What an operator should know of an identity that works nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    #[error(
        "the certificate of {host} expired on {date}: some clients refuse it; extend it with the same key: maquis certificate extend --host {host}"
    )]
    Expired { host: String, date: String },
    #[error(
        "the certificate of {host} ends on {date}: extend it before, with the same key: maquis certificate extend --host {host}"
    )]
    Soon { host: String, date: String },
    #[error("the certificate of {host} is not valid before {date}: is this machine's clock right?")]
    NotYetValid { host: String, date: String },
    #[error("the certificate of {host} is for {names}, not for {host}: some clients refuse it")]
    OtherName { host: String, names: String },
    #[error(
        "{path} does not lead to the key that {host} has, so readers are not shown it; to finish a rotation that was interrupted: maquis certificate rotate --host {host} --yes"
    )]
    Continuity { host: String, path: String },
    #[error("{host} is an address, not a name: Lagrange refuses certificates for addresses; use a name where you can")]
    Address { host: String },
}

/// Where the two files of a host are.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn of(folder: &Path, host: &str) -> Result<Pair, CertificateError> {
        let name = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'));
        if host.is_empty() || host.starts_with('.') || !name {
            return Err(CertificateError::HostName { host: host.to_owned() });
        }
        Ok(Pair { certificate: folder.join(format!("{host}.crt")), key: folder.join(format!("{host}.key")) })
    }
}

/// Whether a host has a key pair, or at least a file of one. Where it cannot be told it counts as there, so that
/// [`load`] says why instead of somebody that there is none.
pub fn is_there(folder: &Path, host: &str) -> bool {
    let there = |path: &PathBuf| files::exists(path).unwrap_or(true);
    Pair::of(folder, host).is_ok_and(|pair| there(&pair.certificate) || there(&pair.key))
}

/// The identity of a host as it is in the folder. Nothing is written.
pub fn load(folder: &Path, host: &str) -> Result<Identity, CertificateError> {
    let pair = Pair::of(folder, host)?;
    files::refuse_exposed(&pair.key)?;
    let identity = read_pair(&pair.certificate, &pair.key, host)?;
    let continuity = Continuity::read(folder, host, &identity.fingerprints.public_key);
    Ok(Identity { continuity, ..identity })
}

/// The identity of a host, made now where there is none. A file that is there is never replaced.
pub fn load_or_make(folder: &Path, host: &str) -> Result<(Identity, Origin), CertificateError> {
    let pair = Pair::of(folder, host)?;
    let origin = match (files::exists(&pair.certificate)?, files::exists(&pair.key)?) {
        (true, true) => Origin::Found,
        (true, false) => return Err(CertificateError::MissingKey { certificate: pair.certificate, key: pair.key }),
        (false, true) => Origin::CertificateMade,
        (false, false) => Origin::Made,
    };
    match origin {
        Origin::Found => {}
        Origin::Made | Origin::CertificateMade => make::make(folder, host, &pair)?,
    }
    Ok((load(folder, host)?, origin))
}

/// Reads a pair from any two files and sees that they belong together.
fn read_pair(certificate: &Path, key: &Path, host: &str) -> Result<Identity, CertificateError> {
    let chain = files::read_chain(certificate)?;
    let key_der = files::read_key(key)?;
    identity(chain, key_der, host, certificate, key)
}

/// The certificate that belongs to the key is the host's own, wherever it stands among those of its file.
fn identity(
    mut chain: Vec<CertificateDer<'static>>,
    key_der: PrivateKeyDer<'static>,
    host: &str,
    certificate_path: &Path,
    key_path: &Path,
) -> Result<Identity, CertificateError> {
    let signing = aws_lc_rs::sign::any_supported_type(&key_der)
        .map_err(|_| CertificateError::UnsupportedKey { path: key_path.to_owned() })?;
    let damaged = || CertificateError::Damaged { path: certificate_path.to_owned() };
    let spki = signing.public_key();
    let is_own = |der: &CertificateDer<'_>| {
        let parsed = X509Certificate::from_der(der).ok();
        parsed.is_some_and(|(_, parsed)| spki.as_ref().is_none_or(|spki| spki.as_ref() == parsed.public_key().raw))
    };
    let own = chain.iter().position(is_own).ok_or_else(|| CertificateError::Mismatch {
        certificate: certificate_path.to_owned(),
        key: key_path.to_owned(),
    })?;
    chain[..=own].rotate_right(1);
    let leaf = chain.first().ok_or_else(damaged)?;
    let (_, parsed) = X509Certificate::from_der(leaf).map_err(|_| damaged())?;
    let public_key = parsed.public_key().raw;
    Ok(Identity {
        host: host.to_owned(),
        fingerprints: Fingerprints { certificate: Fingerprint::of(leaf), public_key: Fingerprint::of(public_key) },
        continuity: Continuity::Nothing,
        names: names(&parsed),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        certified: Arc::new(CertifiedKey::new(chain, signing)),
    })
}

/// The alternative names, or the common names of a certificate that has none.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative: Vec<String> = match certificate.subject_alternative_name() {
        Ok(Some(extension)) => extension.value.general_names.iter().filter_map(alternative_name).collect(),
        Ok(None) | Err(_) => Vec::new(),
    };
    if !alternative.is_empty() {
        return alternative;
    }
    certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).map(str::to_owned).collect()
}

fn alternative_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(v4) => Some(std::net::Ipv4Addr::from(v4).to_string()),
            Err(_) => <[u8; 16]>::try_from(*bytes).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string()),
        },
        // No client looks a capsule up by another kind of name.
        _ => None,
    }
}

impl Identity {
    /// Whether the certificate is for the host, a wildcard for one label included.
    pub fn covers_host(&self) -> bool {
        let parent = self.host.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|name| {
            let wildcard = name.strip_prefix("*.").filter(|_| !is_address(&self.host));
            name.eq_ignore_ascii_case(&self.host)
                || wildcard.zip(parent).is_some_and(|(name, parent)| name.eq_ignore_ascii_case(parent))
        })
    }

    /// What to tell the operator, at an instant in seconds since 1970.
    pub fn warnings(&self, now: i64) -> Vec<Warning> {
        let host = || self.host.clone();
        let mut warnings = Vec::new();
        if now > self.not_after {
            warnings.push(Warning::Expired { host: host(), date: date(self.not_after) });
        } else if self.not_after.saturating_sub(now) <= SOON {
            warnings.push(Warning::Soon { host: host(), date: date(self.not_after) });
        }
        if now < self.not_before {
            warnings.push(Warning::NotYetValid { host: host(), date: date(self.not_before) });
        }
        if !self.covers_host() {
            let names = if self.names.is_empty() { "no name".to_owned() } else { self.names.join(", ") };
            warnings.push(Warning::OtherName { host: host(), names });
        }
        if let Continuity::OfAnotherKey(path) = &self.continuity {
            warnings.push(Warning::Continuity { host: host(), path: path.display().to_string() });
        }
        if is_address(&self.host) {
            warnings.push(Warning::Address { host: host() });
        }
        warnings
    }
}

/// Whether a host is a name of the public DNS, which a name server may be asked for: no address, and no name that
/// exists on this machine, in its network (RFC 6761, 6762, 8375, 9476) or in a hidden one (RFC 7686) alone.
pub fn is_in_dns(host: &str) -> bool {
    const ELSEWHERE: [&str; 10] =
        [".onion", ".i2p", ".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid", ".alt", ".lan"];
    host.contains('.') && !is_address(host) && !ELSEWHERE.iter().any(|ending| host.ends_with(ending))
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok() || host.parse::<std::net::Ipv6Addr>().is_ok()
}

impl Identity {
    /// The line for the name server that lets clients which ask for it know the key (RFC 6698, RFC 7671: usage
    /// DANE-EE, the public key, SHA-256); none where the host has no name in the DNS.
    pub fn tlsa(&self, port: u16) -> Option<String> {
        is_in_dns(&self.host)
            .then(|| format!("_{port}._tcp.{}. IN TLSA 3 1 1 {}", self.host, self.fingerprints.public_key.hex()))
    }
}

/// The day of an instant, in UTC.
pub fn date(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(instant) => instant.strftime("%F").to_string(),
        Err(_) => format!("{seconds} s after 1970"),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_in_dns, is_there, load};

    #[test]
    fn a_folder_that_cannot_be_looked_into_is_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_there(folder.path(), "localhost"));
        let loops = folder.path().join("loops");
        std::os::unix::fs::symlink(&loops, &loops).unwrap();
        assert!(is_there(&loops, "localhost"));
        assert!(load(&loops, "localhost").err().unwrap().to_string().contains("cannot be read"));
    }

    #[test]
    fn no_name_server_is_asked_for_a_name_that_is_not_public() {
        let elsewhere = ["abc.onion", "abc.b32.i2p", "a.localhost", "pi.local", "a.internal", "a.home.arpa", "a.test"];
        for host in
            elsewhere.into_iter().chain(["a.invalid", "a.alt", "pi.lan", "localhost", "192.0.2.7", "2001:db8::7"])
        {
            assert!(!is_in_dns(host), "{host}");
        }
        for host in ["blog.example.org", "onion.example", "local.i2p.example"] {
            assert!(is_in_dns(host), "{host}");
        }
    }
}
