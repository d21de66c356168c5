#!/usr/bin/env bash
# Runs every check and every test, against real parts: PostgreSQL, Mosquitto and Chromium.
#
#   tests/run.sh [--long] [-- TEST-RUNNER-ARGUMENTS…]
#
# What is missing is installed from Debian's packages (as root, or by sudo; otherwise the packages are named and the
# script stops). The servers are private ones: own directory, own port, an ordinary user where they refuse root, and
# stopped at the end. `cargo test --workspace` alone runs what needs no server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CARGO_DENY_VERSION=0.20.2
readonly FEATURES=phanloai/real-parts
readonly TIME_LIMIT=45m # of the tests alone, so that one that hangs is named and not waited for

usage() { sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

long=
while [ $# -gt 0 ]; do
  case "$1" in
    --long) long=1 ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) echo "run.sh: unknown argument \`$1\`; see --help" >&2; exit 2 ;;
  esac
  shift
done

# A developer's own settings must not reach the program under test, and nothing may wait for an answer.
for name in $(compgen -e); do
  case "$name" in PHANLOAI_* | PG*) unset "$name" ;; esac
done
exec </dev/null
export PATH=$PATH:/usr/sbin:/sbin # where Debian keeps mosquitto and runuser
[ -z "$long" ] || export PHANLOAI_LONG=1
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never

work=$(mktemp -d /tmp/phanloai-test.XXXXXX)
mkdir "$work/tmp"
export TMPDIR=$work/tmp # what the tests and the browser leave behind goes with the rest
postgres_bin=
times=()
stage=start

finish() {
  local code=$?
  set +e
  if [ -n "$postgres_bin" ] && [ -f "$work/postgres/data/postmaster.pid" ]; then
    as_postgres "$postgres_bin/pg_ctl" -D "$work/postgres/data" -m immediate -w stop >/dev/null 2>&1
  fi
  # An interrupted browser may still be writing into its profile.
  rm -rf "$work" 2>/dev/null || { sleep 2; rm -rf "$work"; }
  [ "$code" = 0 ] || echo "run.sh: failed in stage \`$stage\` (exit code $code)" >&2
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run NAME COMMAND…: one stage, with its time.
run() {
  stage=$1
  shift
  local from=$SECONDS
  printf '\n== %s\n' "$stage"
  "$@"
  times+=("$(printf '%6d s  %s' $((SECONDS - from)) "$stage")")
  printf '== %s: %d s\n' "$stage" $((SECONDS - from))
}

# ---- tools ----------------------------------------------------------------------------------------------------------

first_of() {
  local candidate
  for candidate in "$@"; do
    if command -v "$candidate" 2>/dev/null; then return 0; fi
  done
  return 1
}

find_mosquitto() { first_of mosquitto /usr/local/sbin/mosquitto; }
find_chromium() { first_of chromium chromium-browser google-chrome; }
find_chromedriver() { first_of chromedriver /usr/lib/chromium/chromedriver; }
find_postgres() { # the newest directory that holds initdb
  local initdb
  initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
  [ -n "$initdb" ] || initdb=$(command -v initdb) || return 1
  dirname "$initdb"
}

install_packages() {
  local as_root=() quiet=(-y -qq -o Dpkg::Use-Pty=0 --no-install-recommends)
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || { [ -z "${CI:-}" ] && sudo -v; }; }; then
      echo "run.sh: missing Debian packages: $*" >&2
      echo "run.sh: install them (apt-get install $*) or run this as root or with sudo" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || {
    echo "run.sh: no apt-get here; install what these Debian packages hold: $*" >&2
    exit 1
  }
  echo "installing $*"
  # RUNLEVEL=1 keeps the packages from starting servers of their own.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get)
  if ! "${apt[@]}" install "${quiet[@]}" "$@" >"$work/apt.log" 2>&1; then
    # No package lists, or lists older than the mirror.
    "${apt[@]}" update -qq >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; return 1; }
    "${apt[@]}" install "${quiet[@]}" "$@" >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; return 1; }
  fi
}

tools() {
  command -v cargo >/dev/null || { echo "run.sh: no cargo; install Rust from https://rustup.rs" >&2; exit 1; }
  local missing=()
  command -v cc >/dev/null || missing+=(gcc libc6-dev)
  find_mosquitto >/dev/null || missing+=(mosquitto)
  find_postgres >/dev/null || missing+=(postgresql)
  find_chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
  find_chromedriver >/dev/null || missing+=(chromium-driver)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  PHANLOAI_TEST_MOSQUITTO=$(find_mosquitto)
  PHANLOAI_TEST_CHROMIUM=$(find_chromium)
  PHANLOAI_TEST_CHROMEDRIVER=$(find_chromedriver)
  postgres_bin=$(find_postgres)
  export PHANLOAI_TEST_MOSQUITTO PHANLOAI_TEST_CHROMIUM PHANLOAI_TEST_CHROMEDRIVER
  export PHANLOAI_TEST_POSTGRES_BIN=$postgres_bin # for tests that stop a server of their own
  cargo --version
  "$PHANLOAI_TEST_MOSQUITTO" -h | sed -n 1p || true
  "$postgres_bin/postgres" --version
  "$PHANLOAI_TEST_CHROMEDRIVER" --version
  cargo fetch --locked --quiet
}

