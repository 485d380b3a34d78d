#!/usr/bin/env bash
# Compiles requirements*.in to requirements*.txt: versions only, for the oldest Python that is supported.
# What is pinned already stays, unless: make lock LOCK=--upgrade
set -euo pipefail
cd "$(dirname "$0")/.."
for name in requirements requirements-dev; do
    cp "$name.txt" "$name.txt.new"
    # shellcheck disable=SC2086
    .venv/bin/uv pip compile "$name.in" -o "$name.txt.new" --quiet --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --python-version 3.11.2 ${LOCK:-}
    { echo "# Compiled from $name.in by \`make lock\`; do not edit."; cat "$name.txt.new"; } > "$name.txt"
    rm "$name.txt.new"
done
