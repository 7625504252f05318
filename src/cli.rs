//! What can be typed: the doc comments are the help.
//!
//! From the arguments to `command`, which does the work; nothing is checked here but the form.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command::certificate::Agreed;
use crate::command::check::Reach;
use crate::command::doctor::Look;
use crate::command::{self, Asked, Error};
use crate::config::{Overrides, Surroundings};
use crate::content::{Language, gopher};
use crate::read::dialect::Generator;
use crate::server::certificate::renew::Extension;
use crate::server::endpoint::Endpoint;

/// your Markdown blog over Gemini, live, watching nobody
#[derive(Parser, Debug)]
#[command(name = "maquis", version, arg_required_else_help = true, disable_help_subcommand = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  maquis serve ~/blog --host blog.example.org    publish a folder of Markdown or a Hugo blog
  maquis new capsule mine                        begin a capsule; then: cd mine && maquis serve";

#[derive(Subcommand, Debug)]
pub enum Command {
    /// publish a folder, or what config.toml here says
    Serve(Serve),
    /// read everything as serve would, and proof-read it
    Check(Check),
    /// write the capsule as a tree of files, for hosting elsewhere
    Build(Build),
    /// see whether all is well: names, keys, sockets, the sandbox; then visit the capsule as a reader would
    Doctor(Doctor),
    /// say what a reader gets at an address, from which file, and why
    Explain(Explain),
    /// print one post as readers see it
    Convert(Convert),
    /// begin a capsule or a post
    #[command(subcommand)]
    New(New),
    /// show the certificates of your hosts, renew them, or bring them along from another server
    Certificate(Certificate),
    /// how often pages were read, if the configuration has them counted
    Counts(CountsArgs),
    /// keep the whole identity of the capsule in one file, or put it back
    #[command(subcommand)]
    Identity(Identity),
}

#[derive(Args, Debug)]
pub struct Serve {
    /// the folder to publish, without any configuration
    #[arg(conflicts_with = "config")]
    pub source: Option<PathBuf>,
    /// a name readers ask for; may be given several times, the first is canonical
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// an address to listen on, such as 127.0.0.1:1965, or a socket, such as unix:/run/maquis/gemini.sock; may be given
    /// several times
    #[arg(long, value_name = "ADDR", value_parser = endpoint)]
    pub listen: Vec<Endpoint>,
    /// the same for Gopher, such as 127.0.0.1:7070
    #[arg(long, value_name = "ADDR", value_parser = endpoint)]
    pub gopher: Vec<Endpoint>,
    /// the folder of the key pairs; missing ones are made there
    #[arg(long, value_name = "DIR")]
    pub certificates: Option<PathBuf>,
    /// the configuration, instead of config.toml here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Serve {
    /// The options that win over the file.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            hosts: self.hosts.clone(),
            listen: self.listen.clone(),
            gopher: self.gopher.clone(),
            certificates: self.certificates.clone(),
        }
    }
}

#[derive(Args, Debug)]
pub struct Check {
    /// the folder to read, without any configuration
    #[arg(conflicts_with = "config")]
    pub source: Option<PathBuf>,
    /// the configuration, instead of config.toml here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// name everything, however often it repeats itself
    #[arg(long)]
    pub all: bool,
    /// ask the hosts of links that leave the capsule whether something is there; they are named before
    #[arg(long)]
    pub external: bool,
    /// for people, or for editors and scripts: everything, one JSON object a line
    #[arg(long, value_enum, default_value_t = Report::Text)]
    pub format: Report,
}

impl Check {
    fn format(&self) -> command::check::Format {
        match self.format {
            Report::Json => command::check::Format::Json,
            Report::Text if self.all => command::check::Format::All,
            Report::Text => command::check::Format::Text,
        }
    }
}

/// The formats of `check`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Report {
    Text,
    Json,
}

#[derive(Args, Debug)]
pub struct Build {
    /// the folder to make, or to replace if an earlier build made it
    pub dir: PathBuf,
    /// the folder to read, without any configuration
    #[arg(conflicts_with = "config")]
    pub source: Option<PathBuf>,
    /// the name it will be hosted under, which feeds and menus are written with
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// the configuration, instead of config.toml here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Doctor {
    /// the folder that is served, without any configuration
    #[arg(conflicts_with = "config")]
    pub source: Option<PathBuf>,
    /// the configuration, instead of config.toml here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// look for what else on this machine watches: dumps, swap, proxies, logs
    #[arg(long)]
    pub privacy: bool,
}

