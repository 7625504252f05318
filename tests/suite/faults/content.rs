//! E. What authors write, by mistake or not: the rest of the blog is served whatever one post holds.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::project;
use crate::served::{Served, folder, maquis, run, write};

/// What `maquis convert` makes of Markdown.
fn converted(markdown: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_maquis"))
        .args(["convert", "--lang", "en"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(markdown.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{markdown:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `maquis check` says of these files.
fn checked(files: &[(&str, &str)]) -> String {
    let (blog, state) = (folder(files), TempDir::new().unwrap());
    let mut command = maquis(state.path());
    command.args(["check", "."]).current_dir(blog.path());
    run(command).1
}

#[test]
fn case_090_to_096_hostile_posts_are_refused_one_by_one_and_the_rest_is_served() {
    let bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n---\nText.\n";
    let refused = [
        ("quotes.md", ">".repeat(32_000) + "a"),
        ("lists.md", "* ".repeat(32_000) + "a"),
        ("line.md", "a".repeat(10 << 20)),
        ("front.md", format!("---\ntitle: {}\n---\nText.\n", "x".repeat(1 << 20))),
        ("open.md", "---\ntitle: Open\nText.\n".to_owned()),
        ("bomb.md", bomb.to_owned()),
    ];
    let read = [
        ("table.md", format!("{}\n{}\n{}", ["a"; 500].join("|"), ["-"; 500].join("|"), "a\n".repeat(125))),
        ("references.md", format!("[x]: /{}\n\n{}", "u".repeat(2_000), "[x]".repeat(500))),
        ("brackets.md", "[".repeat(30_000)),
        ("empty.md", String::new()),
        ("mark.md", "\u{feff}".to_owned()),
        ("only.md", "---\ntitle: Only front matter\n---\n".to_owned()),
    ];
    let blog = folder(&[("good.md", "# Good\n\nWords.\n")]);
    refused.iter().chain(&read).for_each(|(name, text)| write(blog.path(), name, text));
    let served = Served::folder(blog.path());
    assert!(served.page("/good/").contains("Words."));
    let said = served.hear(&refused.each_ref().map(|(name, _)| *name));
    assert!(said.iter().filter(|line| line.contains("it is not published")).count() >= refused.len(), "{said:?}");
    for (name, _) in refused {
        assert!(served.get(&format!("/{}/", name.trim_end_matches(".md"))).head.starts_with("51 "), "{name}");
    }
    for (name, text) in read {
        let answer = served.get(&format!("/{}/", name.trim_end_matches(".md")));
        // Published within its budget, or refused as a whole: never something in between.
        let fits = answer.head.starts_with("20 ") && answer.body.len() <= 8 * text.len() + 64 * 1024 + 4096;
        assert!(fits || answer.head.starts_with("51 "), "{name}: {} and {} bytes", answer.head, answer.body.len());
    }
}

#[test]
fn case_097_text_that_looks_like_markup_stays_text() {
    let markdown = "\\=> gemini://evil.example/ Click\n\n\\# No heading\n\n\\* no item\n\n\\> no quote\n\n\\`\\`\\` no fence\n\nEnd.\n";
    let lines = converted(markdown);
    for line in lines.lines().filter(|line| !line.is_empty()) {
        // An address in text may be repeated below it as a link to itself, and never with a label of the text's.
        let taken =
            line.starts_with("=> gemini://evil.example/ Click") || line.starts_with("# ") || line.starts_with("* ");
        assert!(!taken && !line.starts_with('>') && !line.starts_with("```"), "{line:?} in {lines}");
    }
    assert!(lines.contains("gemini://evil.example/ Click") && lines.contains("No heading"), "{lines}");
}

#[test]
fn case_098_a_fence_in_preformatted_text_does_not_close_it() {
    let gemtext = converted("````\n```\n=> gemini://evil.example/ Click\n```\n````\n\nAfter.\n");
    let mut inside = false;
    for line in gemtext.lines() {
        inside ^= line.starts_with("```");
        assert!(inside || !line.starts_with("=>"), "{gemtext}");
        assert!(!(inside && line == "After."), "{gemtext}");
    }
    assert!(gemtext.contains("evil.example") && !inside, "{gemtext}");
}

#[test]
fn case_099_an_address_never_breaks_its_line() {
    let markdown = "[x](javascript:alert(1)) and [y](<gemini://h/ a b>) and [z](<gemini://h/&#10;x>)\n";
    let gemtext = converted(markdown);
    for line in gemtext.lines().filter_map(|line| line.strip_prefix("=> ")) {
        let address = line.split(' ').next().unwrap();
        assert!(["gemini://h/%20a%20b", "gemini://h/%0Ax"].contains(&address), "{gemtext}");
    }
    assert!(gemtext.contains("=> gemini://h/%20a%20b y\n"), "{gemtext}");
}

#[test]
fn case_101_direction_marks_and_joiners_cannot_leave_their_line() {
    let blog =
        folder(&[("a.md", "---\ntitle: \"Safe \\u202egpj.exe \\u200d end\"\n---\nText \u{202e}evil.\n\nAfter.\n")]);
    let served = Served::folder(blog.path());
    for page in [served.page("/a/"), served.page("/")] {
        assert!(
            page.lines().all(|line| !line.contains('\u{202e}') || line.contains("evil") || line.contains("Safe")),
            "{page}"
        );
        assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "{page:?}");
    }
}

#[test]
fn case_102_an_image_from_outside_is_named_with_its_line() {
    let said = checked(&[("a.md", "# A\n\n![x](/etc/passwd)\n\n![y](../../../secret.png)\n")]);
    for line in ["a.md:3: ", "a.md:5: "] {
        assert!(said.lines().any(|said| said.starts_with(line)), "{line} in {said}");
    }
}

/// The catalogue's 200,000 and 10,000, in a number that a test can make: what is shown does not grow with it.
#[test]
fn case_085_and_103_home_and_feed_stay_small_whatever_there_is() {
    let blog = TempDir::new().unwrap();
    for number in 0..1_500 {
        // They link in circles.
        let text = format!("---\ntitle: P{number}\ndate: 2020-01-01\n---\n[On](p{}.md).\n", (number + 1) % 1_500);
        write(blog.path(), &format!("posts/p{number}.md"), &text);
    }
    let served = Served::folder(blog.path());
    let home = served.page("/");
    assert!(home.matches("=> /posts/p").count() == 20 && home.len() < 4096, "{home}");
    assert_eq!(served.page("/atom.xml").matches("<entry").count(), 30);
    let named = |page: &str| served.page(page).matches(" 2020-01-01 P").count();
    let older: usize = (1..=14).map(|part| named(&format!("/posts/page/{part}/"))).sum();
    assert_eq!((named("/posts/"), older), (100, 1_400), "the parts of a section name each once");
}

#[test]
fn case_104_dates_that_are_none_are_named_with_their_line() {
    for date in ["2023-02-30", "99999-01-01", "0000-00-00", "2024-13-01", "yesterday"] {
        let said = checked(&[("good.md", "# Good\n"), ("a.md", &format!("---\ntitle: A\ndate: {date}\n---\nText.\n"))]);
        assert!(said.lines().any(|line| line.starts_with("a.md:3: ")), "{date}: {said}");
        assert!(!said.contains("good.md"), "{date}: {said}");
    }
}

/// What unpacks is among no dependencies, but for what `img-parts` has for colour profiles; those are not asked for.
#[test]
fn case_105_nothing_is_ever_decompressed() {
    let lock: toml::Table = toml::from_str(&fs::read_to_string(project("Cargo.lock")).unwrap()).unwrap();
    let unpackers = ["flate2", "miniz_oxide", "zstd", "brotli", "zip", "xz2", "lz4", "bzip2", "libz-sys"];
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let needs = package.get("dependencies").and_then(|needs| needs.as_array()).into_iter().flatten();
        let needs = needs.filter_map(|need| need.as_str()?.split(' ').next());
        for unpacker in needs.filter(|need| unpackers.contains(need)) {
            assert_eq!((name, unpacker), ("img-parts", "miniz_oxide"), "{unpacker} is needed by {name}");
        }
    }
    for (name, text) in crate::tidy::sources() {
        assert!(!text.contains("icc_profile") && !text.contains("ImageICC"), "{name} unpacks colour profiles");
    }
}
