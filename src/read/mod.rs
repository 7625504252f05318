//! From an author's text to the models: front matter, Markdown with its HTML and shortcodes, gemtext, the plan.
//!
//! Pass one reads heads and makes the plan; pass two reads one source at a time. Pure: bytes and *now* come in
//! as arguments. Each parser has one door: `pulldown_cmark` in [`markdown`] and `events`, `html5gum` in `html`, YAML, TOML and
//! JSON in [`value`].

pub mod agate;
pub mod conversion;
pub mod date;
pub mod dialect;
pub mod front_matter;
pub mod gemtext;
pub mod hugo;
pub mod include;
pub mod jekyll;
pub mod link;
pub mod markdown;
pub mod pattern;
pub mod pelican;
pub mod picture;
pub mod place;
pub mod plan;
pub mod proof;
pub mod rules;
pub mod smart;
pub mod title;
pub mod value;
pub mod zola;

mod compose;
mod effect;
mod embed;
mod events;
mod fences;
mod find;
mod html;
mod inline;
mod label;
mod lines;
mod liquid;
mod notes;
mod outgoing;
mod plain;
mod prose;
mod reader;
mod shortcode;
mod shown;
mod tag;
mod tongue;
mod variables;
mod way_back;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod outline;
