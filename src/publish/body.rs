//! The bytes of a body, for whoever wants all of them: `build` and `doctor`. `server` sends them in steps.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

use super::Published;
use crate::content::picture::{Picture, Piece};
use crate::site::{Body, FilePlace, Part};
use crate::source::root::stamp_of;

/// Pages are copied in steps of this many bytes.
const STEP: usize = 64 * 1024;

/// Why a body could not be written.
#[derive(Debug)]
pub enum Copying {
    /// A file of it cannot be read, or is not as it was looked into.
    From(io::Error),
    To(io::Error),
}

impl Published {
    /// Writes a whole body, as readers get it.
    pub fn write_body(&self, body: &Body, into: &mut impl Write) -> Result<(), Copying> {
        for part in body.iter() {
            match part {
                Part::Bytes(bytes) => into.write_all(bytes).map_err(Copying::To)?,
                Part::Stored(place) => {
                    let (end, mut at) = (place.offset + u64::from(place.len), place.offset);
                    let mut step = vec![0; STEP.min(place.len as usize)];
                    while at < end {
                        let length = usize::try_from(end - at).map_or(STEP, |rest| rest.min(STEP));
                        self.pages.read_at(at, &mut step[..length]).map_err(Copying::From)?;
                        into.write_all(&step[..length]).map_err(Copying::To)?;
                        at += length as u64;
                    }
                }
                Part::File(place) => self.write_file(place, into)?,
            }
        }
        Ok(())
    }

    fn write_file(&self, place: &FilePlace, into: &mut impl Write) -> Result<(), Copying> {
        let root = self.roots.get(place.capsule).ok_or_else(|| Copying::From(ErrorKind::NotFound.into()))?;
        let mut file = root.file(&place.path).map_err(Copying::From)?;
        match &place.picture {
            Some(picture) => write_picture(&mut file, picture, into),
            None => pour(&mut file, into).map(|_| ()),
        }
    }
}

fn write_picture(file: &mut File, picture: &Picture, into: &mut impl Write) -> Result<(), Copying> {
    for piece in &picture.pieces {
        match piece {
            Piece::File(range) => {
                file.seek(SeekFrom::Start(range.start)).map_err(Copying::From)?;
                let length = range.end.saturating_sub(range.start);
                if pour(&mut file.take(length), into)? != length {
                    return Err(Copying::From(ErrorKind::UnexpectedEof.into()));
                }
            }
            Piece::Made(bytes) => into.write_all(bytes).map_err(Copying::To)?,
        }
    }
    // What was read is of the state that is known.
    let now = stamp_of(file).map_err(Copying::From)?;
    if now == picture.stamp { Ok(()) } else { Err(Copying::From(changed())) }
}

/// All that is there, and how much it was.
fn pour(from: &mut impl Read, into: &mut impl Write) -> Result<u64, Copying> {
    let (mut step, mut poured) = (vec![0; STEP], 0);
    loop {
        match from.read(&mut step) {
            Ok(0) => return Ok(poured),
            Ok(length) => {
                into.write_all(&step[..length]).map_err(Copying::To)?;
                poured += length as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Copying::From(error)),
        }
    }
}

fn changed() -> io::Error {
    io::Error::other("it changed meanwhile; try again")
}
