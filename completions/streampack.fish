# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_streampack_global_optspecs
    string join \n v/verbose q/quiet color= h/help V/version
end

function __fish_streampack_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_streampack_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_streampack_using_subcommand
    set -l cmd (__fish_streampack_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c streampack -n "__fish_streampack_needs_command" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_needs_command" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_needs_command" -s V -l version -d 'Print version'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "encode" -d 'Encode a source into a CMAF set with HLS and DASH manifests'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "package" -d 'Package files that are encoded already into the same kind of set'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "live" -d 'Encode a live source into a set that players follow while it grows'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "plan" -d 'Show what encode would do, and where each setting comes from'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "probe" -d 'Show what a source holds'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "thumbnails" -d 'Make thumbnails, their WebVTT and a poster, and nothing else'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "serve" -d 'Serve sets over HTTP, with a page that plays them'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "sync" -d 'Publish finished sets to S3, Google Cloud Storage, Azure or a directory'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "verify" -d 'Check a finished set, also one of another packager, against HLS, DASH and CMAF'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "doctor" -d 'Look whether this machine can do the work: FFmpeg\'s encoders and filters, room and speed of the disk'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "keys" -d 'Make keys to encrypt with'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "token" -d 'Make a URL that opens a live programme for some time'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "presets" -d 'List the built-in presets, or print one'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "man" -d 'Print the manual page in roff; to read it: `streampack man | man -l -`'
complete -c streampack -n "__fish_streampack_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -s o -l output -d 'The directory that is made, or continued, or s3://BUCKET/PREFIX, gs://… or az://…; of several inputs each has one below it' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l include -d 'Of directories only what matches: \'*.mov\', \'season1/**\'' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l exclude -d 'Of directories not what matches; stronger than --include' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l junit -d 'Write JUnit XML for CI systems, a case for each input' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l cache-control-media -d 'Cache-Control of segments and headers [default: public, max-age=31536000, immutable]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l cache-control-manifest -d 'Cache-Control of manifests and all else that may change [default: public, max-age=0, s-maxage=60, must-revalidate]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l invalidate -d 'Let CloudFront forget what changed: one invalidation of those manifests and other paths' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l invalidate-root -d 'What the paths begin with on the distribution [default: the prefix in the bucket]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l on-complete -d 'Tell a command or a URL when all is done; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l on-failure -d 'Tell a command or a URL when something failed; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l job -d 'A job as a JSON file: inputs, output and settings' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand encode" -s p -l preset -d 'The settings to start from: a name of `streampack presets`, or a JSON file [default: web]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l ladder -d 'The video renditions, each by the shorter side of its picture and its bit rate [default: 2160p@16000k,1440p@9000k,1080p@5000k,720p@2800k,480p@1400k,360p@800k]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l video-codec -d 'The video codecs: h264 [default: h264]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l crf -d 'The rate factor of every rung, 0 to 51; lower is better and larger' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l rate-control -d 'How bits are spent: constant quality under a cap, or towards an average in one pass or two [default: capped-crf]' -r -f -a "capped-crf\t''
vbr\t''
two-pass\t''"
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l speed -d 'How much time the encoder may take: draft, fast, balanced, quality or archive [default: balanced]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l top-rung -d 'Whether the largest rung may be the source\'s own pictures: auto, copy or encode [default: auto]' -r -f -a "auto\t''
copy\t''
encode\t''"
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l segment-duration -d 'Length of a segment, 1 to 60 [default: 6]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l gop -d 'Time from one key frame to the next [default: 2]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l audio -d 'The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac [default: aac@128k]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l loudness -d 'Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l audio-language -d 'Only tracks in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l subtitle-language -d 'Only text tracks in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l start -d 'Begin this far into the source: 90, 1:30 or 00:01:30.5' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l end -d 'End this far into the source' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l thumbnail-interval -d 'Time from one thumbnail to the next [default: 5]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l thumbnail-width -d 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l poster -d 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l progressive -d 'Also write this rung as one plain MP4 for download: 720p, or several as 1080p,480p' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l encrypt -d 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple\'s, aes-128 for HLS without DRM' -r -f -a "cbcs\t''
cenc\t''
aes-128\t''"
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l drm -d 'The systems that players are told of: widevine, playready, fairplay, clearkey, common' -r -f -a "widevine\t''
playready\t''
fairplay\t''
clearkey\t''
common\t''"
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l fairplay-uri -d 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l playready-la-url -d 'The licence server that PlayReady is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l widevine-provider -d 'The provider that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l widevine-content-id -d 'The content id that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l clearkey-url -d 'The licence server that Clear Key is told of, with --drm clearkey' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l key-uri -d 'Where players get the key of aes-128; {kid} stands for the key id' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l hdcp-level -d 'The HDCP that HLS asks of screens: none, type-0 or type-1' -r -f -a "none\t''
type-0\t''
type-1\t''"
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l clear-lead -d 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l crypto-period -d 'Change the key after this much time, rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l subtitles -d 'A file of subtitles beside the source, with its language and its name in menus; may be repeated' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l key-file -d 'The keys, as `streampack keys new` writes them' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l key-command -d 'A shell command that prints what a key file holds' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l cpix -d 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l speke -d 'Ask this key server for keys: SPEKE v2 over HTTP' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l content-id -d 'The name of the content at the key server' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -s j -l jobs -d 'Work on this many things at once [default: one per processor]' -r
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l keep-going -d 'Go on with the other inputs when one fails'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l no-subtitles -d 'Take no text tracks; files of --subtitles are taken all the same'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l no-thumbnails -d 'Make no thumbnails'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l no-hls -d 'Write no HLS playlists'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l no-dash -d 'Write no DASH MPD'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l single-file -d 'One file per rendition with byte ranges, instead of one per segment'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l pssh-in-segments -d 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l force -d 'Ignore finished work and do it again, and replace files of others'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l dry-run -d 'Show what would be done, and stop: the same as `plan`'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l no-publish -d 'Do not publish, whatever the job says'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l json -d 'Print events on stdout, one JSON object per line, and no progress'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -l no-progress -d 'Show no progress'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand encode" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand package" -s o -l output -d 'The directory that is made; or s3://BUCKET/PREFIX, gs://… or az://…' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand package" -l segment-duration -d 'Length of a segment, 1 to 60: each ends at the key frame nearest to it [default: 6]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l audio-language -d 'Only sound in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l thumbnail-interval -d 'Time from one thumbnail to the next [default: 5]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l thumbnail-width -d 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l poster -d 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l subtitle-language -d 'Only text tracks in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l subtitles -d 'A file of subtitles beside the source, with its language and its name in menus; may be repeated' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l encrypt -d 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple\'s, aes-128 for HLS without DRM' -r -f -a "cbcs\t''
cenc\t''
aes-128\t''"
complete -c streampack -n "__fish_streampack_using_subcommand package" -l drm -d 'The systems that players are told of: widevine, playready, fairplay, clearkey, common' -r -f -a "widevine\t''
playready\t''
fairplay\t''
clearkey\t''
common\t''"
complete -c streampack -n "__fish_streampack_using_subcommand package" -l fairplay-uri -d 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l playready-la-url -d 'The licence server that PlayReady is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l widevine-provider -d 'The provider that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l widevine-content-id -d 'The content id that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l clearkey-url -d 'The licence server that Clear Key is told of, with --drm clearkey' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l key-uri -d 'Where players get the key of aes-128; {kid} stands for the key id' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l hdcp-level -d 'The HDCP that HLS asks of screens: none, type-0 or type-1' -r -f -a "none\t''
type-0\t''
type-1\t''"
complete -c streampack -n "__fish_streampack_using_subcommand package" -l clear-lead -d 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l crypto-period -d 'Change the key after this much time, rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l key-file -d 'The keys, as `streampack keys new` writes them' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand package" -l key-command -d 'A shell command that prints what a key file holds' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l cpix -d 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand package" -l speke -d 'Ask this key server for keys: SPEKE v2 over HTTP' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l content-id -d 'The name of the content at the key server' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l cache-control-media -d 'Cache-Control of segments and headers [default: public, max-age=31536000, immutable]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l cache-control-manifest -d 'Cache-Control of manifests and all else that may change [default: public, max-age=0, s-maxage=60, must-revalidate]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l invalidate -d 'Let CloudFront forget what changed: one invalidation of those manifests and other paths' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l invalidate-root -d 'What the paths begin with on the distribution [default: the prefix in the bucket]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l on-complete -d 'Tell a command or a URL when all is done; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l on-failure -d 'Tell a command or a URL when something failed; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -s j -l jobs -d 'Work on this many files at once [default: one per processor]' -r
complete -c streampack -n "__fish_streampack_using_subcommand package" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand package" -l allow-unaligned -d 'Package renditions whose key frames do not align as switching sets of their own'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l no-thumbnails -d 'Make neither thumbnails nor a poster: nothing is decoded then'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l no-subtitles -d 'Take no text tracks; files of --subtitles are taken all the same'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l no-hls -d 'Write no HLS playlists'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l no-dash -d 'Write no DASH MPD'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l single-file -d 'One file per rendition with byte ranges, instead of one per segment'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l pssh-in-segments -d 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l force -d 'Do finished work again, and replace files of others'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l dry-run -d 'Show what would be made, and stop'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l json -d 'Print events on stdout, one JSON object per line, and no progress'
complete -c streampack -n "__fish_streampack_using_subcommand package" -l no-progress -d 'Show no progress'
complete -c streampack -n "__fish_streampack_using_subcommand package" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand package" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand package" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand live" -s o -l output -d 'The directory that is made, or s3://BUCKET/PREFIX, gs://… or az://…; it holds the window, and is complete at the end' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -s p -l preset -d 'The settings to start from: a name of `streampack presets`, or a JSON file [default: live]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l ladder -d 'The video renditions, each by the shorter side of its picture and its bit rate' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l video-codec -d 'The video codecs: h264' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l crf -d 'The rate factor of every rung, 0 to 51; lower is better and larger' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l rate-control -d 'How bits are spent: constant quality under a cap, or towards an average in one pass or two' -r -f -a "capped-crf\t''
vbr\t''
two-pass\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l speed -d 'How much time the encoder may take: draft, fast, balanced, quality or archive' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l top-rung -d 'Whether the largest rung may be the source\'s own pictures: auto, copy or encode' -r -f -a "auto\t''
copy\t''
encode\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l segment-duration -d 'Length of a segment, 1 to 60' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l gop -d 'Time from one key frame to the next' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l window -d 'So many segments, 3 or more [default: 6]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l dvr -d 'So much time, if that is more: 90, 30m, 2h' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l audio -d 'The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l loudness -d 'Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l audio-language -d 'Only tracks in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l encrypt -d 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple\'s, aes-128 for HLS without DRM' -r -f -a "cbcs\t''
cenc\t''
aes-128\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l drm -d 'The systems that players are told of: widevine, playready, fairplay, clearkey, common' -r -f -a "widevine\t''
playready\t''
fairplay\t''
clearkey\t''
common\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l fairplay-uri -d 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l playready-la-url -d 'The licence server that PlayReady is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l widevine-provider -d 'The provider that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l widevine-content-id -d 'The content id that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l clearkey-url -d 'The licence server that Clear Key is told of, with --drm clearkey' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l key-uri -d 'Where players get the key of aes-128; {kid} stands for the key id' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l hdcp-level -d 'The HDCP that HLS asks of screens: none, type-0 or type-1' -r -f -a "none\t''
type-0\t''
type-1\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l clear-lead -d 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l crypto-period -d 'Change the key after this much time, rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l key-file -d 'The keys, as `streampack keys new` writes them' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l key-command -d 'A shell command that prints what a key file holds' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l cpix -d 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l speke -d 'Ask this key server for keys: SPEKE v2 over HTTP' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l content-id -d 'The name of the content at the key server' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l listen -d 'Wait for a publisher at rtmp://ADDRESS:PORT/APPLICATION or srt://ADDRESS:PORT, in place of INPUT' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l stream-key-file -d 'The stream key: the one line of this file' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l passphrase-file -d 'The passphrase of srt://: the one line of this file' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l takeover -d 'What becomes of a publisher of RTMP who comes while another one is there [default: reject]' -r -f -a "reject\t''
replace\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l timeout -d 'A source is lost when nothing comes for so long [default: 5 for RTMP and SRT, 10 for others]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l on-loss -d 'What to do when a source of the network is lost [default: slate, and wait with --copy]' -r -f -a "slate\t''
wait\t''
end\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l loss-timeout -d 'A lost source ends the programme when it is not back within so long [default: 60]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l serve -d 'Serve it at HOST:PORT while it lasts, and as long as a playlist after it' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l tls-cert -d 'Serve it with TLS (https, HTTP/2), with the certificate in this PEM file and those that lead to its root' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l tls-key -d 'The private key of the certificate, in PEM' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l token-key-file -d 'Serve it to those alone who have a token of `streampack token`, signed with a key of this file' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l part -d 'Length of a part in seconds, 0.2 to 1 [default: 0.5]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l record -d 'Keep all of the programme in this directory, which is a complete set when it has ended' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l metadata-pipe -d 'Tell players what is written to this named pipe or file, line by line, when they come to that time' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand live" -l cache-control-media -d 'Cache-Control of segments and headers in a bucket [default: public, max-age=60]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l cache-control-manifest -d 'Cache-Control of manifests in a bucket [default: public, max-age=0, s-maxage=1, must-revalidate]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l on-complete -d 'Tell a command or a URL when all is done; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l on-failure -d 'Tell a command or a URL when something failed; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l overload -d 'What to do when this machine does not keep up with a source in real time [default: drop-frames]' -r -f -a "drop-frames\t''
drop-rung\t''
fail\t''"
complete -c streampack -n "__fish_streampack_using_subcommand live" -s j -l jobs -d 'Use so many processors [default: all]' -r
complete -c streampack -n "__fish_streampack_using_subcommand live" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand live" -l copy -d 'Encode nothing: the H.264 or HEVC and the AAC of the source, as they are'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l pssh-in-segments -d 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l realtime -d 'Read no faster than the media is shown; for files and pipes that hold more than the present'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l low-latency -d 'Offer segments in parts as they are made: players stay some three parts behind instead of three segments'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l no-hls -d 'Write no HLS playlists'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l no-dash -d 'Write no DASH MPD'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l force -d 'Replace files of others'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l resume -d 'Go on with the programme that an earlier run has begun in OUT and was killed in'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l json -d 'Print events on stdout, one JSON object per line, and no progress'
complete -c streampack -n "__fish_streampack_using_subcommand live" -l no-progress -d 'Show no progress'
complete -c streampack -n "__fish_streampack_using_subcommand live" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand live" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand live" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l include -d 'Of directories only what matches: \'*.mov\', \'season1/**\'' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l exclude -d 'Of directories not what matches; stronger than --include' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l job -d 'A job as a JSON file: inputs, output and settings' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand plan" -s p -l preset -d 'The settings to start from: a name of `streampack presets`, or a JSON file [default: web]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l ladder -d 'The video renditions, each by the shorter side of its picture and its bit rate [default: 2160p@16000k,1440p@9000k,1080p@5000k,720p@2800k,480p@1400k,360p@800k]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l video-codec -d 'The video codecs: h264 [default: h264]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l crf -d 'The rate factor of every rung, 0 to 51; lower is better and larger' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l rate-control -d 'How bits are spent: constant quality under a cap, or towards an average in one pass or two [default: capped-crf]' -r -f -a "capped-crf\t''
vbr\t''
two-pass\t''"
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l speed -d 'How much time the encoder may take: draft, fast, balanced, quality or archive [default: balanced]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l top-rung -d 'Whether the largest rung may be the source\'s own pictures: auto, copy or encode [default: auto]' -r -f -a "auto\t''
copy\t''
encode\t''"
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l segment-duration -d 'Length of a segment, 1 to 60 [default: 6]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l gop -d 'Time from one key frame to the next [default: 2]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l audio -d 'The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac [default: aac@128k]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l loudness -d 'Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l audio-language -d 'Only tracks in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l subtitle-language -d 'Only text tracks in these languages: en,de; und for tracks that name none' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l start -d 'Begin this far into the source: 90, 1:30 or 00:01:30.5' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l end -d 'End this far into the source' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l thumbnail-interval -d 'Time from one thumbnail to the next [default: 5]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l thumbnail-width -d 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l poster -d 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l progressive -d 'Also write this rung as one plain MP4 for download: 720p, or several as 1080p,480p' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l encrypt -d 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple\'s, aes-128 for HLS without DRM' -r -f -a "cbcs\t''
cenc\t''
aes-128\t''"
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l drm -d 'The systems that players are told of: widevine, playready, fairplay, clearkey, common' -r -f -a "widevine\t''
playready\t''
fairplay\t''
clearkey\t''
common\t''"
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l fairplay-uri -d 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l playready-la-url -d 'The licence server that PlayReady is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l widevine-provider -d 'The provider that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l widevine-content-id -d 'The content id that Widevine is told of' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l clearkey-url -d 'The licence server that Clear Key is told of, with --drm clearkey' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l key-uri -d 'Where players get the key of aes-128; {kid} stands for the key id' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l hdcp-level -d 'The HDCP that HLS asks of screens: none, type-0 or type-1' -r -f -a "none\t''
type-0\t''
type-1\t''"
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l clear-lead -d 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l crypto-period -d 'Change the key after this much time, rounded up to whole segments' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l subtitles -d 'A file of subtitles beside the source, with its language and its name in menus; may be repeated' -r
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l no-subtitles -d 'Take no text tracks; files of --subtitles are taken all the same'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l no-thumbnails -d 'Make no thumbnails'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l no-hls -d 'Write no HLS playlists'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l no-dash -d 'Write no DASH MPD'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l single-file -d 'One file per rendition with byte ranges, instead of one per segment'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l pssh-in-segments -d 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -l json -d 'Print JSON instead of a table'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand probe" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand probe" -l json -d 'Print JSON instead of a table'
complete -c streampack -n "__fish_streampack_using_subcommand probe" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand probe" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand probe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -s o -l output -d 'The directory that gets `thumbnails/`, `poster.jpg` and `streampack.json`, which lists them' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l start -d 'Begin this far into the source: 90, 1:30 or 00:01:30.5' -r
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l end -d 'End this far into the source' -r
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l thumbnail-interval -d 'Time from one thumbnail to the next [default: 5]' -r
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l thumbnail-width -d 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]' -r
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l poster -d 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]' -r
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l force -d 'Make them again though they are there, and replace files of others'
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l json -d 'Print events on stdout, one JSON object per line, and no progress'
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -l no-progress -d 'Show no progress'
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand thumbnails" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l addr -d 'Listen here; port 0 is any free one [default: 127.0.0.1:8080]' -r
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l key-file -d 'The keys, as `streampack keys new` writes them' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l key-command -d 'A shell command that prints what a key file holds' -r
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l cpix -d 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l speke -d 'Ask this key server for keys: SPEKE v2 over HTTP' -r
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l content-id -d 'The name of the content at the key server' -r
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l key-token-file -d 'Give keys to whoever shows the token in this file, and to nobody else' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l open -d 'Open the preview in the browser'
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l no-preview -d 'Serve the files alone, without a page to play them'
complete -c streampack -n "__fish_streampack_using_subcommand serve" -l json -d 'Print events on stdout, one JSON object per line'
complete -c streampack -n "__fish_streampack_using_subcommand serve" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand serve" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l cache-control-media -d 'Cache-Control of segments and headers [default: public, max-age=31536000, immutable]' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l cache-control-manifest -d 'Cache-Control of manifests and all else that may change [default: public, max-age=0, s-maxage=60, must-revalidate]' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l invalidate -d 'Let CloudFront forget what changed: one invalidation of those manifests and other paths' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l invalidate-root -d 'What the paths begin with on the distribution [default: the prefix in the bucket]' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l max-delete -d 'Change nothing when more objects than this would be removed' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l on-complete -d 'Tell a command or a URL when all is done; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l on-failure -d 'Tell a command or a URL when something failed; may be given again' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -s j -l jobs -d 'Have this many requests under way at once [default: 16]' -r
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l all -d 'Publish files too that no streampack.json lists, but for hidden ones'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l delete -d 'Remove what streampack put there and is gone from OUT, after everything else'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l force -d 'Replace objects of others'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l dry-run -d 'Show what would be done, and stop'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l json -d 'Print events on stdout, one JSON object per line, and no progress'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -l no-progress -d 'Show no progress'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l key-file -d 'The keys, as `streampack keys new` writes them' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l key-command -d 'A shell command that prints what a key file holds' -r
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l cpix -d 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l speke -d 'Ask this key server for keys: SPEKE v2 over HTTP' -r
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l content-id -d 'The name of the content at the key server' -r
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l strict -d 'Exit with 15 for warnings too'
complete -c streampack -n "__fish_streampack_using_subcommand verify" -l json -d 'Print violations on stdout, one JSON object per line'
complete -c streampack -n "__fish_streampack_using_subcommand verify" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand verify" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand doctor" -s o -l output -d 'What will be written to: a directory, or s3://BUCKET/PREFIX, gs://… or az://… [default: the current directory]' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand doctor" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand doctor" -l json -d 'Print JSON instead of lines'
complete -c streampack -n "__fish_streampack_using_subcommand doctor" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand doctor" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and not __fish_seen_subcommand_from new help" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand keys; and not __fish_seen_subcommand_from new help" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and not __fish_seen_subcommand_from new help" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and not __fish_seen_subcommand_from new help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and not __fish_seen_subcommand_from new help" -f -a "new" -d 'Write a file of new random keys that its owner alone may read'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and not __fish_seen_subcommand_from new help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -s o -l output -d 'The file that is made' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -l periods -d 'Keys for so many periods of --crypto-period' -r
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -l per-type -d 'A key for each type of tracks, instead of one for all'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "new" -d 'Write a file of new random keys that its owner alone may read'
complete -c streampack -n "__fish_streampack_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c streampack -n "__fish_streampack_using_subcommand token" -l token-key-file -d 'The keys that the server has; the first one signs' -r -F
complete -c streampack -n "__fish_streampack_using_subcommand token" -l valid -d 'How long it is good: 90, 30m, 2h' -r
complete -c streampack -n "__fish_streampack_using_subcommand token" -l path -d 'It opens what is below this directory of the programme alone, as audio/ [default: all of it]' -r
complete -c streampack -n "__fish_streampack_using_subcommand token" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand token" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand token" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -l json -d 'Print JSON instead of a table'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -f -a "show" -d 'Print a preset with every setting, as JSON that --preset takes'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and not __fish_seen_subcommand_from show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and __fish_seen_subcommand_from show" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand presets; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print a preset with every setting, as JSON that --preset takes'
complete -c streampack -n "__fish_streampack_using_subcommand presets; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c streampack -n "__fish_streampack_using_subcommand completions" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand completions" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand man" -l color -d 'Colour messages' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c streampack -n "__fish_streampack_using_subcommand man" -s v -l verbose -d 'Say more: causes of errors; twice for FFmpeg\'s log'
complete -c streampack -n "__fish_streampack_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c streampack -n "__fish_streampack_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "encode" -d 'Encode a source into a CMAF set with HLS and DASH manifests'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "package" -d 'Package files that are encoded already into the same kind of set'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "live" -d 'Encode a live source into a set that players follow while it grows'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "plan" -d 'Show what encode would do, and where each setting comes from'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "probe" -d 'Show what a source holds'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "thumbnails" -d 'Make thumbnails, their WebVTT and a poster, and nothing else'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "serve" -d 'Serve sets over HTTP, with a page that plays them'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "sync" -d 'Publish finished sets to S3, Google Cloud Storage, Azure or a directory'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "verify" -d 'Check a finished set, also one of another packager, against HLS, DASH and CMAF'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "doctor" -d 'Look whether this machine can do the work: FFmpeg\'s encoders and filters, room and speed of the disk'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "keys" -d 'Make keys to encrypt with'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "token" -d 'Make a URL that opens a live programme for some time'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "presets" -d 'List the built-in presets, or print one'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "completions" -d 'Print completions for a shell'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "man" -d 'Print the manual page in roff; to read it: `streampack man | man -l -`'
complete -c streampack -n "__fish_streampack_using_subcommand help; and not __fish_seen_subcommand_from encode package live plan probe thumbnails serve sync verify doctor keys token presets completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c streampack -n "__fish_streampack_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "new" -d 'Write a file of new random keys that its owner alone may read'
complete -c streampack -n "__fish_streampack_using_subcommand help; and __fish_seen_subcommand_from presets" -f -a "show" -d 'Print a preset with every setting, as JSON that --preset takes'
