#!/usr/bin/env bash
# The HTML report in a real, headless Chromium: makes the reports, drives their pages, holds the numbers on them
# against the JSON of the same reports, measures, and takes pictures of every view. Fails if anything does not hold.
# Everything goes to target/browser. Needs Node 20 with npm, and a Chromium, which it installs from Debian if it may.
set -euo pipefail
cd "$(dirname "$0")"
out=$(realpath -m "${CARGO_TARGET_DIR:-../../target}/browser")

has() { command -v "$1" >/dev/null; }
if ! has chromium && ! has chromium-browser && ! has google-chrome && [ -z "${CHROMIUM:-}" ]; then
  if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo 'missing: chromium (install it, or set CHROMIUM to its path)' >&2
    exit 1
  fi
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi
if ! has npm || ! node -e 'process.exit(Number(parseInt(process.versions.node) < 20))'; then
  echo 'missing: node 20 or newer, with npm' >&2
  exit 1
fi
npm ci --silent --no-audit --no-fund

rm -rf "$out"
mkdir -p "$out/shots"
cargo run --quiet --release -p perprovis-tests --features all-formats --bin specimens -- "$out" .html .json \
  empty hostile merged open recursion shop tasks change large
node run.mjs "$out"/*.html
node speed.mjs "$out/large.html"
node shots.mjs "$out/shots" "$out"/*.html
echo "pictures of all views, to be looked at: $out/shots"
