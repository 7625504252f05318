//! What authors write at the head of their posts, and what becomes of it.

use super::*;
use crate::content::post::Cascade;

fn ok(text: &str) -> (FrontMatter, String, Vec<String>) {
    let (front_matter, start, problems) = read("a.md", text, &TimeZone::UTC, Flavour::Usual).unwrap();
    (front_matter, text[start..].to_owned(), problems.iter().map(Problem::to_string).collect())
}

fn err(text: &str) -> String {
    read("a.md", text, &TimeZone::UTC, Flavour::Usual).unwrap_err().to_string()
}

fn day(moment: Option<crate::content::Moment>) -> String {
    moment.map(|moment| moment.day.to_string()).unwrap_or_default()
}

#[test]
fn three_syntaxes_one_result() {
    let texts = [
        "---\ntitle: Été\ntags: [a, b]\ndate: 2024-01-05\n---\nbody\n",
        "+++\ntitle = 'Été'\ntags = ['a', 'b']\ndate = 2024-01-05\n+++\nbody\n",
        "{\n\"title\": \"Été\", \"tags\": [\"a\", \"b\"], \"date\": \"2024-01-05\"\n}\nbody\n",
    ];
    for text in texts.iter().flat_map(|text| [text.to_string(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")])
    {
        let (front_matter, body, problems) = ok(&text);
        assert_eq!(front_matter.title.as_deref(), Some("Été"), "{text}");
        assert_eq!(front_matter.tags, ["a", "b"]);
        assert_eq!(day(front_matter.date), "2024-01-05");
        assert_eq!(body.trim_end(), "body");
        assert!(problems.is_empty(), "{problems:?}");
    }
}

#[test]
fn a_text_without_front_matter_is_all_body() {
    for text in ["", "# Title\n", "----\n", "{{< figure >}}\n", "{#id}\n", "text\n---\n", "    ---\n", "{ a }", "{"] {
        let (front_matter, body, _) = ok(text);
        assert_eq!((front_matter, body.as_str()), (FrontMatter::default(), text));
    }
    assert_eq!(ok("\u{feff}# T\n").1, "# T\n");
    assert_eq!(ok("---\n---\n").1, "");
    assert_eq!(ok("---\n# only a comment\n---").1, "");
    assert_eq!(ok("{}\n\nbody").1, "\nbody");
}

#[test]
fn blank_lines_may_precede_it() {
    let (front_matter, body, _) = ok("\n \n---\ntitle: a\ndraft: true\n---\nbody");
    assert!(front_matter.draft);
    assert_eq!(body, "body");
    assert!(err("\n\n---\ntitle: a: b\n---\n").starts_with("a.md:4: "));
}

#[test]
fn unreadable_front_matter_names_its_line() {
    assert_eq!(
        err("---\ntitle: a\n"),
        "a.md:1: the front matter cannot be read (YAML): it has no end; close it with a line `---`"
    );
    assert!(err("---\ntitle: a\n\tb: c\n---\n").starts_with("a.md:3: the front matter cannot be read (YAML): a tab"));
    assert!(err("+++\ntitle = 'a'\ndraft = yes\n+++\n").starts_with("a.md:3: the front matter cannot be read (TOML)"));
    assert!(err("{\n\"title\": \"a\",\n}\n").starts_with("a.md:3: the front matter cannot be read (JSON)"));
    assert!(err("---\nHello\n---\n").starts_with("a.md:1: the front matter cannot be read (YAML): it is not made of"));
    assert!(err("{\"a\": ").starts_with("a.md:1: "));
}

#[test]
fn large_front_matter_is_refused() {
    let filler = "x".repeat(MAX_FRONT_MATTER);
    assert!(err(&format!("---\na: {filler}\n---\n")).contains("larger than 64 KiB"));
    assert!(err(&format!("+++\na = '{filler}'\n+++\n")).contains("larger than 64 KiB"));
    assert!(err(&format!("{{\"a\": \"{filler}é\"}}\n")).contains("larger than 64 KiB"));
    let body = format!("---\ntitle: a\n---\n{filler}");
    assert_eq!(ok(&body).1, filler);
}

#[test]
fn keys_of_many_generators() {
    let (hugo, ..) = ok(
        "---\nTitle: A\nLinkTitle: B\nPublishDate: 2030-01-01\nlastmod: 2024-02-03\nExpiryDate: 2040-01-01\nURL: /x/\naliases: [/old/, older]\ntranslationKey: k\nweight: '3'\n---\n",
    );
    assert_eq!(hugo.link_title.as_deref(), Some("B"));
    assert_eq!((day(hugo.date), day(hugo.updated)), ("2030-01-01".into(), "2024-02-03".into()));
    assert_eq!((day(hugo.publish_at), day(hugo.expires)), ("2030-01-01".into(), "2040-01-01".into()));
    assert_eq!(hugo.url.as_deref(), Some("/x/"));
    assert_eq!(hugo.aliases, ["/old/", "older"]);
    assert_eq!((hugo.translation_key.as_deref(), hugo.weight), (Some("k"), Some(3)));

    let (zola, ..) = ok(
        "+++\npath = 'a/b'\nupdated = 2024-01-05T10:00:00Z\nauthors = ['Ada']\n[taxonomies]\ntags = ['Rust']\ncategories = ['rust', 'News']\n[extra]\nlang = 'fr'\n+++\n",
    );
    assert_eq!((zola.url.as_deref(), day(zola.updated).as_str()), (Some("a/b"), "2024-01-05"));
    assert_eq!(
        (zola.authors, zola.tags, zola.categories),
        (vec!["Ada".to_owned()], vec!["Rust".to_owned()], vec!["rust".to_owned(), "News".to_owned()])
    );
    assert_eq!(zola.language.unwrap().as_str(), "fr");

    let (jekyll, ..) =
        ok("---\npublished: false\nredirect_from:\n  - /a/\nlast_modified_at: 2024-01-05\nexcerpt: E\n---\n");
    assert!(jekyll.draft && !jekyll.hidden);
    assert_eq!(jekyll.date, None);
    assert_eq!((jekyll.aliases, jekyll.summary.as_deref()), (vec!["/a/".to_owned()], Some("E")));

    let (astro, ..) = ok("---\npubDate: 'Jan 05 2024'\ndescription: >\n  two\n  lines\n---\n");
    assert_eq!(astro.summary.as_deref(), Some("two lines"));
    assert_eq!(day(astro.publish_at), "2024-01-05");
}

#[test]
fn authors_and_tags_in_every_shape() {
    assert_eq!(ok("---\nauthor: Ada Lovelace\n---\n").0.authors, ["Ada Lovelace"]);
    assert_eq!(ok("---\nauthors:\n  - name: Ada\n    url: x\n  - Grace\n---\n").0.authors, ["Ada", "Grace"]);
    assert_eq!(ok("---\nauthor: {name: Ada}\n---\n").0.authors, ["Ada"]);
    assert_eq!(ok("---\nauthor: Ada; Grace\n---\n").0.authors, ["Ada", "Grace"]);
    assert_eq!(ok("---\nparams:\n  author: Ada\n---\n").0.authors, ["Ada"]);
    assert_eq!(ok("---\ntags: one two, three,\n---\n").0.tags, ["one two", "three"]);
    assert_eq!(ok("---\ntags: [2024, a, A, '']\ncategory: b\n---\n").0.tags, ["2024", "a"]);
    assert_eq!(ok("---\ntags:\n---\n").0.tags, [""; 0]);
}

#[test]
fn a_bad_value_costs_its_field() {
    let (front_matter, _, problems) =
        ok("---\ntitle: [a]\nweight: heavy\nlang: f r\nlastmod: soon\ntags: [{a: b}, c]\n---\n");
    assert_eq!(front_matter.title, None);
    assert_eq!(front_matter.tags, ["c"]);
    assert!(!front_matter.hidden);
    assert_eq!(
        problems,
        [
            "a.md:2: `title` is not a text; write it in one value",
            "a.md:3: `weight` is not a whole number",
            "a.md:4: `lang` is not a language such as `en` or `pt-BR`",
            "a.md:5: the lastmod `soon` is not a date of the form YYYY-MM-DD or YYYY-MM-DD HH:MM:SS +HH:MM",
            "a.md:6: `tags` holds more than texts; write `tags: [one, two]`",
        ]
    );
}

#[test]
fn a_bad_value_that_decides_visibility_hides() {
    for line in [
        "draft: maybe",
        "published: sometimes",
        "status: wip",
        "date: 2024-02-30",
        "publishDate: soon",
        "expiryDate: [x]",
        "build: yes",
        "_build: {render: perhaps}",
        "build: {list: 3}",
        "headless: 7",
        "cascade: nonsense",
        "draft: true\nDRAFT: false",
        "date: 20240105",
    ] {
        let (front_matter, _, problems) = ok(&format!("---\ntitle: a\n{line}\n---\n"));
        assert!(front_matter.hidden, "{line}");
        assert!(problems[0].starts_with("a.md:3: ") || problems[0].starts_with("a.md:4: "), "{problems:?}");
        assert!(problems[0].ends_with("; the page stays hidden until it is mended"), "{problems:?}");
    }
    let blank = ok("---\ndraft:\ndate: ''\nbuild: ~\nexpiryDate: \"\"\n---\n");
    assert!(!blank.0.hidden && blank.2.is_empty(), "what is left empty is not given");
}

#[test]
fn build_and_its_relatives() {
    let build = |text: &str| {
        let (front_matter, _, problems) = ok(&format!("---\n{text}\n---\n"));
        assert!(problems.is_empty() && !front_matter.hidden, "{problems:?}");
        (front_matter.render, front_matter.list)
    };
    assert_eq!(build("build: {render: always, list: local}"), (Some(true), Some(true)));
    assert_eq!(build("_build: {Render: never}"), (Some(false), None));
    assert_eq!(build("build: {render: link, list: false}"), (Some(false), Some(false)));
    assert_eq!(build("headless: true"), (Some(false), Some(false)));
    assert_eq!(build("status: hidden"), (None, Some(false)));
    assert_eq!(build("render: false"), (Some(false), None));
    assert_eq!(build("title: a"), (None, None));
}

#[test]
fn cascades_as_map_and_list() {
    let (front_matter, ..) = ok("---\ncascade:\n  build:\n    list: never\n    render: never\n---\n");
    assert_eq!(front_matter.cascade, [Cascade { render: Some(false), list: Some(false), ..Cascade::default() }]);
    let (front_matter, ..) = ok(
        "+++\n[[cascade]]\ndraft = true\n[cascade._target]\npath = '{/news/**}'\nKind = 'page'\n[[cascade]]\n[cascade.params]\nx = 1\n+++\n",
    );
    assert_eq!(
        front_matter.cascade,
        [
            Cascade {
                path: Some("{/news/**}".into()),
                kind: Some("page".into()),
                draft: Some(true),
                ..Cascade::default()
            },
            Cascade::default(),
        ]
    );
    let (front_matter, _, problems) = ok("---\ncascade: {draft: maybe}\n---\n");
    assert_eq!(front_matter.cascade[0].draft, Some(true), "what cannot be read hides");
    assert_eq!(problems.len(), 1);
}

#[test]
fn times_without_a_zone_are_meant_in_the_capsules() {
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let (front_matter, ..) = read("a.md", "---\ndate: 2024-07-05 00:30\n---\n", &paris, Flavour::Usual).unwrap();
    let date = front_matter.date.unwrap();
    assert_eq!((date.instant.to_string(), date.day.to_string()), ("2024-07-04T22:30:00Z".into(), "2024-07-05".into()));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(---|\\+\\+\\+|\\{\"|\\n|\u{feff})?\\PC{0,40}\\n(date|draft|cascade)[:=]\\PC{0,20}\\n(---|\\+\\+\\+|\\})?\\PC{0,9}") {
        if let Ok((_, start, _)) = read("a.md", &text, &TimeZone::UTC, Flavour::Usual) {
            assert!(text.is_char_boundary(start));
        }
    }
}
