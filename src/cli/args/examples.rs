//! Examples at the end of `--help`.

pub(super) const EXAMPLES: &str = "\
Examples:
  streampack encode film.mp4 -o film/   all of it, with the preset web
  streampack plan film.mp4 -p mobile    what encode would do, and why
  streampack live rtmp://h/live/key -o live/   a live programme
  streampack probe film.mp4             what the source holds
  streampack serve film/ --open         play it in the browser
  streampack sync film/ s3://bucket/a   publish it
  streampack presets                    the presets that there are

Settings also come from presets, jobs and variables (STREAMPACK_GOP):
defaults < preset < job < environment < flags.
Exit codes and files are in `streampack man`.";

pub(super) const ENCODE_EXAMPLES: &str = "\
Examples:
  streampack encode film.mp4 -o film/
      H.264 and AAC in HLS and DASH, no rung larger than the source.
  streampack encode film.mp4 -o film/ --ladder 720p@2500k,360p@700k
      Two rungs of your own.
  streampack encode film.mkv -o film/ --start 60 --end 1:30
      Half a minute, from one minute on.
  streampack encode film.mp4 -o s3://bucket/film
      Straight into a bucket.
  streampack encode show.mp4 -o show/ -p house.json --json | jq .type
      A preset of your own, and events for a script.
  streampack encode films/ -o sets/ --keep-going
      Every film in a directory: films/a/b.mp4 becomes sets/a/b.

A run that was stopped goes on when the same command is given again.";

pub(super) const PACKAGE_EXAMPLES: &str = "\
Examples:
  streampack package 1080p.mp4 720p.mp4 360p.mp4 -o film/
      A ladder that is encoded already; its sound is taken once.
  streampack package video.ts english.m4a german.m4a -o film/
      Pictures and sound of separate files.
  streampack package *.mp4 -o film/ --dry-run
      What would be made, and whether the key frames align.

Nothing is encoded: segments begin at the key frames that all renditions have.";

pub(super) const LIVE_EXAMPLES: &str = "\
Examples:
  streampack live rtmp://ingest.example/live/key -o /var/www/event/
      Pull from an RTMP server; any web server delivers the directory.
  ffmpeg -re -i film.mp4 -c copy -f mpegts - | streampack live - -o out/
      From a pipe: MPEG-TS or FLV.
  streampack live https://example.com/live.m3u8 -o out/ --dvr 30m
      From another HLS stream; viewers can go back for half an hour.
  streampack live srt://ingest.example:9000 -o out/ --serve 0.0.0.0:8080
      Deliver it to players as well: http://HOST:8080/master.m3u8
  streampack live - -o out/ --serve 127.0.0.1:8080 --low-latency --part 0.2
      Some two seconds from camera to screen.
  streampack live - -o out/ --serve 0.0.0.0:8443 --tls-cert chain.pem --tls-key key.pem --token-key-file keys.txt
      With TLS and HTTP/2, for those alone who have a token (`streampack token`).
  streampack live film.mp4 -o out/ --realtime --ladder 720p@2500k,360p@700k
      A file as if it were live.

Ctrl-C ends the programme: playlists and MPD then say that nothing follows.";

pub(super) const TOKEN_EXAMPLES: &str = "\
Examples:
  streampack token --token-key-file keys.txt --valid 4h https://live.example:8443/t/TOKEN/master.m3u8
      The URL with a token for four hours.
  streampack token --token-key-file keys.txt --valid 10m --path audio/
      A token for the sound alone.";

pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  streampack plan film.mp4
  streampack plan film.mp4 -p archive-4k --json";

pub(super) const THUMBNAILS_EXAMPLES: &str = "\
Examples:
  streampack thumbnails film.mp4 -o stills/
  streampack thumbnails film.mp4 -o stills/ --poster 0:42

encode makes thumbnails too; over the same directory it replaces these.";

pub(super) const PROBE_EXAMPLES: &str = "\
Examples:
  streampack probe film.mkv
  streampack probe film.mkv --json | jq '.source.video[0].resolution'";

pub(super) const SERVE_EXAMPLES: &str = "\
Examples:
  streampack serve film/ --open
      Play film/ in the browser, with hls.js, dash.js or Shaka Player.
  streampack serve library/ --addr 0.0.0.0:8080
      Every set below library/, for phones and televisions too.
  streampack serve film/ --addr 127.0.0.1:0 --json
      Any free port; the first line says which.

Ctrl-C ends it.";

pub(super) const SYNC_EXAMPLES: &str = "\
Examples:
  streampack sync film/ s3://bucket/film
      Publish: what differs goes up, manifests last.
  streampack sync library/ gs://bucket/library --delete --dry-run
      Every set below library/; what would be done, and what would go.
  streampack sync film/ s3://bucket/film --invalidate E2EXAMPLE
      And CloudFront asks again for the manifests that changed.
  streampack sync film/ /srv/www/film
      The same into a directory.

Credentials are those of the environment (AWS_PROFILE, roles).";

pub(super) const VERIFY_EXAMPLES: &str = "\
Examples:
  streampack verify film/
      Every manifest in the directory, and all they lead to.
  streampack verify film/master.m3u8
      One manifest and what it leads to.
  streampack verify film/ --json | jq -r 'select(.clause).clause'
      For scripts: the clauses; the exit code is 15 when there is an error.";

pub(super) const DOCTOR_EXAMPLES: &str = "\
Examples:
  streampack doctor
  streampack doctor -o /mnt/sets      and whether there is room";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  streampack completions bash \\
      > ~/.local/share/bash-completion/completions/streampack
  streampack completions zsh > \"${fpath[1]}/_streampack\"
  streampack completions fish > ~/.config/fish/completions/streampack.fish";

pub(super) const PRESETS_EXAMPLES: &str = "\
Examples:
  streampack presets
  streampack presets show mobile > house.json   a preset to start from";
