//! The manual pages and the completions: they name every command, option and key that there is.

use std::process::Command;

use clap::CommandFactory;
use maquis::cli::Cli;
use maquis::config::written;

#[path = "../../packaging/pages.rs"]
mod packaging;

fn written_pages() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    packaging::write(folder.path()).unwrap();
    folder
}

fn read(folder: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn every_command_and_option_is_on_the_page_and_completed() {
    let folder = written_pages();
    let page = read(&folder, "maquis.1").replace('\\', "");
    let shells = ["maquis.bash", "_maquis", "maquis.fish"].map(|name| read(&folder, name));
    let mut commands = vec![Cli::command()];
    commands[0].build();
    while let Some(command) = commands.pop() {
        for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
            if !matches!(option, "help" | "version") {
                assert!(page.contains(&format!("--{option}")), "{option}");
            }
            assert!(shells.iter().all(|shell| shell.contains(option)), "{option}");
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let name = below.get_bin_name().unwrap().to_uppercase();
            assert!(page.contains(&format!(".SH \"{name}\"")) || page.contains(&format!(".SH {name}")), "{name}");
            commands.push(below.clone());
        }
    }
}

#[test]
fn every_key_is_on_the_page() {
    let page = read(&written_pages(), "maquis-config.5").replace('\\', "");
    for key in written::TOP.iter().chain(written::TABLES.iter().flat_map(|table| written::keys(table))) {
        assert!(page.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn the_pages_can_be_set() {
    let folder = written_pages();
    for page in ["maquis.1", "maquis-config.5"] {
        let mut groff = Command::new("groff");
        let Ok(output) = groff.args(["-k", "-man", "-Tutf8", "-ww"]).arg(folder.path().join(page)).output() else {
            skip!("there is no groff");
            return;
        };
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
