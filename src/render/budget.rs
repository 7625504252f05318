//! How large a rendering may be: bounded by its source, so that no small file becomes a large page (faults.md).

/// The output is at most so many times the input …
const FACTOR: usize = 8;
/// … and so many bytes more.
pub(super) const ALLOWANCE: usize = 64 * 1024;

/// The most bytes that a source of this length may become.
pub(super) fn output(input_len: usize) -> usize {
    input_len.saturating_mul(FACTOR).saturating_add(ALLOWANCE)
}
