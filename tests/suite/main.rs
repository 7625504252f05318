//! The one test binary: what a user or a reader would see, over real sockets where there are any.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests; a failure must stop them")]

mod certificates;
mod commands;
mod configuration;
mod crawl;
mod fixture;
mod golden;
mod markdown;
mod new;
mod notices;
mod sample;
mod serve;
mod served;
mod server;
mod tidy;
mod unpublished;
mod wire;
