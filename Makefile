# make demo             build, encode a sample clip into demo/ and say how to play it
# make demo CLIP=file   the same with a clip of yours
# make test             everything the project is checked by
#
# Both first install what is missing, say what, and are quick when nothing is.

SHELL := /bin/sh

# Rust for Alpine links statically, and a static build script cannot load libclang.
ifneq ($(wildcard /etc/alpine-release),)
export RUSTFLAGS := $(RUSTFLAGS) -C target-feature=-crt-static
endif

# What setup.sh installs for the tests is there: none is left out for the want of it.
TESTS_REQUIRE := zsh,fish,ruby
ifneq ($(wildcard /etc/debian_version),)
TESTS_REQUIRE := $(TESTS_REQUIRE),dpkg-deb,dpkg-shlibdeps,nginx,apt-cache
endif

# Many tests wait for players, servers and the clock more than they work.
RUST_TEST_THREADS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

export CLIP TESTS_REQUIRE RUST_TEST_THREADS

.PHONY: help build demo test bench clips

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo 'make build            only the release binary, target/release/streampack'
	@echo 'make bench            streampack against the best single ffmpeg command (some minutes)'
	@echo 'make clips            make testdata/ again'

build:
	@scripts/setup.sh build
	cargo build --release --locked

demo:
	@scripts/setup.sh build ffmpeg
	cargo build --release --locked
	@scripts/demo.sh

test:
	@scripts/setup.sh build ffmpeg test
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked

bench:
	@scripts/setup.sh build ffmpeg
	cargo build --release --locked
	@benches/run.sh

clips:
	@scripts/setup.sh ffmpeg
	@testdata/generate.sh
