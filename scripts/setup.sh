#!/bin/sh
# Installs what is missing on this machine, and says what. Quick when nothing is.
#
#   scripts/setup.sh build    FFmpeg's development files, a C compiler, libclang for bindgen
#   scripts/setup.sh ffmpeg   the ffmpeg and ffprobe commands, for sample and test clips
#   scripts/setup.sh test     rustfmt, clippy, a browser, Node.js and the players it will run, Python and moto,
#                             which stands in for Amazon and Google, Azurite, which does for Azure, the shells that
#                             complete its words, jq of the examples, Ruby, which reads the Homebrew formula, and on
#                             Debian nginx with its RTMP module, which is only unpacked
set -eu
cd "$(dirname "$0")/.."

LIBRARIES="libavcodec libavformat libavfilter libavutil libswscale libswresample"
PLAYERS=tests/players
STORE=tests/store
NGINX=tests/store/.nginx

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

manager() {
    for candidate in apt-get dnf apk pacman brew; do
        if have "$candidate"; then echo "$candidate"; return; fi
    done
    echo none
}

# --- is it there? ---------------------------------------------------------------------------------

have_libraries() {
    # shellcheck disable=SC2086
    have pkg-config && pkg-config --exists $LIBRARIES
}

have_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    for pattern in /usr/lib/llvm*/lib /usr/lib /usr/lib64 /usr/lib/*-linux-gnu /usr/local/lib \
        /usr/lib64/llvm*/lib /usr/lib/llvm*/lib64 /opt/homebrew/opt/llvm/lib /usr/local/opt/llvm/lib \
        /Library/Developer/CommandLineTools/usr/lib \
        /Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib; do
        # libclang-cpp is another library, which bindgen has no use for.
        for file in "$pattern"/libclang.so* "$pattern"/libclang-[0-9]*.so* "$pattern"/libclang.dylib; do
            [ -e "$file" ] && return 0
        done
    done
    return 1
}

have_browser() {
    [ -n "${CHROMIUM:-}" ] && return 0
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        have "$name" && return 0
    done
    [ -e "/Applications/Chromium.app" ] || [ -e "/Applications/Google Chrome.app" ]
}

have_python() {
    have python3 && python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# nginx with its RTMP module below a directory, where Debian's packages put them.
have_nginx() {
    [ -x "$1/usr/sbin/nginx" ] && [ -e "$1/usr/lib/nginx/modules/ngx_rtmp_module.so" ]
}

# --- what each package manager calls it -----------------------------------------------------------

packages() {
    case "$1:$2" in
    apt-get:libraries) echo "libavcodec-dev libavformat-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev pkg-config" ;;
    apt-get:compiler) echo "gcc libc6-dev" ;;
    apt-get:libclang) echo "clang libclang-dev" ;;
    apt-get:ffmpeg) echo "ffmpeg" ;;
    apt-get:browser) echo "chromium" ;;
    apt-get:node) echo "nodejs" ;;
    apt-get:npm) echo "npm" ;;
    apt-get:python) echo "python3 python3-venv" ;;
    *:zsh) echo "zsh" ;;
    *:fish) echo "fish" ;;
    *:jq) echo "jq" ;;
    *:ruby) echo "ruby" ;;
    apt-get:packager) echo "dpkg-dev" ;;
    dnf:libraries) echo "ffmpeg-devel pkgconf-pkg-config" ;;
    dnf:compiler) echo "gcc" ;;
    dnf:libclang) echo "clang clang-devel" ;;
    dnf:ffmpeg) echo "ffmpeg" ;;
    dnf:browser) echo "chromium" ;;
    dnf:node) echo "nodejs" ;;
    dnf:npm) echo "nodejs-npm" ;;
    dnf:python) echo "python3" ;;
    apk:libraries) echo "ffmpeg-dev pkgconf" ;;
    apk:compiler) echo "build-base" ;;
    apk:libclang) echo "clang clang-dev" ;;
    apk:ffmpeg) echo "ffmpeg" ;;
    apk:browser) echo "chromium" ;;
    apk:node) echo "nodejs" ;;
    apk:npm) echo "npm" ;;
    apk:python) echo "python3" ;;
    pacman:libraries) echo "ffmpeg pkgconf" ;;
    pacman:compiler) echo "gcc" ;;
    pacman:libclang) echo "clang" ;;
    pacman:ffmpeg) echo "ffmpeg" ;;
    pacman:browser) echo "chromium" ;;
    pacman:node) echo "nodejs" ;;
    pacman:npm) echo "npm" ;;
    pacman:python) echo "python" ;;
    brew:libraries) echo "ffmpeg pkgconf" ;;
    brew:compiler | brew:libclang) echo "llvm" ;;
    brew:ffmpeg) echo "ffmpeg" ;;
    brew:browser) echo "--cask chromium" ;;
    brew:node | brew:npm) echo "node" ;;
    brew:python) echo "python3" ;;
    *) echo "" ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    else fail "needs to run '$*' as root, and there is no sudo; run it yourself, then try again"
    fi
}

