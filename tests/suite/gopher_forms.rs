//! What Gopher shows of everything that Gemini has beside posts: the author's lines around every page, older addresses,
//! withdrawn and moved pages, feeds, the sitemap, files of every type.

use crate::served::{Served, folder, maquis, run, write};

const CONFIG: &str = "[[capsule]]\nsource = 'blog'\nhosts = ['localhost']\nlanguage = 'en'\n\
    header = \"=> / Under the fig tree\"\nfooter = \"Text: CC BY 4.0\\n=> https://x.org/ Elsewhere\"\n\
    gone = ['/drafts/*', '/lost/']\nredirect = [{ from = '/blog/{slug}', to = '/posts/{slug}/' }]\n\
    [gemini]\nlisten = ['127.0.0.1:0']\n[gopher]\nlisten = ['127.0.0.1:0']\n";

/// A gopherhole of these files, and the port it has.
fn served(files: &[(&str, &str)], more: &str) -> (tempfile::TempDir, Served, u16) {
    let state = tempfile::tempdir().unwrap();
    write(state.path(), "config.toml", &format!("{CONFIG}{more}"));
    files.iter().for_each(|(path, text)| write(state.path(), &format!("blog/{path}"), text));
    let mut command = maquis(state.path());
    command.current_dir(state.path()).arg("serve");
    let served = Served::start(command);
    let port = served.gopher.unwrap().port();
    (state, served, port)
}

fn text(served: &Served, selector: &str) -> String {
    String::from_utf8(served.gopher(selector)).unwrap()
}

const POST: &str = "---\ntitle: Rain\ndate: 2024-05-06\ntags: [sea]\n---\nSee [this](https://x.org/rain).\n";

#[test]
fn the_author_s_lines_stand_around_what_maquis_writes() {
    let (_state, served, port) = served(
        &[("index.md", "# Blog\n\nWelcome.\n"), ("posts/rain.md", POST), ("hand/index.gmi", "# By hand\n=> /posts/\n")],
        "",
    );
    let above = format!("1Under the fig tree\t/\tlocalhost\t{port}\r\ni\t\tnull.host\t1\r\n");
    let below = format!(
        "i\t\tnull.host\t1\r\niText: CC BY 4.0\t\tnull.host\t1\r\nhElsewhere\tURL:https://x.org/\tlocalhost\t{port}\r\n.\r\n"
    );
    for selector in ["", "/posts/", "/posts/rain/", "/archive/", "/archive/links/", "/tags/", "/tags/sea/"] {
        let menu = text(&served, selector);
        assert!(menu.starts_with(&above) && menu.ends_with(&below), "{selector}: {menu}");
        assert_eq!(menu.matches("CC BY").count(), 1, "{selector}: {menu}");
    }
    assert!(text(&served, "").contains("iWelcome.\t"));
    let post = text(&served, "/posts/rain.txt");
    assert!(
        post.starts_with(&format!("Under the fig tree <gopher://localhost:{port}/1/>\r\n\r\nRain\r\n====\r\n")),
        "{post}"
    );
    assert!(post.ends_with("\r\n\r\nText: CC BY 4.0\r\nElsewhere <https://x.org/>\r\n"), "{post}");
    let gemtext = text(&served, "/posts/rain.gmi");
    assert!(
        gemtext.starts_with(&format!("=> gopher://localhost:{port}/1/ Under the fig tree\n\n# Rain\n")),
        "{gemtext}"
    );
    assert!(gemtext.ends_with("\n\nText: CC BY 4.0\n=> https://x.org/ Elsewhere\n"), "{gemtext}");
    let by_hand = text(&served, "/hand/");
    assert!(by_hand.starts_with("iBy hand\tTITLE\t"), "what is written by hand stays as it is: {by_hand}");
}

#[test]
fn rules_for_older_addresses_hold_over_gopher() {
    let (_state, served, _) = served(&[("posts/rain.md", POST), ("lost.md", "# Lost\n")], "");
    for (older, now) in
        [("/blog/rain", "/posts/rain/"), ("/blog/rain.txt", "/posts/rain.txt"), ("/blog/rain.gmi", "/posts/rain.gmi")]
    {
        let answer = text(&served, now);
        assert!(answer.contains("Rain"), "{now}: {answer}");
        assert_eq!(text(&served, older), answer, "{older}");
    }
    let gone = text(&served, "/drafts/x");
    assert!(gone.starts_with("3This page was here and has been withdrawn.\t\terror.host\t1\r\n1Home\t/\t"), "{gone}");
    for form in ["/drafts/x.txt", "/lost/", "lost.txt", "/lost.gmi"] {
        assert_eq!(text(&served, form), gone, "{form}");
    }
    assert!(text(&served, "/blog/snow").starts_with("3This page is not here."), "a rule that leads nowhere");
}

