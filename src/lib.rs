//! maquis: a Markdown blog, served over Gemini, watching nobody.
//!
//! # The way of the data
//!
//! ```text
//!  source folder       what the author writes (Markdown, gemtext, images; plain or Hugo layout)
//!     │  source/       walk the folder, recognise the layout                               IO
//!     ▼
//!  Source              a path and its text, or a path and its file on disk
//!     │  read/         pass one: the front matter and first heading of all sources         pure
//!     ▼
//!  Plan                every address, title and date: what links between pages need
//!     │  read/         pass two, one source at a time: Markdown → Document                 pure
//!     ▼
//!  Document, Listing   the two models everything is rendered from (they live in content/)
//!     │  render/       gemtext · Atom                                                      pure
//!     ▼
//!  renderings          bytes, handed to the page store; the tree is forgotten              store: IO
//!     │  site/         assemble: every address → its resource; redirects; problems         pure
//!     ▼
//!  Site                one immutable snapshot behind an Arc, and the next instant at which it would differ
//!     │  protocol/     bytes so far → Step (need more / reply)                             pure
//!     ▼
//!  Reply               head, and body: bytes, a place in the store, or a file
//!     │  server/       accept, TLS, one exchange, close                                    IO
//!     ▼
//!  the reader
//! ```
//!
//! # Layers: imports go down only
//!
//! ```text
//! main → command → config → { publish  source  store  watch  sandbox  memory  system  notice  server }
//!      → protocol → site → { read  render } → content → text
//! ```
//!
//! `protocol`, `site`, `read`, `render`, `content` and `text` are pure: no file system, no network,
//! no clock, no async. *Now* and the time zone are arguments.
//!
//! # What is deliberately absent
//!
//! - An access log, at any setting: [`notice`] holds the closed list of all that may be printed while serving.
//! - Sessions: one connection is one request and one reply; TLS tickets and caches are off.
//! - A way from a reader's path to the file system: a request is a look-up in [`site::Site`].
//! - `unsafe` code.

pub mod cli;
pub mod command;
pub mod config;
pub mod content;
pub mod memory;
pub mod notice;
pub mod protocol;
pub mod publish;
pub mod read;
pub mod render;
pub mod sandbox;
pub mod server;
pub mod site;
pub mod source;
pub mod store;
pub mod system;
pub mod text;
pub mod watch;
