//! A connection as it comes from a socket, be it of the network or of the file system: the same bytes, whichever.
//!
//! It has no way to tell whose they are.

use std::io::{self, IoSlice, Read};
use std::net::{self, Shutdown};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// One connection.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// One over which all has been said; what comes on it can still be read.
pub(super) enum Ended {
    Tcp(net::TcpStream),
    Unix(unix::net::UnixStream),
}

/// Does the same with whichever it is.
macro_rules! either {
    ($stream:expr, $inner:ident => $does:expr) => {
        match $stream {
            Stream::Tcp($inner) => $does,
            Stream::Unix($inner) => $does,
        }
    };
}

impl Stream {
    pub(super) async fn writable(&self) -> io::Result<()> {
        either!(self, stream => stream.writable().await)
    }

    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, stream => stream.try_write(bytes))
    }

    pub(super) fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        either!(self, stream => stream.try_write_vectored(slices))
    }

    /// Tries to write in a way of the caller's.
    pub(super) fn try_write_with<R>(&self, write: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        either!(self, stream => stream.try_io(Interest::WRITABLE, write))
    }

    /// Shuts our side and takes it from the runtime: nobody is told any more when something comes.
    pub(super) fn end(self) -> io::Result<Ended> {
        let ended = match self {
            Stream::Tcp(stream) => Ended::Tcp(stream.into_std()?),
            Stream::Unix(stream) => Ended::Unix(stream.into_std()?),
        };
        match &ended {
            Ended::Tcp(stream) => stream.shutdown(Shutdown::Write)?,
            Ended::Unix(stream) => stream.shutdown(Shutdown::Write)?,
        }
        Ok(ended)
    }

    /// Its close will be a reset: what was sent is not all. A socket in the file system knows no such thing.
    pub(super) fn break_off(&self) {
        match self {
            Stream::Tcp(stream) => {
                let _reset = stream.set_zero_linger();
            }
            Stream::Unix(_) => {}
        }
    }
}

impl Ended {
    /// What has come, without waiting.
    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Ended::Tcp(stream) => stream.read(into),
            Ended::Unix(stream) => stream.read(into),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        either!(self, stream => stream.as_fd())
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_read(context, into))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        either!(self, stream => stream.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(context))
    }
}
