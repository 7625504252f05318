//! What a capsule is to Gopher clients: its authority, the types of items, and the selector of each address.
//!
//! RFC 1436 (items and their types, appendix), RFC 4266 (`gopher://host:port/<type><selector>`). A post is the text
//! at `/posts/x.txt`, the menu of its links at `/posts/x/` and its gemtext at `/posts/x.gmi`; a listing is a menu at
//! its own address. What is longer than a selector may be has a short form (`selector`).

mod selector;

pub use selector::{SELECTOR_BYTES, selector, short_form};

use super::files::MediaType;
use super::plan::Format;
use super::{Address, Plan};
use crate::text::charset::Charset;

/// How a capsule is served over Gopher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gopher {
    /// As items name it.
    pub host: String,
    pub port: u16,
    pub posts: Posts,
    pub charset: Charset,
    /// Of filled text and of menus, in display columns.
    pub width: usize,
}

/// The port of Gopher.
pub const PORT: u16 = 70;
/// How wide filled text may be asked for, in display columns, and how wide it is otherwise.
pub const MIN_WIDTH: usize = 28;
pub const MAX_WIDTH: usize = 100;
pub const WIDTH: usize = 70;

/// What a listing leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Posts {
    /// The text of a post.
    #[default]
    Text,
    /// A menu with the text and its links after each paragraph.
    Menu,
}

/// The type of an item: RFC 1436, 3.8, and those that clients have agreed on since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemType {
    Text,
    Menu,
    Error,
    Binary,
    Gif,
    Html,
    Info,
    Image,
    Sound,
}

impl ItemType {
    pub fn letter(self) -> char {
        match self {
            ItemType::Text => '0',
            ItemType::Menu => '1',
            ItemType::Error => '3',
            ItemType::Binary => '9',
            ItemType::Gif => 'g',
            ItemType::Html => 'h',
            ItemType::Info => 'i',
            ItemType::Image => 'I',
            ItemType::Sound => 's',
        }
    }

    /// Of a file, by its ending and as clients understand it: documents and films are downloads, HTML is text, for
    /// `h` is taken by links to the web.
    pub fn of_file(name: &str) -> ItemType {
        let name = name.rsplit('/').next().unwrap_or(name);
        let Some((_, ending)) = name.rsplit_once('.') else { return ItemType::Binary };
        match ending.to_ascii_lowercase().as_str() {
            "gif" => ItemType::Gif,
            "png" | "jpg" | "jpeg" | "webp" | "bmp" | "tif" | "tiff" | "avif" | "xbm" => ItemType::Image,
            "mp3" | "ogg" | "oga" | "opus" | "flac" | "wav" | "m4a" | "aac" | "mid" => ItemType::Sound,
            "txt" | "asc" | "gmi" | "gemini" | "md" | "csv" | "tsv" | "json" | "xml" | "atom" | "rss" | "html"
            | "htm" | "css" | "js" | "toml" | "yaml" | "yml" | "ini" | "log" | "diff" | "patch" | "sh" | "py"
            | "rs" | "c" | "h" | "tex" | "ics" | "vcf" | "nfo" => ItemType::Text,
            _ => ItemType::Binary,
        }
    }
}

/// Where an address is found over Gopher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: ItemType,
    /// Percent-encoded, beginning with `/`.
    pub selector: String,
}

impl Item {
    /// What is at an address.
    pub fn new(kind: ItemType, address: &Address) -> Item {
        Item { kind, selector: selector(address) }
    }
}

impl Gopher {
    /// The full address of an item of ours.
    pub fn url(&self, item: &Item) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let (kind, selector) = (item.kind.letter(), &item.selector);
        match self.port {
            PORT => format!("gopher://{host}/{kind}{selector}"),
            port => format!("gopher://{host}:{port}/{kind}{selector}"),
        }
    }
}

impl Plan {
    /// The item a link to an address leads to.
    pub fn item(&self, address: &Address) -> Item {
        let posts = self.masthead.gopher.as_ref().map_or(Posts::Text, |gopher| gopher.posts);
        let page = self.by_address.get(address).map(|&index| &self.pages[index]);
        let (kind, address) = match page {
            // It may have moved to something else than a text.
            Some(page) if page.moved_to.is_some() => (ItemType::Menu, links_address(&page.address)),
            Some(page) if page.is_menu() => (ItemType::Menu, page.address.clone()),
            Some(page) if posts == Posts::Text => (ItemType::Text, self.text_address(&page.address)),
            Some(page) if page.format == Format::Gemtext => (ItemType::Menu, links_address(&page.address)),
            Some(page) => (ItemType::Menu, page.address.clone()),
            None if self.file_by_address.contains_key(address) || !address.is_folder() => {
                (self.type_of_file(address), address.clone())
            }
            None => (ItemType::Menu, address.clone()),
        };
        Item::new(kind, &address)
    }

