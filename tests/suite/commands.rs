//! The other subcommands: what they print, and how they end.

use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::served::{folder, maquis, run, write};

pub(crate) fn run_in(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(arguments).current_dir(folder.path());
    run(command)
}

#[test]
fn check_says_where_and_what_and_the_remedy() {
    let blog = folder(&[
        ("posts/good.md", "---\ntitle: Good\ndate: 2024-01-02\n---\nTo [another](lost.md).\n"),
        ("posts/dated.md", "---\ntitle: Dated\ndate: yesterday\n---\nText.\n"),
        ("posts/lost.md", "---\ntitle: Lost\n---\nText.\n\nTo [nothing](nothing.md), and a note[^x].\n"),
        ("posts/open.md", "---\ntitle: Open\nText without an end.\n"),
    ]);
    std::fs::write(blog.path().join("posts/latin.md"), b"# Caf\xe9\n").unwrap();
    let (code, out, _) = run_in(&blog, &["check", "."]);
    assert_eq!(code, 1);
    for (line, words) in [
        ("posts/dated.md:3: ", "YYYY-MM-DD"),
        ("posts/lost.md:6: ", "`nothing.md` leads to nothing"),
        ("posts/lost.md:6: ", "[^x]"),
        ("posts/latin.md:1: ", "not UTF-8"),
        ("posts/open.md:", "front matter"),
    ] {
        assert!(out.lines().any(|said| said.starts_with(line) && said.contains(words)), "{line}{words}\n{out}");
    }
    assert!(!out.contains("good.md"), "{out}");
}

#[test]
fn check_is_content_with_a_good_blog() {
    let blog = folder(&[("a.md", "# A\n\nText.\n")]);
    let (code, out, error) = run_in(&blog, &["check", "."]);
    assert_eq!((code, out.as_str()), (0, ""), "{error}");
    assert!(error.contains("0 posts, 1 page") && error.contains("no problems"), "{error}");
}

