#!/usr/bin/env bash
# Deletes the state folder, and only a folder that the platform made and nobody runs in (run.py holds a lock on it).
set -euo pipefail
cd "$(dirname "$0")/.."
state="$(realpath -m "${STATE_DIR:-var}")"
[ -d "$state" ] || { echo "没有数据可删 / nothing to delete: $state"; exit 0; }
if [ ! -f "$state/keys/django-secret" ] || [ "$state" = "$(realpath -m "${HOME:-/}")" ]; then
    echo "$state 不像是本平台的数据，没有删除 / does not look like this platform's data: not deleted" >&2
    exit 1
fi
exec 9<"$state"
if ! flock --nonblock 9; then
    echo "平台正在用 $state，没有删除；先停下 make run / in use, not deleted; stop make run first" >&2
    exit 1
fi
rm -rf -- "$state"
echo "已删除 / deleted: $state"
