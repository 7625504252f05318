//! `maquis build`: what it writes is what readers would get, and nothing else is ever written over.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use maquis::content::gopher::Posts;
use maquis::content::{Address, Gopher};
use maquis::publish::{CapsuleSource, Published, Publisher};
use maquis::store::Store;
use maquis::text::charset::Charset;
use tempfile::TempDir;

use crate::crawl::project;
use crate::images::photograph;
use crate::served::{Served, folder, maquis, run, write};

/// A folder whose configuration leaves nothing open: serving it on any port and building it give the same.
struct Blog {
    home: TempDir,
    source: PathBuf,
}

impl Blog {
    /// Of a source folder, served over Gopher too.
    fn of(source: &Path) -> Blog {
        let config = format!(
            "[[capsule]]\nsource = {source:?}\nhosts = [\"localhost\"]\ngone = [\"/withdrawn/*\"]\n\
             [gemini]\nport = 1965\ncertificates = \"keys\"\n[gopher]\nport = 7070\nlisten = [\"127.0.0.1:0\"]\n"
        );
        Blog { home: folder(&[("config.toml", &config)]), source: source.to_owned() }
    }

    fn built(&self) -> PathBuf {
        let target = self.home.path().join("out");
        let (code, _, error) = self.build("out");
        assert_eq!(code, 0, "{error}");
        target
    }

    fn build(&self, target: &str) -> (i32, String, String) {
        let mut command = maquis(self.home.path());
        command.args(["build", target]).current_dir(self.home.path());
        run(command)
    }

