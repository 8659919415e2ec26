#!/bin/sh
# Holds encrypted sets against the decryptor of Shaka Packager: it must give the samples of the clear set, bit for bit.
#
#   benches/decrypt.sh
#
# Wants target/release/streampack (make build). See docs/bench.md.
set -eu
cd "$(dirname "$0")/.."
exec python3 benches/decrypt.py "$@"
