#!/usr/bin/env bash
# Runs the Elasticsearch that scripts/install.sh has put together, in the foreground; Ctrl-C or SIGTERM stops it.
# Data and log lie under STATE_DIR/elasticsearch; it listens on 127.0.0.1 only.
set -euo pipefail
cd "$(dirname "$0")/.."
HOME_FOLDER="$PWD/.venv/elasticsearch"
DATA="$(realpath -m "${STATE_DIR:-var}")/elasticsearch"
PORT="${SEARCH_PORT:-9200}"
# One size at the start and for ever: the pages that a growing heap would take are the index's cache.
HEAP="${SEARCH_HEAP:-1g}"
[ -f "$HOME_FOLDER/lib/search-node-1.jar" ] || { echo "run scripts/install.sh search first" >&2; exit 1; }
mkdir -p "$DATA"
echo "Elasticsearch: http://127.0.0.1:$PORT   $DATA" >&2
# The collector and its settings are Elasticsearch's own: its memory breaker counts on them (jvm.options).
exec java "-Xms$HEAP" "-Xmx$HEAP" -XX:+UseG1GC -XX:G1ReservePercent=25 -XX:InitiatingHeapOccupancyPercent=30 \
    -XX:+ExitOnOutOfMemoryError \
    -Djava.awt.headless=true -Dfile.encoding=UTF-8 -Dlog4j2.disable.jmx=true \
    -cp "$HOME_FOLDER/lib/*" classroom.search.SearchNode "$HOME_FOLDER" "$DATA" "$PORT"
