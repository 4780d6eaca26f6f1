# Needed beforehand: Rust, a C/C++ compiler, Python 3 with pip, Node with npm. `make help` lists the rest.

PYTHON ?= python3
export PYTHONDONTWRITEBYTECODE := 1

# qdrant-edge needs a feature that is stable since Rust 1.96; see tools/rustc-wrapper.
RUST_MINOR := $(shell rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p')
ifneq ($(RUST_MINOR),)
ifeq ($(shell test $(RUST_MINOR) -lt 96 && echo older),older)
export RUSTC_WRAPPER := $(CURDIR)/tools/rustc-wrapper
endif
endif

ifeq ($(CI),true)
export CARGO_INCREMENTAL := 0
endif

# Looked up when a recipe runs, because set-up may have installed nasm by then.
FEATURES = $(if $(shell command -v nasm),,--no-default-features)

.PHONY: help setup build run demo clients check test test-qdrant lint audit bench load clean-data

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## install ONNX Runtime, models and front-end libraries (pinned, checked)
	@$(PYTHON) tools/setup.py

build: setup ## target/release/pixora with everything it needs beside it
	cargo build --release --locked $(FEATURES)
	@$(PYTHON) tools/setup.py --beside target/release

run: ## set up, build and serve on http://127.0.0.1:8000 with everything embedded
	@$(PYTHON) tools/port_free.py
	@$(MAKE) --no-print-directory build
	target/release/pixora serve

demo: build ## fill a FacePass session with real photographs and print its guest link
	@$(PYTHON) tools/setup.py --samples
	@$(PYTHON) tools/demo.py

clients: build ## the clients for Python and TypeScript, in clients/
	@$(PYTHON) tools/setup.py --tests
	target/release/pixora openapi > clients/openapi.json
	PYTHON="$(PYTHON)" node tests/clients/generate.mjs clients/openapi.json clients

# What is tested is the development profile: our own code compiles in a minute there, and everything below it is as
# optimised as in a release.
check: ## what to run all day: formatting, clippy, unit tests and the layers
	cargo fmt --check
	cargo clippy --workspace --locked --all-targets $(FEATURES) -- -D warnings
	cargo test --workspace --locked $(FEATURES) --lib
	cargo test --locked $(FEATURES) --test layers

test: ## set up and run every test, the browser's included
	@$(PYTHON) tools/setup.py --tests
	cargo build --locked $(FEATURES)
	@FEATURES="$(FEATURES)" PYTHON="$(PYTHON)" tools/test.sh

test-qdrant: ## run the face index's tests on a real Qdrant server too: QDRANT_URL=http://host:6334, its key in QDRANT_API_KEY
	@test -n "$(QDRANT_URL)" || { echo 'make test-qdrant QDRANT_URL=http://host:6334 (the gRPC port)'; exit 2; }
	PIXORA_TEST_QDRANT_URL="$(QDRANT_URL)" cargo test --locked $(FEATURES) --test store -- index:: rebuild:: server::

lint: setup ## formatting, clippy, and a search for secrets and machine names
	@$(PYTHON) tools/setup.py --tests >/dev/null
	cargo fmt --check
	cargo clippy --workspace --locked --all-targets $(FEATURES) -- -D warnings
	@npm --prefix tests/browser --silent run format:check
	@$(PYTHON) tools/lint_text.py

audit: ## licences and advisories of the dependencies (needs cargo-deny and the network)
	cargo deny check

bench: build ## print the numbers of the README
	@$(PYTHON) tools/setup.py --tests
	@FEATURES="$(FEATURES)" PYTHON="$(PYTHON)" tools/bench.sh

load: build ## 300 guests search one session while 2,000 photos are ingested
	@$(PYTHON) tools/setup.py --samples
	node tools/load.mjs

clean-data: ## erase ./data, with every session and photo in it (asks first)
	@printf 'This erases ./data with every session and photo in it. Type yes: '; \
	read answer && test "$$answer" = yes && rm -rf data && echo 'erased'
