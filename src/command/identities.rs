//! The identities of all hosts, as `serve` needs them at its start and at every reload.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Error;
use crate::config::Settings;
use crate::notice::{Notice, Notices};
use crate::publish::CapsuleSource;
use crate::server::certificate::continuity::Continuity;
use crate::server::certificate::{self, Identity, Origin, Warning};
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
    all: Vec<Identity>,
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
        let continuity = identities.iter().filter_map(said).collect();
        Ok(Identities { tls: tls::config(&identities)?, continuity, all: identities })
    }

    /// Says which certificates have ended or will soon, at an instant in seconds since 1970: whoever lets a server run
    /// for years reads no first lines.
    pub(super) fn remind(&self, now: i64, notices: &Notices) {
        for warning in self.all.iter().flat_map(|identity| identity.warnings(now)) {
            match warning {
                Warning::Soon { .. } | Warning::Expired { .. } => notices.say(Notice::Certificate(warning)),
                Warning::NotYetValid { .. }
                | Warning::OtherName { .. }
                | Warning::Continuity { .. }
                | Warning::Address { .. } => {}
            }
        }
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

fn said(identity: &Identity) -> Option<(String, String)> {
    match &identity.continuity {
        Continuity::Said(text) => Some((identity.host.clone(), text.clone())),
        Continuity::Nothing | Continuity::OfAnotherKey(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, Surroundings};
    use crate::server::certificate::renew::{Extension, extend};

    #[test]
    fn the_end_of_a_certificate_is_said_in_time_and_what_is_well_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings { home: None, state: Some(folder.path().join("state")), user: 0 };
        let (source, certificates) = (folder.path().join("source"), folder.path().join("certificates"));
        std::fs::create_dir(&source).unwrap();
        let hosts = ["one.example", "two.example"].map(str::to_owned);
        let overrides =
            Overrides { hosts: hosts.into(), certificates: Some(certificates.clone()), ..Overrides::default() };
        let settings = Settings::for_folder(&source, &overrides, &around).unwrap();
        hosts_made(&certificates);
        let (notices, said) = Notices::collected();
        let identities = Identities::load(&settings, &notices, Keys::MustExist).unwrap();
        assert_eq!(said.try_iter().count(), 0, "at the start all is well");
        let on = |day: &str| {
            identities.remind(format!("{day}T12:00:00Z").parse::<Timestamp>().unwrap().as_second(), &notices);
            said.try_iter().map(|notice| notice.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(on("2089-12-01"), [""; 0]);
        let remedy = "maquis certificate extend --host one.example";
        assert_eq!(
            on("2089-12-02"),
            [format!(
                "the certificate of one.example ends on 2089-12-31: extend it before, with the same key: {remedy}"
            )]
        );
        assert!(on("2089-12-31")[0].contains("ends on 2089-12-31"), "its last day");
        assert!(on("2090-01-01")[0].starts_with("the certificate of one.example expired on 2089-12-31: "));
    }

    fn hosts_made(folder: &std::path::Path) {
        for host in ["one.example", "two.example"] {
            certificate::load_or_make(folder, host).unwrap();
        }
        let until = Some(jiff::civil::Date::constant(2089, 12, 31));
        extend(folder, "one.example", &Extension { until, names: Vec::new() }).unwrap();
    }
}
