#!/bin/sh
# Writes the Homebrew formula of a release: a tar archive that lies at a URL, and a copy of it for the checksum.
#
#   scripts/homebrew-formula.sh URL FILE > streampack.rb
set -eu

[ $# = 2 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
url=$1
checksum=$( (sha256sum "$2" 2>/dev/null || shasum -a 256 "$2") | cut -d' ' -f1)
[ ${#checksum} = 64 ] || { echo "homebrew-formula: cannot read $2" >&2; exit 1; }
case "$url" in
*[\"\\\#]*) echo "homebrew-formula: a URL has no quotes, backslashes or hashes" >&2; exit 2 ;;
esac

cat <<FORMULA
class Streampack < Formula
  desc "Turn video files into CMAF sets with HLS and DASH manifests"
  homepage "${url%/*}"
  url "$url"
  sha256 "$checksum"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "llvm" => :build
  depends_on "pkgconf" => :build
  depends_on "rust" => :build
  depends_on "ffmpeg"

  def install
    ENV["LIBCLANG_PATH"] = Formula["llvm"].opt_lib
    system "cargo", "install", *std_cargo_args
    man1.install Dir["man/*.1"]
    generate_completions_from_executable(bin/"streampack", "completions")
  end

  test do
    assert_match "libx264", shell_output("#{bin}/streampack doctor")
    (testpath/"house.json").write shell_output("#{bin}/streampack presets show web")
    system bin/"streampack", "presets", "show", testpath/"house.json"
  end
end
FORMULA
