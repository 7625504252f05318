//! Any Markdown whatever becomes gemtext that a reader's client understands, or is refused: never a panic, a stray
//! fence, a second title, a control character or a broken link line.

use maquis::content::document::Target;
use maquis::content::{Head, Language};
use maquis::read::markdown::{self, Dialect, Source};
use maquis::render::gemtext::{self, Base, Options, TABLE, Titles};
use maquis::render::style::{Emphasis, Links, Notes, Style};
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "word ",
    "été ",
    "\n",
    "\n\n",
    "# ",
    "## ",
    "- ",
    "  ",
    "    ",
    "1. ",
    "> ",
    "* ",
    "```\n",
    "~~~\n",
    "`",
    "**",
    "_",
    "~~",
    "[a](",
    "/x/",
    "https://example.org/a b",
    ")",
    "![",
    "](",
    "|",
    "|-|\n",
    "[^1]",
    "[^1]: ",
    "---\n",
    "  \n",
    "\\\n",
    "=> ",
    "$$",
    "$",
    "<div>",
    "</div>",
    "<a href=\"/y\">",
    "</a>",
    "<br>",
    "<td>",
    "<li>",
    "&#0;",
    "&#x2028;",
    "&amp;",
    "\u{2028}",
    "\u{0}",
    "\u{338}",
    "\t",
    "{{< x >}}",
    ": ",
    "- [ ] ",
    "> [!NOTE]\n",
    "<!-- ",
    "-->",
    "<pre>",
    "^",
    "https://example.net",
    "{% x %}",
    "{% endx %}",
    "{% raw %}",
    "{% endraw %}",
    "{{ page.x }}",
    "{{ y(z=\"1\") }}",
    "\n::: note a\n",
    "\n:::\n",
    "^[",
    "]",
    "{: .a}",
    "\n{.b}\n",
    "\n{:toc}\n",
    "\n*[word]: words\n",
    "[!x] ",
    "<sup><a href=\"#fn1\">1</a></sup>",
    "<li id=\"fn1\">",
    "<X a={b} src=\"c.png\" />",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_makes_well_formed_gemtext(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.concat();
        let french = Language::parse("fr").unwrap();
        let head = Head::titled("Title", french.clone());
        let target = |reference: &markdown::Reference<'_>| Target::Elsewhere(reference.destination.into());
        let styles = [
            Style::default(),
            Style { links: Links::Section, notes: Notes::Section, emphasis: Emphasis::Markers },
            Style { links: Links::End, ..Style::default() },
        ];
        for (path, dialect) in [
            ("post.md", Dialect::hugo(french.clone())),
            ("post.md", Dialect::plain(french.clone())),
            ("post.md", Dialect::jekyll(french.clone())),
            ("post.mdx", Dialect { wiki_links: true, emoji: true, ..Dialect::zola(french.clone()) }),
        ] {
            let source = Source { path, text: &text, body_start: 0 };
            let Ok(reading) = markdown::read(&source, &dialect, &mut { target }) else { continue };
            for style in styles {
                let options = Options { input_len: text.len(), base: Base::Path, table: TABLE, style, titles: Titles::default() };
                assert_well_formed(&gemtext::document(&head, &reading.document, &options).unwrap());
            }
        }
    }

    #[test]
    fn no_word_of_any_construct_is_lost(blocks in prop::collection::vec((0..BLOCKS.len(), 0..4_usize), 1..12)) {
        let mut count = 0;
        let mut text = String::new();
        for (block, around) in blocks {
            let parts: Vec<&str> = BLOCKS[block].split('@').collect();
            let mut written = parts[0].to_owned();
            for part in &parts[1..] {
                count += 1;
                written += &format!("word{count:03}{part}");
            }
            let (first, rest) = [("", ""), ("> ", "> "), ("- ", "  "), ("7. ", "   ")][around];
            let mut lines = written.lines();
            text += &format!("{first}{}\n", lines.next().unwrap());
            lines.for_each(|line| text += &format!("{rest}{line}\n"));
            text += "\n<!-- -->\n\n";
        }
        let head = Head::titled("Title", Language::english());
        let source = Source { path: "post.md", text: &text, body_start: 0 };
        let target = |reference: &markdown::Reference<'_>| Target::Elsewhere(reference.destination.into());
        let reading = markdown::read(&source, &Dialect::plain(Language::english()), &mut { target }).unwrap();
        let options = Options { input_len: text.len(), base: Base::Path, table: TABLE, style: Style::default(), titles: Titles::default() };
        let gemtext = gemtext::document(&head, &reading.document, &options).unwrap();
        for number in 1..=count {
            prop_assert!(gemtext.contains(&format!("word{number:03}")), "word{:03}:\n{}\n---\n{}", number, text, gemtext);
        }
    }
}

