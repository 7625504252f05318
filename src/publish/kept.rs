//! What is kept of a source beside its renderings, so that it need not be read again: the heads of pass one, and for
//! pass two whether every link leads where it led.
//!
//! Links are resolved against the plan. While the plan's addresses are as they were, its *shape*, no link can lead
//! elsewhere, and none is looked at.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::included::Inclusion;
use crate::content::document::Target;
use crate::content::{FrontMatter, Page, Plan, Problem};
use crate::read::markdown::ReferenceKind;

/// What is kept of a source beside its rendering, and asked for each time.
#[derive(Serialize, Deserialize)]
pub(super) struct Meta {
    /// A hash of what the rendering depends on beside the source.
    pub(super) ingredients: u64,
    /// A hash of the plan's addresses when the page was converted.
    pub(super) shape: u64,
    /// A hash of what the plan says of the page.
    pub(super) planned: u64,
    pub(super) front: FrontMatter,
    pub(super) body_start: usize,
    pub(super) heading: Option<String>,
    pub(super) head_problems: Vec<Problem>,
    /// Whether nothing is wrong with its body, and nothing of it stands in other files.
    pub(super) sound: bool,
}

/// What is kept of a source's links, and asked for where one may lead elsewhere now.
#[derive(Serialize, Deserialize)]
pub(super) struct Links {
    /// Every destination of the source and where it led.
    pub(super) references: Vec<Reference>,
    pub(super) body_problems: Vec<Problem>,
    /// What it includes of other files, and found there.
    pub(super) included: Vec<Inclusion>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Reference {
    #[serde(with = "used")]
    pub(super) used: ReferenceKind,
    pub(super) destination: String,
    /// A hash of the target.
    pub(super) target: u64,
}

/// Everything of a plan that decides where a link leads, and what a link to it says.
pub(super) fn shape(plan: &Plan) -> u64 {
    let mut hasher = DefaultHasher::new();
    let web = plan.masthead.web.as_ref().map(|web| (&web.origin, &web.path));
    (web, plan.masthead.gopher.as_ref().map(|gopher| gopher.posts)).hash(&mut hasher);
    for page in &plan.pages {
        (&page.logical, &page.address, &page.aliases, &page.edition, page.kind, page.format).hash(&mut hasher);
        (plan.title(&page.address), page.moved_to.is_some()).hash(&mut hasher);
    }
    for file in &plan.files {
        (&file.source, &file.logical, &file.address, file.length).hash(&mut hasher);
    }
    for edition in &plan.editions {
        (&edition.language, &edition.root).hash(&mut hasher);
    }
    plan.moves.hash(&mut hasher);
    // In any order.
    let made = plan.made.iter().map(|address| hash_of(&(address, plan.title(address)))).fold(0, u64::wrapping_add);
    let hidden = plan.hidden.keys().map(hash_of).fold(0, u64::wrapping_add);
    (made, hidden).hash(&mut hasher);
    hasher.finish()
}

/// What a rendering takes from the plan beside links: the head, and what the page is.
pub(super) fn planned(page: &Page) -> u64 {
    hash_of(&(&page.head, page.kind))
}

/// Where a link leads, as a number.
pub(super) fn hash(plan: &Plan, target: &Target) -> u64 {
    let mut hasher = DefaultHasher::new();
    // What is at the other end decides what a Gopher item says of it.
    if let (Some(_), Target::Page(address) | Target::File(address, _)) = (&plan.masthead.gopher, target) {
        let item = plan.item(address);
        (item.kind, item.selector).hash(&mut hasher);
    }
    match target {
        // Where a link's text does not tell, its page's title does.
        Target::Page(address) => (0, address.as_str(), plan.title(address)).hash(&mut hasher),
        Target::File(address, length) => (1, address.as_str(), length).hash(&mut hasher),
        Target::Elsewhere(url) => (2, &**url).hash(&mut hasher),
        Target::Nowhere => 3.hash(&mut hasher),
    }
    hasher.finish()
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

mod used {
    //! [`ReferenceKind`] in the store, as one letter.
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ReferenceKind;

    pub(super) fn serialize<S: Serializer>(used: &ReferenceKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(match used {
            ReferenceKind::Link => 'l',
            ReferenceKind::Image => 'i',
            ReferenceKind::Ref => 'r',
            ReferenceKind::Itself => 's',
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReferenceKind, D::Error> {
        Ok(match char::deserialize(deserializer)? {
            'i' => ReferenceKind::Image,
            'r' => ReferenceKind::Ref,
            's' => ReferenceKind::Itself,
            _ => ReferenceKind::Link,
        })
    }
}
