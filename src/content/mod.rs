//! The models: what a capsule is made of, between reading and rendering.
//!
//! Nothing here does IO or knows a format; `read` makes these values, `render` and `site` use them.

pub mod address;
pub mod date;
pub mod document;
pub mod files;
pub mod gopher;
pub mod language;
pub mod listing;
pub mod masthead;
pub mod picture;
pub mod plan;
pub mod post;
pub mod problem;
pub mod redirect;
pub mod source;

pub use address::Address;
pub use date::{Dates, Moment};
pub use document::Document;
pub use gopher::{Gopher, Item, ItemType};
pub use language::Language;
pub use listing::{Entry, Group, Listing};
pub use masthead::Masthead;
pub use plan::{Format, Hidden, Page, PageKind, Plan, Section};
pub use post::{FrontMatter, Head};
pub use problem::Problem;
pub use source::{Role, Source};
