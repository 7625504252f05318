//! Gemini.
use super::{Exchange, Step};
pub const LIMIT: usize = 1026;
pub fn step(_input: &[u8], _exchange: &Exchange<'_>) -> Step {
    Step::NeedMore
}
