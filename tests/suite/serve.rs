//! `maquis serve` as a process: what changes while it runs, and how it ends.

use std::fs;

use jiff::{Timestamp, ToSpan};
use rustix::process::Signal;

use crate::served::{Served, folder, maquis, run, write};

const POST: &str = "---\ntitle: Post\ndate: 2024-01-02\n---\nFirst words.\n";

fn changed(line: &str) -> bool {
    line.starts_with("content changed")
}

#[test]
fn the_first_line_is_the_address() {
    let folder = folder(&[("posts/a.md", POST)]);
    let served = Served::folder(folder.path());
    // What is said to whoever starts it as root, or where nothing confines it, comes on the other stream, before or after.
    let warns = |line: &String| line.starts_with("it runs as root") || line.starts_with("not confined");
    let first = served.said.iter().find(|line| !warns(line));
    assert!(first.unwrap().starts_with("gemini://localhost:"), "{:?}", served.said);
    assert!(served.said.iter().any(|line| line.contains("SHA-256")), "{:?}", served.said);
    assert_eq!(served.said.last().unwrap(), "1 post");
}

#[test]
fn a_title_that_changes_is_told_where_links_are_told_apart_by_it() {
    let linking = "---\ntitle: A\ndate: 2024-01-02\n---\nMore [here](b.md).\n";
    let folder = folder(&[("posts/a.md", linking), ("posts/b.md", POST)]);
    let served = Served::folder(folder.path());
    assert!(served.page("/posts/a/").contains("here (Post)"), "{}", served.page("/posts/a/"));
    write(folder.path(), "posts/b.md", &POST.replace("title: Post", "title: Another"));
    served.lines_until(changed);
    assert!(served.page("/posts/a/").contains("here (Another)"), "{}", served.page("/posts/a/"));
}

#[test]
fn a_change_is_live_and_what_is_deleted_is_gone() {
    let folder = folder(&[("posts/a.md", POST), ("posts/b.md", POST)]);
    let served = Served::folder(folder.path());
    assert!(served.page("/posts/a/").contains("First words."));
    write(folder.path(), "posts/a.md", &POST.replace("First", "Second"));
    served.lines_until(changed);
    assert!(served.page("/posts/a/").contains("Second words."));
    fs::remove_file(folder.path().join("posts/b.md")).unwrap();
    write(folder.path(), "posts/new/c.md", POST);
    served.lines_until(changed);
    // Two changes may be seen as one or as two; the last state is what counts.
    while !served.get("/posts/new/c/").head.starts_with("20") || !served.get("/posts/b/").head.starts_with("52") {
        served.lines_until(changed);
    }
    assert!(!served.page("/").contains("/posts/b/"));
}

#[test]
fn case_082_a_broken_post_keeps_its_last_good_version_even_across_a_restart() {
    let folder = folder(&[("posts/a.md", POST), ("posts/b.md", POST)]);
    let mut served = Served::folder(folder.path());
    write(folder.path(), "posts/a.md", "---\ntitle: [unclosed\n---\nSecond words.\n");
    let lines = served.lines_until(|line| line.contains("posts/a.md:"));
    assert!(lines.last().unwrap().contains("its last good version stays published"), "{lines:?}");
    assert!(served.page("/posts/a/").contains("First words."));
    let state = served.state.take().unwrap();
    drop(served);
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(folder.path());
    let again = Served::start(command);
    assert!(again.page("/posts/a/").contains("First words."));
    write(folder.path(), "posts/a.md", &POST.replace("First", "Third"));
    again.lines_until(changed);
    assert!(again.page("/posts/a/").contains("Third words."));
}

#[test]
fn a_post_that_an_editor_has_emptied_and_not_written_yet_keeps_its_last_good_version() {
    let folder = folder(&[("posts/a.md", POST), ("posts/b.md", POST)]);
    let served = Served::folder(folder.path());
    write(folder.path(), "posts/a.md", "");
    let lines = served.lines_until(|line| line.contains("posts/a.md:"));
    assert!(lines.last().unwrap().contains("it is empty") && lines.last().unwrap().contains("its last good version"));
    assert!(served.page("/posts/a/").contains("First words."));
    assert!(served.page("/posts/").contains("/posts/a/"), "{}", served.page("/posts/"));
    write(folder.path(), "posts/a.md", &POST.replace("First", "Third"));
    // It may be seen empty once more.
    served.lines_until(|line| changed(line) && !line.contains("problem"));
    assert!(served.page("/posts/a/").contains("Third words."));
}

