//! `maquis certificate`: who a host proves to be, in the forms clients show, and the identity of an existing
//! capsule brought along.

use std::path::Path;

use jiff::Timestamp;

use super::{Asked, Error};
use crate::config::Surroundings;
use crate::server::certificate::{self, Identity};

/// Prints each host's fingerprints, names and dates.
pub fn show(asked: &Asked) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let folder = &settings.gemini.certificates;
    for host in settings.capsules.iter().flat_map(|capsule| &capsule.hosts) {
        if !certificate::is_there(folder, host) {
            println!("{host}\n  no key pair yet: it is made at the first start, in {}\n", folder.display());
            continue;
        }
        describe(&certificate::load(folder, host)?);
    }
    Ok(())
}

/// Takes the key pair of another server as a host's own.
pub fn import(asked: &Asked, certificate_file: &Path, key_file: &Path, host: &str) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let identity = certificate::import(certificate_file, key_file, host, &settings.gemini.certificates)?;
    println!(
        "{host} keeps the identity its readers know; the key pair is in {}\n",
        settings.gemini.certificates.display()
    );
    describe(&identity);
    Ok(())
}

fn describe(identity: &Identity) {
    let prints = &identity.fingerprints;
    println!("{}", identity.host);
    for (what, print) in [("certificate", &prints.certificate), ("public key", &prints.public_key)] {
        println!("  SHA-256 of the {what}");
        println!("    hex     {}", print.hex());
        println!("    colons  {}", print.colons());
        println!("    base64  {}", print.base64());
    }
    println!("  names   {}", identity.names.join(", "));
    println!("  valid   {} to {}", certificate::date(identity.not_before), certificate::date(identity.not_after));
    for warning in identity.warnings(Timestamp::now().as_second()) {
        println!("  note    {warning}");
    }
    println!();
}
