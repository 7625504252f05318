//! The one test binary: what a user or a reader would see, over real sockets where there are any.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests; a failure must stop them")]

#[macro_use]
mod skip;

mod activation;
mod addresses;
mod bodies;
mod build;
mod canary;
mod certificates;
mod closed;
mod commands;
mod configuration;
mod conversion;
mod corpora;
mod counts;
mod crawl;
mod dates;
mod defects;
mod doctor;
#[cfg(any(not(target_os = "linux"), maquis_elsewhere))]
mod elsewhere;
mod explain;
mod faults;
mod feeds;
mod fixture;
mod golden;
mod gopher;
mod gopher_clients;
mod gopher_forms;
mod gopher_server;
mod identity;
mod identity_carried;
mod images;
mod included;
mod limits;
mod lists;
mod markdown;
mod new;
mod notices;
mod packaging;
mod pages;
mod placed;
mod proof;
mod root;
mod sample;
#[cfg(all(target_os = "linux", not(maquis_elsewhere)))]
mod sandbox;
mod serve;
mod served;
mod server;
mod sockets;
mod supply;
mod tidy;
mod unpublished;
mod wire;
mod withheld;