#[test]
fn a_scheduled_post_appears_by_itself_and_an_expired_one_goes() {
    let soon = Timestamp::now().checked_add(3.seconds()).unwrap();
    let later = Timestamp::now().checked_add(5.seconds()).unwrap();
    let folder = folder(&[
        ("posts/soon.md", &format!("---\ntitle: Soon\ndate: {soon}\n---\nHere.\n")),
        ("posts/brief.md", &format!("---\ntitle: Brief\nexpiryDate: {later}\n---\nHere.\n")),
    ]);
    let served = Served::folder(folder.path());
    assert!(served.get("/posts/soon/").head.starts_with("51"));
    assert!(served.page("/").contains("/posts/brief/") || served.page("/posts/").contains("/posts/brief/"));
    served.lines_until(changed);
    assert!(served.page("/posts/soon/").contains("Here."));
    served.lines_until(changed);
    assert!(served.get("/posts/brief/").head.starts_with("52"));
}

#[test]
fn case_110_a_reload_applies_what_it_can_and_names_what_it_cannot() {
    let capsule = folder(&[("capsule/posts/a.md", POST)]);
    let state = tempfile::TempDir::new().unwrap();
    let config = |title: &str, listen: &str| {
        let text = format!("[[capsule]]\ntitle = \"{title}\"\n[gemini]\nlisten = [\"{listen}\"]\n");
        write(capsule.path(), "config.toml", &text);
    };
    config("Before", "127.0.0.1:0");
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(capsule.path());
    let served = Served::start(command);
    assert!(served.page("/").starts_with("# Before\n"));
    config("After", "127.0.0.2:0");
    served.signal(Signal::HUP);
    let lines = served.lines_until(|line| line == "configuration reloaded");
    assert!(lines.iter().any(|line| line.contains("gemini.listen") && line.contains("restart to apply")), "{lines:?}");
    assert!(served.page("/").starts_with("# After\n"));
    write(capsule.path(), "config.toml", "[[capsule]]\ntitel = \"x\"\n");
    served.signal(Signal::HUP);
    let lines = served.lines_until(|line| line.starts_with("reload failed"));
    assert!(lines.last().unwrap().contains("did you mean `title`"), "{lines:?}");
    assert!(served.page("/").starts_with("# After\n"));
    // A key pair that breaks is no reason to stop, nor to make a new one.
    config("Third", "127.0.0.1:0");
    fs::write(capsule.path().join("certs/localhost.key"), "").unwrap();
    served.signal(Signal::HUP);
    served.lines_until(|line| line.starts_with("reload failed"));
    assert!(served.page("/").starts_with("# After\n"));
    assert_eq!(fs::read(capsule.path().join("certs/localhost.key")).unwrap(), b"");
}

#[test]
fn a_changed_layout_asks_for_a_restart() {
    let capsule = folder(&[("capsule/posts/a.md", POST), ("config.toml", "[[capsule]]\nlayout = \"plain\"\n")]);
    let state = tempfile::TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(capsule.path());
    let served = Served::start(command);
    write(capsule.path(), "config.toml", "[[capsule]]\nlayout = \"hugo\"\n");
    served.signal(Signal::HUP);
    served.hear(&["capsule.layout changed: restart to apply", "configuration reloaded"]);
    assert!(served.page("/posts/a/").contains("First words."));
}

#[test]
fn it_ends_when_asked_to() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = folder(&[("a.md", POST)]);
        let served = Served::folder(folder.path());
        served.signal(signal);
        served.lines_until(|line| line == "stopping");
        assert_eq!(served.ended().code(), Some(0));
    }
}

#[test]
fn a_host_keeps_its_identity_across_starts() {
    let folder = folder(&[("a.md", POST)]);
    let mut served = Served::folder(folder.path());
    let first = served.get("/").certificate_der;
    let state = served.state.take().unwrap();
    drop(served);
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(folder.path());
    assert_eq!(Served::start(command).get("/").certificate_der, first);
}

#[test]
fn two_capsules_each_have_their_name_and_certificate() {
    let blogs = folder(&[
        ("one/a.md", "# One\n"),
        ("two/a.md", "# Deux\n"),
        (
            "config.toml",
            "[[capsule]]\nsource = \"one\"\nhosts = [\"one.example\", \"www.one.example\"]\n\
             [[capsule]]\nsource = \"two\"\nhosts = [\"two.example\"]\nlanguage = \"fr\"\n\
             [gemini]\nlisten = [\"127.0.0.1:0\", \"[::1]:0\"]\n",
        ),
    ]);
    let state = tempfile::TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(blogs.path());
    let served = Served::start(command);
    let (one, two) = (served.get_from("one.example", "/a/"), served.get_from("two.example", "/a/"));
    assert_eq!((one.head.as_str(), two.head.as_str()), ("20 text/gemini; lang=en", "20 text/gemini; lang=fr"));
    assert!(one.body.starts_with(b"# One\n") && two.body.starts_with(b"# Deux\n"));
    assert_ne!(one.certificate_der, two.certificate_der);
    assert_eq!(served.get_from("www.one.example", "/a/").body, one.body);
    assert!(served.get_from("three.example", "/a/").head.starts_with("53"));
}

