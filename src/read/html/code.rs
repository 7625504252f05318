//! Code in HTML: within a line, or the language of a block of it.

use super::Attributes;
use crate::content::document::{Exceeded, Span};
use crate::read::compose::Origin;
use crate::read::reader::Reader;

pub(super) fn code(
    reader: &mut Reader<'_>,
    attributes: &Attributes<'_>,
    origin: Origin,
    span: Span,
) -> Result<(), Exceeded> {
    if !reader.composer.is_in_pre() {
        return reader.composer.open_code(origin, span);
    }
    if let (Some(class), Some(known)) = (attributes.full("class"), reader.composer.pre_language())
        && known.is_empty()
    {
        *known = language(&class);
    }
    Ok(())
}

/// `language-rust`, as highlighters write it.
pub(super) fn language(class: &str) -> String {
    let mut words = class.split_whitespace();
    let named = words.find_map(|word| word.strip_prefix("language-").or_else(|| word.strip_prefix("lang-")));
    named.unwrap_or("").to_owned()
}
