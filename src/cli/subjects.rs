//! What follows each subcommand that has to do with texts and the serving of them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::command;
use crate::config::Overrides;
use crate::content::{Language, gopher};
use crate::read::dialect::Generator;
use crate::server::endpoint::Endpoint;

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
    pub(super) fn format(&self) -> command::check::Format {
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
    pub(super) fn generator(self) -> Generator {
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

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "not a language such as fr, en or pt-BR".to_owned())
}

/// A path begins where maquis is started.
fn endpoint(text: &str) -> Result<Endpoint, String> {
    let here = std::env::current_dir().unwrap_or_default();
    text.parse::<Endpoint>()?.within(&here)
}

fn width(text: &str) -> Result<usize, String> {
    let columns = text.parse().ok().filter(|columns| (gopher::MIN_WIDTH..=gopher::MAX_WIDTH).contains(columns));
    columns.ok_or_else(|| format!("not a number from {} to {}", gopher::MIN_WIDTH, gopher::MAX_WIDTH))
}