    /// The item of an address's gemtext, where there is some: gemtext leads on to gemtext.
    pub fn gemtext_item(&self, address: &Address) -> Item {
        let page = self.by_address.get(address).map(|&index| &self.pages[index]);
        match page {
            Some(page) if !page.is_menu() => Item::new(ItemType::Text, &self.gemtext_address(&page.address)),
            Some(_) | None => self.item(address),
        }
    }

    /// By its author's word, else by its name.
    fn type_of_file(&self, address: &Address) -> ItemType {
        let file = self.file_by_address.get(address).map(|&index| &self.files[index]);
        match file.and_then(|file| file.media_type.as_ref()) {
            Some(MediaType::Whole(known)) if known.starts_with("text/") => ItemType::Text,
            Some(MediaType::Whole(known)) if known.starts_with("image/") => ItemType::Image,
            Some(MediaType::Whole(known)) if known.starts_with("audio/") => ItemType::Sound,
            Some(MediaType::Whole(_) | MediaType::With(_)) | None => ItemType::of_file(address.name()),
        }
    }

    /// Where a post's text is: `/posts/x.txt`, unless the author has a file there.
    pub fn text_address(&self, address: &Address) -> Address {
        let beside = sibling(address, ".txt");
        if self.file_by_address.contains_key(&beside) {
            return links_address(address).child("index.txt").unwrap_or(beside);
        }
        beside
    }

    /// Where a post's gemtext is: `/posts/x.gmi`.
    pub fn gemtext_address(&self, address: &Address) -> Address {
        sibling(address, ".gmi")
    }
}

/// Where the menu of a post's links is: `/posts/x/`.
pub fn links_address(address: &Address) -> Address {
    Address::beside(stem(address), "/")
}

/// The other forms of what is at an address with such an ending, and what the ending is: `/x/` of `/x.txt`.
pub fn without_ending(path: &str) -> Option<(String, &'static str)> {
    [".txt", ".gmi"].into_iter().find_map(|ending| Some((format!("{}/", path.strip_suffix(ending)?), ending)))
}

/// What is beside an address: `/posts/x.txt` of `/posts/x/`.
pub fn sibling(address: &Address, ending: &str) -> Address {
    let path = match stem(address) {
        "" => "/index",
        path => path,
    };
    Address::beside(path, ending)
}

fn stem(address: &Address) -> &str {
    let path = address.as_str();
    [".gmi", ".gemini", "/"].iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_types_that_clients_know() {
        for (name, letter) in [
            ("a.png", 'I'),
            ("b/A.GIF", 'g'),
            ("a.pdf", '9'),
            ("a.mp4", '9'),
            ("a.opus", 's'),
            ("a.html", '0'),
            ("robots.txt", '0'),
            ("v1.2/README", '9'),
        ] {
            assert_eq!(ItemType::of_file(name).letter(), letter, "{name}");
        }
    }

    #[test]
    fn addresses_of_a_post() {
        let address = |path: &str| Address::parse(path).unwrap();
        assert_eq!(sibling(&address("/posts/x/"), ".txt").as_str(), "/posts/x.txt");
        assert_eq!(sibling(&address("/posts/x.gmi"), ".txt").as_str(), "/posts/x.txt");
        assert_eq!(sibling(&address("/"), ".gmi").as_str(), "/index.gmi");
        assert_eq!(links_address(&address("/posts/x.gmi")).as_str(), "/posts/x/");
    }

    #[test]
    fn full_addresses() {
        let item = Item { kind: ItemType::Text, selector: "/a.txt".into() };
        let gopher = |host: &str, port| Gopher {
            host: host.into(),
            port,
            posts: Posts::Text,
            charset: Charset::Utf8,
            width: WIDTH,
        };
        assert_eq!(gopher("a.org", 70).url(&item), "gopher://a.org/0/a.txt");
        assert_eq!(gopher("::1", 7070).url(&item), "gopher://[::1]:7070/0/a.txt");
    }
}
