# syntax=docker/dockerfile:1
# The server with its console, for production. Build:  docker build -t ombud .
# It runs as the user 10001, listens on 7878 and keeps its files in /data.

# the console, and the libraries of the script sandbox
FROM node:20-bookworm-slim AS web
WORKDIR /src
COPY crates/script/lib/package.json crates/script/lib/package-lock.json crates/script/lib/
RUN npm ci --prefix crates/script/lib --no-audit --no-fund
COPY console/package.json console/package-lock.json console/
RUN npm ci --prefix console --no-audit --no-fund
COPY spec spec
COPY console console
RUN npm --prefix console run build

# the server
FROM rust:1.95-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends mold pkg-config libssl-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=web /src/crates/script/lib/node_modules crates/script/lib/node_modules
COPY --from=web /src/console/dist console/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p ombud \
 && cp target/release/ombud /ombud

FROM debian:bookworm-slim
# pg_dump for `ombud backup`: of PostgreSQL's own packages when the database server is newer than Debian's (15)
ARG POSTGRESQL_CLIENT=postgresql-client
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libssl3 "$POSTGRESQL_CLIENT" \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 ombud \
 && useradd --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin ombud \
 && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /ombud /usr/local/bin/ombud
COPY LICENSE /usr/share/doc/ombud/LICENSE
ENV OMBUD_DATA_DIR=/data \
    OMBUD_HTTP__LISTEN=0.0.0.0:7878
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 7878
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["ombud", "health"]
ENTRYPOINT ["ombud"]
CMD ["serve"]
