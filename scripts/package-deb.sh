#!/bin/sh
# Makes a Debian package of a binary: the program, its manual page, completions, presets, schemas and documents. What
# it depends on is what the binary is linked with and what it loads, in the versions of the machine that runs this.
#
#   scripts/package-deb.sh [-o DIR] [BINARY]      default: target/release/streampack into target/debian
#
# Needs dpkg-dev, and of what builds the binary a C compiler, pkg-config and libavfilter-dev. It is not cargo-deb: that
# takes minutes to build, and this is all that there is to do.
set -eu
cd "$(dirname "$0")/.."

out=target/debian
while getopts o: flag; do
    case "$flag" in
    o) out=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
binary=${1:-target/release/streampack}

fail() { printf 'package-deb: %s\n' "$*" >&2; exit 1; }
command -v dpkg-shlibdeps >/dev/null || fail "dpkg-shlibdeps is missing; install dpkg-dev"
command -v pkg-config >/dev/null || fail "pkg-config is missing; install it"
[ -x "$binary" ] || fail "there is no $binary; run cargo build --release --locked"

version=$("$binary" --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root
umask 022

# --- files ----------------------------------------------------------------------------------------

put() { install -D -m "$1" "$2" "$root/$3"; }
made() { mkdir -p "$root/$(dirname "$1")"; cat >"$root/$1"; }

put 755 "$binary" usr/bin/streampack
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/streampack"
for page in man/*.1; do gzip -9n <"$page" | made "usr/share/man/man1/$(basename "$page").gz"; done
"$binary" completions bash | made usr/share/bash-completion/completions/streampack
"$binary" completions zsh | made usr/share/zsh/vendor-completions/_streampack
"$binary" completions fish | made usr/share/fish/vendor_completions.d/streampack.fish
put 644 scripts/streampack-live@.service usr/lib/systemd/system/streampack-live@.service
for preset in presets/*.json; do put 644 "$preset" "usr/share/streampack/$preset"; done
for schema in docs/schema/*.json; do put 644 "$schema" "usr/share/streampack/schema/$(basename "$schema")"; done
for page in README.md docs/*.md; do put 644 "$page" "usr/share/doc/streampack/$page"; done
gzip -9n <CHANGELOG.md | made usr/share/doc/streampack/changelog.gz
made usr/share/doc/streampack/copyright <<COPYRIGHT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: streampack

Files: *
Copyright: the authors of streampack
License: Expat or Apache-2.0

License: Expat
$(sed -e 's/^$/./' -e 's/^/ /' LICENSE-MIT)

License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.
COPYRIGHT

# --- control --------------------------------------------------------------------------------------

# What the binary loads only when it is wanted (src/av/raw/filters.rs) dpkg-shlibdeps is shown in something that is linked
# with it.
# shellcheck disable=SC2046
echo 'unsigned avfilter_version(void); unsigned loads(void) { return avfilter_version(); }' |
    "${CC:-cc}" -shared -fPIC -nostdlib -o "$stage/loads.so" -x c - -x none $(pkg-config --libs libavfilter) ||
    fail "nothing can be linked with libavfilter; install libavfilter-dev"

mkdir -p "$stage/debian" "$root/DEBIAN"
printf 'Source: streampack\n\nPackage: streampack\nArchitecture: any\nDepends: ${shlibs:Depends}\n' >"$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O --warnings=0 root/usr/bin/streampack loads.so | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || fail "dpkg-shlibdeps found no dependencies"
size=$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f1)
cat >"$root/DEBIAN/control" <<CONTROL
Package: streampack
Version: $version
Architecture: $architecture
Maintainer: the authors of streampack <streampack@invalid>
Installed-Size: $size
Depends: $depends
Section: video
Priority: optional
Description: turn video files into CMAF sets with HLS and DASH manifests
 Encodes a file into a ladder of renditions, cuts sound and picture at the same
 places, and writes HLS and DASH manifests over the same segments, thumbnails
 for the seek bar, a poster and a report. Packages files that are encoded
 already, checks finished sets, and serves them with a page that plays them.
CONTROL
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz -z3 --build "$root" "$out/streampack_${version}_$architecture.deb"
