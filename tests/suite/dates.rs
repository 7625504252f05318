//! `dates`: a plain folder whose posts say no date has the files' or git's, where its author asks for that.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run, write};

/// A blog in a folder `posts`, and its configuration.
fn blog(dates: &str) -> TempDir {
    let home = folder(&[
        (
            "config.toml",
            &format!(
                "[[capsule]]\nsource = \"posts\"\ntimezone = \"UTC\"\ndates = \"{dates}\"\n\
                 [gemini]\nlisten = [\"127.0.0.1:0\"]\n"
            ),
        ),
        ("posts/first.md", "# First\n\nWords.\n"),
        ("posts/said.md", "---\ndate: 2011-01-01\n---\n# Said\n"),
        ("posts/about.md", "---\ndate: false\n---\n# About\n"),
        ("posts/2012-02-02-named.md", "# Named\n"),
    ]);
    for file in fs::read_dir(home.path().join("posts")).unwrap() {
        modified(&file.unwrap().path(), "2021-03-04T05:06:07Z");
    }
    home
}

fn modified(file: &Path, when: &str) {
    let seconds = when.parse::<Timestamp>().unwrap().as_second().unsigned_abs();
    let when = UNIX_EPOCH + Duration::from_secs(seconds);
    File::options().append(true).open(file).unwrap().set_modified(when).unwrap();
}

fn git(folder: &Path, when: &str, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_AUTHOR_DATE", when).env("GIT_COMMITTER_DATE", when);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").args([
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
    ]);
    let done = git.args(arguments).output().expect("git is installed; .ci/run installs it");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn command(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = maquis(home.path());
    // As within a hook of another repository.
    command.env("GIT_DIR", "/nowhere").env("GIT_INDEX_FILE", "/nowhere/index");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.args(arguments).current_dir(home.path());
    command
}

/// The days in the list of all posts, with the titles.
fn listed(served: &Served) -> Vec<String> {
    let lines = served.page("/");
    let link = |line: &str| line.strip_prefix("=> ")?.split_once(' ').map(|(_, label)| label.to_owned());
    lines.lines().filter_map(link).filter(|label| label.starts_with("20")).collect()
}

#[test]
fn without_being_asked_maquis_dates_nothing() {
    let home = blog("written");
    let served = Served::start(command(&home, &["serve"]));
    assert_eq!(listed(&served), ["2012-02-02 Named", "2011-01-01 Said"]);
}

#[test]
fn a_file_says_when_it_was_last_modified() {
    let home = blog("file");
    let served = Served::start(command(&home, &["serve"]));
    assert_eq!(listed(&served), ["2021-03-04 First", "2012-02-02 Named", "2011-01-01 Said"]);
    assert!(served.page("/first/").contains("2021-03-04"));
    assert!(served.page("/atom.xml").contains("<published>2021-03-04T05:06:07Z</published>"));
    assert!(!served.page("/about/").contains("2021"), "it says that it has none");
}

#[test]
fn git_says_when_a_post_was_first_committed_and_its_file_until_it_was() {
    let home = blog("git");
    git(home.path(), "2015-05-05T23:30:00-05:00", &["init", "-q"]);
    // What its own configuration would have git say otherwise.
    for setting in ["log.showRoot=false", "log.follow=true", "color.ui=always", "log.showSignature=true"] {
        let (key, value) = setting.split_once('=').unwrap();
        git(home.path(), "2015-05-05T23:30:00-05:00", &["config", key, value]);
    }
    git(home.path(), "2015-05-05T23:30:00-05:00", &["add", "posts"]);
    git(home.path(), "2015-05-05T23:30:00-05:00", &["commit", "-qm", "begin"]);
    let first = home.path().join("posts/first.md");
    fs::write(&first, "# First\n\nMore words, and better ones.\n").unwrap();
    write(home.path(), "posts/second.md", "# Second, which is another text altogether\n\nAnd long.\n");
    git(home.path(), "2016-06-06T00:00:00Z", &["add", "posts"]);
    git(home.path(), "2016-06-06T00:00:00Z", &["commit", "-qm", "go on"]);
    git(home.path(), "2017-07-07T00:00:00Z", &["mv", "posts/second.md", "posts/moved.md"]);
    git(home.path(), "2017-07-07T00:00:00Z", &["commit", "-qm", "move"]);
    let served = Served::start(command(&home, &["serve"]));
    let known = ["2016-06-06 Second, which is another text altogether", "2015-05-05 First"];
    let said = ["2012-02-02 Named", "2011-01-01 Said"];
    assert_eq!(listed(&served), [&known[..], &said].concat());
    // Written while it serves, when git can be asked no more.
    let beside = home.path().join("third.md");
    fs::write(&beside, "# Third\n").unwrap();
    modified(&beside, "2018-08-08T00:00:00Z");
    fs::rename(&beside, home.path().join("posts/third.md")).unwrap();
    served.hear(&["5 posts"]);
    assert_eq!(listed(&served), [&["2018-08-08 Third"], &known[..], &said].concat());
    drop(served);
    // The next start asks again; nothing else of the page has changed.
    git(home.path(), "2019-09-09T00:00:00Z", &["add", "posts"]);
    git(home.path(), "2019-09-09T00:00:00Z", &["commit", "-qm", "third"]);
    let served = Served::start(command(&home, &["serve"]));
    assert_eq!(listed(&served), [&["2019-09-09 Third"], &known[..], &said].concat());
    let why = |file: &str| run(command(&home, &["explain", file])).1;
    write(home.path(), "posts/fourth.md", "# Fourth\n");
    assert!(why("posts/third.md").contains("Markdown, converted; its date is that of its first commit\n"));
    assert!(why("posts/fourth.md").contains("; its date is that of its file\n"));
    assert!(why("posts/said.md").contains("Markdown, converted\n") && why("posts/about.md").contains("converted\n"));
    let page = served.page("/third/");
    assert!(page.contains("2019-09-09") && !page.contains("2018"), "{page}");
}

