#!/usr/bin/env bash
# The numbers of the README, after set-up and build. Worker processes are measured on a PostgreSQL of their own
# and on the Qdrant server at QDRANT_URL; without one, on the tests' small server, which has the same engine.
set -euo pipefail
cd "$(dirname "$0")/.."

bench=(target/release/pixora bench "$@")
if [ -z "${QDRANT_URL:-}" ]; then
  features=${FEATURES:-}
  # shellcheck disable=SC2086  # empty or one flag
  cargo test --release --locked --no-run $features --test store
  # It serves until its standard input ends, at the latest with this script; its farewell is of no interest.
  # shellcheck disable=SC2086
  coproc server { exec cargo test --quiet --release --locked $features --test store -- --ignored --exact server::a_server_for_other_programs --nocapture 2>/dev/null; }
  while read -r line <&"${server[0]}"; do
    case $line in QDRANT_URL=*) export "${line?}"; break ;; esac
  done
  [ -n "${QDRANT_URL:-}" ] || { echo "the tests' Qdrant server does not start" >&2; exit 1; }
  unset QDRANT_API_KEY
  echo "worker processes: the index is on the tests' small Qdrant server; QDRANT_URL names a real one" >&2
else
  echo "worker processes: the index is on the Qdrant server at QDRANT_URL, in the collection pixora-bench-*" >&2
fi
# shellcheck disable=SC2016  # the inner shell's variables
"${PYTHON:-python3}" tools/postgres.py sh -c 'exec "$@" --database "$PIXORA_TEST_DATABASE_URL"' bench "${bench[@]}" || {
  [ $? -eq 3 ] || exit 1
  "${bench[@]}"
}
# A library in a bucket of a store of its own.
# shellcheck disable=SC2016  # the inner shell's variable
"${PYTHON:-python3}" tools/s3.py sh -c 'exec target/release/pixora bench --only library --bucket "$PIXORA_TEST_STORAGE_URL"' || {
  [ $? -eq 3 ] || exit 1
  echo "SKIPPED a library: there is no moto here" >&2
}
# One photo of 24 megapixels as JPEG, RAW, HEIC and TIFF, on one thread.
# shellcheck disable=SC2086  # empty or one flag
cargo bench --locked ${FEATURES:-} --bench stages -- decode --sample-count 10
