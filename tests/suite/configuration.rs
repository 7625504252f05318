//! The repository's own `config.toml`: it is valid, and it explains every key there is.

use std::path::Path;

use maquis::config::{Overrides, Settings, Surroundings, written};
use maquis::server::Limits;
use maquis::server::endpoint::Endpoint;

const TEXT: &str = include_str!("../../config.toml");

fn load(text: &str) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("capsule")).unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let around = Surroundings { home: None, ..Surroundings::here() };
    Settings::load(&path, &Overrides::default(), &around).unwrap_or_else(|error| panic!("{error}"))
}

/// The file with every commented key as if it were set.
fn uncommented() -> String {
    let key = |line: &str| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).map(str::to_owned);
    TEXT.lines().map(|line| key(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn it_serves_the_sample_capsule_on_loopback() {
    let settings = load(TEXT);
    assert_eq!(settings.capsules.len(), 1);
    assert!(settings.capsules[0].source.ends_with("capsule"));
    assert!(settings.gemini.certificates.ends_with("certs"));
    assert!(settings.gemini.listen.endpoints().iter().all(Endpoint::is_local));
    assert!(settings.warnings.is_empty());
}

#[test]
fn what_it_shows_as_default_is_the_default() {
    let (shown, real) = (load(&uncommented()), load(TEXT));
    assert_eq!(shown.limits, Limits::default());
    assert_eq!(real.limits, Limits::default());
    assert_eq!(shown.gemini.listen.endpoints(), real.gemini.listen.endpoints());
    assert_eq!(shown.gemini.port, Some(maquis::config::PORT));
}

/// An author who wants another word finds its name in the manual.
#[test]
fn the_manual_names_every_word() {
    let manual = include_str!("../../capsule/manual/configuration.md");
    for word in maquis::render::words::Word::ALL {
        assert!(manual.contains(&format!("`{}`", word.name())), "{} is not in the manual", word.name());
    }
}

/// An author who reads the manual instead of the file misses no key.
#[test]
fn the_manual_names_every_key() {
    let manual = include_str!("../../capsule/manual/configuration.md");
    let tables = written::TABLES.into_iter().flat_map(written::keys);
    for key in tables.chain(&written::TOP) {
        assert!(manual.contains(&format!("`{key}`")), "`{key}` is not in capsule/manual/configuration.md");
    }
}

#[test]
fn it_explains_every_key_in_one_line() {
    for key in written::TOP {
        assert!(TEXT.contains(&format!("\n# {key} = ")), "{key}");
    }
    for table in written::TABLES {
        let header = format!("[{table}]");
        let lines = TEXT.lines().skip_while(|line| !line.contains(&header)).skip(1);
        let block: Vec<&str> = lines.take_while(|line| !line.starts_with('[')).collect();
        let explained = |key: &str| {
            let of_key = |line: &&&str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            // A shortcode is a table of its own, in one line.
            let within = |line: &&&str| line.contains(&format!("{{ {key} = ")) || line.contains(&format!(", {key} = "));
            block
                .iter()
                .find(of_key)
                .or_else(|| block.iter().find(within))
                .is_some_and(|line| line.rfind(" # ").is_some_and(|at| line.len() > at + 10))
        };
        for key in written::keys(table) {
            assert!(explained(key), "{key} of [{table}] is not explained in config.toml");
        }
        assert!(!written::keys(table).is_empty());
    }
}

#[test]
fn the_licence_is_carried_in_full() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE")).unwrap();
    assert!(text.starts_with("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007"));
    assert!(text.contains("13. Remote Network Interaction") && text.len() > 30_000);
}
