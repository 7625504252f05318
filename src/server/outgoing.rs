//! A reply on its way out: the parts of its body, in steps, handed to the socket as the reader takes them.
//!
//! A page goes out with its head and its close_notify in one write. What is larger goes in steps of 64 KiB, full
//! records, so that a reader who stops reading costs no more than that; one who takes too little is left.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConnection;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::plain::Plain;
use super::stream::Stream;
use super::{Limits, Snapshot};
use crate::content::picture::{Picture, Piece};
use crate::content::source::Stamp;
use crate::protocol::{Protocol, Reply};
use crate::site::{FilePlace, Part, Site, Stored};
use crate::source::root::stamp_of;
use crate::store::Pages;
use crate::system::{read_at_hand, send_file};

/// What is encrypted at once, and the most that waits unsent for one reader.
const STEP_BYTES: usize = 64 * 1024;

/// What is brought to hand at once of a file that is sent in the open.
const SENDFILE_BYTES: u64 = 1024 * 1024;

/// A part whose bytes are sure to be there, or as sure as they can be.
pub(super) enum Opened<'a> {
    Bytes(&'a [u8]),
    Read(Vec<u8>),
    Stored(Stored),
    /// A file, and the size it had when it was opened: that much is sent, even if it grows.
    File {
        file: Arc<File>,
        len: u64,
    },
    /// The same, of which only some is sent.
    Picture {
        file: Arc<File>,
        picture: &'a Picture,
    },
}

/// Why a part cannot be sent.
pub(super) enum Failure {
    /// The file is no more, or is no file for readers.
    NoFile { capsule: usize },
    /// It could not be read, for a reason that may pass.
    Unread,
}

impl Failure {
    /// What to say to the reader instead.
    pub(super) fn reply(&self, protocol: Protocol, site: &Site) -> Reply {
        match self {
            Failure::NoFile { capsule } => match site.capsules.get(*capsule) {
                Some(capsule) => protocol.not_found(capsule),
                None => protocol.temporary_failure(),
            },
            Failure::Unread => protocol.temporary_failure(),
        }
    }
}

/// Opens a part. A stored page that fits in one step is read at once: it is in the page cache or in the way of a
/// single disk read, and a trip to another thread would cost more.
pub(super) async fn open<'a>(part: &'a Part, snapshot: &Arc<Snapshot>) -> Result<Opened<'a>, Failure> {
    match part {
        Part::Bytes(bytes) => Ok(Opened::Bytes(bytes)),
        Part::Stored(place) if place.len as usize <= STEP_BYTES => {
            let mut bytes = vec![0; place.len as usize];
            snapshot.pages.read(*place, &mut bytes).map_err(|_| Failure::Unread)?;
            Ok(Opened::Read(bytes))
        }
        Part::Stored(place) => Ok(Opened::Stored(*place)),
        Part::File(place) => open_file(place, snapshot).await,
    }
}

/// Opens a file: here where the kernel knows the way to it, else on a thread that may wait for disks.
async fn open_file<'a>(place: &'a FilePlace, snapshot: &Arc<Snapshot>) -> Result<Opened<'a>, Failure> {
    let capsule = place.capsule;
    let root = snapshot.roots.get(capsule).ok_or(Failure::NoFile { capsule })?;
    let opened = match root.file_at_hand(&place.path) {
        Err(error) if error.kind() == ErrorKind::WouldBlock || error.kind() == ErrorKind::InvalidInput => {
            let (path, root) = (place.path.clone(), root.clone());
            spawn_blocking(move || root.file(&path)).await.map_err(|_| Failure::Unread)?
        }
        opened => opened,
    };
    let file = opened.map_err(|error| unopened(&error, capsule))?;
    let stamp = stamp_of(&file).map_err(|_| Failure::Unread)?;
    match &place.picture {
        None => Ok(Opened::File { file: Arc::new(file), len: stamp.size }),
        Some(picture) if picture.stamp == stamp => Ok(Opened::Picture { file: Arc::new(file), picture }),
        // It is another picture by now, and nobody knows yet what of it may be sent.
        Some(_) => Err(Failure::Unread),
    }
}

