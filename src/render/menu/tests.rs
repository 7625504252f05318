//! What holds for any menu, and how some look.

use proptest::prelude::*;

use super::*;
use crate::content::gopher::{MAX_WIDTH, MIN_WIDTH, Posts};
use crate::content::{Group, Head};
use crate::text::charset::Charset;

fn gopher(charset: Charset) -> Gopher {
    wide(charset, 70)
}

fn wide(charset: Charset, width: usize) -> Gopher {
    Gopher { host: "hole.example".into(), port: 7070, posts: Posts::Text, charset, width }
}

fn item(address: &Address) -> Item {
    Item { kind: ItemType::Text, selector: address.encoded() }
}

fn entry(address: &str, date: Option<jiff::civil::Date>, label: &str) -> Entry {
    Entry { date, ..Entry::page(&Address::parse(address).unwrap(), label) }
}

fn a_listing(title: Option<&str>, label: &str) -> Listing {
    let date = Some(jiff::civil::date(2021, 7, 1));
    Listing {
        title: title.map(str::to_owned),
        subtitle: None,
        language: Language::english(),
        groups: vec![Group { heading: Some("2021".into()), entries: vec![entry("/posts/été/", date, label)] }],
        ways: vec![
            entry("/", None, "Home"),
            Entry {
                target: Target::Elsewhere("gemini://hole.example/".into()),
                date: None,
                label: "Over Gemini".into(),
            },
        ],
    }
}

#[test]
fn a_listing_looks_hand_made() {
    let out = listing(&gopher(Charset::Utf8), &a_listing(Some("Carnet d’été"), "Le port\tau matin"), &item);
    let expected = "iCarnet d’été\tTITLE\tnull.host\t1\r\n\
                    i============\t\tnull.host\t1\r\n\
                    i\t\tnull.host\t1\r\n\
                    i2021\t\tnull.host\t1\r\n\
                    i----\t\tnull.host\t1\r\n\
                    02021-07-01  Le port au matin\t/posts/%C3%A9t%C3%A9/\thole.example\t7070\r\n\
                    i\t\tnull.host\t1\r\n\
                    0Home\t/\thole.example\t7070\r\n\
                    hOver Gemini\tURL:gemini://hole.example/\thole.example\t7070\r\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn old_terminals_get_their_bytes() {
    let out = listing(&gopher(Charset::Latin1), &a_listing(None, "L’été"), &item);
    let line = b"02021-07-01  L'\xe9t\xe9\t/posts/%C3%A9t%C3%A9/\thole.example\t7070\r\n";
    assert!(out.windows(line.len()).any(|window| window == line));
}

#[test]
fn the_links_of_a_post_have_its_letters() {
    let gemtext =
        "# T\n\nText.\n=> /a/ one\n=> https://x.org/ two\n=> gopher://o.example/0/t.txt three\n=> /a/ again\n";
    let head = Head {
        title: "T".into(),
        subtitle: None,
        date: None,
        updated: None,
        authors: Vec::new(),
        tags: Vec::new(),
        language: Language::english(),
    };
    let post = Post {
        head: &head,
        gemtext,
        letters: &["https://x.org/".into(), "/a/".into()],
        text: Item { kind: ItemType::Text, selector: "/t.txt".into() },
        source: Item { kind: ItemType::Text, selector: "/t.gmi".into() },
    };
    let own = |url: &str| match url.starts_with('/') {
        true => Lead::Item(Item { kind: ItemType::Menu, selector: url.to_owned() }),
        false => Lead::Elsewhere(url.to_owned()),
    };
    let out = String::from_utf8(links(&gopher(Charset::Utf8), &post, &own)).unwrap();
    let expected = "h[a] two\tURL:https://x.org/\thole.example\t7070\r\n\
                    1[b] one\t/a/\thole.example\t7070\r\n\
                    0    three\t/t.txt\to.example\t70\r\n";
    assert!(out.ends_with(expected), "{out}");
}

#[test]
fn on_a_narrow_terminal_a_title_goes_on_below() {
    let listing = listing(&wide(Charset::Utf8, 33), &a_listing(None, "Le port au matin, par temps de brume"), &item);
    let listing = String::from_utf8(listing).unwrap();
    let expected = "02021-07-01  Le port au matin, par\t/posts/%C3%A9t%C3%A9/\thole.example\t7070\r\n\
                    i            temps de brume\t\tnull.host\t1\r\n";
    assert!(listing.contains(expected), "{listing}");
}

