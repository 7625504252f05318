//! What can be wrong with key files, each with its remedy.
//!
//! None of these ever leads to a new key: an identity that readers trust is only replaced by hand.

use std::io;
use std::path::PathBuf;

/// An error of the operator's, one line.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("{} cannot be read: let the user who runs maquis read it", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{} is there but its key {} is not: put the key back, or move the certificate away to make a new pair \
         (readers will be warned)",
        certificate.display(), key.display()
    )]
    MissingKey { certificate: PathBuf, key: PathBuf },
    #[error("{} can be read by others (mode {mode:04o}): chmod 600 {}", path.display(), path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{} is empty: put it back from a copy, or move both files of the pair away to make a new one", path.display())]
    Empty { path: PathBuf },
    #[error("{} is cut off before its end: put it back from a copy", path.display())]
    Truncated { path: PathBuf },
    #[error("{} is damaged: put it back from a copy", path.display())]
    Damaged { path: PathBuf },
    #[error("{} holds no certificate: PEM with BEGIN CERTIFICATE is needed, or DER", path.display())]
    NoCertificate { path: PathBuf },
    #[error("{} holds no private key: PEM with BEGIN PRIVATE KEY is needed, or DER", path.display())]
    NoKey { path: PathBuf },
    #[error(
        "{} is encrypted, and nobody is there to type its password: decrypt it with openssl pkey -in {} -out new.key",
        path.display(), path.display()
    )]
    Encrypted { path: PathBuf },
    #[error("{} is an OpenSSH key: write it as PEM with ssh-keygen -p -m PEM -f {}", path.display(), path.display())]
    OpenSsh { path: PathBuf },
    #[error(
        "{} is a key of a kind that TLS cannot use here: ECDSA (P-256, P-384, P-521), Ed25519 and RSA from 2048 bits work",
        path.display()
    )]
    UnsupportedKey { path: PathBuf },
    #[error("{} and {} do not belong together: put back the pair from a copy", certificate.display(), key.display())]
    Mismatch { certificate: PathBuf, key: PathBuf },
    #[error("{} is there already and is not replaced: move it away first (readers will be warned)", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be written: let the user who runs maquis write in its folder", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("{} is there already and is not replaced: name another file", path.display())]
    Taken { path: PathBuf },
    #[error(
        "{} would be published, for it lies in the source folder {}: name a file outside of it", path.display(), folder.display()
    )]
    Published { path: PathBuf, folder: PathBuf },
    #[error("{host} has no key pair in {} yet: it is made at the first start of maquis serve", folder.display())]
    NoPair { host: String, folder: PathBuf },
    #[error("{} is no identity that maquis has exported: {reason}", path.display())]
    Bundle { path: PathBuf, reason: String },
    #[error("{host:?} cannot be the name of a key file: use a host name or an address")]
    HostName { host: String },
    #[error("no key pair can be made for {host}: {reason}")]
    NotMade { host: String, reason: String },
}