#[test]
fn a_page_that_moved_away_leads_on() {
    let (_state, served, port) = served(
        &[
            ("posts/rain.md", POST),
            ("old.md", "---\ntitle: Old\nredirect_to: /posts/rain/\n---\n"),
            ("far.md", "---\ntitle: Far\nredirect_to: https://x.org/far\n---\n"),
            ("index.md", "# Blog\n\n[old](old.md), [far](far.md)\n"),
        ],
        "",
    );
    let home = text(&served, "");
    assert!(home.contains(&format!("\r\n1far\t/far/\tlocalhost\t{port}\r\n")), "{home}");
    let moved = |line: &str| format!("iThis page has moved:\t\tnull.host\t1\r\n{line}\tlocalhost\t{port}\r\n");
    let here = text(&served, "/old/");
    assert!(here.contains(&moved("0Rain\t/posts/rain.txt")), "{here}");
    let elsewhere = text(&served, "/far/");
    assert!(elsewhere.contains(&moved("hhttps://x.org/far\tURL:https://x.org/far")), "{elsewhere}");
    let here = text(&served, "/old.txt");
    assert!(
        here.contains(&format!("This page has moved:\r\ngopher://localhost:{port}/0/posts/rain.txt\r\n")),
        "{here}"
    );
    let elsewhere = text(&served, "/far.txt");
    assert!(elsewhere.contains("This page has moved:\r\nhttps://x.org/far\r\n"), "{elsewhere}");
}

#[test]
fn feeds_and_the_sitemap_have_addresses_of_the_gopherhole() {
    let french = "---\ntitle: Pluie\ndate: 2024-05-07\nlang: fr\ntags: [mer]\n---\nTexte.\n";
    let (_state, served, port) = served(&[("posts/rain.md", POST), ("posts/pluie.fr.md", french)], "");
    for (feed, home, post, title) in [
        ("/atom.xml", "1/", "0/posts/rain.txt", "localhost"),
        ("/tags/sea/atom.xml", "1/tags/sea/", "0/posts/rain.txt", "localhost – sea"),
        ("/fr/atom.xml", "1/fr/", "0/fr/posts/pluie.txt", "localhost"),
        ("/fr/tags/mer/atom.xml", "1/fr/tags/mer/", "0/fr/posts/pluie.txt", "localhost – mer"),
    ] {
        let xml = text(&served, feed);
        let root = format!("gopher://localhost:{port}");
        for expected in [
            format!("<title>{title}</title>"),
            format!("<link rel=\"self\" type=\"application/atom+xml\" href=\"{root}/0{feed}\"/>"),
            format!("href=\"{root}/{home}\""),
            format!("href=\"{root}/{post}\""),
        ] {
            assert!(xml.contains(&expected), "{feed}: no {expected} in {xml}");
        }
        assert!(!xml.contains("gemini://"), "{feed}: {xml}");
    }
    let sitemap = text(&served, "/sitemap.txt");
    let first = format!("gopher://localhost:{port}/1/\r\n");
    assert!(sitemap.starts_with(&first), "{sitemap}");
    assert!(sitemap.contains(&format!("gopher://localhost:{port}/0/posts/rain.txt\r\n")), "{sitemap}");
    for line in sitemap.lines() {
        let selector = line.strip_prefix(&format!("gopher://localhost:{port}/")).unwrap();
        assert!(!served.gopher(&selector[1..]).starts_with(b"3"), "{line}");
    }
}

