//! The one test binary: what a user or a reader would see, over real sockets where there are any.