#[test]
fn case_112_a_taken_port_is_said_in_one_line() {
    let folder = folder(&[("a.md", POST)]);
    let served = Served::folder(folder.path());
    let state = tempfile::TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", &served.address.to_string()]).arg(folder.path());
    let (code, out, error) = run(command);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(&format!("port {} is taken", served.address.port())), "{error}");
}

#[test]
fn a_swapped_source_folder_is_named_with_the_remedy() {
    let parent = folder(&[("blog/a.md", POST), ("next/a.md", &POST.replace("First", "Other"))]);
    let served = Served::folder(&parent.path().join("blog"));
    fs::rename(parent.path().join("blog"), parent.path().join("old")).unwrap();
    fs::rename(parent.path().join("next"), parent.path().join("blog")).unwrap();
    // A change in the folder that is held open makes it look again.
    write(&parent.path().join("old"), "b.md", POST);
    let lines = served.lines_until(|line| line.contains("was replaced by another folder"));
    assert!(lines.last().unwrap().contains("restart to apply"), "{lines:?}");
    assert!(served.page("/a/").contains("First words."));
}

#[test]
fn a_post_ends_with_the_ways_on() {
    let blog = folder(&[
        ("capsule/posts/a.md", "---\ntitle: Un\ndate: 2024-01-01\ntags: [thé]\nlang: fr\n---\nTexte.\n"),
        ("capsule/posts/b.md", "---\ntitle: Deux\ndate: 2024-01-02\nlang: fr\n---\nTexte.\n"),
        ("config.toml", "[[capsule]]\ncontact = \"mailto:me@example.org\"\n[gemini]\nlisten = [\"127.0.0.1:0\"]\n"),
    ]);
    let state = tempfile::TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(blog.path());
    let page = Served::start(command).page("/posts/a/");
    let foot = "Texte.\n\n=> /posts/b/ Suivant\u{a0}: Deux\n=> /tags/th%C3%A9/ Étiquette\u{a0}: thé\n=> /posts/ Posts\n\
                => / Accueil\n=> mailto:me@example.org Écrire à l’auteur\n";
    assert!(page.ends_with(foot), "{page}");
}

const BROKEN: &str = "---\ntitle: [unclosed\n---\nBroken.\n";

#[test]
fn a_withdrawn_post_does_not_come_back_when_it_breaks() {
    let folder = folder(&[("posts/a.md", POST), ("posts/b.md", POST)]);
    let mut served = Served::folder(folder.path());
    write(folder.path(), "posts/a.md", &POST.replace("---\nFirst", "draft: true\n---\nFirst"));
    served.lines_until(changed);
    assert!(served.get("/posts/a/").head.starts_with("52"));
    write(folder.path(), "posts/a.md", BROKEN);
    served.lines_until(|line| line.contains("posts/a.md:"));
    assert!(served.get("/posts/a/").head.starts_with("52"));
    // Nor at the next start.
    let state = served.state.take().unwrap();
    drop(served);
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(folder.path());
    assert!(Served::start(command).get("/posts/a/").head.starts_with("51"));
}

#[test]
fn the_last_good_version_is_that_of_the_same_blog() {
    let (one, two) = (folder(&[("posts/a.md", POST)]), folder(&[("posts/a.md", BROKEN), ("posts/b.md", POST)]));
    let mut served = Served::folder(one.path());
    let state = served.state.take().unwrap();
    drop(served);
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(two.path());
    assert!(Served::start(command).get("/posts/a/").head.starts_with("51"));
}

#[test]
fn a_rendering_follows_what_its_page_becomes() {
    let folder = folder(&[("x/index.md", POST), ("y.md", POST)]);
    let served = Served::folder(folder.path());
    assert!(served.page("/x/").contains("2024-01-02"));
    // With a page beside it, it introduces a section, and an introduction has no date.
    write(folder.path(), "x/z.md", POST);
    served.lines_until(changed);
    let section = served.page("/x/");
    assert!(section.contains("=> /x/z/ 2024-01-02 Post") && !section.contains("\n2024-01-02\n"), "{section}");
}
