//! A few lines of the author's gemtext as text: what stands above and below every post.
//!
//! Gemtext specification, "Line orientation". There are no letters here, as those of the post have their list: a link
//! is followed by its address (RFC 3986, appendix C).

use crate::render::menu::gemtext::{Line, lines};
use crate::text::charset::Charset;
use crate::text::{clean, width, wrap};

/// The text of gemtext, filled, in the characters of the charset. `address` says where a link leads.
pub fn of_gemtext(text: &str, columns: usize, charset: Charset, address: &dyn Fn(&str) -> String) -> String {
    let mut filling = Filling { out: String::new(), columns, charset };
    for line in lines(text) {
        match line {
            Line::Text(text) | Line::Heading { level: 3, text } => filling.add("", "", text),
            Line::Heading { level: 1, text } => filling.underlined(text, "="),
            Line::Heading { level: _, text } => filling.underlined(text, "-"),
            Line::Item(text) => filling.add("* ", "  ", text),
            Line::Quote(text) => filling.add("> ", "> ", text),
            Line::Preformatted(text) => filling.verbatim(text),
            Line::Link { url: "", label: _ } => {}
            Line::Link { url, label: "" } => filling.add("", "", &address(url)),
            Line::Link { url, label } => filling.add("", "", &format!("{label} <{}>", address(url))),
        }
    }
    filling.out
}

struct Filling {
    out: String,
    columns: usize,
    charset: Charset,
}

impl Filling {
    fn add(&mut self, marker: &str, rest: &str, text: &str) {
        let text = self.charset.fold(&clean::one_line(text)).into_owned();
        for (index, line) in wrap::lines(&text, self.columns - marker.len()).iter().enumerate() {
            self.line(&format!("{}{line}", if index == 0 { marker } else { rest }));
        }
    }

    fn underlined(&mut self, text: &str, sign: &str) {
        let start = self.out.len();
        self.add("", "", text);
        let widest = self.out[start..].lines().map(width::columns).max().unwrap_or(0);
        self.line(&sign.repeat(widest.min(self.columns)));
    }

    fn verbatim(&mut self, text: &str) {
        let mut line = String::new();
        clean::push_preformatted(&mut line, text);
        let line = self.charset.fold(&line.replace('\t', "    ").replace('\n', " ")).into_owned();
        self.line(&line);
    }

    /// A lone dot would end a Gopher text.
    fn line(&mut self, line: &str) {
        let line = line.trim_end();
        self.out.push_str(if line == "." { " ." } else { line });
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_has_its_form() {
        let gemtext =
            "# Café\n=> / Under the fig tree\n=> https://x.org/\n* a long item of a list\n> « mot »\n```\n.\n```\n";
        let address = |url: &str| if url == "/" { "gopher://h/1/".to_owned() } else { url.to_owned() };
        let text = of_gemtext(gemtext, 20, Charset::Latin1, &address);
        let expected = "Café\n====\nUnder the fig tree\n<gopher://h/1/>\nhttps://x.org/\n* a long item of a\n  list\n> « mot »\n .\n";
        assert_eq!(text, expected);
    }
}