#[test]
fn a_long_title_is_cut_after_a_word() {
    let shown = |label: &str| {
        let listing = listing(&gopher(Charset::Utf8), &a_listing(None, label), &item);
        let text = String::from_utf8(listing).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("02021-07-01  ")).unwrap().to_owned();
        line.split('\t').next().unwrap().to_owned()
    };
    let words = "Billet sur la mer, et sur tout ce qui s’y passe, quand on ne la regarde pas";
    assert_eq!(shown(words), "Billet sur la mer, et sur tout ce qui s’y passe, quand…");
    assert_eq!(shown(&"é".repeat(70)), format!("{}…", "é".repeat(54)));
}

#[test]
fn an_error_is_said_to_its_end() {
    let french = Language::parse("fr").unwrap();
    let menu = message(&gopher(Charset::Utf8), &french, words::word(&french, Word::NotFound));
    let expected = "3Cette page n’est pas ici. La page d’accueil mène à toutes les\t\terror.host\t1\r\n\
                    iautres.\t\tnull.host\t1\r\n\
                    1Accueil\t/\thole.example\t7070\r\n.\r\n";
    assert_eq!(String::from_utf8(menu).unwrap(), expected);
}

/// Every line is `type display TAB selector TAB host TAB port CRLF`, the last a lone dot.
fn well_formed(menu: &[u8], charset: Charset, columns: usize) -> Result<(), TestCaseError> {
    let Some(lines) = menu.strip_suffix(b".\r\n") else { return Err(TestCaseError::fail("no end")) };
    for line in lines.split_inclusive(|&byte| byte == b'\n').filter_map(|line| line.strip_suffix(b"\r\n")) {
        let shown = || line.escape_ascii().to_string();
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
        let [display, selector, host, port] = fields[..] else { return Err(TestCaseError::fail(shown())) };
        let display = charset.decode(display);
        prop_assert!(display.starts_with(|kind: char| kind.is_ascii_alphanumeric()), "{}", shown());
        prop_assert!(width::columns(&display[1..]) <= columns, "{}", shown());
        prop_assert!(!display.chars().any(|c| c.is_control() || is_invisible(c)), "{}", shown());
        let selector = str::from_utf8(selector).unwrap();
        prop_assert!(!selector.chars().any(|c| c.is_control() || is_invisible(c)), "{}", shown());
        prop_assert!(host.iter().all(u8::is_ascii_graphic) && !host.is_empty(), "{}", shown());
        prop_assert!(str::from_utf8(port).unwrap().parse::<u16>().is_ok_and(|port| port > 0), "{}", shown());
    }
    Ok(())
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~\t\r\né…日🙂\u{202e}\u{200d}\u{0}]{0,120}",
        "(=> |=>|# |## |\\* |> |```|)(/a|gopher://h:7/1%09x|https://x/ y|gopher://\u{202e}/)? ?[a-zé\t ]{0,90}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_content_makes_a_well_formed_menu(
        texts in prop::collection::vec(hostile(), 1..8),
        charset in prop_oneof![Just(Charset::Utf8), Just(Charset::Latin1), Just(Charset::Ascii)],
        width in MIN_WIDTH..MAX_WIDTH,
    ) {
        let gopher = wide(charset, width);
        let columns = COLUMNS.min(width);
        let own = |url: &str| match url {
            "/a" => Lead::Item(Item { kind: ItemType::Text, selector: "/a".into() }),
            "/" => Lead::Nowhere,
            url => Lead::Elsewhere(url.to_owned()),
        };
        let mut whole = page(&gopher, &texts.join("\n"), &own);
        let first = &texts[0];
        whole.extend(listing(&gopher, &a_listing(Some(first), first), &item));
        let elsewhere = Entry { target: Target::Elsewhere(first.as_str().into()), date: None, label: first.clone() };
        whole.extend(footer(&gopher, &[elsewhere], &item));
        whole.extend(Menu::new(&gopher).end());
        well_formed(&whole, charset, columns)?;
        well_formed(&message(&gopher, &Language::english(), first), charset, columns)?;
    }
}
