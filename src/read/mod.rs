//! read

pub mod date;
pub mod front_matter;
pub mod value;
