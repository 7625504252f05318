//! The line types of gemtext (specification, "Line types"): what each line is meant to be, and what a client reads.
//!
//! The writer can say the one, [`line_types`] finds the other from the text alone; the two must agree, whatever the
//! author wrote.

/// What a line is to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineType {
    Text,
    Link,
    /// Of level 1 to 3.
    Heading(usize),
    Item,
    Quote,
    /// Toggles preformatted text.
    Toggle,
    Preformatted,
}

/// What a client makes of a text: from the first characters of each line, and whether a toggle is open.
pub fn line_types(text: &str) -> Vec<LineType> {
    let mut inside = false;
    let one = |line: &str| match line {
        _ if line.starts_with("```") => {
            inside = !inside;
            LineType::Toggle
        }
        _ if inside => LineType::Preformatted,
        _ if line.starts_with("=>") => LineType::Link,
        _ if line.starts_with('#') => LineType::Heading(line.bytes().take(3).take_while(|&byte| byte == b'#').count()),
        _ if line.starts_with("* ") => LineType::Item,
        _ if line.starts_with('>') => LineType::Quote,
        _ => LineType::Text,
    };
    text.split_terminator('\n').map(one).collect()
}
