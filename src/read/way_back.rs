//! From a text in which pieces were replaced back to the text as it was: every place has its offset in the file.

/// Pairs of offsets, in the new text and in the old, ascending; between two of them both grow alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct WayBack(Vec<(usize, usize)>);

impl WayBack {
    /// From here on the new text is the old one from there on.
    pub(super) fn push(&mut self, new: usize, old: usize) {
        self.0.push((new, old));
    }

    /// The offset in the old text. What is new stands at the beginning of what it replaces, or is no further on than its
    /// end.
    pub(super) fn original(&self, at: usize) -> usize {
        if self.0.len() < 2 {
            return at;
        }
        let index = self.0.partition_point(|&(new, _)| new <= at).saturating_sub(1);
        let (new, old) = self.0[index];
        let next = self.0.get(index + 1).map_or(usize::MAX, |&(_, old)| old);
        (old + (at - new)).min(next)
    }
}
