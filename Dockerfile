# syntax=docker/dockerfile:1
# `docker build -t pixora .`; how to run it is in compose.yaml and docs/OPERATIONS.md. Models, ONNX Runtime and
# front-end libraries come through tools/setup.py: pinned by version and SHA-256, as everywhere.

# Tags move. A digest does not: `--build-arg RUST_IMAGE=rust@sha256:…` (docs/OPERATIONS.md, "Install with a container").
ARG RUST_IMAGE=rust:1.95-slim-trixie
ARG DEBIAN_IMAGE=debian:trixie-slim

FROM ${RUST_IMAGE} AS build
# The release is pinned: Debian keeps one version of a package in it.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make nasm nodejs npm python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /pixora
# What changes seldom comes first: fetched and prepared once, then kept as a layer.
COPY tools tools
COPY models models
RUN --mount=type=cache,target=/pixora/.build/downloads python3 tools/setup.py
COPY Makefile Cargo.toml Cargo.lock ./
COPY benches benches
COPY migrations migrations
COPY static static
COPY locales locales
COPY crates crates
COPY src src
# Function names stay for backtraces; what a debugger would want goes.
RUN --mount=type=cache,target=/pixora/.build/downloads \
    --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/pixora/target \
    make build \
 && mkdir /out \
 && cp -r target/release/pixora target/release/pixora-assets /out/ \
 && strip --strip-debug /out/pixora

FROM ${DEBIAN_IMAGE}
LABEL org.opencontainers.image.title="Pixora" \
      org.opencontainers.image.description="A guest takes a selfie and finds every photo that they are in." \
      org.opencontainers.image.licenses="MIT"
# Webhooks, payments and sessions elsewhere are checked against the system's certificates. The user's number is
# fixed, so that the owner of what lies in a volume is the same in every version of the image.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libheif1 libheif-plugin-libde265 libheif-plugin-dav1d \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 pixora \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin pixora \
 && install -d -o 10001 -g 10001 -m 0700 /data /backup
COPY --from=build /out /opt/pixora
ENV PATH=/opt/pixora:$PATH \
    PIXORA_BIND=0.0.0.0:8000 \
    PIXORA_DATA_DIR=/data
USER 10001:10001
# The only folder that is written, and where SQLite puts a temporary file when /tmp is not there.
VOLUME /data
WORKDIR /data
EXPOSE 8000
# Photos in hand are finished first.
STOPSIGNAL SIGTERM
# A start with a large index may take minutes.
HEALTHCHECK --interval=15s --timeout=5s --start-period=5m --retries=3 CMD ["pixora", "ready"]
ENTRYPOINT ["pixora"]
CMD ["serve"]
