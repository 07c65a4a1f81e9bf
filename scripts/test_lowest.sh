#!/bin/sh
# Fast tests with the lowest versions that pyproject.toml allows, in an environment of its own (build/lowest).
set -eu
cd "$(dirname "$0")/.."
folder=build/lowest
"${PYTHON:-python3}" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$folder/bin/uv" pip install --quiet --python "$folder/bin/python" --resolution lowest-direct -e ".[test]"
exec "$folder/bin/python" -m pytest -q -n 2 --dist loadgroup -m "not slow and not browser" "$@"
