#!/bin/sh
# Copies the players of the preview page from npm into the source tree, in the versions that the tests use.
#
#   scripts/vendor-players.sh    after a change of tests/players/package.json
set -eu
cd "$(dirname "$0")/.."

PLAYERS=tests/players
VENDOR=src/origin/preview/vendor

(cd "$PLAYERS" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
cp "$PLAYERS/package-lock.json" "$PLAYERS/node_modules/.installed"

vendor() {
    cp "$PLAYERS/node_modules/$1" "$VENDOR/$2"
    chmod 644 "$VENDOR/$2"
}

mkdir -p "$VENDOR"
vendor hls.js/dist/hls.min.js hls.min.js
vendor hls.js/LICENSE hls.LICENSE.txt
vendor dashjs/dist/modern/umd/dash.all.min.js dash.all.min.js
vendor dashjs/LICENSE.md dash.LICENSE.txt
vendor shaka-player/dist/shaka-player.compiled-es2021.js shaka-player.min.js
vendor shaka-player/LICENSE shaka-player.LICENSE.txt
