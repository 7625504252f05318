//! The bytes of a body, for whoever wants all of them: `build` and `doctor`. `server` sends them in steps.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

use super::Published;
use crate::content::picture::{Picture, Piece};
use crate::site::{Body, FilePlace, Part};
use crate::source::root::stamp_of;

/// Pages are copied in steps of this many bytes.
const STEP: usize = 64 * 1024;

impl Published {
    /// Writes a whole body, as readers get it.
    pub fn write_body(&self, body: &Body, into: &mut impl Write) -> io::Result<()> {
        for part in body.iter() {
            match part {
                Part::Bytes(bytes) => into.write_all(bytes)?,
                Part::Stored(place) => {
                    let (end, mut at) = (place.offset + u64::from(place.len), place.offset);
                    let mut step = vec![0; STEP.min(place.len as usize)];
                    while at < end {
                        let length = usize::try_from(end - at).map_or(STEP, |rest| rest.min(STEP));
                        self.pages.read_at(at, &mut step[..length])?;
                        into.write_all(&step[..length])?;
                        at += length as u64;
                    }
                }
                Part::File(place) => self.write_file(place, into)?,
            }
        }
        Ok(())
    }

    /// Why a body cannot be had, where a file of it cannot be read, or is not as it was looked into.
    pub fn missing(&self, body: &Body) -> Option<io::Error> {
        body.iter().find_map(|part| match part {
            Part::Bytes(_) | Part::Stored(_) => None,
            Part::File(place) => self.look_at(place).err(),
        })
    }

    fn look_at(&self, place: &FilePlace) -> io::Result<()> {
        let file = self.roots.get(place.capsule).ok_or(ErrorKind::NotFound)?.file(&place.path)?;
        match &place.picture {
            Some(picture) if stamp_of(&file)? != picture.stamp => Err(changed()),
            Some(_) | None => Ok(()),
        }
    }

    fn write_file(&self, place: &FilePlace, into: &mut impl Write) -> io::Result<()> {
        let root = self.roots.get(place.capsule).ok_or(ErrorKind::NotFound)?;
        let mut file = root.file(&place.path)?;
        match &place.picture {
            Some(picture) => write_picture(&mut file, picture, into),
            None => io::copy(&mut file, into).map(|_| ()),
        }
    }
}

fn write_picture(file: &mut File, picture: &Picture, into: &mut impl Write) -> io::Result<()> {
    for piece in &picture.pieces {
        match piece {
            Piece::File(range) => {
                file.seek(SeekFrom::Start(range.start))?;
                let length = range.end.saturating_sub(range.start);
                if io::copy(&mut file.take(length), into)? != length {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
            Piece::Made(bytes) => into.write_all(bytes)?,
        }
    }
    // What was read is of the state that is known.
    if stamp_of(file)? == picture.stamp { Ok(()) } else { Err(changed()) }
}

fn changed() -> io::Error {
    io::Error::other("it changed meanwhile; try again")
}
