//! B. The URL and its path.

use maquis::server::Limits;

use super::{answer, answer_of, good_reader, refused};
use crate::fixture::Server;
use crate::served::{Served, folder};

fn at(path: &str) -> String {
    format!("gemini://localhost{path}\r\n")
}

refused! {
    case_026_above_the_root: [at("/../"), at("/dir/../../etc/passwd")] => "59 ";
    case_027_encoded_dots_above_the_root: [at("/%2e%2e/%2e%2e/etc/passwd"), at("/%2E%2E/")] => "59 ";
    case_028_encoded_slashes_are_no_separators: [at("/..%2f..%2fetc/passwd"), at("/..%2F..%2Fetc%2Fpasswd")] => "51 ";
    case_029_decoded_once_and_no_more: [at("/%252e%252e/"), at("/%252e%252e/etc/passwd")] => "51 ";
    case_030_an_encoded_nul: [at("/%00"), at("/a.txt%00")] => "59 ";
    case_031_an_encoded_line_end_injects_no_head: [at("/dir%0d%0a20%20text/plain"), at("/dir%0a")] => "51 ";
    case_032_encoded_backslashes: [at("/%5c..%5c"), at("/..%5c..%5cetc")] => "51 ";
    case_033_overlong_utf_8: [at("/%c0%ae%c0%ae/etc/passwd")] => "51 ";
    case_034_full_width_dots_are_letters: [at("/%EF%BC%8E%EF%BC%8E/a.txt")] => "51 ";
    case_034_raw_full_width_dots: [at("/．．/a.txt")] => "59 ";
    case_035_broken_escapes: [at("/%"), at("/%z"), at("/%4"), at("/?%4")] => "59 ";
    case_036_empty_segments_never_redirect: [at("//a//b///"), at("//evil.example/"), at("//dir"), at("/dir//")] => "51 ";
    case_038_as_many_segments_as_there_is_room_for: [at(&"/a".repeat(500)), at(&"/".repeat(1000))] => "51 ";
    case_039_names_longer_than_a_file_can_have: [at(&format!("/{}", "n".repeat(255))), at(&format!("/{}", "n".repeat(256)))] => "51 ";
    case_040_other_schemes: ["http://localhost/\r\n", "https://localhost/\r\n", "gopher://localhost/\r\n"] => "53 ";
    case_041_titan_while_it_is_off: ["titan://localhost/a.txt;size=5;mime=text/plain\r\nhello"] => "53 ";
    case_042_another_host: ["gemini://evil.example/\r\n"] => "53 ";
    case_043_another_port: ["gemini://localhost:1/\r\n"] => "53 ";
    case_045_an_invalid_a_label_leads_nowhere: ["gemini://xn--a/\r\n"] => "5";
    case_045_a_homograph_of_our_name_is_another: ["gemini://l%D0%BEcalhost/\r\n", "gemini://c%D0%B0psule.example/\r\n"] => "53 ";
    case_046_addresses_that_are_not_ours: ["gemini://198.51.100.1/\r\n", "gemini://[2001:db8::1]/\r\n"] => "53 ";
    case_046_addresses_with_a_zone: ["gemini://[fe80::1%25eth0]/\r\n"] => "5";
    case_047_ports_that_are_none: ["gemini://localhost:0/\r\n", "gemini://localhost:65536/\r\n", "gemini://localhost:99999999999/\r\n"] => "59 ";
}

/// Every redirect leads to an absolute path that answers with a page: in one step, and never back.
#[test]
fn case_037_redirects_end_after_one_step() {
    let server = Server::with(Limits::default());
    for path in ["/dir", "/dir/index.gmi", "/index.gmi", "/new-place/", "/summer/", "/%C3%A9t%C3%A9"] {
        let redirect = answer_of(&server, at(path).as_bytes());
        let (status, to) = redirect.head.split_once(' ').unwrap();
        assert!(
            matches!(status, "30" | "31") && to.starts_with('/') && !to.starts_with("//"),
            "{path}: {}",
            redirect.head
        );
        assert!(answer_of(&server, at(to).as_bytes()).head.starts_with("20 "), "{path} leads to {to}");
    }
}

#[test]
fn case_044_a_host_in_capitals_or_with_a_final_dot_is_the_same() {
    let server = Server::with(Limits::default());
    for host in ["LOCALHOST", "localhost.", "LocalHost.", "GEMINI://LOCALHOST."] {
        let url = format!("gemini://{}/a.txt\r\n", host.trim_start_matches("GEMINI://"));
        assert_eq!(answer_of(&server, url.as_bytes()).body, b"hello\n", "{host}");
    }
}

#[test]
fn case_045_both_forms_of_an_international_name_are_equal() {
    let server = Server::with(Limits::default());
    for host in ["xn--mnchen-3ya.example", "m%C3%BCnchen.example", "XN--MNCHEN-3YA.example"] {
        let request = format!("gemini://{host}/a.txt\r\n");
        let answer = maquis::server::probe::send(server.address, None, request.as_bytes()).unwrap();
        assert_eq!(answer.body, b"hello\n", "{host}");
    }
}

#[test]
fn case_048_a_query_goes_nowhere() {
    let query = format!("/a.txt?{}%0d%0a20%20text/gemini%0d%0a", "q".repeat(900));
    let answer = answer(at(&query).as_bytes());
    assert_eq!(answer.bytes, b"20 text/plain; charset=utf-8\r\nhello\n");
    let server = Server::with(Limits::default());
    let redirect = answer_of(&server, at("/dir?%0d%0a20%20text/gemini").as_bytes());
    assert_eq!(redirect.head, "31 /dir/", "nothing of a query is sent back");
    good_reader(&server);
}

#[test]
fn case_049_and_050_hidden_files_and_backups_are_not_there() {
    let private = [
        ".git/config",
        ".ssh/id_ed25519",
        ".maquis/state",
        ".env",
        "posts/.draft.md",
        "a.md~",
        "a.md.swp",
        ".a.md.swp",
        "a.bak",
        "a.orig",
        "#a.md#",
        "site.key",
        "site.pem",
        "dump.sql",
        ".well-known/.hidden",
    ];
    let mut files: Vec<(&str, &str)> = private.iter().map(|path| (*path, "secret")).collect();
    files.extend([("a.md", "# A\n"), (".well-known/known.txt", "known")]);
    let folder = folder(&files);
    let served = Served::folder(folder.path());
    for path in private {
        let path = path.replace('#', "%23");
        assert!(served.get(&format!("/{path}")).head.starts_with("51 "), "{path}");
    }
    assert_eq!(served.page("/.well-known/known.txt"), "known");
}
