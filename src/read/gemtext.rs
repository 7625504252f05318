//! Hand-written gemtext: its first heading and its links, for listings and for `check`. The page itself is
//! served byte for byte.
//!
//! Gemtext specification, sections 5.4.2 (links), 5.4.3 (preformatting toggles) and 5.5.1 (headings).

/// The text of the first heading line.
pub fn first_heading(text: &str) -> Option<&str> {
    lines(text).map(|(_, line)| line).filter_map(heading).next()
}

/// The target of every link line, with its line number, counted from 1.
pub fn links(text: &str) -> impl Iterator<Item = (u32, &str)> {
    lines(text).filter_map(|(number, line)| {
        let target = line.strip_prefix("=>")?.trim_start_matches([' ', '\t']).split([' ', '\t']).next()?;
        (!target.is_empty()).then_some((number, target))
    })
}

/// The lines outside preformatted text.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut preformatted = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let toggle = line.starts_with("```");
        preformatted ^= toggle;
        !preformatted && !toggle
    })
}

fn heading(line: &str) -> Option<&str> {
    let level = line.bytes().take_while(|&b| b == b'#').count();
    let title = line[level..].trim();
    ((1..=3).contains(&level) && !title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\u{feff}```\n# no\n=> /no\n```\n#  The title \n=> /a A\r\n=>\tgemini://b/\n=>\n## later\n";

    #[test]
    fn the_first_heading_outside_preformatted_text() {
        assert_eq!(first_heading(PAGE), Some("The title"));
        assert_eq!(first_heading("text\n#\n"), None);
    }

    #[test]
    fn links_have_lines() {
        assert_eq!(links(PAGE).collect::<Vec<_>>(), [(6, "/a"), (7, "gemini://b/")]);
    }
}
