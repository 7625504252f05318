//! The identities of all hosts, as `serve` needs them at its start and at every reload.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Error;
use crate::config::Settings;
use crate::notice::{Notice, Notices};
use crate::publish::CapsuleSource;
use crate::server::certificate::continuity::Continuity;
use crate::server::certificate::{self, Origin};
use crate::server::tls;

/// Whether a host without a key pair gets one now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Make,
    /// A running server writes no keys.
    MustExist,
}

/// Every host's certificate, and what vouches for its key.
pub(super) struct Identities {
    pub(super) tls: Arc<rustls::ServerConfig>,
    /// By host.
    continuity: HashMap<String, String>,
}

impl Identities {
    /// Reads them, and says them in the form clients show.
    pub(super) fn load(settings: &Settings, notices: &Notices, keys: Keys) -> Result<Identities, Error> {
        let folder = &settings.gemini.certificates;
        let now = Timestamp::now().as_second();
        let mut identities = Vec::new();
        for host in settings.capsules.iter().flat_map(|capsule| &capsule.hosts) {
            let (identity, origin) = match keys {
                Keys::Make => certificate::load_or_make(folder, host)?,
                Keys::MustExist => (certificate::load(folder, host)?, Origin::Found),
            };
            match origin {
                Origin::Found => {}
                Origin::Made => notices.say(Notice::KeyPairMade { host: host.clone() }),
                Origin::CertificateMade => notices.say(Notice::CertificateMade { host: host.clone() }),
            }
            if keys == Keys::Make {
                notices.say(Notice::Identity { host: host.clone(), fingerprints: identity.fingerprints });
            }
            identity.warnings(now).into_iter().for_each(|warning| notices.say(Notice::Certificate(warning)));
            identities.push(identity);
        }
        Ok(Identities { tls: tls::config(&identities)?, continuity: identities.iter().filter_map(said).collect() })
    }

    /// The sources, each with the statements of its hosts.
    pub(super) fn vouch(&self, sources: Vec<CapsuleSource>) -> Vec<CapsuleSource> {
        vouch(sources, &self.continuity)
    }
}

/// The same, with statements by host.
pub(super) fn vouch(sources: Vec<CapsuleSource>, statements: &HashMap<String, String>) -> Vec<CapsuleSource> {
    let with_statements = |source: CapsuleSource| {
        let texts: Vec<&str> =
            source.hosts.iter().filter_map(|host| statements.get(host)).map(String::as_str).collect();
        let continuity = (!texts.is_empty()).then(|| texts.join("\n").into_bytes().into());
        CapsuleSource { continuity, ..source }
    };
    sources.into_iter().map(with_statements).collect()
}

/// What vouches for the keys that are here; nothing is made, and a key that cannot be read is nobody's matter here.
pub(super) fn statements(settings: &Settings) -> HashMap<String, String> {
    let folder = &settings.gemini.certificates;
    let hosts = settings.capsules.iter().flat_map(|capsule| &capsule.hosts);
    let there = hosts.filter(|host| certificate::is_there(folder, host));
    there.filter_map(|host| said(&certificate::load(folder, host).ok()?)).collect()
}

fn said(identity: &certificate::Identity) -> Option<(String, String)> {
    match &identity.continuity {
        Continuity::Said(text) => Some((identity.host.clone(), text.clone())),
        Continuity::Nothing | Continuity::OfAnotherKey(_) => None,
    }
}
