//! TLS as readers meet it: versions 1.2 and 1.3, a certificate for each name, nothing that links two visits.
//!
//! RFC 8446 and 5246; Gemini network protocol, "TLS". No tickets, no session cache, no early data: a resumed session
//! would tell two visits of one reader apart from those of two.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::crypto::{CryptoProvider, SecureRandom, aws_lc_rs};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{CipherSuite, ServerConfig};

use super::certificate::Identity;

/// Why no TLS configuration can be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("no host has a certificate: name at least one host")]
    NoIdentity,
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

/// The configuration for these identities. The first answers readers who ask for no name, or for an unknown one:
/// their handshake finishes, and the protocol says what is wrong.
pub fn config(identities: &[Identity]) -> Result<Arc<ServerConfig>, TlsError> {
    let first = identities.first().ok_or(TlsError::NoIdentity)?;
    let names = identities.iter().map(|identity| (identity.host.clone(), identity.certified.clone())).collect();
    let resolver = ByName { names, first: first.certified.clone() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.ignore_client_order = true;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// aws-lc-rs, its suites in the order in which this machine computes them fastest; X25519MLKEM768 comes first among
/// its groups.
fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.sort_by_key(|suite| cost(suite.suite()));
    provider
}

/// AES-128 before AES-256, for its handshake hashes with SHA-256; ChaCha20 first where AES has no instructions.
/// The sort is stable: the provider's order stands within a rank.
fn cost(suite: CipherSuite) -> u8 {
    let chacha = if has_aes() { 2 } else { 0 };
    match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => 1,
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => chacha,
        // An open enum of IANA's: whatever else the provider brings comes after the fastest and before nothing.
        _ => 2,
    }
}

fn has_aes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

/// Draws the provider's first randomness, which takes it some 40 ms, beside the rest of the start.
pub fn draw_first_randomness() -> JoinHandle<()> {
    std::thread::spawn(|| {
        // A failure shows again, and with its reason, when a key or a handshake needs randomness.
        let _drawn = random().fill(&mut [0; 32]);
    })
}

fn random() -> &'static dyn SecureRandom {
    aws_lc_rs::default_provider().secure_random
}

/// The certificate for the name that a reader asks for.
#[derive(Debug)]
struct ByName {
    names: HashMap<String, Arc<CertifiedKey>>,
    first: Arc<CertifiedKey>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        Some(name.and_then(|name| self.names.get(&name)).unwrap_or(&self.first).clone())
    }
}
