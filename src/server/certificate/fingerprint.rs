//! Fingerprints: what readers compare when a client asks them whether to trust a capsule.
//!
//! Lagrange and Amfora pin the SHA-256 of the public key (RFC 5280 `SubjectPublicKeyInfo`), gmni and Bombadillo
//! that of the whole certificate; clients show them in hexadecimal, some with colons.

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

/// The two fingerprints of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    pub certificate: Fingerprint,
    pub public_key: Fingerprint,
}

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of DER bytes.
    pub fn of(der: &[u8]) -> Fingerprint {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Fingerprint(bytes)
    }

    /// `0b1c…`, as Lagrange and Amfora show it.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// `0B:1C:…`, as openssl shows it.
    pub fn colons(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|byte| HEXUPPER.encode(&[*byte])).collect();
        pairs.join(":")
    }

    /// As in pins of the web.
    pub fn base64(&self) -> String {
        BASE64.encode(&self.0)
    }
}
