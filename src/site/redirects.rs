//! Other forms of an address, which lead to the canonical one by a permanent redirect.
//!
//! So that a reader can swap the scheme of a web address, or leave out a slash.

use super::{Capsule, Resource};
use crate::content::Address;
use crate::content::address::other_forms;

/// The address that is meant by a path at which nothing is, if one is meant.
pub fn canonical(capsule: &Capsule, path: &str) -> Option<Address> {
    other_forms(path).find_map(|form| {
        let (address, resource) = capsule.resources.get_key_value(form.as_str())?;
        match resource {
            Resource::Content { .. } => Some(address.clone()),
            Resource::Moved { to, .. } => Some(to.clone()),
            Resource::Head(_) | Resource::Gone => None,
        }
    })
}