#[test]
fn long_lists_go_on_in_parts() {
    let mut files: Vec<(String, String)> = Vec::new();
    for number in 1..=250 {
        let post = format!("---\ntitle: Post {number}\ndate: 2020-01-{:02}\n---\nText.\n", number % 28 + 1);
        files.push((format!("posts/p{number}.md"), post));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (_state, served, port) = served(&files, "");
    for (list, kind) in [("/posts/", '0'), ("/archive/", '0'), ("/archive/links/", '1')] {
        let (first, older) = (text(&served, list), text(&served, &format!("{list}page/1/")));
        let items = |menu: &str| menu.lines().filter(|line| line.starts_with(&format!("{kind}2020-"))).count();
        assert_eq!((items(&first), items(&older)), (150, 100), "{list}");
        assert!(first.contains(&format!("\t{list}page/1/\tlocalhost\t{port}\r\n")), "{list}: {first}");
        assert!(older.contains(&format!("1Newer posts\t{list}\tlocalhost\t{port}\r\n")), "{list}: {older}");
    }
}

#[test]
fn files_are_items_of_the_types_that_clients_know() {
    let post = "---\ntitle: Files\ndate: 2024-05-06\n---\n![photo](a.png) ![moving](b.gif) [paper](c.pdf) [song](d.ogg) \
                [film](e.mp4) [notes](f.txt) [page](g.html) [archive](h.zip)\n";
    let names = ["a.png", "b.gif", "c.pdf", "d.ogg", "e.mp4", "f.txt", "g.html", "h.zip"];
    let mut files = vec![("x/index.md", post)];
    let paths = names.map(|name| format!("x/{name}"));
    files.extend(paths.iter().map(|path| (path.as_str(), "\u{1}\n.\n\tbytes")));
    files.push(("robots.txt", "User-agent: *\nDisallow: /x/\n"));
    let (_state, served, port) = served(&files, "");
    assert_eq!(text(&served, "robots.txt"), "User-agent: *\nDisallow: /x/\n");
    let menu = text(&served, "/x/");
    for (name, kind) in names.iter().zip("Ig9s9009".chars()) {
        let item = menu.lines().find(|line| line.contains(&format!("\t/x/{name}\t")));
        let item = item.unwrap_or_else(|| panic!("{name} is no item of {menu}"));
        assert!(item.starts_with(kind) && item.ends_with(&format!("\tlocalhost\t{port}")), "{item}");
        assert_eq!(served.gopher(&format!("/x/{name}")), b"\x01\n.\n\tbytes", "{name}");
    }
}

#[test]
fn posts_can_be_menus_and_gemtext_stays_beside_them() {
    let files = [("posts/rain.md", POST), ("posts/by-hand.gmi", "# By hand\n=> rain.md Rain\n")];
    let (_state, served, port) = served(&files, "posts = 'menu'\n");
    let list = text(&served, "/posts/");
    assert!(list.contains(&format!("12024-05-06  Rain\t/posts/rain/\tlocalhost\t{port}\r\n")), "{list}");
    assert!(list.contains(&format!("1By hand\t/posts/by-hand/\tlocalhost\t{port}\r\n")), "{list}");
    let post = text(&served, "/posts/rain/");
    let lines = format!(
        "iSee this.\t\tnull.host\t1\r\nhthis (x.org)\tURL:https://x.org/rain\tlocalhost\t{port}\r\ni\t\tnull.host\t1\r\n\
         0Read the text\t/posts/rain.txt\tlocalhost\t{port}\r\n0The same as gemtext\t/posts/rain.gmi\tlocalhost\t{port}\r\n"
    );
    assert!(post.contains(&lines), "{post}");
    let by_hand = text(&served, "/posts/by-hand/");
    assert!(by_hand.contains(&format!("1Rain\t/posts/rain/\tlocalhost\t{port}\r\n")), "{by_hand}");
    let gemtext = text(&served, "/posts/by-hand.gmi");
    assert_eq!(gemtext, format!("# By hand\n=> gopher://localhost:{port}/0/posts/rain.gmi Rain\n"));
    assert!(!text(&served, "").contains("/archive/links/"), "the posts are menus already");
}

#[test]
fn a_width_that_no_terminal_has_is_named() {
    let folder = folder(&[("a.md", "# A\n"), ("config.toml", "[[capsule]]\nsource = '.'\n[gopher]\nwidth = 20\n")]);
    let state = tempfile::tempdir().unwrap();
    let mut command = maquis(state.path());
    command.current_dir(folder.path()).arg("check");
    let (code, _, errors) = run(command);
    assert_ne!(code, 0);
    assert!(errors.contains("config.toml:4: 20 columns are too few or too many; write 28 to 100"), "{errors}");
}
