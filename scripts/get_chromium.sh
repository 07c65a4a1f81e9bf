#!/bin/sh
# Makes sure that a Chromium is here for the browser tests: installs Debian's where that is allowed, else says how.
set -u
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "${SOFTDASH_TEST_BROWSER:-}" ] && exit 0
if command -v apt-get >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ]; then
    as_root=""
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
  else
    as_root="no"
  fi
  if [ "$as_root" != no ]; then
    echo "Installing chromium for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
  fi
fi
echo "The browser tests need Chromium, and it could not be installed here. Install it (Debian: sudo apt-get install chromium)," >&2
echo "or name a browser: SOFTDASH_TEST_BROWSER=/path/to/chrome make test, or leave these tests out: make test BROWSER=no" >&2
exit 1
