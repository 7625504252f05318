//! What follows the subcommands that have to do with key pairs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::command::Asked;
use crate::config::Overrides;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Certificate {
    #[command(subcommand)]
    pub command: Option<CertificateCommand>,
    #[command(flatten)]
    pub show: CertificateShow,
}

#[derive(Subcommand, Debug)]
pub enum CertificateCommand {
    /// each host's fingerprints, names and dates (what certificate alone does)
    Show(CertificateShow),
    /// take over the identity of an existing capsule, so that its readers' trust survives the move
    Import {
        /// its certificate, PEM or DER
        certificate: PathBuf,
        /// its private key, PEM or DER
        key: PathBuf,
        /// the host it is for
        #[arg(long, value_name = "NAME", value_parser = crate::config::host_name)]
        host: String,
        #[command(flatten)]
        folder: CertificateShow,
    },
    /// make a new certificate, with other dates or names, for the same key
    Extend {
        /// the host, where there are several
        #[arg(long, value_name = "NAME", value_parser = crate::config::host_name)]
        host: Option<String>,
        /// the last day it is valid, such as 2045-12-31; else the year 4096
        #[arg(long, value_name = "DATE", value_parser = day_to_come)]
        until: Option<Date>,
        /// a name beside the host and those it has; may be given several times
        #[arg(long = "name", value_name = "NAME", value_parser = crate::config::host_name)]
        names: Vec<String>,
        #[command(flatten)]
        folder: CertificateShow,
    },
    /// make a new key: only when the old one is lost to others, for readers will be warned
    Rotate {
        /// the host, where there are several
        #[arg(long, value_name = "NAME", value_parser = crate::config::host_name)]
        host: Option<String>,
        /// do it; without this, it is only said what it would mean
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        folder: CertificateShow,
    },
}

#[derive(Subcommand, Debug)]
pub enum Identity {
    /// write all key pairs, those of before included, to one file that only you can read
    Export {
        /// the file to make; - writes to a program, to encrypt it
        file: PathBuf,
        #[command(flatten)]
        folder: CertificateShow,
    },
    /// put an exported identity back; nothing that is there is replaced
    Import {
        /// the file; - reads standard input
        file: PathBuf,
        #[command(flatten)]
        folder: CertificateShow,
    },
}

/// Where the key pairs are.
#[derive(Args, Debug)]
pub struct CertificateShow {
    /// the folder of the key pairs, instead of the configuration's
    #[arg(long, value_name = "DIR")]
    pub certificates: Option<PathBuf>,
    /// the configuration, instead of config.toml here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl CertificateShow {
    pub(super) fn asked(self) -> Asked {
        let overrides = Overrides { certificates: self.certificates, ..Overrides::default() };
        Asked { source: None, config: self.config, overrides }
    }
}

fn day_to_come(text: &str) -> Result<Date, String> {
    let date: Date = text.parse().map_err(|_| "not a day such as 2045-12-31".to_owned())?;
    if date <= TimeZone::UTC.to_datetime(Timestamp::now()).date() {
        Err("not a day to come".to_owned())
    } else {
        Ok(date)
    }
}
