//! The layouts' answers about files, and about a body before it is parsed.

use std::borrow::Cow;

use super::Rules;
use crate::content::Address;
use crate::content::plan::Taxonomy;

impl Rules {
    /// Whether a file among the pages is published only where a page links to it.
    pub(in crate::read) fn serves_only_linked(&self) -> bool {
        match self {
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Jekyll(_) => false,
            Rules::Pelican(_) | Rules::Pattern(_) => true,
        }
    }

    /// A file's path in its address.
    pub(in crate::read) fn file_path(&self, logical: &str) -> String {
        match self {
            Rules::Jekyll(jekyll) => jekyll.file_path(logical),
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Pelican(_) | Rules::Pattern(_) => {
                logical.to_owned()
            }
        }
    }

    /// The folder in which the generator has the pages of a taxonomy, where that is not maquis's.
    pub(in crate::read) fn terms_on_the_web(&self, taxonomy: Taxonomy) -> Option<&'static str> {
        match (self, taxonomy) {
            (Rules::Pelican(_), Taxonomy::Tags) => Some("tag"),
            (Rules::Pelican(_), Taxonomy::Categories) => Some("category"),
            (Rules::Pelican(_), Taxonomy::Authors) => Some("author"),
            (Rules::Pelican(_), Taxonomy::Series) => None,
            // The same names, beneath the path of the blog's web address.
            (Rules::Hugo(_) | Rules::Zola(_), taxonomy) => Some(taxonomy.folder()),
            (Rules::Plain | Rules::Jekyll(_) | Rules::Pattern(_), _) => None,
        }
    }

    /// A body as the Markdown parser is to see it; its lines stay where they are.
    pub fn body<'b>(&self, path: &str, body: &'b str) -> Cow<'b, str> {
        match self {
            // Indented lines of HTML are no code.
            Rules::Jekyll(_) if path.ends_with("html") || path.ends_with(".htm") => {
                Cow::Owned(html_at_the_margin(body))
            }
            Rules::Jekyll(_) => crate::read::liquid::bracketed(body),
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Pelican(_) | Rules::Pattern(_) => {
                Cow::Borrowed(body)
            }
        }
    }

    /// Files that a text links to, where only those are published.
    pub fn linked_files(&self, logical: &str, text: &str) -> Vec<String> {
        match self {
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Jekyll(_) => Vec::new(),
            Rules::Pelican(_) => crate::read::pelican::linked_files(logical, text),
            Rules::Pattern(_) => crate::read::pattern::linked_files(logical, text),
        }
    }

    /// Those of them that stand beside the page in the end.
    pub fn attached_files(&self, logical: &str, text: &str) -> Vec<String> {
        match self {
            Rules::Pelican(_) => crate::read::pelican::attached_files(logical, text),
            Rules::Plain | Rules::Hugo(_) | Rules::Zola(_) | Rules::Jekyll(_) | Rules::Pattern(_) => Vec::new(),
        }
    }

    /// From where an older address that does not begin with `/` is meant: Hugo starts beside the page.
    pub(in crate::read) fn alias_base(&self, prefix: &Address, own: &Address) -> Address {
        match self {
            Rules::Plain | Rules::Hugo(_) => own.parent(),
            Rules::Zola(_) | Rules::Jekyll(_) | Rules::Pelican(_) | Rules::Pattern(_) => prefix.clone(),
        }
    }
}

/// HTML without its indentation, but for preformatted text.
fn html_at_the_margin(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut preformatted = false;
    for line in body.split_inclusive('\n') {
        let lower = line.to_ascii_lowercase();
        out.push_str(if preformatted { line } else { line.trim_start_matches([' ', '\t']) });
        preformatted = match (lower.rfind("<pre"), lower.rfind("</pre")) {
            (Some(open), Some(close)) => open > close,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => preformatted,
        };
    }
    out
}
