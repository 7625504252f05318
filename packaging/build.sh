#!/bin/sh
# Builds target/release/maquis so that it is the same, byte for byte, wherever it is built: with one version of Rust and
# of the C compiler, no folder, user or day is left in it. Compare: sha256sum target/release/maquis
set -eu
cd "$(dirname "$0")/.."

cargo=${CARGO_HOME:-$HOME/.cargo}
rust=$(rustc --print sysroot)
target=${CARGO_TARGET_DIR:-$PWD/target}
# Where the component rust-src is installed, places in the standard library are named by it; elsewhere by this.
library=$(readlink -f "$rust/lib/rustlib/src/rust" || echo "$rust/lib/rustlib/src/rust")
commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
# The last that fits counts: the target folder may lie in this one.
export RUSTFLAGS="--remap-path-prefix=$cargo=/cargo --remap-path-prefix=$rust=/rust --remap-path-prefix=$PWD=/maquis \
--remap-path-prefix=$target=/target --remap-path-prefix=$rust/lib/rustlib/src/rust=/rustc/$commit \
--remap-path-prefix=$library=/rustc/$commit"
# What is written in C, the cryptography and the allocator.
export CFLAGS="-ffile-prefix-map=$cargo=/cargo -ffile-prefix-map=$PWD=/maquis -ffile-prefix-map=$target=/target"
export SOURCE_DATE_EPOCH=0
cargo build --release --locked "$@"
