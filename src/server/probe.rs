//! A small Gemini client that trusts every certificate and tells what it met: for tests and for `doctor`.
//!
//! It is no client for reading: it follows no redirect and shows nothing. Blocking; one request, one answer.

pub mod dial;
pub mod line;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, NamedGroup, ProtocolVersion, SignatureScheme, StreamOwned,
};

use super::certificate::{Fingerprint, Fingerprints};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The longest an answer may keep us waiting between two reads.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
pub struct Answer {
    /// The first line, without its CRLF; empty where there was none.
    pub head: String,
    /// What followed it.
    pub body: Vec<u8>,
    /// Everything, head included.
    pub bytes: Vec<u8>,
    /// Whether close_notify came: without it the answer may be cut off.
    pub closed_cleanly: bool,
    pub certificate_der: Vec<u8>,
    pub version: Option<ProtocolVersion>,
    pub group: Option<NamedGroup>,
    pub suite: Option<rustls::CipherSuite>,
}

impl Answer {
    /// The fingerprints of the certificate that was shown, where it can be read.
    pub fn fingerprints(&self) -> Option<Fingerprints> {
        let (_, certificate) = X509Certificate::from_der(&self.certificate_der).ok()?;
        Some(Fingerprints {
            certificate: Fingerprint::of(&self.certificate_der),
            public_key: Fingerprint::of(certificate.public_key().raw),
        })
    }
}

/// Which versions of TLS to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    Any,
    Tls12,
    Tls13,
}

/// Asks for a URL, naming `server_name` in the handshake.
pub fn fetch(address: SocketAddr, server_name: Option<&str>, url: &str) -> io::Result<Answer> {
    send(address, server_name, format!("{url}\r\n").as_bytes())
}

/// Asks for a URL over a connection made before.
pub fn fetch_over<S: Read + Write>(stream: S, server_name: Option<&str>, url: &str) -> io::Result<Answer> {
    let mut tls = shake(stream, server_name, config(Versions::Any)?)?;
    tls.write_all(format!("{url}\r\n").as_bytes())?;
    read_answer(tls)
}

/// Sends any bytes as a request.
pub fn send(address: SocketAddr, server_name: Option<&str>, request: &[u8]) -> io::Result<Answer> {
    let mut tls = connect(address, server_name, config(Versions::Any)?)?;
    tls.write_all(request)?;
    read_answer(tls)
}

/// A connection after its handshake, for callers that want to do something unusual with it.
pub type Connection = StreamOwned<ClientConnection, TcpStream>;

/// The client's side of TLS: every certificate is taken, if its owner proves to have the key.
pub fn config(versions: Versions) -> io::Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let trust = Arc::new(Anyone(provider.signature_verification_algorithms));
    let versions: &[&'static rustls::SupportedProtocolVersion] = match versions {
        Versions::Any => &[&TLS13, &TLS12],
        Versions::Tls12 => &[&TLS12],
        Versions::Tls13 => &[&TLS13],
    };
    offering(provider, versions, trust).map_err(io::Error::other)
}

/// The same with a cryptography of the caller's choice.
pub fn config_of(provider: CryptoProvider) -> io::Result<ClientConfig> {
    let trust = Arc::new(Anyone(provider.signature_verification_algorithms));
    offering(Arc::new(provider), &[&TLS13, &TLS12], trust).map_err(io::Error::other)
}

fn offering(
    provider: Arc<CryptoProvider>,
    versions: &[&'static rustls::SupportedProtocolVersion],
    trust: Arc<Anyone>,
) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(trust).with_no_client_auth())
}

/// Connects and shakes hands.
pub fn connect(address: SocketAddr, server_name: Option<&str>, config: ClientConfig) -> io::Result<Connection> {
    over(TcpStream::connect_timeout(&address, PATIENCE)?, server_name, config)
}

/// Shakes hands over a connection made before.
pub fn over(tcp: TcpStream, server_name: Option<&str>, config: ClientConfig) -> io::Result<Connection> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    shake(tcp, server_name, config)
}

fn shake<S: Read + Write>(
    stream: S,
    server_name: Option<&str>,
    mut config: ClientConfig,
) -> io::Result<StreamOwned<ClientConnection, S>> {
    config.enable_sni = server_name.is_some();
    let name = ServerName::try_from(server_name.unwrap_or("localhost").to_owned()).map_err(io::Error::other)?;
    let session = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut tls = StreamOwned::new(session, stream);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    Ok(tls)
}

/// Reads until the server ends.
pub fn read_answer<S: Read + Write>(mut tls: StreamOwned<ClientConnection, S>) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let closed_cleanly = match tls.read_to_end(&mut bytes) {
        Ok(_) => true,
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => false,
        Err(error) => return Err(error),
    };
    let end = bytes.windows(2).position(|pair| pair == b"\r\n");
    let head = end.and_then(|end| str::from_utf8(&bytes[..end]).ok()).unwrap_or_default().to_owned();
    let body = end.map_or(Vec::new(), |end| bytes[end + 2..].to_vec());
    let certificate = tls.conn.peer_certificates().and_then(|chain| chain.first());
    Ok(Answer {
        head,
        body,
        bytes,
        closed_cleanly,
        certificate_der: certificate.map(|der| der.to_vec()).unwrap_or_default(),
        version: tls.conn.protocol_version(),
        group: tls.conn.negotiated_key_exchange_group().map(|group| group.name()),
        suite: tls.conn.negotiated_cipher_suite().map(|suite| suite.suite()),
    })
}

/// Trusts whoever proves to own the key of the certificate shown.
#[derive(Debug)]
struct Anyone(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
