//! Bringing along the identity of a capsule that another server has served, so that its readers' trust survives.

use std::path::Path;

use super::error::CertificateError;
use super::folder::{Folder, Placed};
use super::pem::{chain_pem, key_pem};
use super::{Identity, Pair, files, identity};

/// Puts a pair of files, PEM or DER, into the folder as the identity of a host. What is there is not replaced; an
/// import that was interrupted can be repeated. See [`Identity::warnings`] for what may be odd about it.
pub fn import(certificate: &Path, key: &Path, host: &str, folder: &Path) -> Result<Identity, CertificateError> {
    let chain = files::read_chain(certificate)?;
    let key_der = files::read_key(key)?;
    let pair = Pair::of(folder, host)?;
    let key_text = key_pem(&key_der);
    let chain_text = chain_pem(&chain);
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
