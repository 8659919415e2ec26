# streampack in a container, without the tools that build it:
#
#   docker build -t streampack .
#   docker run --rm -v "$PWD:/media" --user "$(id -u):$(id -g)" streampack encode film.mp4 -o film/
#
# The second stage installs the Debian package that the first one makes, so that it holds just the libraries that the
# binary needs.

FROM rust:1-trixie AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        clang dpkg-dev libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libclang-dev libswresample-dev \
        libswscale-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked && scripts/package-deb.sh -o /package

FROM debian:trixie-slim
RUN --mount=type=bind,from=build,source=/package,target=/package \
    apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates /package/streampack_*.deb \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 1000 --create-home streampack
USER streampack
WORKDIR /media
ENTRYPOINT ["streampack"]
CMD ["--help"]
