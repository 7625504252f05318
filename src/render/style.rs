//! The author's choices between ways to show the same thing; every text format follows them.

/// How a document is shown, where there is more than one good way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    pub links: Links,
    pub notes: Notes,
    pub emphasis: Emphasis,
}

/// Where the link lines of prose stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Links {
    /// After the paragraph, item, quote or table they stand in.
    #[default]
    Block,
    /// Before the next heading.
    Section,
    /// After the body.
    End,
}

/// Where footnotes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Notes {
    #[default]
    End,
    /// Before the next heading, after the section that refers to them first.
    Section,
}

/// What becomes of emphasis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Emphasis {
    /// As each format has it by custom: signs in plain text, none in gemtext.
    #[default]
    Usual,
    /// The words stay.
    Drop,
    /// `*strong*` and `_emphasised_`.
    Markers,
}
