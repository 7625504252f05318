//! Making a key pair: ECDSA P-256, self-signed, for exactly one name, valid from 1975 to 4096.
//!
//! The key is placed first and the certificate made from what stands there, so that a kill between the two, or a
//! second instance that starts at the same moment, still leads to one key.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use rcgen::{CertificateParams, DnType, IsCa, KeyPair, SanType};

use super::error::CertificateError;
use super::files::{self, Folder};
use super::{Pair, files::Placed};

/// Makes what is missing of a pair.
pub(super) fn make(folder: &Path, host: &str, pair: &Pair) -> Result<(), CertificateError> {
    let failed = |error: rcgen::Error| CertificateError::NotMade { host: host.to_owned(), reason: error.to_string() };
    let locked = Folder::lock(folder)?;
    locked.sweep(&pair.key)?;
    locked.sweep(&pair.certificate)?;
    if !files::exists(&pair.key)? && !files::exists(&pair.certificate)? {
        let key = KeyPair::generate().map_err(failed)?;
        match locked.place(&pair.key, key.serialize_pem().as_bytes())? {
            Placed::Written | Placed::AlreadyThere => {}
        }
    }
    if files::exists(&pair.certificate)? {
        return Ok(());
    }
    files::refuse_exposed(&pair.key)?;
    let key = KeyPair::try_from(&files::read_key(&pair.key)?).map_err(failed)?;
    let certificate = parameters(host).map_err(failed)?.self_signed(&key).map_err(failed)?;
    match locked.place(&pair.certificate, certificate.pem().as_bytes())? {
        Placed::Written | Placed::AlreadyThere => Ok(()),
    }
}

fn parameters(host: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::default();
    parameters.not_before = rcgen::date_time_ymd(1975, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(4096, 1, 1);
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.distinguished_name.push(DnType::CommonName, host);
    parameters.subject_alt_names = vec![match (host.parse::<Ipv4Addr>(), host.parse::<Ipv6Addr>()) {
        (Ok(v4), _) => SanType::IpAddress(v4.into()),
        (_, Ok(v6)) => SanType::IpAddress(v6.into()),
        (Err(_), Err(_)) => SanType::DnsName(host.try_into()?),
    }];
    Ok(parameters)
}
