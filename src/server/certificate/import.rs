//! Bringing along the identity of a capsule that another server has served, so that its readers' trust survives.

use std::path::Path;

use data_encoding::BASE64;
use rustls::pki_types::PrivateKeyDer;

use super::error::CertificateError;
use super::files::{self, Folder, Placed};
use super::{Identity, Pair, identity};

/// Puts a pair of files, PEM or DER, into the folder as the identity of a host. What is there is not replaced; an
/// import that was interrupted can be repeated. See [`Identity::warnings`] for what may be odd about it.
pub fn import(certificate: &Path, key: &Path, host: &str, folder: &Path) -> Result<Identity, CertificateError> {
    let chain = files::read_chain(certificate)?;
    let key_der = files::read_key(key)?;
    let pair = Pair::of(folder, host)?;
    let key_text = key_pem(&key_der);
    let chain_text: String = chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
    let imported = identity(chain, key_der, host, certificate, key)?;
    let locked = Folder::lock(folder)?;
    if files::exists(&pair.certificate)? {
        return Err(CertificateError::Exists { path: pair.certificate });
    }
    if locked.place(&pair.key, key_text.as_bytes())? == Placed::AlreadyThere
        && key_pem(&files::read_key(&pair.key)?) != key_text
    {
        return Err(CertificateError::Exists { path: pair.key });
    }
    match locked.place(&pair.certificate, chain_text.as_bytes())? {
        Placed::Written => Ok(imported),
        Placed::AlreadyThere => Err(CertificateError::Exists { path: pair.certificate }),
    }
}

fn key_pem(key: &PrivateKeyDer<'_>) -> String {
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        // The enum is open; what rustls reads and is neither of the two is PKCS#8.
        _ => "PRIVATE KEY",
    };
    pem(label, key.secret_der())
}

fn pem(label: &str, der: &[u8]) -> String {
    let encoded = BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in encoded.as_bytes().chunks(64) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
