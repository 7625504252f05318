//! Making a key pair: ECDSA P-256, self-signed, for exactly one name, valid from 1975 to 4096.
//!
//! The key is placed first and the certificate made from what stands there, so that a kill between the two, or a
//! second instance that starts at the same moment, still leads to one key.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;
use rcgen::{CertificateParams, DnType, IsCa, KeyPair, SanType};
use rustls::pki_types::PrivateKeyDer;

use super::error::CertificateError;
use super::folder::{Folder, Placed};
use super::{Pair, files};

/// The first and the last day of a certificate: no clock is so wrong, and no capsule so old.
const FIRST: Date = Date::constant(1975, 1, 1);
pub(super) const LAST: Date = Date::constant(4096, 1, 1);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Makes what is missing of a pair.
pub(super) fn make(folder: &Path, host: &str, pair: &Pair) -> Result<(), CertificateError> {
    let locked = Folder::lock(folder)?;
    locked.sweep(&pair.key)?;
    locked.sweep(&pair.certificate)?;
    if !files::exists(&pair.key)? && !files::exists(&pair.certificate)? {
        match locked.place(&pair.key, new_key(host)?.as_bytes())? {
            Placed::Written | Placed::AlreadyThere => {}
        }
    }
    if files::exists(&pair.certificate)? {
        return Ok(());
    }
    files::refuse_exposed(&pair.key)?;
    let certificate = certificate(host, &[host.to_owned()], LAST, &files::read_key(&pair.key)?)?;
    match locked.place(&pair.certificate, certificate.as_bytes())? {
        Placed::Written | Placed::AlreadyThere => Ok(()),
    }
}

/// A new private key, in PEM.
pub(super) fn new_key(host: &str) -> Result<String, CertificateError> {
    Ok(KeyPair::generate().map_err(not_made(host))?.serialize_pem())
}

/// A certificate for these names, in PEM.
pub(super) fn certificate(
    host: &str,
    names: &[String],
    until: Date,
    key: &PrivateKeyDer<'_>,
) -> Result<String, CertificateError> {
    let key = KeyPair::try_from(key).map_err(not_made(host))?;
    let signed = parameters(host, names, until).and_then(|parameters| parameters.self_signed(&key));
    Ok(signed.map_err(not_made(host))?.pem())
}

fn not_made(host: &str) -> impl Fn(rcgen::Error) -> CertificateError {
    move |error| CertificateError::NotMade { host: host.to_owned(), reason: error.to_string() }
}

fn parameters(host: &str, names: &[String], until: Date) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::default();
    let day =
        |date: Date| rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs());
    // To the last second of its last day: RFC 5280, 4.1.2.5 has both ends included.
    (parameters.not_before, parameters.not_after) = (day(FIRST), day(until) + DAY - Duration::from_secs(1));
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.distinguished_name.push(DnType::CommonName, host);
    parameters.subject_alt_names = names.iter().map(|name| alternative(name)).collect::<Result<_, _>>()?;
    Ok(parameters)
}

fn alternative(name: &str) -> Result<SanType, rcgen::Error> {
    Ok(match (name.parse::<Ipv4Addr>(), name.parse::<Ipv6Addr>()) {
        (Ok(v4), _) => SanType::IpAddress(v4.into()),
        (_, Ok(v6)) => SanType::IpAddress(v6.into()),
        (Err(_), Err(_)) => SanType::DnsName(name.try_into()?),
    })
}
