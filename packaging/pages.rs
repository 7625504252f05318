//! Writes the manual pages and the completions into a folder, from the same definitions as the help and from the
//! comments of `config.toml`: `cargo run --example pages -- FOLDER`.
//!
//! An example, so that the program that serves carries nothing of it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use maquis::cli::Cli;

const CONFIG: &str = include_str!("../config.toml");

// Included by a test too, which calls `write`.
#[allow(dead_code, reason = "a test includes this file")]
fn main() -> io::Result<()> {
    match std::env::args_os().nth(1) {
        Some(folder) => write(Path::new(&folder)),
        None => Err(io::Error::other("which folder? cargo run --example pages -- FOLDER")),
    }
}

/// All of it.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("maquis.1"), command_page()?)?;
    fs::write(folder.join("maquis-config.5"), config_page()?)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut Cli::command(), "maquis", folder)?;
    }
    Ok(())
}

/// `maquis(1)`: one page, with a section for each command.
fn command_page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let whole = Man::new(Cli::command().disable_help_subcommand(true)).manual("maquis");
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    let mut about = Roff::new();
    about.control("SH", ["DESCRIPTION"]);
    about.text([roman(
        "maquis publishes a folder of Markdown, or the blog of a generator, over Gemini and Gopher. It keeps nothing of \
         its readers. The manual is the sample capsule that comes with it.",
    )]);
    about.to_writer(&mut page)?;
    let mut root = Cli::command();
    root.build();
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        section(command, &mut page)?;
    }
    let mut after = Roff::new();
    after.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in [
        ("0", "All is well; or serve was asked to stop, and has."),
        ("1", "It could not be done, or something was found that is to be mended."),
        ("2", "The command was mistyped."),
        ("78", "The configuration cannot be used."),
    ] {
        after.control("TP", []).text([bold(status)]).text([roman(meaning)]);
    }
    after.control("SH", ["SEE ALSO"]);
    after.control("BR", ["maquis-config", "(5)"]);
    after.to_writer(&mut page)?;
    Ok(page)
}

/// A command, and those below it, each as a subsection of its own.
fn section(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let below: Vec<&Command> = command.get_subcommands().filter(|command| command.get_name() != "help").collect();
    let man = Man::new(command.clone().disable_help_flag(true));
    let mut part = Vec::new();
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_uppercase();
    let mut head = Roff::new();
    head.control("SH", [name.as_str()]);
    head.text([roman(sentence(&command.get_about().map(ToString::to_string).unwrap_or_default()))]);
    head.to_writer(&mut part)?;
    if below.is_empty() || command.get_arguments().next().is_some() {
        let mut body = Vec::new();
        man.render_synopsis_section(&mut body)?;
        man.render_options_section(&mut body)?;
        part.write_all(String::from_utf8_lossy(&body).replace(".SH ", ".SS ").as_bytes())?;
    }
    page.append(&mut part);
    below.into_iter().try_for_each(|command| section(command, page))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// `maquis-config(5)`: every key with its default or an example, as `config.toml` explains it.
fn config_page() -> io::Result<Vec<u8>> {
    let mut page = Roff::new();
    page.control("TH", ["maquis-config", "5", "", "maquis", "maquis"]);
    page.control("SH", ["NAME"]).text([roman("maquis-config - the configuration of maquis, config.toml")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([roman(
        "A file in TOML. Every key is optional; shown is its default, or an example where it has none. Paths start at the \
         folder of the file. maquis serve reads config.toml in the current folder, or what --config names.",
    )]);
    page.control("SH", ["ABOVE THE TABLES"]);
    for line in CONFIG.lines() {
        match entry(line) {
            Some(Entry::Table(name, about)) => {
                page.control("SH", [name]).text([roman(sentence(about))]);
            }
            Some(Entry::Key(key, about)) => {
                page.control("TP", []).text([bold(key)]).text([roman(sentence(about))]);
            }
            None => {}
        }
    }
    page.control("SH", ["SEE ALSO"]).control("BR", ["maquis", "(1)"]);
    let mut bytes = Vec::new();
    page.to_writer(&mut bytes)?;
    Ok(bytes)
}

enum Entry<'a> {
    Table(&'a str, &'a str),
    /// `key = value`.
    Key(&'a str, &'a str),
}

/// What one line explains: `[table]   # about`, or `key = value   # about`, commented out or not.
fn entry(line: &str) -> Option<Entry<'_>> {
    let written = line.strip_prefix("# ").unwrap_or(line);
    let (what, about) = match written.rsplit_once(" # ") {
        Some((what, about)) => (what.trim_end(), about.trim()),
        None => (written.trim_end(), ""),
    };
    if what.starts_with('[') {
        return Some(Entry::Table(what, about));
    }
    (!about.is_empty() && what.contains(" = ")).then_some(Entry::Key(what, about))
}
