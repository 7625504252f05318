//! What Hugo's folders hand down to the pages in them (`cascade`), and to which.

use globset::{GlobBuilder, GlobMatcher};

use crate::content::post::Cascade;
use crate::read::place::Place;
use crate::read::plan::{Headed, ancestors};

/// A cascade with its glob made, and the folder it was found in.
#[derive(Clone, Debug)]
pub(in crate::read) struct Handed {
    folder: String,
    path: Option<GlobMatcher>,
    kind: Option<GlobMatcher>,
    pub(in crate::read) values: Cascade,
}

impl Handed {
    pub(super) fn new(folder: &str, values: &Cascade) -> Handed {
        let glob = |pattern: &String| {
            let glob = GlobBuilder::new(&pattern.to_lowercase()).literal_separator(true).build().ok()?;
            Some(glob.compile_matcher())
        };
        let (path, kind) = (values.path.as_ref().and_then(glob), values.kind.as_ref().and_then(glob));
        Handed { folder: folder.to_owned(), path, kind, values: values.clone() }
    }

    pub(super) fn is_for(&self, folder: &str, path: &str, kind: &str) -> bool {
        let beneath = self.folder.is_empty() || ancestors(folder).any(|folder| folder == self.folder);
        beneath
            && self.path.as_ref().is_none_or(|glob| glob.is_match(path))
            && self.kind.as_ref().is_none_or(|glob| glob.is_match(kind))
    }
}

/// What the sections hand down, the nearest to a page first.
pub(in crate::read) fn cascades(pages: &[(Headed, Place)]) -> Vec<Handed> {
    let mut all: Vec<Handed> = pages
        .iter()
        .filter(|(_, place)| place.stem == "_index")
        .flat_map(|(headed, place)| headed.front.cascade.iter().map(|values| Handed::new(&place.folder, values)))
        .collect();
    all.sort_by_key(|handed| std::cmp::Reverse(handed.folder.len()));
    all
}
