//! `maquis new`: what is made can be served, and nothing is overwritten.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maquis::cli::New;
use maquis::command::new;
use maquis::config::{Overrides, Settings, Surroundings};
use maquis::content::Language;
use maquis::read::front_matter::{self, Flavour};

fn around() -> Surroundings {
    Surroundings { home: None, ..Surroundings::here() }
}

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn post(title: &str, folder: Option<&str>, here: &Path) -> Result<PathBuf, String> {
    new::post(title, folder.map(Path::new), here, &around(), now()).map_err(|error| error.to_string())
}

#[test]
fn a_new_capsule_can_be_served_in_either_language() {
    for (tag, title, name) in [("fr-FR", "Ma capsule", "bonjour.md"), ("de", "My capsule", "hello.md")] {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/capsule");
        let made = new::capsule(&folder, &language(tag), now()).unwrap();
        let settings = Settings::load(&made[0], &Overrides::default(), &around()).unwrap();
        assert_eq!(settings.capsules[0].title.as_deref(), Some(title));
        assert_eq!(settings.capsules[0].source, folder.join("capsule"));
        assert!(read(&folder.join("certs/.gitignore")).contains("\n*\n"));

        let text = read(&folder.join("capsule/posts").join(name));
        let (front_matter, _, problems) = front_matter::read(name, &text, &TimeZone::UTC, Flavour::Usual).unwrap();
        assert_eq!(front_matter.date.unwrap().day.to_string(), "2026-11-24");
        assert!(!front_matter.draft && problems.is_empty());
        assert!(!text.contains("{date}"));
    }
}

#[test]
fn what_was_made_is_printed_with_the_next_step() {
    let home = tempfile::tempdir().unwrap();
    let asked = New::Capsule { dir: "mine".into(), lang: Some(language("fr")) };
    let lines = new::run(&asked, home.path(), &around(), now()).unwrap();
    assert_eq!(lines.first().map(PathBuf::from), Some(home.path().join("mine/config.toml")));
    assert_eq!(lines.last().map(String::as_str), Some("\npour la servir : cd mine && maquis serve"));
    // Of a post, its path alone, so that an editor can be given it.
    let asked = New::Post { title: "One".into(), folder: None };
    let lines = new::run(&asked, &home.path().join("mine"), &around(), now()).unwrap();
    assert_eq!(lines, [home.path().join("mine/capsule/posts/one.md").display().to_string()]);
}

#[test]
fn a_capsule_is_made_only_where_nothing_is() {
    let home = tempfile::tempdir().unwrap();
    let made = |name: &str| new::capsule(&home.path().join(name), &language("en"), now());
    std::fs::create_dir(home.path().join("empty")).unwrap();
    assert!(made("empty").is_ok());
    let error = made("empty").unwrap_err().to_string();
    assert!(error.ends_with("/empty is not empty; name a folder that does not exist yet"), "{error}");
    std::fs::write(home.path().join("file"), "").unwrap();
    assert!(made("file").is_err());
    assert_eq!(read(&home.path().join("file")), "");
}

#[test]
fn a_post_goes_where_the_capsule_has_its_posts() {
    let home = tempfile::tempdir().unwrap();
    new::capsule(home.path(), &language("fr"), now()).unwrap();
    let path = post("L’été \"à\" Brest: C:\\", None, home.path()).unwrap();
    assert_eq!(path, home.path().join("capsule/posts/l-ete-a-brest-c.md"));
    let text = read(&path);
    let (front_matter, start, problems) = front_matter::read("x.md", &text, &TimeZone::UTC, Flavour::Usual).unwrap();
    assert_eq!(front_matter.title.as_deref(), Some("L’été \"à\" Brest: C:\\"));
    assert_eq!(front_matter.slug.as_deref(), Some("l-ete-a-brest-c"));
    assert_eq!(front_matter.date.unwrap().day.to_string(), "2026-11-24");
    assert!(front_matter.draft && problems.is_empty());
    // In the language of the capsule, whatever the locale says.
    assert!(text.contains("draft: true # ôtez cette ligne pour publier\n"), "{text}");
    assert_eq!(&text[start..], "\n");
    // The line that makes it a draft can be removed, as it says.
    let published: String =
        text.lines().filter(|line| !line.starts_with("draft")).map(|line| format!("{line}\n")).collect();
    assert!(!front_matter::read("x.md", &published, &TimeZone::UTC, Flavour::Usual).unwrap().0.draft);
}

#[test]
fn a_post_goes_where_hugo_has_its_posts_or_here() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    assert_eq!(post("One", None, here).unwrap(), here.join("one.md"));
    std::fs::create_dir_all(here.join("content/post")).unwrap();
    std::fs::write(here.join("config.toml"), "baseURL = 'https://x.org'\n").unwrap();
    assert_eq!(post("One", None, here).unwrap(), here.join("content/post/one.md"));
    assert_eq!(post("One", Some("content"), here).unwrap(), here.join("content/one.md"));
}

#[test]
fn today_is_the_capsules_day() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("capsule")).unwrap();
    std::fs::write(home.path().join("config.toml"), "[[capsule]]\ntimezone = 'Pacific/Kiritimati'\n").unwrap();
    assert!(read(&post("One", None, home.path()).unwrap()).contains("date: 2026-11-25\n"));
}

#[test]
fn a_post_never_replaces_another() {
    let home = tempfile::tempdir().unwrap();
    let path = post("One", None, home.path()).unwrap();
    std::fs::write(&path, "mine").unwrap();
    assert!(
        post("One!", None, home.path()).unwrap_err().ends_with("one.md exists already; give the post another title")
    );
    assert_eq!(read(&path), "mine");
    assert!(post("One", Some("nowhere"), home.path()).unwrap_err().contains("make it, or name another with --in"));
    assert_eq!(
        post("!?", None, home.path()).unwrap_err(),
        "the title \"!?\" gives no file name; put a letter or a digit in it"
    );
}
