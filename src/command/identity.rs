//! `maquis identity`: the whole identity of a capsule in one file, to keep at home and to bring to another machine.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

use super::certificate::hosts;
use super::{Asked, Error};
use crate::config::Surroundings;
use crate::server::certificate::bundle::{Bundle, MOST_BYTES};
use crate::server::certificate::{self, CertificateError};

/// Stands for standard input or output.
const STREAM: &str = "-";

/// Writes the key pairs of all hosts, and what is kept of earlier ones, to one file.
pub fn export(asked: &Asked, file: &Path) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let (folder, hosts) = (&settings.gemini.certificates, hosts(&settings));
    let bundle = Bundle::of(folder, &hosts)?;
    if file == Path::new(STREAM) {
        return print(&bundle);
    }
    if let Some(source) = settings.source_around(file) {
        return Err(CertificateError::Published { path: file.to_owned(), folder: source.to_owned() }.into());
    }
    bundle.write(file)?;
    say!("{} holds the identity of {}", file.display(), bundle.hosts.join(", "));
    say!("  whoever has it can pose as this capsule: take it off this machine, and keep it secret");
    for host in hosts.iter().filter(|host| !bundle.hosts.contains(host)) {
        say!("  {host} has no key pair yet: export again after the first start");
    }
    Ok(())
}

/// To a program that encrypts it, say; a terminal would show keys to whoever looks on.
fn print(bundle: &Bundle) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        let refused = io::Error::other("keys are not shown on a terminal; name a file, or send them to a program");
        return Err(Error::io("the identity is not printed")(refused));
    }
    out.write_all(bundle.to_text().as_bytes()).map_err(Error::io("the identity cannot be written"))
}

/// Puts an exported identity into the folder of the key pairs. Nothing there is replaced.
pub fn import(asked: &Asked, file: &Path) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let folder = &settings.gemini.certificates;
    let bundle = Bundle::parse(file, &read(file)?)?;
    let restored = bundle.restore(folder)?;
    for host in &bundle.hosts {
        let identity = certificate::load(folder, host)?;
        say!("{host} has its identity in {}", folder.display());
        say!("  SHA-256 of the public key  {}", identity.fingerprints.public_key.hex());
    }
    if restored.written.is_empty() {
        say!("  everything was there already");
    }
    let configured = hosts(&settings);
    for host in bundle.hosts.iter().filter(|host| !configured.contains(host)) {
        say!("  {host} is not among the hosts of the configuration: its pair waits");
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = if file == Path::new(STREAM) {
        io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(CertificateError::Bundle { path: file.to_owned(), reason: "it is not text".into() }.into())
        }
        Err(source) => Err(CertificateError::Unreadable { path: file.to_owned(), source }.into()),
    }
}