#[derive(Args, Debug)]
pub struct CountsArgs {
    /// draw them
    #[arg(long)]
    pub chart: bool,
    /// the state folder of the service that counts, such as /var/lib/maquis; else your own
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Explain {
    /// gemini://… or gopher://…, a path such as /posts/x/, or a file of the source folder
    pub what: String,
    /// the folder to read, without any configuration
    #[arg(conflicts_with = "config")]
    pub source: Option<PathBuf>,
    /// the configuration, instead of config.toml here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Convert {
    /// the post; - reads standard input
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// the format to print
    #[arg(long, value_enum, default_value_t = Output::Gemtext)]
    pub to: Output,
    /// how many columns text is filled to, from 28 to 100
    #[arg(long, value_name = "COLUMNS", default_value_t = gopher::WIDTH, value_parser = width)]
    pub width: usize,
    /// the language of the words maquis adds, such as fr
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub lang: Option<Language>,
    /// what the post was written for, and so which marks beside Markdown it may hold; else as the blog around the file
    #[arg(long, value_enum)]
    pub dialect: Option<Tongue>,
    /// exit with 1 when there is a problem
    #[arg(long)]
    pub strict: bool,
}

/// The dialects of `convert`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tongue {
    /// any of these, as far as they can be told apart
    Plain,
    Hugo,
    Zola,
    Jekyll,
    Pelican,
    Eleventy,
    Astro,
}

impl Tongue {
    fn generator(self) -> Generator {
        match self {
            Tongue::Plain => Generator::Plain,
            Tongue::Hugo => Generator::Hugo,
            Tongue::Zola => Generator::Zola,
            Tongue::Jekyll => Generator::Jekyll,
            Tongue::Pelican => Generator::Pelican,
            Tongue::Eleventy => Generator::Eleventy,
            Tongue::Astro => Generator::Astro,
        }
    }
}

/// The formats of `convert`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    Gemtext,
    /// as Gopher readers see it
    Text,
}

#[derive(Subcommand, Debug)]
pub enum New {
    /// make a folder with a configuration, a first page and a first post
    Capsule {
        /// the folder to make; it must not exist, or be empty
        dir: PathBuf,
        /// the language of its texts, en or fr; else the locale's
        #[arg(long, value_name = "LANGUAGE", value_parser = language)]
        lang: Option<Language>,
    },
    /// make a draft with its front matter, and print its path
    Post {
        /// its title; its file name comes from it
        title: String,
        /// the folder to put it in; else the posts folder of the capsule here
        #[arg(long = "in", value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

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

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "not a language such as fr, en or pt-BR".to_owned())
}

/// A path begins where maquis is started.
fn endpoint(text: &str) -> Result<Endpoint, String> {
    let here = std::env::current_dir().unwrap_or_default();
    text.parse::<Endpoint>()?.within(&here)
}

fn day_to_come(text: &str) -> Result<Date, String> {
    let date: Date = text.parse().map_err(|_| "not a day such as 2045-12-31".to_owned())?;
    if date <= TimeZone::UTC.to_datetime(Timestamp::now()).date() {
        Err("not a day to come".to_owned())
    } else {
        Ok(date)
    }
}

fn width(text: &str) -> Result<usize, String> {
    let columns = text.parse().ok().filter(|columns| (gopher::MIN_WIDTH..=gopher::MAX_WIDTH).contains(columns));
    columns.ok_or_else(|| format!("not a number from {} to {}", gopher::MIN_WIDTH, gopher::MAX_WIDTH))
}

