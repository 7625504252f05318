//! From an author's text to the models: front matter, Markdown with its HTML and shortcodes, gemtext.
//!
//! Pure: text in, [`crate::content::Document`] and problems out. Each parser has one door: `pulldown_cmark` in
//! [`markdown`] and `events`, `html5gum` in `html`.

pub mod gemtext;
pub mod markdown;

mod compose;
mod effect;
mod embed;
mod events;
mod html;
mod inline;
mod notes;
mod prose;
mod reader;
mod shortcode;
pub mod smart;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod outline;
