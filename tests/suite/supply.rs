//! What comes in with the program: a reason for each direct dependency, and none that is banned.

use std::path::Path;
use std::process::Command;

fn project(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn table(text: &str) -> toml::Table {
    text.parse().unwrap()
}

#[test]
fn each_direct_dependency_has_its_reason() {
    let manifest = table(&project("Cargo.toml"));
    let contributing = project("CONTRIBUTING.md");
    let rows: String = contributing.lines().filter(|line| line.starts_with("| `")).collect();
    let everywhere = manifest["dependencies"].as_table().unwrap();
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let somewhere = targets.filter_map(|target| target.get("dependencies")?.as_table());
    let direct: Vec<&String> = somewhere.chain([everywhere]).flat_map(toml::Table::keys).collect();
    for name in &direct {
        assert!(rows.contains(&format!("`{name}`")), "{name} has no row in CONTRIBUTING.md");
    }
    let counted = format!("The program has {} direct dependencies", direct.len());
    assert!(contributing.contains(&counted), "{counted}");
}

#[test]
fn no_other_system_builds_what_only_linux_has() {
    let manifest = table(&project("Cargo.toml"));
    let of_linux = manifest["target"]["cfg(target_os = \"linux\")"]["dependencies"].as_table().unwrap();
    let everywhere = manifest["dependencies"].as_table().unwrap();
    for name in ["landlock", "libc", "seccompiler"] {
        assert!(of_linux.contains_key(name), "{name} stands below [target.'cfg(target_os = \"linux\")'.dependencies]");
        assert!(!everywhere.contains_key(name), "{name} would be built everywhere");
    }
    for (name, dependency) in everywhere {
        assert!(!name.starts_with("tikv"), "{name}");
        let features = dependency.get("features").and_then(toml::Value::as_array);
        assert!(!features.is_some_and(|all| all.iter().any(|one| one.as_str() == Some("io_uring"))), "{name}");
    }
}

#[test]
fn what_is_banned_is_not_among_what_is_built() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let built: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(built.contains(&"rustls"), "the control: it is a list of crates");
    let rules = table(&project(".cargo/deny.toml"));
    let banned = rules["bans"]["deny"].as_array().unwrap();
    assert!(banned.len() > 10);
    for name in banned.iter().map(|ban| ban["crate"].as_str().unwrap()) {
        assert!(!built.contains(&name), "{name} came in: cargo tree -i {name}");
    }
}