    fn served(&self) -> Served {
        let mut command = maquis(self.home.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(self.home.path());
        Served::start(command)
    }

    /// All that is at any address.
    fn published(&self) -> Published {
        let gopher =
            Gopher { host: "localhost".into(), port: 7070, posts: Posts::Text, charset: Charset::Utf8, width: 67 };
        let source = CapsuleSource::new(self.source.clone(), vec!["localhost".into()], 1965);
        let source = CapsuleSource { gopher: Some(gopher), ..source };
        Publisher::new(vec![source], Store::memory()).unwrap().publish(Timestamp::now(), &|_, _| {}).unwrap()
    }
}

/// What a server of files that reads `.meta` answers: head and body.
fn hosted(root: &Path, address: &Address) -> (String, Vec<u8>) {
    let index = if address.is_folder() { "index.gmi" } else { "" };
    let path = root.join(format!("{}{index}", &address.as_str()[1..]));
    let name = path.file_name().unwrap().to_str().unwrap();
    let meta = fs::read_to_string(path.with_file_name(".meta")).unwrap_or_default();
    let said = meta.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default();
    if said.starts_with(|first: char| first.is_ascii_digit()) {
        return (said.to_owned(), Vec::new());
    }
    let guess = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "png" => "image/png",
        "jpg" => "image/jpeg",
        _ => "application/octet-stream",
    };
    let kind = if said.is_empty() { guess } else { said };
    (format!("20 {kind}"), fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn compare(source: &Path) {
    let blog = Blog::of(source);
    let (target, served, published) = (blog.built(), blog.served(), blog.published());
    let capsule = &published.site.capsules[0];
    assert!(capsule.resources.len() > 10);
    for address in capsule.resources.keys() {
        let answer = served.get(&address.encoded());
        assert_eq!(hosted(&target.join("gemini"), address), (answer.head, answer.body), "{address}");
    }
    let hole = capsule.gopherhole.as_ref().unwrap();
    // A file cannot say that something is gone.
    for (address, _) in hole.resources.iter().filter(|(_, body)| !Arc::ptr_eq(body, &hole.gone)) {
        let menu = if address.is_folder() { "gophermap" } else { "" };
        let path = target.join("gopher").join(format!("{}{menu}", &address.as_str()[1..]));
        let file = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(file == served.gopher(&address.encoded()), "{address}");
    }
}

/// A folder with all that is in another but for names that are not wanted.
fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target, wanted);
        } else if wanted(entry.file_name().to_str().unwrap()) {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_sample_is_built_as_it_is_served() {
    compare(&project("capsule"));
}

#[test]
fn every_layout_is_built_as_it_is_served() {
    for layout in ["hugo", "gemtext", "jekyll", "zola"] {
        // One that is broken would end the build.
        let whole = TempDir::new().unwrap();
        copy(&project(&format!("tests/layouts/{layout}")), whole.path(), &|name| {
            !name.contains("broken") && !name.contains("doubtful")
        });
        compare(whole.path());
    }
}

#[test]
fn a_photograph_does_not_say_where_it_was_taken_either() {
    let (file, sent) = photograph(7);
    let texts = folder(&[("a.md", "![Port](port.jpg)\n")]);
    fs::write(texts.path().join("port.jpg"), file).unwrap();
    let blog = Blog::of(texts.path());
    let built = fs::read(blog.built().join("gemini/port.jpg")).unwrap();
    assert!(built == sent);
}

#[test]
fn a_server_of_files_that_is_maquis_gives_the_same_again() {
    let blog = Blog::of(&project("capsule"));
    let (target, served) = (blog.built(), blog.served());
    let again = Blog::of(&target.join("gemini"));
    let again = again.served();
    for address in blog.published().site.capsules[0].resources.keys() {
        let (first, second) = (served.get(&address.encoded()), again.get(&address.encoded()));
        assert_eq!((first.head, first.body), (second.head, second.body), "{address}");
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn what_is_gone_leaves_the_build_and_nothing_stays_beside_it() {
    let texts = folder(&[("index.md", "# Home\n"), ("a.md", "---\naliases: [/older/]\n---\n# A\n"), ("b.md", "# B\n")]);
    let home = folder(&[("out/.maquis-build", ""), ("out/stale.gmi", "old\n"), (".out.maquis-new/.maquis-build", "")]);
    let build = |more: &[&str]| {
        let mut command = maquis(home.path());
        command.args(["build", "out"]).arg(texts.path()).args(more).current_dir(home.path());
        run(command)
    };
    // What a build left that was killed is no obstacle.
    let (code, out, error) = build(&[]);
    assert_eq!(code, 0, "{error}");
    assert!(out.starts_with("out: 0 posts, 2 pages, "), "{out}");
    assert!(error.contains("--host"), "{error}");
    let out = home.path().join("out");
    assert!(!out.join("stale.gmi").exists() && out.join("b/index.gmi").exists());
    assert_eq!(fs::read_to_string(out.join(".redirects")).unwrap(), "31 /older/ /a/\n");
    fs::remove_file(texts.path().join("b.md")).unwrap();
    let (code, _, error) = build(&["--host", "blog.example.org"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(!out.join("b").exists());
    assert!(fs::read_to_string(out.join("sitemap.txt")).unwrap().contains("gemini://blog.example.org/a/"));
    assert_eq!(names(home.path()), BTreeSet::from(["out".to_owned()]));
}

#[test]
fn a_link_to_the_folder_stays_a_link() {
    let texts = folder(&[("index.md", "# Home\n")]);
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", home.path().join("out")).unwrap();
    let mut command = maquis(home.path());
    command.args(["build", "out"]).arg(texts.path()).current_dir(home.path());
    assert_eq!(run(command).0, 0);
    assert!(home.path().join("real/index.gmi").exists());
    assert!(home.path().join("out").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn each_capsule_has_a_folder_of_its_own() {
    let config = "[[capsule]]\nsource = \"a\"\nhosts = [\"a.org\", \"www.a.org\"]\n[[capsule]]\nsource = \"b\"\nhosts = [\"b.org\"]\n";
    let home = folder(&[("config.toml", config), ("a/index.md", "# A\n"), ("b/index.md", "# B\n")]);
    let mut command = maquis(home.path());
    command.args(["build", "out"]).current_dir(home.path());
    let (code, _, error) = run(command);
    assert_eq!((code, error.as_str()), (0, ""));
    for host in ["a.org", "b.org"] {
        assert!(home.path().join("out").join(host).join("index.gmi").exists(), "{host}");
    }
    assert_eq!(names(&home.path().join("out")).len(), 3);
}

#[test]
fn nothing_that_maquis_did_not_make_is_written_over() {
    let home = folder(&[
        ("texts/index.md", "# Home\n"),
        ("texts/empty/x.md", "# X\n"),
        ("mine/letter.txt", "dear\n"),
        ("file", ""),
        (".kept.maquis-new/mine.txt", "mine\n"),
    ]);
    for (target, words) in [
        ("mine", "was not made by maquis build"),
        (".", "was not made by maquis build"),
        ("file", "is a file; name a folder"),
        ("texts/out", "would stand in the source folder"),
        ("texts", "was not made by maquis build"),
        ("missing/out", "missing is not there; make it first"),
        ("/proc/out", "/proc cannot be written; name another folder"),
        ("kept", ".kept.maquis-new was not made by maquis build"),
    ] {
        let before = names(home.path());
        let mut command = maquis(home.path());
        command.args(["build", target, "texts"]).current_dir(home.path());
        let (code, out, error) = run(command);
        assert_eq!((code, out.as_str()), (1, ""), "{target}");
        assert!(error.contains(words), "{target}: {error}");
        assert_eq!(names(home.path()), before, "{target}");
    }
    // A source folder that bears the mark is still a source folder.
    for (target, words) in [("texts", "would stand in"), (".", "is in it, and would be replaced")] {
        write(&home.path().join(target), ".maquis-build", "");
        let mut command = maquis(home.path());
        command.args(["build", target, "texts"]).current_dir(home.path());
        let (code, _, error) = run(command);
        assert_eq!(code, 1, "{target}");
        assert!(error.contains(words), "{target}: {error}");
    }
    assert_eq!(fs::read_to_string(home.path().join("mine/letter.txt")).unwrap(), "dear\n");
}

#[test]
fn an_error_leaves_the_earlier_build_as_it_was() {
    let texts = folder(&[("index.md", "# Home\n")]);
    let home = folder(&[("out/.maquis-build", ""), ("out/index.gmi", "earlier\n")]);
    fs::remove_file(texts.path().join("index.md")).unwrap();
    let mut command = maquis(home.path());
    command.args(["build", "out"]).arg(texts.path()).current_dir(home.path());
    let (code, _, error) = run(command);
    assert_eq!(code, 1);
    assert!(error.contains("there is no Markdown or gemtext"), "{error}");
    assert_eq!(fs::read_to_string(home.path().join("out/index.gmi")).unwrap(), "earlier\n");
    assert_eq!(names(home.path()), BTreeSet::from(["out".to_owned()]));
}

#[test]
fn a_page_that_cannot_be_read_is_not_lost_to_those_who_have_the_earlier_build() {
    let texts = folder(&[("index.md", "# Home\n"), ("a.md", "# A\n"), ("b.md", "---\ntitle: B\n---\n")]);
    let home = TempDir::new().unwrap();
    let build = || {
        let mut command = maquis(home.path());
        command.args(["build", "out"]).arg(texts.path()).args(["--host", "a.org"]).current_dir(home.path());
        run(command)
    };
    assert_eq!(build().0, 0);
    fs::write(texts.path().join("a.md"), b"# A\n\ncaf\xe9\n").unwrap();
    let (code, out, error) = build();
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(error.contains("a.md:3: it is not UTF-8 here; save it as UTF-8"), "{error}");
    assert!(error.contains("nothing was built, and what was there stays: a page would be missing; mend"), "{error}");
    // A date that cannot be read may be one that lies ahead.
    write(texts.path(), "a.md", "---\ndate: soon\n---\n# A\n");
    write(texts.path(), "b.md", "---\ntitle: [\n---\n");
    let (code, _, error) = build();
    assert_eq!(code, 1);
    assert!(error.contains("a.md:2: the date `soon`") && error.contains("2 pages would be missing"), "{error}");
    assert!(home.path().join("out/a/index.gmi").exists() && home.path().join("out/b/index.gmi").exists());
    // What its author keeps back is not missed.
    write(texts.path(), "a.md", "---\ndraft: true\n---\n# A\n");
    write(texts.path(), "b.md", "---\ntitle: B\ndate: 2990-01-01\n---\n");
    assert_eq!(build().0, 0);
    assert!(!home.path().join("out/a").exists());
    assert_eq!(names(home.path()), BTreeSet::from(["out".to_owned()]));
}

#[test]
fn what_cannot_be_a_file_is_named() {
    let slug = "x".repeat(300);
    let texts = folder(&[("index.md", "# Home\n"), ("a.md", &format!("---\nslug: {slug}\n---\n# A\n"))]);
    let home = TempDir::new().unwrap();
    let mut command = maquis(home.path());
    command.args(["build", "out"]).arg(texts.path()).args(["--host", "a.org"]).current_dir(home.path());
    let (code, _, error) = run(command);
    assert_eq!(code, 1);
    assert!(error.contains(&format!("/{slug}/ is left out: its name is longer than 255 bytes")), "{error}");
    assert!(home.path().join("out/index.gmi").exists());
}

#[test]
fn a_file_that_cannot_be_read_costs_itself_only() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let home = folder(&[("texts/index.md", "# Home\n"), ("texts/a.gif", "x"), ("texts/b.png", "x")]);
    let mode = |path: &str, mode| {
        fs::set_permissions(home.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o777);
    mode("texts/a.gif", 0);
    mode("texts/b.png", 0);
    let mut command = maquis(home.path());
    if rustix::process::geteuid().is_root() {
        // Root reads everything, and the program may stand in a folder that only root enters.
        let program = home.path().join("maquis");
        fs::copy(env!("CARGO_BIN_EXE_maquis"), &program).unwrap();
        command = std::process::Command::new(program);
        command.env_clear().env("STATE_DIRECTORY", home.path().join("state")).uid(65534).gid(65534);
    }
    command.args(["build", "out", "texts", "--host", "a.org"]).current_dir(home.path());
    let (code, _, error) = run(command);
    assert_eq!(code, 1, "{error}");
    for file in ["/a.gif", "/b.png"] {
        assert!(error.contains(&format!("{file} is left out: it cannot be read")), "{error}");
    }
    assert!(home.path().join("out/index.gmi").exists() && !home.path().join("out/a.gif").exists());
}