# FFmpeg with libx264 is not in Fedora's own repositories.
add_rpm_fusion() {
    rpm -q rpmfusion-free-release >/dev/null 2>&1 && return 0
    case "$1" in *ffmpeg*) ;; *) return 0 ;; esac
    fedora=$(rpm -E '%fedora')
    [ "$fedora" = "%fedora" ] && fail "add the RPM Fusion repository (https://rpmfusion.org), then try again"
    say "adding the RPM Fusion repository, which has FFmpeg with libx264"
    as_root dnf install -y "https://mirrors.rpmfusion.org/free/fedora/rpmfusion-free-release-$fedora.noarch.rpm"
}

install() {
    manager=$(manager)
    list=""
    for part in "$@"; do list="$list $(packages "$manager" "$part")"; done
    case "$manager" in
    none) fail "missing: $*; no apt, dnf, apk, pacman or brew here, so install them yourself" ;;
    esac
    say "installing with $manager:$list"
    # shellcheck disable=SC2086
    case "$manager" in
    apt-get)
        as_root apt-get update -qq || say "apt-get update failed; trying with the package lists at hand"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $list >&2
        ;;
    dnf)
        add_rpm_fusion "$list"
        as_root dnf install -y --allowerasing $list >&2
        ;;
    apk) as_root apk add $list >&2 ;;
    pacman) as_root pacman -Sy --needed --noconfirm $list >&2 ;;
    brew)
        case "$list" in *--cask*) brew install --cask chromium >&2; list=${list%--cask chromium*}${list#*--cask chromium} ;; esac
        [ -z "$(echo $list)" ] || brew install $list >&2
        ;;
    esac
}

# What a package-lock.json names, into the directory of it. Quick when that is there already.
npm_into() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return
    say "installing with npm: $2 into $1/node_modules"
    (cd "$1" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
    cp "$1/package-lock.json" "$1/node_modules/.installed"
}

# --- the three parts ------------------------------------------------------------------------------

MISSING=""
want() {
    part=$1
    shift
    "$@" || MISSING="$MISSING $part"
}

for goal in "$@"; do
    case "$goal" in
    build)
        have cargo || fail "Rust is missing; get it from https://rustup.rs, then try again"
        want libraries have_libraries
        want compiler have cc
        want libclang have_libclang
        ;;
    ffmpeg) want ffmpeg eval 'have ffmpeg && have ffprobe' ;;
    test)
        want browser have_browser
        want node have node
        want npm have npm
        want python have_python
        want zsh have zsh
        want fish have fish
        want jq have jq
        want ruby have ruby
        [ "$(manager)" != apt-get ] || want packager have dpkg-shlibdeps
        ;;
    *) fail "unknown part $goal; known are build, ffmpeg and test" ;;
    esac
done

# shellcheck disable=SC2086
[ -z "$MISSING" ] || install $MISSING

for goal in "$@"; do
    case "$goal" in
    build)
        have_libraries || fail "pkg-config still does not find all of: $LIBRARIES"
        ;;
    ffmpeg)
        have ffmpeg || fail "the ffmpeg command is still missing"
        ;;
    test)
        have_browser || fail "still no browser; install Chromium or set CHROMIUM=/path/to/it"
        for component in rustfmt clippy; do
            tool=cargo-${component#rust}
            if ! have "$tool"; then
                have rustup || fail "cargo ${component#rust} is missing; install it with your Rust"
                say "adding the Rust component $component"
                rustup component add "$component"
            fi
        done
        npm_into "$PLAYERS" "hls.js, dash.js, Shaka Player, playwright-core and axe-core"
        npm_into "$STORE" "Azurite, which stands in for Azure Blob Storage,"
        # Not installed: its package would start a server on this machine. Elsewhere its tests are skipped.
        if [ "$(manager)" = apt-get ] && ! have_nginx / && ! have_nginx "$NGINX"; then
            say "unpacking Debian's nginx and its RTMP module into $NGINX"
            rm -rf "$NGINX"
            mkdir -p "$NGINX"
            (
                cd "$NGINX"
                download() { apt-get download -qq nginx libnginx-mod-rtmp; }
                download || { as_root apt-get update -qq; download; }
                for package in ./*.deb; do dpkg-deb -x "$package" .; done
                rm ./*.deb
            )
        fi
        if ! cmp -s "$STORE/requirements.txt" "$STORE/.venv/.installed"; then
            have_python || fail "no Python from 3.11 on with venv; install it"
            say "installing with pip: moto, which stands in for Amazon S3, CloudFront and Google, into $STORE/.venv"
            rm -rf "$STORE/.venv"
            python3 -m venv "$STORE/.venv"
            "$STORE/.venv/bin/pip" install -q --disable-pip-version-check --no-deps -r "$STORE/requirements.txt"
            cp "$STORE/requirements.txt" "$STORE/.venv/.installed"
        fi
        ;;
    esac
done
