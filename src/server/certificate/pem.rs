//! Writing PEM (RFC 7468): what is imported, exported or said of keys is text, whatever form it came in.

use data_encoding::BASE64;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Certificates, one after the other.
pub(super) fn chain_pem(chain: &[CertificateDer<'_>]) -> String {
    chain.iter().map(|der| pem("CERTIFICATE", der)).collect()
}

/// A private key, under the label of its kind.
pub(super) fn key_pem(key: &PrivateKeyDer<'_>) -> String {
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        // The enum is open; what rustls reads and is neither of the two is PKCS#8.
        _ => "PRIVATE KEY",
    };
    pem(label, key.secret_der())
}

/// DER under a label, in lines of 64 letters.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let encoded = BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in encoded.as_bytes().chunks(64) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