/// Where descriptors or memory run out, or the disk fails, trying again may help; otherwise there is no such file.
fn unopened(error: &io::Error, capsule: usize) -> Failure {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::IO | Errno::INTR | Errno::AGAIN) => Failure::Unread,
        Some(_) | None => Failure::NoFile { capsule },
    }
}

/// The way out to one reader.
pub(super) struct Outgoing<'a> {
    stream: &'a Stream,
    /// None where nothing is encrypted.
    session: Option<&'a mut ServerConnection>,
    progress: Progress,
    /// Not yet encrypted, or not yet sent.
    plain: Plain,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(
        stream: &'a Stream,
        session: Option<&'a mut ServerConnection>,
        allowed: Duration,
    ) -> Outgoing<'a> {
        Outgoing { stream, session, progress: Progress::new(allowed), plain: Plain::default() }
    }

    /// Adds a few bytes; they go out with what follows.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.plain.push(bytes);
    }

    /// Sends a reply that is in memory as a whole.
    pub(super) async fn short(&mut self, reply: &Reply) -> io::Result<()> {
        self.push(reply.head.as_bytes());
        for part in reply.body.iter().flat_map(|body| body.iter()) {
            match part {
                Part::Bytes(bytes) => self.push(bytes),
                // What says that something is not there needs nothing else to say it.
                Part::Stored(_) | Part::File(_) => {}
            }
        }
        self.finish().await
    }

    /// Sends the parts of a body and the end of the reply.
    pub(super) async fn parts(
        &mut self,
        first: Option<Opened<'_>>,
        rest: impl Iterator<Item = &Part>,
        snapshot: &Arc<Snapshot>,
    ) -> io::Result<()> {
        if let Some(first) = first {
            self.part(first, snapshot).await?;
        }
        for part in rest {
            let opened = open(part, snapshot).await.map_err(|_| io::Error::from(ErrorKind::UnexpectedEof))?;
            self.part(opened, snapshot).await?;
        }
        self.finish().await
    }

    async fn part(&mut self, part: Opened<'_>, snapshot: &Arc<Snapshot>) -> io::Result<()> {
        match part {
            Opened::Bytes(bytes) => self.bytes(bytes).await,
            Opened::Read(bytes) => self.bytes(&bytes).await,
            Opened::Stored(place) => {
                let source = Source::Store(snapshot.pages.clone(), place.offset);
                self.read_from(&source, u64::from(place.len)).await
            }
            Opened::File { file, len } if self.session.is_none() => self.send_file(&file, len).await,
            Opened::File { file, len } => self.read_from(&Source::File(file), len).await,
            Opened::Picture { file, picture } => self.picture(&file, picture).await,
        }
    }

    async fn picture(&mut self, file: &Arc<File>, picture: &Picture) -> io::Result<()> {
        for piece in &picture.pieces {
            match piece {
                Piece::Made(bytes) => self.bytes(bytes).await?,
                Piece::File(range) => {
                    let source = Source::Picture { file: Arc::clone(file), stamp: picture.stamp, start: range.start };
                    self.read_from(&source, range.end.saturating_sub(range.start)).await?;
                }
            }
        }
        Ok(())
    }

    /// Sends a file in the open without copying it: the kernel hands its pages to the socket. It cannot be asked to give
    /// up where a disk would have to be waited for, so that the last byte of each step is asked for first.
    async fn send_file(&mut self, file: &Arc<File>, len: u64) -> io::Result<()> {
        self.flush().await?;
        let (mut at, mut at_hand) = (0, 0);
        while at < len {
            if at >= at_hand {
                at_hand = len.min(at + SENDFILE_BYTES);
                self.bring_to_hand(file, at, at_hand).await?;
            }
            let count = usize::try_from(at_hand - at).unwrap_or(STEP_BYTES);
            let sent = self.stream.try_write_with(|| send_file(self.stream, file, &mut at, count));
            match sent {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.progress.taken(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    timeout_at(self.progress.deadline, self.stream.writable()).await??;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn bytes(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(STEP_BYTES - self.plain.len()));
            self.plain.push(now);
            bytes = later;
            self.step().await?;
        }
        Ok(())
    }

    /// Has a disk read a step of a file, on a thread that may wait, unless its last byte is at hand.
    async fn bring_to_hand(&self, file: &Arc<File>, from: u64, to: u64) -> io::Result<()> {
        if read_at_hand(file, to - 1, &mut [0]) {
            return Ok(());
        }
        let (file, count) = (Arc::clone(file), usize::try_from(to - from).unwrap_or(STEP_BYTES));
        spawn_blocking(move || file.read_exact_at(&mut vec![0; count], from)).await?
    }

    /// Sends `len` bytes of a file: read here where the kernel has them at hand, else on a thread that may wait for
    /// disks.
    async fn read_from(&mut self, source: &Source, len: u64) -> io::Result<()> {
        let mut at = 0;
        while at < len {
            let count = usize::try_from(len - at).unwrap_or(STEP_BYTES).min(STEP_BYTES - self.plain.len());
            if !source.read_at_hand(at, self.plain.room(count)) {
                let (mut plain, source) = (std::mem::take(&mut self.plain), source.clone());
                let waited = spawn_blocking(move || source.read(at, plain.room(count)).map(|()| plain));
                self.plain = waited.await??;
            }
            self.plain.took(count);
            at += count as u64;
            self.step().await?;
        }
        Ok(())
    }

    /// Sends a step once it is full.
    async fn step(&mut self) -> io::Result<()> {
        if self.plain.len() < STEP_BYTES {
            return Ok(());
        }
        self.encrypt()?;
        self.flush().await
    }

    /// The end of a whole reply: what is left and close_notify, in one write.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.encrypt()?;
        if let Some(session) = &mut self.session {
            session.send_close_notify();
        }
        self.flush().await
    }

    fn encrypt(&mut self) -> io::Result<()> {
        if let Some(session) = &mut self.session {
            // Everything before has been flushed, so a step fits rustls's buffer of the same size.
            session.writer().write_all(self.plain.bytes())?;
            self.plain.clear();
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut sent = 0;
        loop {
            let mut socket = Socket(self.stream);
            let written = match &mut self.session {
                Some(session) if session.wants_write() => session.write_tls(&mut socket),
                None if sent < self.plain.len() => {
                    socket.write(&self.plain.bytes()[sent..]).inspect(|count| sent += count)
                }
                Some(_) | None => break,
            };
            match written {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.progress.taken(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    timeout_at(self.progress.deadline, self.stream.writable()).await??;
                }
                Err(error) => return Err(error),
            }
        }
        self.plain.clear();
        Ok(())
    }
}

/// Where the bytes of a part come from.
#[derive(Clone)]
enum Source {
    /// A place in the store, and its offset there.
    Store(Pages, u64),
    File(Arc<File>),
    /// A piece that begins there, as long as the file is in this state.
    Picture {
        file: Arc<File>,
        stamp: Stamp,
        start: u64,
    },
}

impl Source {
    /// Fills the buffer, waiting for disks.
    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Source::Store(pages, offset) => pages.read_at(offset + at, into),
            Source::File(file) => file.read_exact_at(into, at),
            Source::Picture { file, stamp, start } => {
                file.read_exact_at(into, start + at)?;
                // What was read is of the state that is known: a change is told before its bytes can be read.
                if stamp_of(file)? == *stamp { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
            }
        }
    }

    /// Fills the buffer if the kernel has all of it in memory. What is wrong is found by [`Source::read`].
    fn read_at_hand(&self, at: u64, into: &mut [u8]) -> bool {
        match self {
            Source::Store(pages, offset) => pages.read_at_hand(offset + at, into),
            Source::File(file) => read_at_hand(file, at, into),
            Source::Picture { file, stamp, start } => {
                read_at_hand(file, start + at, into) && stamp_of(file).is_ok_and(|now| now == *stamp)
            }
        }
    }
}

/// The rule that [`Limits::PROGRESS_BYTES`] must be taken in every period.
struct Progress {
    allowed: Duration,
    deadline: Instant,
    taken: usize,
}

impl Progress {
    fn new(allowed: Duration) -> Progress {
        Progress { allowed, deadline: Instant::now() + allowed, taken: 0 }
    }

    fn taken(&mut self, count: usize) {
        self.taken += count;
        if self.taken >= Limits::PROGRESS_BYTES {
            *self = Progress::new(self.allowed);
        }
    }
}

/// The socket as rustls writes to it: without waiting, all records in one call.
struct Socket<'a>(&'a Stream);

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