/// Does what was typed.
pub fn run(cli: Cli) -> Result<(), Error> {
    match cli.command {
        Command::Serve(serve) => {
            let overrides = serve.overrides();
            command::serve::run(Asked { source: serve.source, config: serve.config, overrides })
        }
        Command::Check(check) => {
            let format = check.format();
            let asked = Asked { source: check.source, config: check.config, overrides: Overrides::default() };
            let reach = if check.external { Reach::OtherHosts } else { Reach::Here };
            command::check::run(&asked, format, reach)
        }
        Command::Build(Build { dir, source, hosts, config }) => {
            let overrides = Overrides { hosts, ..Overrides::default() };
            command::build::run(&Asked { source, config, overrides }, &dir)
        }
        Command::Doctor(Doctor { source, config, privacy }) => {
            let look = if privacy { Look::Privacy } else { Look::Health };
            command::doctor::run(&Asked { source, config, overrides: Overrides::default() }, look)
        }
        Command::Counts(CountsArgs { chart, state }) => {
            let shown = if chart { command::counts::Shown::Chart } else { command::counts::Shown::Lines };
            command::counts::run(state.as_deref(), shown)
        }
        Command::Explain(Explain { what, source, config }) => {
            command::explain::run(&Asked { source, config, overrides: Overrides::default() }, &what)
        }
        Command::Convert(Convert { file, to, width, lang, dialect, strict }) => {
            let format = match to {
                Output::Gemtext => command::convert::Format::Gemtext,
                Output::Text => command::convert::Format::Text { width },
            };
            let problems = if strict { command::convert::Problems::Fail } else { command::convert::Problems::AreTold };
            command::convert::run(Some(&file), format, problems, dialect.map(Tongue::generator), lang.as_ref())
        }
        Command::New(new) => {
            let here = std::env::current_dir().map_err(Error::io("this folder cannot be found"))?;
            for line in command::new::run(&new, &here, &Surroundings::here(), Timestamp::now())? {
                command::say(format_args!("{line}"));
            }
            Ok(())
        }
        Command::Certificate(Certificate { command: None, show })
        | Command::Certificate(Certificate { command: Some(CertificateCommand::Show(show)), .. }) => {
            command::certificate::show(&show.asked())
        }
        Command::Certificate(Certificate {
            command: Some(CertificateCommand::Import { certificate, key, host, folder }),
            ..
        }) => command::certificate::import(&folder.asked(), &certificate, &key, &host),
        Command::Certificate(Certificate {
            command: Some(CertificateCommand::Extend { host, until, names, folder }),
            ..
        }) => command::certificate::extend(&folder.asked(), host.as_deref(), &Extension { until, names }),
        Command::Certificate(Certificate {
            command: Some(CertificateCommand::Rotate { host, yes, folder }), ..
        }) => {
            let agreed = if yes { Agreed::Yes } else { Agreed::NotYet };
            command::certificate::rotate(&folder.asked(), host.as_deref(), agreed)
        }
        Command::Identity(Identity::Export { file, folder }) => command::identity::export(&folder.asked(), &file),
        Command::Identity(Identity::Import { file, folder }) => command::identity::import(&folder.asked(), &file),
    }
}

impl CertificateShow {
    fn asked(self) -> Asked {
        let overrides = Overrides { certificates: self.certificates, ..Overrides::default() };
        Asked { source: None, config: self.config, overrides }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_the_manual_shows_can_be_typed() {
        for line in [
            "maquis serve",
            "maquis serve blog --host a.org --host b.org --listen 127.0.0.1:0 --listen [::1]:0 --certificates keys",
            "maquis serve --config /etc/maquis/config.toml",
            "maquis serve blog --gopher 127.0.0.1:7070",
            "maquis serve blog --listen unix:/run/maquis/gemini.sock --gopher unix:gopher.sock",
            "maquis check blog",
            "maquis check --all --external --format json",
            "maquis counts --chart --state /var/lib/maquis",
            "maquis build out",
            "maquis build out blog --host a.org",
            "maquis build out --config x.toml",
            "maquis doctor",
            "maquis doctor blog",
            "maquis doctor --privacy",
            "maquis explain gemini://a.org/x/ blog",
            "maquis explain /x/ --config x.toml",
            "maquis convert - --to gemtext --lang fr --strict",
            "maquis convert x.md --to text --width 40",
            "maquis new capsule here --lang fr_FR.UTF-8",
            "maquis new post Title --in posts",
            "maquis certificate",
            "maquis certificate --config x.toml",
            "maquis certificate show --certificates keys",
            "maquis certificate import a.crt a.key --host a.org",
            "maquis certificate extend --until 2999-12-31 --name www.a.org --certificates keys",
            "maquis certificate rotate --host a.org --yes",
            "maquis identity export identity.toml --certificates keys",
            "maquis identity import - --config x.toml",
        ] {
            Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        for line in [
            "maquis serve blog --config x",
            "maquis serve --listen localhost",
            "maquis build",
            "maquis build out blog --config x.toml",
            "maquis check --format xml",
            "maquis convert x --lang 1",
            "maquis convert x --width 27",
            "maquis certificate extend --until 1999-12-31",
            "maquis certificate extend --until soon",
            "maquis certificate extend --name a/b",
            "maquis identity export",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }

    #[test]
    fn the_help_shows_two_examples() {
        let help = Cli::command().render_help().to_string();
        assert_eq!(
            help.lines().skip_while(|line| *line != "Examples:").filter(|line| line.starts_with("  ")).count(),
            2
        );
    }
}
