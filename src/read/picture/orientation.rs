//! Which way up a picture is meant, the one thing of EXIF that is seen; and EXIF that says nothing else.
//!
//! Exif 3.0, 4.6 (TIFF structure) and 4.6.5.1.6 (Orientation, tag 0x112).

use img_parts::Bytes;

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// A picture that is to be turned or mirrored: 2 to 8, as in the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn(u8);

impl Turn {
    /// From a TIFF structure; `None` where the picture is to be shown as it lies.
    pub(super) fn read(exif: &Bytes) -> Option<Turn> {
        let big = match exif.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        let short = |at: usize| {
            let bytes = *exif.get(at..)?.first_chunk()?;
            Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
        };
        let long = |at: usize| {
            let bytes = *exif.get(at..)?.first_chunk()?;
            Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
        };
        let directory = usize::try_from(long(4)?).ok()?;
        let entries = 0..usize::from(short(directory)?);
        let mut entries = entries.map_while(|index| directory.checked_add(2 + 12 * index));
        let entry = entries.find(|&entry| short(entry) == Some(ORIENTATION) && short(entry + 2) == Some(SHORT))?;
        u8::try_from(short(entry + 8)?).ok().filter(|value| (2..=8).contains(value)).map(Turn)
    }

    /// A TIFF structure with this one entry.
    pub(super) fn exif(self) -> Vec<u8> {
        let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
        exif.extend_from_slice(&ORIENTATION.to_le_bytes());
        exif.extend_from_slice(&SHORT.to_le_bytes());
        exif.extend_from_slice(&[1, 0, 0, 0, self.0, 0, 0, 0]);
        exif.extend_from_slice(&[0; 4]);
        exif
    }
}