#[test]
fn what_cannot_be_read_is_said_with_its_remedy() {
    let empty = folder(&[("image.png", "")]);
    let zola = folder(&[("config.toml", "base_url = \"https://x.org\"\n"), ("content/a.md", "# A\n")]);
    let typo = folder(&[("config.toml", "[[capsule]]\nsorce = \"x\"\n"), ("capsule/a.md", "# A\n")]);
    let bare = TempDir::new().unwrap();
    for (folder, arguments, code, words) in [
        (&bare, &["check", "missing"][..], 78, "missing"),
        (&bare, &["check"][..], 78, "config.toml"),
        (&empty, &["check", "."][..], 1, "there is no Markdown or gemtext"),
        (&typo, &["check"][..], 78, "config.toml:2: "),
        (&typo, &["check"][..], 78, "did you mean `source`?"),
        (&zola, &["check"][..], 78, "is Zola's configuration"),
    ] {
        let (ended, out, error) = run_in(folder, arguments);
        let said = format!("{out}{error}");
        assert_eq!(ended, code, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn convert_reads_a_file_or_standard_input() {
    let folder =
        folder(&[("a.fr.md", "---\ntitle: Bonjour\ndate: 2024-01-02\n---\nUn [lien](b.md).[^1]\n\n[^1]: Une note.\n")]);
    let (code, out, error) = run_in(&folder, &["convert", "a.fr.md"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let expected = "# Bonjour\n\n2024-01-02\n\nUn lien.[1]\n=> b.md lien (b.md)\n\n## Notes\n\n[1] Une note.\n";
    assert_eq!(out, expected);
    let mut child = Command::new(env!("CARGO_BIN_EXE_maquis"))
        .args(["convert", "--lang", "fr"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"> [!NOTE]\n> Attention.\n").unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(out.stdout).unwrap(), "> Note\u{a0}: Attention.\n");
}

#[test]
fn convert_can_be_strict() {
    let folder = folder(&[("a.md", "a\n\nb[^x] {{< y >}}\n"), ("b.md", "Clean.\n")]);
    let (code, out, error) = run_in(&folder, &["convert", "a.md"]);
    assert_eq!((code, out.as_str()), (0, "a\n\nb[^x]\n"));
    let expected = [
        "a.md:3: the footnote [^x] is not defined; add a line [^x]: …",
        "a.md:3: the shortcode y needs the site's templates to show anything; it is left out",
    ];
    assert_eq!(error.lines().collect::<Vec<_>>(), expected);
    let (code, out, _) = run_in(&folder, &["convert", "--strict", "a.md"]);
    assert_eq!((code, out.as_str()), (1, "a\n\nb[^x]\n"));
    assert_eq!(run_in(&folder, &["convert", "--strict", "b.md"]).0, 0);
}

#[test]
fn convert_knows_the_dialects() {
    let folder = folder(&[("a.md", "\"It\" {% youtube x %}\n")]);
    let converted = |arguments: &[&str]| run_in(&folder, &[&["convert", "a.md"], arguments].concat()).1;
    assert_eq!(converted(&["--dialect", "hugo"]), "“It” {% youtube x %}\n");
    assert!(converted(&["--dialect", "jekyll"]).contains("=> https://www.youtube.com/watch?v=x YouTube video"));
    assert!(converted(&[]).starts_with("\"It\"\n"));
    let blog = self::folder(&[
        ("hugo.toml", "defaultContentLanguage = \"fr\"\n"),
        ("content/posts/a.md", "| A |\n|---|\n| \"b\" |\n"),
    ]);
    let (_, out, _) = run_in(&blog, &["convert", "content/posts/a.md"]);
    assert_eq!(out, "```Tableau\u{a0}: A (1 ligne)\nA\n-----\n«\u{a0}b\u{a0}»\n```\n");
    let (_, out, _) = run_in(&blog, &["convert", "--dialect", "plain", "content/posts/a.md"]);
    assert!(out.contains("\"b\""), "{out}");
    let (code, _, error) = run_in(&folder, &["convert", "--dialect", "wordpress", "a.md"]);
    assert_eq!(code, 2);
    assert!(error.contains("plain, hugo, zola, jekyll, pelican, eleventy, astro"), "{error}");
}

#[test]
fn a_new_capsule_serves_without_a_word_of_complaint() {
    for language in ["en", "fr"] {
        let folder = TempDir::new().unwrap();
        let (code, _, error) = run_in(&folder, &["new", "capsule", "mine", "--lang", language]);
        assert_eq!(code, 0, "{error}");
        let config = folder.path().join("mine/config.toml");
        let (code, out, error) = run_in(&folder, &["check", "--config", config.to_str().unwrap()]);
        assert_eq!((code, out.as_str()), (0, ""), "{error}");
    }
}

#[test]
fn certificates_are_shown_and_brought_along() {
    let capsule = folder(&[("capsule/a.md", "# A\n"), ("config.toml", "[[capsule]]\nhosts = [\"localhost\"]\n")]);
    let (code, out, _) = run_in(&capsule, &["certificate"]);
    assert_eq!(code, 0);
    assert!(out.contains("no key pair yet"), "{out}");
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys");
    let (certificate, key) = (format!("{keys}/ec.crt"), format!("{keys}/ec-sec1.key"));
    // What git checks out may be read by all; a key may not.
    let private = capsule.path().join("ec.key");
    std::fs::copy(key, &private).unwrap();
    let import = ["certificate", "import", &certificate, private.to_str().unwrap(), "--host", "localhost"];
    let (code, out, error) = run_in(&capsule, &import);
    assert_eq!(code, 0, "{error}");
    let known = std::fs::read_to_string(format!("{keys}/ec.fingerprints")).unwrap();
    let hex = known.split_whitespace().find(|word| word.len() == 64).unwrap();
    assert!(out.contains(hex), "{hex}\n{out}");
    let (_, shown, _) = run_in(&capsule, &["certificate"]);
    assert!(shown.contains(hex) && shown.contains("base64") && shown.contains("valid"), "{shown}");
    // The name is the one that is compared, however it is typed; one that is not served waits.
    let elsewhere = ["certificate", "import", &certificate, private.to_str().unwrap(), "--host", "Blog.Example.org."];
    let (code, out, error) = run_in(&capsule, &elsewhere);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("blog.example.org is not among the hosts of the configuration: its pair waits"), "{out}");
    assert!(capsule.path().join("certs/blog.example.org.key").is_file());
    // A second import would replace an identity that readers trust.
    let (code, _, error) = run_in(&capsule, &import);
    assert_eq!(code, 1, "{error}");
}

#[test]
fn a_new_post_is_a_draft_until_it_is_let_go() {
    let capsule = folder(&[("capsule/posts/a.md", "# A\n"), ("config.toml", "")]);
    let (code, out, error) = run_in(&capsule, &["new", "post", "L’été au maquis"]);
    assert_eq!(code, 0, "{error}");
    let path = capsule.path().join(out.trim());
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("L’été au maquis") && text.contains("draft: true"), "{text}");
    let (_, _, error) = run_in(&capsule, &["check"]);
    assert!(error.contains("0 posts, 1 page"), "{error}");
    write(capsule.path(), out.trim(), &text.replace("draft: true", "draft: false"));
    let (_, _, error) = run_in(&capsule, &["check"]);
    assert!(error.contains("1 post, 1 page"), "{error}");
}

/// Root reads everything, so the reader is somebody else.
#[test]
fn an_unreadable_file_is_named_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let blog = folder(&[("a.md", "# A\n"), ("b.md", "# B\n")]);
    let mode = |path: &str, mode| {
        std::fs::set_permissions(blog.path().join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(".", 0o755);
    mode("b.md", 0o000);
    let state = TempDir::new().unwrap();
    std::fs::set_permissions(state.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = maquis(state.path());
    if rustix::process::geteuid().is_root() {
        // The program may stand in a folder that only root enters.
        let program = state.path().join("maquis");
        std::fs::copy(env!("CARGO_BIN_EXE_maquis"), &program).unwrap();
        command = Command::new(program);
        command.env_clear().env("STATE_DIRECTORY", state.path().join("state")).uid(65534).gid(65534);
    }
    command.args(["check", "."]).current_dir(blog.path());
    let (code, out, error) = run(command);
    assert_eq!(code, 1, "{out}{error}");
    assert!(
        out.lines().any(|line| line.starts_with("b.md: it cannot be read") && line.contains("chmod")),
        "{out}{error}"
    );
    assert!(error.contains("0 posts, 1 page"), "{error}");
}

#[test]
fn a_reader_who_has_read_enough_is_no_fault() {
    let capsule = folder(&[("capsule/a.md", "# A\n"), ("config.toml", "")]);
    // A pipe that nobody reads any more: what `head` leaves behind.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.arg("certificate").current_dir(capsule.path()).stdout(writer);
    let status = command.status().unwrap();
    assert_eq!(status.code(), Some(0));
}