/// Constructs; each `@` is a word.
const BLOCKS: &[&str] = &[
    "@ *@* **@** ~~@~~ `@` ^(@)\n",
    "# @\n",
    "@\n===\n",
    "- @\n- @\n  - @\n",
    "3. @\n4. @\n",
    "- [ ] @\n- [x] @ [@](/x)\n",
    "> @\n>\n> > @\n",
    "> [!NOTE] @\n> @\n",
    "| @ | @ |\n|---|--:|\n| @ | @ |\n",
    "```\n@\n```\n",
    "    @\n",
    "$$\n@\n$$\n",
    "@ $@$ [@](https://x.org/@) ![@](@.png)\n",
    "[@](https://x.org/@)\n",
    "![@](@.png)\n",
    "[![@](/a.png)](/b)\n",
    "@\n: @\n: @\n",
    "@^[@ [@](/x)] @\n",
    "<p>@ <em>@</em> <a href=\"/@\">@</a></p>\n",
    "<ul><li>@<li>@ <ol><li>@</ol></ul>\n",
    "<table><tr><th>@<th>@<tr><td>@<td>@</table>\n",
    "<dl><dt>@<dd>@</dl>\n",
    "<pre><code>@\n</code></pre>\n",
    "<details><summary>@</summary>\n\n@\n\n</details>\n",
    "<figure><img src=\"/a.png\" alt=\"b\"><figcaption>@</figcaption></figure>\n",
    "<blockquote>@<br>@</blockquote>\n",
    "::: tip @\n@\n:::\n",
    "::: box @\n@\n:::\n",
    "{{< note >}}\n@\n{{< /note >}}\n",
    "{{< details summary=\"@\" >}}\n@\n{{< /details >}}\n",
    "{{< figure src=\"/a.png\" caption=\"@\" >}}\n",
    "{{< youtube id=\"@\" title=\"@\" >}}\n",
    "{{< unknown >}}@{{< /unknown >}}\n",
    "{% highlight sh %}\n@\n{% endhighlight %}\n",
    "@ <https://x.org/@> https://x.org/@ @@x.org\n",
    "@  \n@\\\n@\n",
    "[@](</@ x>)\n",
];

fn assert_well_formed(gemtext: &str) {
    assert!(gemtext.ends_with('\n') && !gemtext.ends_with("\n\n"), "{gemtext:?}");
    let (mut inside, mut titles) = (false, 0);
    for line in gemtext.lines() {
        assert!(!line.contains(|c: char| c.is_control() && !(inside && c == '\t')), "control character in {line:?}");
        if line.starts_with("```") {
            assert!(!inside || line == "```", "text after a closing fence: {line:?}");
            inside = !inside;
        } else if !inside {
            titles += usize::from(line.starts_with("# "));
            if let Some(link) = line.strip_prefix("=>") {
                let (url, label) = link.strip_prefix(' ').unwrap().split_once(' ').expect("a label");
                assert!(!url.is_empty() && !label.is_empty() && !url.contains(char::is_whitespace), "{line:?}");
            }
        }
    }
    assert!(!inside && titles == 1, "an open fence or {titles} titles: {gemtext:?}");
}
