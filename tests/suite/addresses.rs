//! No address lost, none called as another, no line read as what it is not: the conversion of real posts.
//!
//! The yardstick for addresses is the parser's own HTML of the same body; what may differ is named here. Words have
//! `conversion.rs`.

use std::collections::{HashMap, HashSet};

use maquis::read::conversion::Outgoing;
use maquis::render::gemtext::{self, LineType};

use super::conversion::yardstick;
use super::corpora;

#[test]
fn no_address_is_lost() {
    let mut lost = Vec::new();
    for corpus in corpora::NAMES {
        let mut total = 0;
        for post in corpora::posts(corpus) {
            let Some(converted) = post.converted() else { continue };
            let lines: HashSet<String> = converted
                .gemtext
                .lines()
                .filter_map(|line| line.strip_prefix("=> ")?.split(' ').next().map(bare))
                .collect();
            let on_page = |url: &str| lines.contains(&bare(url)) || converted.gemtext.contains(&format!("– {url}"));
            for url in &converted.asked {
                total += 1;
                if !on_page(url) && !is_decoration(url) {
                    lost.push(format!("{corpus}/{}: asked for {url}", post.path));
                }
            }
            for address in yardstick(&post).addresses {
                let outgoing = Outgoing::default();
                let clean = outgoing.clean(address.trim());
                let Some(url) = maquis::text::url::escape(&clean) else { continue };
                let url = bare(&url);
                let nowhere = ["#", "javascript:", "data:"].iter().any(|start| url.starts_with(start));
                // The author's own machine is named in the text, and cannot be followed from elsewhere.
                let nowhere = nowhere || (url.starts_with("http://localhost") && converted.gemtext.contains(&url));
                // An expression of the site's templates is resolved by them.
                // One of which a part is not known without them is no address.
                let before = |end: &str| post.text.contains(&format!("{url}{end}{{{{"));
                let cut = post.text.contains(&format!("}}}}{url}")) || before("") || before("/");
                if !nowhere && !cut && !url.contains("{{") && !on_page(&url) && !is_decoration(&url) {
                    lost.push(format!("{corpus}/{}: {url}", post.path));
                }
            }
        }
        eprintln!("{corpus}: {total} addresses");
    }
    lost.sort();
    assert!(lost.is_empty(), "{} addresses:\n{}", lost.len(), lost.join("\n"));
}

/// An address whatever is percent-encoded in it, and whatever form its host has.
fn bare(url: &str) -> String {
    let decoded = maquis::content::address::percent_decode(url).unwrap_or_else(|| url.to_owned());
    maquis::text::url::escape(&decoded)
        .and_then(|url| maquis::content::address::percent_decode(&url))
        .map(|url| if url.matches('/').count() == 3 { url.trim_end_matches('/').to_owned() } else { url })
        .unwrap_or(decoded)
}

/// Images that say nothing, and have no alternative text: badges, counters, emoji.
fn is_decoration(url: &str) -> bool {
    ["shields.io", "badge", "emoji", "pixel"].iter().any(|sign| url.contains(sign))
}

#[test]
fn every_line_is_read_as_it_is_meant() {
    for corpus in corpora::NAMES {
        for post in corpora::posts(corpus) {
            let Some(converted) = post.converted() else { continue };
            let read = gemtext::line_types(&converted.gemtext);
            let differs = read.iter().zip(&converted.meant).position(|(read, meant)| read != meant);
            let line = differs.and_then(|at| converted.gemtext.lines().nth(at));
            assert_eq!((line, read.len()), (None, converted.meant.len()), "{corpus}/{}", post.path);
            let toggles = read.iter().filter(|kind| **kind == LineType::Toggle).count();
            assert_eq!(toggles % 2, 0, "{corpus}/{}: an open block", post.path);
        }
    }
}

#[test]
fn the_same_post_makes_the_same_bytes() {
    for post in corpora::posts("mtlynch").iter().step_by(5) {
        let twice = [post.converted(), post.converted()].map(|converted| converted.map(|converted| converted.gemtext));
        assert_eq!(twice[0], twice[1], "{}", post.path);
    }
}

#[test]
fn no_two_addresses_of_a_page_have_one_label() {
    let mut same = Vec::new();
    for corpus in corpora::NAMES {
        for post in corpora::posts(corpus) {
            let Some(converted) = post.converted() else { continue };
            let mut labels: HashMap<&str, String> = HashMap::new();
            let mut verbatim = false;
            for line in converted.gemtext.lines() {
                verbatim ^= line.starts_with("```");
                let Some((url, label)) = line.strip_prefix("=> ").and_then(|link| link.split_once(' ')) else {
                    continue;
                };
                // An item that is a link and a comment on it has the author's words.
                if verbatim || label.contains(" – ") || label.contains(" - ") {
                    continue;
                }
                let url = bare(url);
                if *labels.entry(label).or_insert_with(|| url.clone()) != url {
                    same.push(format!("{corpus}/{}: {label}: {url}", post.path));
                }
            }
        }
    }
    assert!(same.is_empty(), "{} labels:\n{}", same.len(), same.join("\n"));
}
