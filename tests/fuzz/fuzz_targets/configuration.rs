//! Any text as a configuration: understood, or refused in one line.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use maquis::config::{Overrides, Settings, Surroundings};

fuzz_target!(|text: &str| {
    // In memory, where there is such a place; a name of its own for each process.
    static FOLDER: OnceLock<std::path::PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let shm = Path::new("/dev/shm");
        let parent = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
        let folder = parent.join(format!("maquis-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("capsule")).expect("a folder");
        folder
    });
    let path = folder.join("config.toml");
    std::fs::write(&path, text).expect("a file");
    let around = Surroundings { home: None, ..Surroundings::here() };
    if let Err(error) = Settings::load(&path, &Overrides::default(), &around) {
        assert!(!error.to_string().trim().is_empty());
    }
});