# ---- cargo-deny: licences, banned and doubled crates, sources; advisories need a network and run in CI ----------------

dependencies() {
  local deny
  if ! deny=$(command -v cargo-deny); then
    local root="${XDG_CACHE_HOME:-$HOME/.cache}/phanloai/tools"
    deny=$root/bin/cargo-deny
    if ! [ -x "$deny" ]; then
      echo "building cargo-deny $CARGO_DENY_VERSION (once, kept in $root)"
      # Unoptimised: it runs for a second and is built in a third of the time.
      CARGO_TARGET_DIR=$work/cargo-deny CARGO_PROFILE_DEV_DEBUG=0 \
        cargo install cargo-deny --version "$CARGO_DENY_VERSION" --locked --debug --root "$root" --quiet
    fi
  fi
  "$deny" --offline --locked check bans licenses sources
}

# ---- PostgreSQL -------------------------------------------------------------------------------------------------------

as_postgres() { # PostgreSQL refuses to run as root
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u "$postgres_user" -- env -i PATH="$PATH" LANG=C.UTF-8 "$@")
  else
    (cd / && env -i PATH="$PATH" LANG=C.UTF-8 "$@")
  fi
}

start_postgres() {
  local home=$work/postgres password port attempt
  postgres_user=$(id -un)
  if [ "$(id -u)" = 0 ]; then
    postgres_user=postgres
    id "$postgres_user" >/dev/null 2>&1 || postgres_user=nobody
    chmod 711 "$work"
  fi
  mkdir "$home"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s\n' "$password" >"$home/password"
  [ "$(id -u)" != 0 ] || chown -R "$postgres_user" "$home"
  chmod 700 "$home"
  as_postgres "$postgres_bin/initdb" -D "$home/data" -U phanloai -E UTF8 --locale=C.UTF-8 --no-sync \
    --auth=scram-sha-256 --pwfile="$home/password" >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log" >&2; return 1; }
  # fsync stays on: the crash tests rely on it.
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    if as_postgres "$postgres_bin/pg_ctl" -D "$home/data" -l "$home/log" -w -t 60 \
      -o "-p $port -k $home -c listen_addresses=127.0.0.1 -c max_connections=200" start >/dev/null 2>&1; then
      export PHANLOAI_TEST_POSTGRES="postgres://phanloai:$password@127.0.0.1:$port/postgres"
      echo "PostgreSQL on 127.0.0.1:$port"
      return 0
    fi
  done
  echo "run.sh: PostgreSQL did not start in $attempt tries; the end of its log:" >&2
  tail -n 30 "$home/log" >&2
  return 1
}

# ---- tests ------------------------------------------------------------------------------------------------------------

has_nextest() { cargo nextest --version >/dev/null 2>&1; }

build_tests() {
  if has_nextest; then
    cargo nextest run --locked --workspace --features "$FEATURES" --no-run
  else
    cargo test --locked --workspace --features "$FEATURES" --lib --bins --tests --no-run
  fi
}

doc_tests() { cargo test --locked --workspace --features "$FEATURES" --doc 2>&1 | tee "$work/doc.log"; }

all_tests() {
  local limit=(timeout --foreground --kill-after=30s "$TIME_LIMIT")
  [ -z "$long" ] || limit=()
  if has_nextest; then
    "${limit[@]}" cargo nextest run --locked --workspace --features "$FEATURES" --no-fail-fast "$@" 2>&1
  else
    "${limit[@]}" cargo test --locked --workspace --features "$FEATURES" --lib --bins --tests --no-fail-fast "$@" 2>&1
  fi | tee "$work/tests.log"
}

# The sum over the runners' own closing lines (nextest: "Summary … N passed"; cargo test: "test result: … N passed").
total() {
  sed 's/\x1b\[[0-9;]*m//g' "$work/doc.log" "$work/tests.log" |
    grep -E '^ *Summary \[|^test result:' | grep -oE "[0-9]+ $1" | awk '{ sum += $1 } END { print sum + 0 }'
}

run tools tools
run "formatting" cargo fmt --all --check
run "dependencies" dependencies
run "clippy" cargo clippy --locked --workspace --all-targets --features "$FEATURES" -- -D warnings
run "without servers" cargo check --locked --workspace --tests
run "build" build_tests
run "doc tests" doc_tests
run "servers" start_postgres
run "tests" all_tests "$@"

printf '\nTime by stage\n'
printf '%s\n' "${times[@]}" "$(printf '%6d s  %s' "$SECONDS" "all")"
passed=$(total passed)
[ "$passed" -gt 0 ] || { echo "run.sh: no test ran" >&2; exit 1; }
printf '\ntests: %d passed, %d failed\n' "$passed" "$(total failed)"
