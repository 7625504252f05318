//! The bytes of a reply that wait to be encrypted or sent: one buffer for all steps of a large file.

/// Bytes that wait. What was cleared is not given back, so that the next step is read into it as it is.
#[derive(Default)]
pub(super) struct Plain {
    buffer: Vec<u8>,
    len: usize,
}

impl Plain {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.took(bytes.len());
    }

    /// Room for so many bytes behind those that wait.
    pub(super) fn room(&mut self, count: usize) -> &mut [u8] {
        let end = self.len + count;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        &mut self.buffer[self.len..end]
    }

    /// So many bytes of that room hold something now.
    pub(super) fn took(&mut self, count: usize) {
        self.len += count;
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_not_sent_again() {
        let mut plain = Plain::default();
        plain.push(b"20 text/gemini\r\n");
        plain.room(4).copy_from_slice(b"abcd");
        plain.took(4);
        assert_eq!(plain.bytes(), b"20 text/gemini\r\nabcd");
        plain.clear();
        plain.room(2).copy_from_slice(b"xy");
        plain.took(2);
        assert_eq!((plain.bytes(), plain.len()), (b"xy".as_slice(), 2));
    }
}