#[test]
fn where_git_has_no_dates_it_is_said_why() {
    let home = blog("git");
    let (code, _, error) = run(command(&home, &["check"]));
    assert_eq!(code, 1);
    let expected = "posts: the dates that git has of it cannot be used: it is in no git repository; \
                    write dates = \"file\", or git init and commit the posts";
    assert!(error.contains(expected), "{error}");
    let (_, _, error) = run({
        let mut command = command(&home, &["check"]);
        command.env("PATH", home.path());
        command
    });
    assert!(error.contains("git is not installed; install it, or write dates = \"file\""), "{error}");
    git(home.path(), "2015-05-05T00:00:00Z", &["init", "-q"]);
    git(home.path(), "2015-05-05T00:00:00Z", &["add", "posts"]);
    for name in ["one", "two"] {
        git(home.path(), "2015-05-05T00:00:00Z", &["commit", "-q", "--allow-empty", "-m", name]);
    }
    let away = TempDir::new().unwrap();
    let origin = format!("file://{}", home.path().display());
    git(away.path(), "2015-05-05T00:00:00Z", &["clone", "-q", "--depth=1", &origin, "."]);
    fs::copy(home.path().join("config.toml"), away.path().join("config.toml")).unwrap();
    let (code, _, error) = run(command(&away, &["check"]));
    assert_eq!(code, 1);
    assert!(error.contains("its history was fetched in part"), "{error}");
}

#[test]
fn a_generators_folder_has_its_own_dates() {
    let home = folder(&[
        ("config.toml", "[[capsule]]\nsource = \"blog\"\ndates = \"file\"\n"),
        ("blog/hugo.toml", "title = 'A'\n"),
        ("blog/content/posts/a.md", "---\ntitle: A\n---\nWords.\n"),
    ]);
    let (code, out, _) = run(command(&home, &["check"]));
    assert!(out.contains("blog: `dates` is for plain folders, and posts of Hugo say theirs; remove it"), "{out}");
    assert_eq!(code, 0, "it is advice");
}

#[test]
fn who_has_notes_without_dates_is_told_how_they_can_have_some() {
    let home = folder(&[("config.toml", "[[capsule]]\nsource = \"notes\"\n")]);
    (0..5).for_each(|number| write(home.path(), &format!("notes/{number}.md"), "# A note\n\nWords.\n"));
    let advice = "notes: no page has a date, so the feed is empty";
    let (code, out, _) = run(command(&home, &["check"]));
    assert!(code == 0 && out.contains(advice) && out.contains("dates = \"git\" or \"file\""), "{out}");
    write(home.path(), "config.toml", "[[capsule]]\nsource = \"notes\"\ndates = \"file\"\n");
    assert!(!run(command(&home, &["check"])).1.contains(advice));
    write(home.path(), "config.toml", "[[capsule]]\nsource = \"notes\"\n");
    write(home.path(), "notes/5.md", "---\ndate: 2020-01-02\n---\n# A post\n");
    assert!(!run(command(&home, &["check"])).1.contains(advice), "its author knows how");
}
