
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'streampack' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'streampack'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'streampack' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('encode', 'encode', [CompletionResultType]::ParameterValue, 'Encode a source into a CMAF set with HLS and DASH manifests')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Package files that are encoded already into the same kind of set')
            [CompletionResult]::new('live', 'live', [CompletionResultType]::ParameterValue, 'Encode a live source into a set that players follow while it grows')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what encode would do, and where each setting comes from')
            [CompletionResult]::new('probe', 'probe', [CompletionResultType]::ParameterValue, 'Show what a source holds')
            [CompletionResult]::new('thumbnails', 'thumbnails', [CompletionResultType]::ParameterValue, 'Make thumbnails, their WebVTT and a poster, and nothing else')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve sets over HTTP, with a page that plays them')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Publish finished sets to S3, Google Cloud Storage, Azure or a directory')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a finished set, also one of another packager, against HLS, DASH and CMAF')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether this machine can do the work: FFmpeg''s encoders and filters, room and speed of the disk')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Make keys to encrypt with')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Make a URL that opens a live programme for some time')
            [CompletionResult]::new('presets', 'presets', [CompletionResultType]::ParameterValue, 'List the built-in presets, or print one')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page in roff; to read it: `streampack man | man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'streampack;encode' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The directory that is made, or continued, or s3://BUCKET/PREFIX, gs://… or az://…; of several inputs each has one below it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The directory that is made, or continued, or s3://BUCKET/PREFIX, gs://… or az://…; of several inputs each has one below it')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Of directories only what matches: ''*.mov'', ''season1/**''')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Of directories not what matches; stronger than --include')
            [CompletionResult]::new('--junit', '--junit', [CompletionResultType]::ParameterName, 'Write JUnit XML for CI systems, a case for each input')
            [CompletionResult]::new('--cache-control-media', '--cache-control-media', [CompletionResultType]::ParameterName, 'Cache-Control of segments and headers [default: public, max-age=31536000, immutable]')
            [CompletionResult]::new('--cache-control-manifest', '--cache-control-manifest', [CompletionResultType]::ParameterName, 'Cache-Control of manifests and all else that may change [default: public, max-age=0, s-maxage=60, must-revalidate]')
            [CompletionResult]::new('--invalidate', '--invalidate', [CompletionResultType]::ParameterName, 'Let CloudFront forget what changed: one invalidation of those manifests and other paths')
            [CompletionResult]::new('--invalidate-root', '--invalidate-root', [CompletionResultType]::ParameterName, 'What the paths begin with on the distribution [default: the prefix in the bucket]')
            [CompletionResult]::new('--on-complete', '--on-complete', [CompletionResultType]::ParameterName, 'Tell a command or a URL when all is done; may be given again')
            [CompletionResult]::new('--on-failure', '--on-failure', [CompletionResultType]::ParameterName, 'Tell a command or a URL when something failed; may be given again')
            [CompletionResult]::new('--job', '--job', [CompletionResultType]::ParameterName, 'A job as a JSON file: inputs, output and settings')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The settings to start from: a name of `streampack presets`, or a JSON file [default: web]')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'The settings to start from: a name of `streampack presets`, or a JSON file [default: web]')
            [CompletionResult]::new('--ladder', '--ladder', [CompletionResultType]::ParameterName, 'The video renditions, each by the shorter side of its picture and its bit rate [default: 2160p@16000k,1440p@9000k,1080p@5000k,720p@2800k,480p@1400k,360p@800k]')
            [CompletionResult]::new('--video-codec', '--video-codec', [CompletionResultType]::ParameterName, 'The video codecs: h264 [default: h264]')
            [CompletionResult]::new('--crf', '--crf', [CompletionResultType]::ParameterName, 'The rate factor of every rung, 0 to 51; lower is better and larger')
            [CompletionResult]::new('--rate-control', '--rate-control', [CompletionResultType]::ParameterName, 'How bits are spent: constant quality under a cap, or towards an average in one pass or two [default: capped-crf]')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'How much time the encoder may take: draft, fast, balanced, quality or archive [default: balanced]')
            [CompletionResult]::new('--top-rung', '--top-rung', [CompletionResultType]::ParameterName, 'Whether the largest rung may be the source''s own pictures: auto, copy or encode [default: auto]')
            [CompletionResult]::new('--segment-duration', '--segment-duration', [CompletionResultType]::ParameterName, 'Length of a segment, 1 to 60 [default: 6]')
            [CompletionResult]::new('--gop', '--gop', [CompletionResultType]::ParameterName, 'Time from one key frame to the next [default: 2]')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac [default: aac@128k]')
            [CompletionResult]::new('--loudness', '--loudness', [CompletionResultType]::ParameterName, 'Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television')
            [CompletionResult]::new('--audio-language', '--audio-language', [CompletionResultType]::ParameterName, 'Only tracks in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--subtitle-language', '--subtitle-language', [CompletionResultType]::ParameterName, 'Only text tracks in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--start', '--start', [CompletionResultType]::ParameterName, 'Begin this far into the source: 90, 1:30 or 00:01:30.5')
            [CompletionResult]::new('--end', '--end', [CompletionResultType]::ParameterName, 'End this far into the source')
            [CompletionResult]::new('--thumbnail-interval', '--thumbnail-interval', [CompletionResultType]::ParameterName, 'Time from one thumbnail to the next [default: 5]')
            [CompletionResult]::new('--thumbnail-width', '--thumbnail-width', [CompletionResultType]::ParameterName, 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]')
            [CompletionResult]::new('--poster', '--poster', [CompletionResultType]::ParameterName, 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]')
            [CompletionResult]::new('--progressive', '--progressive', [CompletionResultType]::ParameterName, 'Also write this rung as one plain MP4 for download: 720p, or several as 1080p,480p')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple''s, aes-128 for HLS without DRM')
            [CompletionResult]::new('--drm', '--drm', [CompletionResultType]::ParameterName, 'The systems that players are told of: widevine, playready, fairplay, clearkey, common')
            [CompletionResult]::new('--fairplay-uri', '--fairplay-uri', [CompletionResultType]::ParameterName, 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it')
            [CompletionResult]::new('--playready-la-url', '--playready-la-url', [CompletionResultType]::ParameterName, 'The licence server that PlayReady is told of')
            [CompletionResult]::new('--widevine-provider', '--widevine-provider', [CompletionResultType]::ParameterName, 'The provider that Widevine is told of')
            [CompletionResult]::new('--widevine-content-id', '--widevine-content-id', [CompletionResultType]::ParameterName, 'The content id that Widevine is told of')
            [CompletionResult]::new('--clearkey-url', '--clearkey-url', [CompletionResultType]::ParameterName, 'The licence server that Clear Key is told of, with --drm clearkey')
            [CompletionResult]::new('--key-uri', '--key-uri', [CompletionResultType]::ParameterName, 'Where players get the key of aes-128; {kid} stands for the key id')
            [CompletionResult]::new('--hdcp-level', '--hdcp-level', [CompletionResultType]::ParameterName, 'The HDCP that HLS asks of screens: none, type-0 or type-1')
            [CompletionResult]::new('--clear-lead', '--clear-lead', [CompletionResultType]::ParameterName, 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments')
            [CompletionResult]::new('--crypto-period', '--crypto-period', [CompletionResultType]::ParameterName, 'Change the key after this much time, rounded up to whole segments')
            [CompletionResult]::new('--subtitles', '--subtitles', [CompletionResultType]::ParameterName, 'A file of subtitles beside the source, with its language and its name in menus; may be repeated')
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'The keys, as `streampack keys new` writes them')
            [CompletionResult]::new('--key-command', '--key-command', [CompletionResultType]::ParameterName, 'A shell command that prints what a key file holds')
            [CompletionResult]::new('--cpix', '--cpix', [CompletionResultType]::ParameterName, 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it')
            [CompletionResult]::new('--speke', '--speke', [CompletionResultType]::ParameterName, 'Ask this key server for keys: SPEKE v2 over HTTP')
            [CompletionResult]::new('--content-id', '--content-id', [CompletionResultType]::ParameterName, 'The name of the content at the key server')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Work on this many things at once [default: one per processor]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Work on this many things at once [default: one per processor]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'Go on with the other inputs when one fails')
            [CompletionResult]::new('--no-subtitles', '--no-subtitles', [CompletionResultType]::ParameterName, 'Take no text tracks; files of --subtitles are taken all the same')
            [CompletionResult]::new('--no-thumbnails', '--no-thumbnails', [CompletionResultType]::ParameterName, 'Make no thumbnails')
            [CompletionResult]::new('--no-hls', '--no-hls', [CompletionResultType]::ParameterName, 'Write no HLS playlists')
            [CompletionResult]::new('--no-dash', '--no-dash', [CompletionResultType]::ParameterName, 'Write no DASH MPD')
            [CompletionResult]::new('--single-file', '--single-file', [CompletionResultType]::ParameterName, 'One file per rendition with byte ranges, instead of one per segment')
            [CompletionResult]::new('--pssh-in-segments', '--pssh-in-segments', [CompletionResultType]::ParameterName, 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Ignore finished work and do it again, and replace files of others')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and stop: the same as `plan`')
            [CompletionResult]::new('--no-publish', '--no-publish', [CompletionResultType]::ParameterName, 'Do not publish, whatever the job says')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print events on stdout, one JSON object per line, and no progress')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;package' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The directory that is made; or s3://BUCKET/PREFIX, gs://… or az://…')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The directory that is made; or s3://BUCKET/PREFIX, gs://… or az://…')
            [CompletionResult]::new('--segment-duration', '--segment-duration', [CompletionResultType]::ParameterName, 'Length of a segment, 1 to 60: each ends at the key frame nearest to it [default: 6]')
            [CompletionResult]::new('--audio-language', '--audio-language', [CompletionResultType]::ParameterName, 'Only sound in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--thumbnail-interval', '--thumbnail-interval', [CompletionResultType]::ParameterName, 'Time from one thumbnail to the next [default: 5]')
            [CompletionResult]::new('--thumbnail-width', '--thumbnail-width', [CompletionResultType]::ParameterName, 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]')
            [CompletionResult]::new('--poster', '--poster', [CompletionResultType]::ParameterName, 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]')
            [CompletionResult]::new('--subtitle-language', '--subtitle-language', [CompletionResultType]::ParameterName, 'Only text tracks in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--subtitles', '--subtitles', [CompletionResultType]::ParameterName, 'A file of subtitles beside the source, with its language and its name in menus; may be repeated')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple''s, aes-128 for HLS without DRM')
            [CompletionResult]::new('--drm', '--drm', [CompletionResultType]::ParameterName, 'The systems that players are told of: widevine, playready, fairplay, clearkey, common')
            [CompletionResult]::new('--fairplay-uri', '--fairplay-uri', [CompletionResultType]::ParameterName, 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it')
            [CompletionResult]::new('--playready-la-url', '--playready-la-url', [CompletionResultType]::ParameterName, 'The licence server that PlayReady is told of')
            [CompletionResult]::new('--widevine-provider', '--widevine-provider', [CompletionResultType]::ParameterName, 'The provider that Widevine is told of')
            [CompletionResult]::new('--widevine-content-id', '--widevine-content-id', [CompletionResultType]::ParameterName, 'The content id that Widevine is told of')
            [CompletionResult]::new('--clearkey-url', '--clearkey-url', [CompletionResultType]::ParameterName, 'The licence server that Clear Key is told of, with --drm clearkey')
            [CompletionResult]::new('--key-uri', '--key-uri', [CompletionResultType]::ParameterName, 'Where players get the key of aes-128; {kid} stands for the key id')
            [CompletionResult]::new('--hdcp-level', '--hdcp-level', [CompletionResultType]::ParameterName, 'The HDCP that HLS asks of screens: none, type-0 or type-1')
            [CompletionResult]::new('--clear-lead', '--clear-lead', [CompletionResultType]::ParameterName, 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments')
            [CompletionResult]::new('--crypto-period', '--crypto-period', [CompletionResultType]::ParameterName, 'Change the key after this much time, rounded up to whole segments')
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'The keys, as `streampack keys new` writes them')
            [CompletionResult]::new('--key-command', '--key-command', [CompletionResultType]::ParameterName, 'A shell command that prints what a key file holds')
            [CompletionResult]::new('--cpix', '--cpix', [CompletionResultType]::ParameterName, 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it')
            [CompletionResult]::new('--speke', '--speke', [CompletionResultType]::ParameterName, 'Ask this key server for keys: SPEKE v2 over HTTP')
            [CompletionResult]::new('--content-id', '--content-id', [CompletionResultType]::ParameterName, 'The name of the content at the key server')
            [CompletionResult]::new('--cache-control-media', '--cache-control-media', [CompletionResultType]::ParameterName, 'Cache-Control of segments and headers [default: public, max-age=31536000, immutable]')
            [CompletionResult]::new('--cache-control-manifest', '--cache-control-manifest', [CompletionResultType]::ParameterName, 'Cache-Control of manifests and all else that may change [default: public, max-age=0, s-maxage=60, must-revalidate]')
            [CompletionResult]::new('--invalidate', '--invalidate', [CompletionResultType]::ParameterName, 'Let CloudFront forget what changed: one invalidation of those manifests and other paths')
            [CompletionResult]::new('--invalidate-root', '--invalidate-root', [CompletionResultType]::ParameterName, 'What the paths begin with on the distribution [default: the prefix in the bucket]')
            [CompletionResult]::new('--on-complete', '--on-complete', [CompletionResultType]::ParameterName, 'Tell a command or a URL when all is done; may be given again')
            [CompletionResult]::new('--on-failure', '--on-failure', [CompletionResultType]::ParameterName, 'Tell a command or a URL when something failed; may be given again')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Work on this many files at once [default: one per processor]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Work on this many files at once [default: one per processor]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--allow-unaligned', '--allow-unaligned', [CompletionResultType]::ParameterName, 'Package renditions whose key frames do not align as switching sets of their own')
            [CompletionResult]::new('--no-thumbnails', '--no-thumbnails', [CompletionResultType]::ParameterName, 'Make neither thumbnails nor a poster: nothing is decoded then')
            [CompletionResult]::new('--no-subtitles', '--no-subtitles', [CompletionResultType]::ParameterName, 'Take no text tracks; files of --subtitles are taken all the same')
            [CompletionResult]::new('--no-hls', '--no-hls', [CompletionResultType]::ParameterName, 'Write no HLS playlists')
            [CompletionResult]::new('--no-dash', '--no-dash', [CompletionResultType]::ParameterName, 'Write no DASH MPD')
            [CompletionResult]::new('--single-file', '--single-file', [CompletionResultType]::ParameterName, 'One file per rendition with byte ranges, instead of one per segment')
            [CompletionResult]::new('--pssh-in-segments', '--pssh-in-segments', [CompletionResultType]::ParameterName, 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do finished work again, and replace files of others')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be made, and stop')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print events on stdout, one JSON object per line, and no progress')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;live' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The directory that is made, or s3://BUCKET/PREFIX, gs://… or az://…; it holds the window, and is complete at the end')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The directory that is made, or s3://BUCKET/PREFIX, gs://… or az://…; it holds the window, and is complete at the end')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The settings to start from: a name of `streampack presets`, or a JSON file [default: live]')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'The settings to start from: a name of `streampack presets`, or a JSON file [default: live]')
            [CompletionResult]::new('--ladder', '--ladder', [CompletionResultType]::ParameterName, 'The video renditions, each by the shorter side of its picture and its bit rate')
            [CompletionResult]::new('--video-codec', '--video-codec', [CompletionResultType]::ParameterName, 'The video codecs: h264')
            [CompletionResult]::new('--crf', '--crf', [CompletionResultType]::ParameterName, 'The rate factor of every rung, 0 to 51; lower is better and larger')
            [CompletionResult]::new('--rate-control', '--rate-control', [CompletionResultType]::ParameterName, 'How bits are spent: constant quality under a cap, or towards an average in one pass or two')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'How much time the encoder may take: draft, fast, balanced, quality or archive')
            [CompletionResult]::new('--top-rung', '--top-rung', [CompletionResultType]::ParameterName, 'Whether the largest rung may be the source''s own pictures: auto, copy or encode')
            [CompletionResult]::new('--segment-duration', '--segment-duration', [CompletionResultType]::ParameterName, 'Length of a segment, 1 to 60')
            [CompletionResult]::new('--gop', '--gop', [CompletionResultType]::ParameterName, 'Time from one key frame to the next')
            [CompletionResult]::new('--window', '--window', [CompletionResultType]::ParameterName, 'So many segments, 3 or more [default: 6]')
            [CompletionResult]::new('--dvr', '--dvr', [CompletionResultType]::ParameterName, 'So much time, if that is more: 90, 30m, 2h')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac')
            [CompletionResult]::new('--loudness', '--loudness', [CompletionResultType]::ParameterName, 'Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television')
            [CompletionResult]::new('--audio-language', '--audio-language', [CompletionResultType]::ParameterName, 'Only tracks in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple''s, aes-128 for HLS without DRM')
            [CompletionResult]::new('--drm', '--drm', [CompletionResultType]::ParameterName, 'The systems that players are told of: widevine, playready, fairplay, clearkey, common')
            [CompletionResult]::new('--fairplay-uri', '--fairplay-uri', [CompletionResultType]::ParameterName, 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it')
            [CompletionResult]::new('--playready-la-url', '--playready-la-url', [CompletionResultType]::ParameterName, 'The licence server that PlayReady is told of')
            [CompletionResult]::new('--widevine-provider', '--widevine-provider', [CompletionResultType]::ParameterName, 'The provider that Widevine is told of')
            [CompletionResult]::new('--widevine-content-id', '--widevine-content-id', [CompletionResultType]::ParameterName, 'The content id that Widevine is told of')
            [CompletionResult]::new('--clearkey-url', '--clearkey-url', [CompletionResultType]::ParameterName, 'The licence server that Clear Key is told of, with --drm clearkey')
            [CompletionResult]::new('--key-uri', '--key-uri', [CompletionResultType]::ParameterName, 'Where players get the key of aes-128; {kid} stands for the key id')
            [CompletionResult]::new('--hdcp-level', '--hdcp-level', [CompletionResultType]::ParameterName, 'The HDCP that HLS asks of screens: none, type-0 or type-1')
            [CompletionResult]::new('--clear-lead', '--clear-lead', [CompletionResultType]::ParameterName, 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments')
            [CompletionResult]::new('--crypto-period', '--crypto-period', [CompletionResultType]::ParameterName, 'Change the key after this much time, rounded up to whole segments')
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'The keys, as `streampack keys new` writes them')
            [CompletionResult]::new('--key-command', '--key-command', [CompletionResultType]::ParameterName, 'A shell command that prints what a key file holds')
            [CompletionResult]::new('--cpix', '--cpix', [CompletionResultType]::ParameterName, 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it')
            [CompletionResult]::new('--speke', '--speke', [CompletionResultType]::ParameterName, 'Ask this key server for keys: SPEKE v2 over HTTP')
            [CompletionResult]::new('--content-id', '--content-id', [CompletionResultType]::ParameterName, 'The name of the content at the key server')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Wait for a publisher at rtmp://ADDRESS:PORT/APPLICATION or srt://ADDRESS:PORT, in place of INPUT')
            [CompletionResult]::new('--stream-key-file', '--stream-key-file', [CompletionResultType]::ParameterName, 'The stream key: the one line of this file')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of srt://: the one line of this file')
            [CompletionResult]::new('--takeover', '--takeover', [CompletionResultType]::ParameterName, 'What becomes of a publisher of RTMP who comes while another one is there [default: reject]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'A source is lost when nothing comes for so long [default: 5 for RTMP and SRT, 10 for others]')
            [CompletionResult]::new('--on-loss', '--on-loss', [CompletionResultType]::ParameterName, 'What to do when a source of the network is lost [default: slate, and wait with --copy]')
            [CompletionResult]::new('--loss-timeout', '--loss-timeout', [CompletionResultType]::ParameterName, 'A lost source ends the programme when it is not back within so long [default: 60]')
            [CompletionResult]::new('--serve', '--serve', [CompletionResultType]::ParameterName, 'Serve it at HOST:PORT while it lasts, and as long as a playlist after it')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Serve it with TLS (https, HTTP/2), with the certificate in this PEM file and those that lead to its root')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The private key of the certificate, in PEM')
            [CompletionResult]::new('--token-key-file', '--token-key-file', [CompletionResultType]::ParameterName, 'Serve it to those alone who have a token of `streampack token`, signed with a key of this file')
            [CompletionResult]::new('--part', '--part', [CompletionResultType]::ParameterName, 'Length of a part in seconds, 0.2 to 1 [default: 0.5]')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Keep all of the programme in this directory, which is a complete set when it has ended')
            [CompletionResult]::new('--metadata-pipe', '--metadata-pipe', [CompletionResultType]::ParameterName, 'Tell players what is written to this named pipe or file, line by line, when they come to that time')
            [CompletionResult]::new('--cache-control-media', '--cache-control-media', [CompletionResultType]::ParameterName, 'Cache-Control of segments and headers in a bucket [default: public, max-age=60]')
            [CompletionResult]::new('--cache-control-manifest', '--cache-control-manifest', [CompletionResultType]::ParameterName, 'Cache-Control of manifests in a bucket [default: public, max-age=0, s-maxage=1, must-revalidate]')
            [CompletionResult]::new('--on-complete', '--on-complete', [CompletionResultType]::ParameterName, 'Tell a command or a URL when all is done; may be given again')
            [CompletionResult]::new('--on-failure', '--on-failure', [CompletionResultType]::ParameterName, 'Tell a command or a URL when something failed; may be given again')
            [CompletionResult]::new('--overload', '--overload', [CompletionResultType]::ParameterName, 'What to do when this machine does not keep up with a source in real time [default: drop-frames]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Use so many processors [default: all]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Use so many processors [default: all]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Encode nothing: the H.264 or HEVC and the AAC of the source, as they are')
            [CompletionResult]::new('--pssh-in-segments', '--pssh-in-segments', [CompletionResultType]::ParameterName, 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests')
            [CompletionResult]::new('--realtime', '--realtime', [CompletionResultType]::ParameterName, 'Read no faster than the media is shown; for files and pipes that hold more than the present')
            [CompletionResult]::new('--low-latency', '--low-latency', [CompletionResultType]::ParameterName, 'Offer segments in parts as they are made: players stay some three parts behind instead of three segments')
            [CompletionResult]::new('--no-hls', '--no-hls', [CompletionResultType]::ParameterName, 'Write no HLS playlists')
            [CompletionResult]::new('--no-dash', '--no-dash', [CompletionResultType]::ParameterName, 'Write no DASH MPD')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace files of others')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the programme that an earlier run has begun in OUT and was killed in')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print events on stdout, one JSON object per line, and no progress')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;plan' {
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Of directories only what matches: ''*.mov'', ''season1/**''')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Of directories not what matches; stronger than --include')
            [CompletionResult]::new('--job', '--job', [CompletionResultType]::ParameterName, 'A job as a JSON file: inputs, output and settings')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The settings to start from: a name of `streampack presets`, or a JSON file [default: web]')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'The settings to start from: a name of `streampack presets`, or a JSON file [default: web]')
            [CompletionResult]::new('--ladder', '--ladder', [CompletionResultType]::ParameterName, 'The video renditions, each by the shorter side of its picture and its bit rate [default: 2160p@16000k,1440p@9000k,1080p@5000k,720p@2800k,480p@1400k,360p@800k]')
            [CompletionResult]::new('--video-codec', '--video-codec', [CompletionResultType]::ParameterName, 'The video codecs: h264 [default: h264]')
            [CompletionResult]::new('--crf', '--crf', [CompletionResultType]::ParameterName, 'The rate factor of every rung, 0 to 51; lower is better and larger')
            [CompletionResult]::new('--rate-control', '--rate-control', [CompletionResultType]::ParameterName, 'How bits are spent: constant quality under a cap, or towards an average in one pass or two [default: capped-crf]')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'How much time the encoder may take: draft, fast, balanced, quality or archive [default: balanced]')
            [CompletionResult]::new('--top-rung', '--top-rung', [CompletionResultType]::ParameterName, 'Whether the largest rung may be the source''s own pictures: auto, copy or encode [default: auto]')
            [CompletionResult]::new('--segment-duration', '--segment-duration', [CompletionResultType]::ParameterName, 'Length of a segment, 1 to 60 [default: 6]')
            [CompletionResult]::new('--gop', '--gop', [CompletionResultType]::ParameterName, 'Time from one key frame to the next [default: 2]')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac [default: aac@128k]')
            [CompletionResult]::new('--loudness', '--loudness', [CompletionResultType]::ParameterName, 'Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television')
            [CompletionResult]::new('--audio-language', '--audio-language', [CompletionResultType]::ParameterName, 'Only tracks in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--subtitle-language', '--subtitle-language', [CompletionResultType]::ParameterName, 'Only text tracks in these languages: en,de; und for tracks that name none')
            [CompletionResult]::new('--start', '--start', [CompletionResultType]::ParameterName, 'Begin this far into the source: 90, 1:30 or 00:01:30.5')
            [CompletionResult]::new('--end', '--end', [CompletionResultType]::ParameterName, 'End this far into the source')
            [CompletionResult]::new('--thumbnail-interval', '--thumbnail-interval', [CompletionResultType]::ParameterName, 'Time from one thumbnail to the next [default: 5]')
            [CompletionResult]::new('--thumbnail-width', '--thumbnail-width', [CompletionResultType]::ParameterName, 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]')
            [CompletionResult]::new('--poster', '--poster', [CompletionResultType]::ParameterName, 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]')
            [CompletionResult]::new('--progressive', '--progressive', [CompletionResultType]::ParameterName, 'Also write this rung as one plain MP4 for download: 720p, or several as 1080p,480p')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple''s, aes-128 for HLS without DRM')
            [CompletionResult]::new('--drm', '--drm', [CompletionResultType]::ParameterName, 'The systems that players are told of: widevine, playready, fairplay, clearkey, common')
            [CompletionResult]::new('--fairplay-uri', '--fairplay-uri', [CompletionResultType]::ParameterName, 'Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it')
            [CompletionResult]::new('--playready-la-url', '--playready-la-url', [CompletionResultType]::ParameterName, 'The licence server that PlayReady is told of')
            [CompletionResult]::new('--widevine-provider', '--widevine-provider', [CompletionResultType]::ParameterName, 'The provider that Widevine is told of')
            [CompletionResult]::new('--widevine-content-id', '--widevine-content-id', [CompletionResultType]::ParameterName, 'The content id that Widevine is told of')
            [CompletionResult]::new('--clearkey-url', '--clearkey-url', [CompletionResultType]::ParameterName, 'The licence server that Clear Key is told of, with --drm clearkey')
            [CompletionResult]::new('--key-uri', '--key-uri', [CompletionResultType]::ParameterName, 'Where players get the key of aes-128; {kid} stands for the key id')
            [CompletionResult]::new('--hdcp-level', '--hdcp-level', [CompletionResultType]::ParameterName, 'The HDCP that HLS asks of screens: none, type-0 or type-1')
            [CompletionResult]::new('--clear-lead', '--clear-lead', [CompletionResultType]::ParameterName, 'How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments')
            [CompletionResult]::new('--crypto-period', '--crypto-period', [CompletionResultType]::ParameterName, 'Change the key after this much time, rounded up to whole segments')
            [CompletionResult]::new('--subtitles', '--subtitles', [CompletionResultType]::ParameterName, 'A file of subtitles beside the source, with its language and its name in menus; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--no-subtitles', '--no-subtitles', [CompletionResultType]::ParameterName, 'Take no text tracks; files of --subtitles are taken all the same')
            [CompletionResult]::new('--no-thumbnails', '--no-thumbnails', [CompletionResultType]::ParameterName, 'Make no thumbnails')
            [CompletionResult]::new('--no-hls', '--no-hls', [CompletionResultType]::ParameterName, 'Write no HLS playlists')
            [CompletionResult]::new('--no-dash', '--no-dash', [CompletionResultType]::ParameterName, 'Write no DASH MPD')
            [CompletionResult]::new('--single-file', '--single-file', [CompletionResultType]::ParameterName, 'One file per rendition with byte ranges, instead of one per segment')
            [CompletionResult]::new('--pssh-in-segments', '--pssh-in-segments', [CompletionResultType]::ParameterName, 'Let segments carry what the systems are told of the key (pssh), besides headers and manifests')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;probe' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;thumbnails' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The directory that gets `thumbnails/`, `poster.jpg` and `streampack.json`, which lists them')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The directory that gets `thumbnails/`, `poster.jpg` and `streampack.json`, which lists them')
            [CompletionResult]::new('--start', '--start', [CompletionResultType]::ParameterName, 'Begin this far into the source: 90, 1:30 or 00:01:30.5')
            [CompletionResult]::new('--end', '--end', [CompletionResultType]::ParameterName, 'End this far into the source')
            [CompletionResult]::new('--thumbnail-interval', '--thumbnail-interval', [CompletionResultType]::ParameterName, 'Time from one thumbnail to the next [default: 5]')
            [CompletionResult]::new('--thumbnail-width', '--thumbnail-width', [CompletionResultType]::ParameterName, 'Width of a thumbnail in pixels, 16 to 1280 [default: 320]')
            [CompletionResult]::new('--poster', '--poster', [CompletionResultType]::ParameterName, 'The frame that becomes poster.jpg: auto for the most representative one, or a time [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Make them again though they are there, and replace files of others')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print events on stdout, one JSON object per line, and no progress')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;serve' {
            [CompletionResult]::new('--addr', '--addr', [CompletionResultType]::ParameterName, 'Listen here; port 0 is any free one [default: 127.0.0.1:8080]')
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'The keys, as `streampack keys new` writes them')
            [CompletionResult]::new('--key-command', '--key-command', [CompletionResultType]::ParameterName, 'A shell command that prints what a key file holds')
            [CompletionResult]::new('--cpix', '--cpix', [CompletionResultType]::ParameterName, 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it')
            [CompletionResult]::new('--speke', '--speke', [CompletionResultType]::ParameterName, 'Ask this key server for keys: SPEKE v2 over HTTP')
            [CompletionResult]::new('--content-id', '--content-id', [CompletionResultType]::ParameterName, 'The name of the content at the key server')
            [CompletionResult]::new('--key-token-file', '--key-token-file', [CompletionResultType]::ParameterName, 'Give keys to whoever shows the token in this file, and to nobody else')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the preview in the browser')
            [CompletionResult]::new('--no-preview', '--no-preview', [CompletionResultType]::ParameterName, 'Serve the files alone, without a page to play them')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print events on stdout, one JSON object per line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;sync' {
            [CompletionResult]::new('--cache-control-media', '--cache-control-media', [CompletionResultType]::ParameterName, 'Cache-Control of segments and headers [default: public, max-age=31536000, immutable]')
            [CompletionResult]::new('--cache-control-manifest', '--cache-control-manifest', [CompletionResultType]::ParameterName, 'Cache-Control of manifests and all else that may change [default: public, max-age=0, s-maxage=60, must-revalidate]')
            [CompletionResult]::new('--invalidate', '--invalidate', [CompletionResultType]::ParameterName, 'Let CloudFront forget what changed: one invalidation of those manifests and other paths')
            [CompletionResult]::new('--invalidate-root', '--invalidate-root', [CompletionResultType]::ParameterName, 'What the paths begin with on the distribution [default: the prefix in the bucket]')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Change nothing when more objects than this would be removed')
            [CompletionResult]::new('--on-complete', '--on-complete', [CompletionResultType]::ParameterName, 'Tell a command or a URL when all is done; may be given again')
            [CompletionResult]::new('--on-failure', '--on-failure', [CompletionResultType]::ParameterName, 'Tell a command or a URL when something failed; may be given again')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Have this many requests under way at once [default: 16]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Have this many requests under way at once [default: 16]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Publish files too that no streampack.json lists, but for hidden ones')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Remove what streampack put there and is gone from OUT, after everything else')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace objects of others')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and stop')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print events on stdout, one JSON object per line, and no progress')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;verify' {
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'The keys, as `streampack keys new` writes them')
            [CompletionResult]::new('--key-command', '--key-command', [CompletionResultType]::ParameterName, 'A shell command that prints what a key file holds')
            [CompletionResult]::new('--cpix', '--cpix', [CompletionResultType]::ParameterName, 'The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it')
            [CompletionResult]::new('--speke', '--speke', [CompletionResultType]::ParameterName, 'Ask this key server for keys: SPEKE v2 over HTTP')
            [CompletionResult]::new('--content-id', '--content-id', [CompletionResultType]::ParameterName, 'The name of the content at the key server')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Exit with 15 for warnings too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print violations on stdout, one JSON object per line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;doctor' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What will be written to: a directory, or s3://BUCKET/PREFIX, gs://… or az://… [default: the current directory]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What will be written to: a directory, or s3://BUCKET/PREFIX, gs://… or az://… [default: the current directory]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of lines')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;keys' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write a file of new random keys that its owner alone may read')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'streampack;keys;new' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file that is made')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file that is made')
            [CompletionResult]::new('--periods', '--periods', [CompletionResultType]::ParameterName, 'Keys for so many periods of --crypto-period')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--per-type', '--per-type', [CompletionResultType]::ParameterName, 'A key for each type of tracks, instead of one for all')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;keys;help' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write a file of new random keys that its owner alone may read')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'streampack;keys;help;new' {
            break
        }
        'streampack;keys;help;help' {
            break
        }
        'streampack;token' {
            [CompletionResult]::new('--token-key-file', '--token-key-file', [CompletionResultType]::ParameterName, 'The keys that the server has; the first one signs')
            [CompletionResult]::new('--valid', '--valid', [CompletionResultType]::ParameterName, 'How long it is good: 90, 30m, 2h')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'It opens what is below this directory of the programme alone, as audio/ [default: all of it]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;presets' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a preset with every setting, as JSON that --preset takes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'streampack;presets;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;presets;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a preset with every setting, as JSON that --preset takes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'streampack;presets;help;show' {
            break
        }
        'streampack;presets;help;help' {
            break
        }
        'streampack;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour messages')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes of errors; twice for FFmpeg''s log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'streampack;help' {
            [CompletionResult]::new('encode', 'encode', [CompletionResultType]::ParameterValue, 'Encode a source into a CMAF set with HLS and DASH manifests')
            [CompletionResult]::new('package', 'package', [CompletionResultType]::ParameterValue, 'Package files that are encoded already into the same kind of set')
            [CompletionResult]::new('live', 'live', [CompletionResultType]::ParameterValue, 'Encode a live source into a set that players follow while it grows')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what encode would do, and where each setting comes from')
            [CompletionResult]::new('probe', 'probe', [CompletionResultType]::ParameterValue, 'Show what a source holds')
            [CompletionResult]::new('thumbnails', 'thumbnails', [CompletionResultType]::ParameterValue, 'Make thumbnails, their WebVTT and a poster, and nothing else')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve sets over HTTP, with a page that plays them')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Publish finished sets to S3, Google Cloud Storage, Azure or a directory')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a finished set, also one of another packager, against HLS, DASH and CMAF')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether this machine can do the work: FFmpeg''s encoders and filters, room and speed of the disk')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Make keys to encrypt with')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Make a URL that opens a live programme for some time')
            [CompletionResult]::new('presets', 'presets', [CompletionResultType]::ParameterValue, 'List the built-in presets, or print one')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page in roff; to read it: `streampack man | man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'streampack;help;encode' {
            break
        }
        'streampack;help;package' {
            break
        }
        'streampack;help;live' {
            break
        }
        'streampack;help;plan' {
            break
        }
        'streampack;help;probe' {
            break
        }
        'streampack;help;thumbnails' {
            break
        }
        'streampack;help;serve' {
            break
        }
        'streampack;help;sync' {
            break
        }
        'streampack;help;verify' {
            break
        }
        'streampack;help;doctor' {
            break
        }
        'streampack;help;keys' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write a file of new random keys that its owner alone may read')
            break
        }
        'streampack;help;keys;new' {
            break
        }
        'streampack;help;token' {
            break
        }
        'streampack;help;presets' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a preset with every setting, as JSON that --preset takes')
            break
        }
        'streampack;help;presets;show' {
            break
        }
        'streampack;help;completions' {
            break
        }
        'streampack;help;man' {
            break
        }
        'streampack;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
