//! `maquis certificate`: who a host proves to be, in the forms clients show; the identity of an existing capsule
//! brought along; a new certificate, and, if it has to be, a new key.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Asked, Error, Ports};
use crate::config::{Settings, Surroundings};
use crate::server::certificate::continuity::Continuity;
use crate::server::certificate::renew::{self, Extension, Renewed};
use crate::server::certificate::{self, Identity};
use crate::site::assemble::CONTINUITY;

/// Prints each host's fingerprints, names and dates.
pub fn show(asked: &Asked) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let folder = &settings.gemini.certificates;
    let port = port(&settings);
    for host in &hosts(&settings) {
        if !certificate::is_there(folder, host) {
            say!("{host}\n  no key pair yet: it is made at the first start, in {}\n", folder.display());
            continue;
        }
        describe(&certificate::load(folder, host)?, port);
    }
    Ok(())
}

/// All hosts, in the order of the configuration.
pub(super) fn hosts(settings: &Settings) -> Vec<String> {
    settings.capsules.iter().flat_map(|capsule| &capsule.hosts).cloned().collect()
}

/// The port readers use.
pub(super) fn port(settings: &Settings) -> u16 {
    settings.gemini.port.unwrap_or(Ports::as_configured(settings).gemini)
}

/// Takes the key pair of another server as a host's own.
pub fn import(asked: &Asked, certificate_file: &Path, key_file: &Path, host: &str) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let identity = certificate::import(certificate_file, key_file, host, &settings.gemini.certificates)?;
    say!("{host} keeps the identity its readers know; the key pair is in {}\n", settings.gemini.certificates.display());
    describe(&identity, port(&settings));
    if !hosts(&settings).iter().any(|known| known == host) {
        say!("  {host} is not among the hosts of the configuration: its pair waits");
    }
    Ok(())
}

/// Makes a new certificate for the key of a host.
pub fn extend(asked: &Asked, host: Option<&str>, extension: &Extension) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let host = chosen(&settings, host)?;
    let renewed = renew::extend(&settings.gemini.certificates, &host, extension)?;
    say!("{host} has a new certificate for the same key\n");
    describe(&renewed.new, port(&settings));
    say!("Clients that remember the public key (Lagrange, Amfora) notice nothing. Those that remember the");
    say!("certificate (Bombadillo, gmni) warn their readers once; the public key above is how to answer them.");
    say_kept(&renewed);
    Ok(())
}

/// Whether the operator has read what a new key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    Yes,
    NotYet,
}

/// Gives a host a new key, which the old one vouches for.
pub fn rotate(asked: &Asked, host: Option<&str>, agreed: Agreed) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let host = chosen(&settings, host)?;
    let folder = &settings.gemini.certificates;
    if agreed == Agreed::NotYet {
        let old = certificate::load(folder, &host)?;
        say!("A new key for {host}: every client that has been here before will warn its reader that this may");
        say!("be another server, and ask whether to trust it. Some readers will not come back. A new key is for");
        say!("a day on which the old one was stolen or is too weak; for new dates or names there is");
        say!("`maquis certificate extend`, which keeps the key.\n");
        say!("  the key now, SHA-256  {}\n", old.fingerprints.public_key.hex());
        say!("Nothing has been changed. To go on: maquis certificate rotate --host {host} --yes");
        return Err(Error::Found);
    }
    let renewed = renew::rotate(folder, &host, TimeZone::UTC.to_datetime(Timestamp::now()).date())?;
    say!("{host} has a new key\n");
    describe(&renewed.new, port(&settings));
    say!("Every client that has been here before will warn its reader. Tell yours, where they trust you, that");
    say!("the public key above is yours. Readers who wonder find the proof, signed by the old key and the new,");
    say!("at gemini://{host}{CONTINUITY}. If the name server has a TLSA record, change it.");
    say_kept(&renewed);
    Ok(())
}

fn say_kept(renewed: &Renewed) {
    say!("\nWhat was there before is kept:");
    renewed.kept.iter().for_each(|path| say!("  {}", path.display()));
    say!("A server that runs takes the new one at a reload (kill -HUP, or systemctl reload maquis).");
    say!("Take a copy of it home: maquis identity export FILE");
}

/// The host that is meant: the one that is named, else the only one.
fn chosen(settings: &Settings, named: Option<&str>) -> Result<String, Error> {
    let hosts = hosts(settings);
    let names = hosts.join(", ");
    let wrong = |text: String| Error::Config(crate::config::ConfigError::Whole(text));
    match (named, hosts.as_slice()) {
        (Some(host), _) if hosts.iter().any(|known| known == host) => Ok(host.to_owned()),
        (Some(host), _) => Err(wrong(format!("{host} is none of the hosts here; they are {names}"))),
        (None, [host]) => Ok(host.clone()),
        (None, _) => Err(wrong(format!("which host? name it with --host; there are {names}"))),
    }
}

fn describe(identity: &Identity, port: u16) {
    let prints = &identity.fingerprints;
    say!("{}", identity.host);
    for (what, print) in [("certificate", &prints.certificate), ("public key", &prints.public_key)] {
        say!("  SHA-256 of the {what}");
        say!("    hex     {}", print.hex());
        say!("    colons  {}", print.colons());
        say!("    base64  {}", print.base64());
    }
    say!("  names   {}", identity.names.join(", "));
    say!("  valid   {} to {}", certificate::date(identity.not_before), certificate::date(identity.not_after));
    if let Some(record) = identity.tlsa(port) {
        say!("  DNS     {record}");
    }
    if matches!(identity.continuity, Continuity::Said(_)) {
        say!("  before  the key before vouches for this one at {CONTINUITY}");
    }
    for warning in identity.warnings(Timestamp::now().as_second()) {
        say!("  note    {warning}");
    }
    say!("");
}
