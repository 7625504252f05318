//! What can be typed: the doc comments are the help.
//!
//! From the arguments to `command`, which does the work; nothing is checked here but the form.

mod keys;
mod subjects;

use clap::{Parser, Subcommand};
use jiff::Timestamp;

pub use self::keys::{Certificate, CertificateCommand, CertificateShow, Identity};
pub use self::subjects::{Build, Check, Convert, CountsArgs, Doctor, Explain, New, Output, Report, Serve, Tongue};

use crate::command::certificate::Agreed;
use crate::command::check::Reach;
use crate::command::doctor::Look;
use crate::command::{self, Asked, Error};
use crate::config::{Overrides, Surroundings};
use crate::server::certificate::renew::Extension;

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
