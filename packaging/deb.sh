#!/bin/sh
# Makes the Debian package: ./packaging/deb.sh, then: sudo apt install ./target/debian/maquis_*.deb
# It needs cargo-deb (cargo install cargo-deb).
set -eu
cd "$(dirname "$0")/.."

./packaging/build.sh
cargo run --locked --example pages -- target/pages
# Debian keeps what it installs out of /usr/local.
mkdir -p target/pages/activated
for unit in maquis.service activated/maquis.service activated/maquis.socket; do
    sed 's|/usr/local/bin/maquis|/usr/bin/maquis|' "packaging/$unit" > "target/pages/$unit"
done
cargo deb --no-build "$@"
