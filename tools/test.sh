#!/usr/bin/env bash
# Every test, after set-up and build. A part that cannot run here says SKIPPED and why, and fails when CI=true.
set -euo pipefail
cd "$(dirname "$0")/.."

skipped() {
  echo "SKIPPED $1"
  [ "${CI:-}" != true ] || { echo "CI=true: a skipped part is a failure" >&2; exit 1; }
}

"${PYTHON:-python3}" -m unittest discover --quiet --start-directory tools

programs=${PIXORA_POSTGRES_BIN:-.build/postgres/bin}
if [ ! -x "$programs/initdb" ] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! { command -v initdb && command -v postgres; } >/dev/null; then
  skipped "tests of the studio's own database: there is no PostgreSQL here; install it or set PIXORA_POSTGRES_BIN to its programs"
fi

features=${FEATURES:-}
# Most tests wait for a server or for a file more than they compute.
threads=$(($(nproc 2>/dev/null || echo 2) * 2))
# shellcheck disable=SC2086  # empty or one flag
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --locked --no-fail-fast --test-threads $threads $features
  cargo test --workspace --locked --doc $features
  on_postgres=(cargo nextest run --locked --no-fail-fast --test-threads $threads $features --test api --test store)
else
  cargo test --workspace --locked --no-fail-fast $features
  on_postgres=(cargo test --locked --no-fail-fast $features --test api --test store)
fi
# The suites that use rows run once more on PostgreSQL.
"${PYTHON:-python3}" tools/postgres.py "${on_postgres[@]}" || {
  [ $? -eq 3 ] || exit 1
  skipped "the same tests on PostgreSQL: it cannot be run here"
}

# The suites that use files run once more on S3, except for tests that count the files of a folder.
# shellcheck disable=SC2086  # empty or one flag
"${PYTHON:-python3}" tools/s3.py cargo test --locked --no-fail-fast $features --test api -- \
  archives:: downloads:: handoff media:: placements:: studio_photos:: ticket_files:: uploads:: watermark:: \
  --skip what_a_killed_process_leaves --skip one_message_brings_one --skip the_third_photo_makes \
  --skip of_a_thousand_hand_offs --skip pictures_that_no_order_needs || {
  [ $? -eq 3 ] || exit 1
  skipped "the same tests on S3: there is no moto here"
}

browser=${PIXORA_CHROMIUM:-}
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  [ -n "$browser" ] || browser=$(command -v "$name" || true)
done
if [ -n "$browser" ]; then
  PIXORA_BINARY=$PWD/target/debug/pixora PIXORA_CHROMIUM=$browser npm --prefix tests/browser --silent test
else
  skipped "browser tests: there is no Chromium here; install it or set PIXORA_CHROMIUM to its path"
fi

# Clients that are generated from the description of the interface do the main job against the program.
PIXORA_BINARY=$PWD/target/debug/pixora npm --prefix tests/clients --silent test
