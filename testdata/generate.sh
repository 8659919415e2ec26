#!/usr/bin/env bash
# Makes the clips of this directory again.
#
#   generate.sh             all of them, and README.md
#   generate.sh NAME…       only those
#   generate.sh --readme    only README.md: the table of the clips, made from this file
#
# The bytes depend on the FFmpeg build, so the clips are checked in and made again only when one
# changes. Bit-exact flags keep versions and dates out.
set -euo pipefail
cd "$(dirname "$0")"

WORK=work
rm -rf "$WORK"
mkdir "$WORK"
trap 'rm -rf "$WORK"' EXIT
ONLY=" $* "
FLAGS=+bitexact

chosen() { [ "$ONLY" = "  " ] || [[ "$ONLY" == *" $1 "* ]]; }

# The command as one could type it.
typed() {
    local word
    for word in "$@"; do
        if [[ "$word" =~ ^[A-Za-z0-9_./:=,+@%-]+$ ]]; then printf ' %s' "$word"; else printf ' "%s"' "$word"; fi
    done
}

# describe NAME WHY COMMAND: a section of README.md.
describe() {
    printf '\n### %s\n\n%s\n\n```sh\n%s\n```\n' "$1" "$2" "$3" >>"$WORK/README.md"
}

run() { ffmpeg -nostdin -y -v error "${@:2}" -fflags +bitexact -flags:v "$FLAGS" -flags:a +bitexact "$1"; }

# clip NAME WHY ARGS…: NAME is made by one ffmpeg command.
clip() {
    describe "$1" "$2" "ffmpeg$(typed "${@:3}") -fflags +bitexact -flags:v $FLAGS -flags:a +bitexact $1"
    if chosen "$1"; then
        echo "$1"
        run "$1" "${@:3}"
    fi
}

# part NAME ARGS…: goes into a clip made later.
part() {
    printf '\n```sh\nffmpeg%s -fflags +bitexact %s\n```\n' "$(typed "${@:2}")" "$WORK/$1" >>"$WORK/parts.md"
    if [ "$ONLY" != " --readme " ]; then run "$WORK/$1" "${@:2}"; fi
}

# bytes NAME WHY COMMAND: NAME is what a shell command prints.
bytes() {
    describe "$1" "$2" "$3 > $1"
    if chosen "$1"; then
        echo "$1"
        eval "$3" >"$1"
    fi
}

X264=(-c:v libx264 -preset veryfast -threads 1)
TONE='sine=frequency=330:beep_factor=3:sample_rate=48000'

clip h264_720p25.mp4 "The plain case: H.264 720p25 and stereo AAC, English." \
    -f lavfi -i testsrc2=s=1280x720:r=25:d=3 -f lavfi -i "$TONE:d=3" \
    "${X264[@]}" -crf 36 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k -metadata:s:a:0 language=eng -movflags +faststart

clip ntsc_bframes.mp4 "30000/1001 frames per second, B-frames, AAC priming in an edit list." \
    -f lavfi -i testsrc2=s=640x360:r=30000/1001:d=3 -f lavfi -i "$TONE:d=3" \
    "${X264[@]}" -crf 30 -bf 3 -g 45 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k

clip vfr.mkv "Variable frame rate: 30, then 10, then 15 frames per second." \
    -f lavfi -i testsrc2=s=640x360:r=30:d=3 -f lavfi -i "$TONE:d=3" \
    -vf "select='lt(t,1)+gte(t,1)*lt(t,2)*not(mod(n,3))+gte(t,2)*not(mod(n,2))'" -fps_mode vfr \
    "${X264[@]}" -crf 30 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k

clip uneven.mp4 "Pictures at uneven times in MP4, 30 in a second: FFmpeg guesses their rate." \
    -f lavfi -i testsrc2=s=160x90:r=30:d=1 -vf "settb=1/90000,setpts='N*3000+480+if(mod(N,2),480,-480)'" \
    -enc_time_base 1/90000 -fps_mode passthrough "${X264[@]}" -x264-params fps=30:force-cfr=0 -bf 2 -crf 30 \
    -pix_fmt yuv420p -video_track_timescale 90000

FLAGS=+ildct+ilme+bitexact
clip interlaced_576i.ts "Interlaced MPEG-2, top field first, 720x576 shown as 16:9; MP2 sound; timestamps start above 1 s." \
    -f lavfi -i testsrc2=s=720x576:r=50:d=2 -f lavfi -i "$TONE:d=2" \
    -vf tinterlace=interleave_top,setsar=64/45 -c:v mpeg2video -top 1 -g 12 -b:v 600k \
    -maxrate 700k -bufsize 600k -pix_fmt yuv420p -c:a mp2 -ac 2 -b:a 96k -threads 1
FLAGS=+bitexact

part upright.mp4 \
    -f lavfi -i testsrc2=s=640x360:r=25:d=2 -f lavfi -i "$TONE:d=2" \
    "${X264[@]}" -crf 30 -pix_fmt yuv420p -c:a aac -ac 1 -b:a 48k
# FFmpeg before 6 knows only the counter-clockwise rotate tag, later ones only -display_rotation.
if ffmpeg -hide_banner -h long 2>/dev/null | grep -q display_rotation; then
    clip rotated90.mp4 "A display matrix: stored 640x360, shown 360x640, turned clockwise by 90 degrees." -display_rotation:v:0 -90 -i "$WORK/upright.mp4" -c copy
else
    clip rotated90.mp4 "A display matrix: stored 640x360, shown 360x640, turned clockwise by 90 degrees." -i "$WORK/upright.mp4" -c copy -metadata:s:v:0 rotate=270
fi

clip portrait.mp4 "Taller than wide." \
    -f lavfi -i testsrc2=s=360x640:r=30:d=2 -f lavfi -i "$TONE:d=2" \
    "${X264[@]}" -crf 30 -pix_fmt yuv420p -c:a aac -ac 1 -b:a 48k

clip hevc10_hlg.mp4 "10-bit HEVC, HLG." \
    -f lavfi -i testsrc2=s=640x360:r=25:d=2 -f lavfi -i "$TONE:d=2" \
    -vf format=yuv420p10le -c:v libx265 -preset veryfast -crf 30 -tag:v hvc1 \
    -x265-params log-level=error:pools=1:frame-threads=1:info=0:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc \
    -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -color_range tv -c:a aac -ac 2 -b:a 64k

clip hevc10_pq.mp4 "10-bit HEVC, PQ with mastering display and content light level, 24000/1001 fps, no sound." \
    -f lavfi -i testsrc2=s=640x360:r=24000/1001:d=2 \
    -vf format=yuv420p10le -c:v libx265 -preset veryfast -crf 30 -tag:v hvc1 \
    -x265-params "log-level=error:pools=1:frame-threads=1:info=0:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:repeat-headers=1:max-cll=1000,400:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)" \
    -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv

clip full_range.mp4 "yuvj420p: full-range BT.601." \
    -f lavfi -i testsrc2=s=640x360:r=25:d=2 \
    -vf scale=out_range=full:out_color_matrix=bt601,format=yuvj420p "${X264[@]}" -crf 30 -color_range pc -an

clip yuv444.mp4 "4:4:4." \
    -f lavfi -i testsrc2=s=320x180:r=25:d=1 \
    -vf format=yuv444p "${X264[@]}" -crf 28 -an

clip yuv422p10.mkv "10-bit 4:2:2 at 50 frames per second." \
    -f lavfi -i testsrc2=s=320x180:r=50:d=1 \
    -vf format=yuv422p10le "${X264[@]}" -crf 28 -an

clip odd_size.mkv "321x181: neither side is even." \
    -f lavfi -i testsrc=s=321x181:r=25:d=1 -vf format=yuv444p "${X264[@]}" -crf 28 -an

clip audio_only.m4a "Sound alone, 44.1 kHz, with a title." \
    -f lavfi -i "sine=frequency=330:beep_factor=3:sample_rate=44100:d=3" \
    -c:a aac -ac 2 -b:a 64k -metadata title="Only a tone"

part cover.png -f lavfi -i mandelbrot=s=128x128 -frames:v 1
clip attached_picture.mp3 "Sound with a cover picture, which is not video." \
    -f lavfi -i "sine=frequency=330:beep_factor=3:sample_rate=44100:d=2" -i "$WORK/cover.png" \
    -map 0:a -map 1:v -c:a libmp3lame -b:a 64k -c:v mjpeg -q:v 12 -disposition:v attached_pic -id3v2_version 3

clip video_only.mp4 "Pictures alone, full of detail." \
    -f lavfi -i mandelbrot=s=320x180:r=24,trim=duration=2 \
    "${X264[@]}" -crf 30 -pix_fmt yuv420p -an -t 2

printf '1\n00:00:00,200 --> 00:00:01,500\nOne line of text.\n\n2\n00:00:01,600 --> 00:00:02,400\nAnd <i>another</i>.\n' >"$WORK/text.srt"
clip two_languages_51.mkv "English 5.1 AC-3, German stereo AAC, SubRip subtitles." \
    -f lavfi -i testsrc2=s=640x360:r=24:d=3 \
    -f lavfi -i "aevalsrc='0.3*sin(330*2*PI*t)|0.3*sin(440*2*PI*t)|0.3*sin(550*2*PI*t)|0.1*sin(60*2*PI*t)|0.2*sin(220*2*PI*t)|0.2*sin(260*2*PI*t)':c=5.1:s=48000:d=3" \
    -f lavfi -i "sine=frequency=660:beep_factor=2:sample_rate=48000:d=3" -i "$WORK/text.srt" \
    -map 0:v -map 1:a -map 2:a -map 3:s "${X264[@]}" -crf 30 -pix_fmt yuv420p \
    -c:a:0 ac3 -b:a:0 192k -c:a:1 aac -ac:a:1 2 -b:a:1 64k -c:s srt \
    -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger -metadata:s:s:0 language=eng \
    -disposition:a:0 default -disposition:a:1 0

clip late_audio.mkv "The sound starts half a second after the picture." \
    -f lavfi -i testsrc2=s=320x180:r=25:d=3 -itsoffset 0.5 -f lavfi -i "$TONE:d=2.5" \
    -map 0:v -map 1:a "${X264[@]}" -crf 30 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k

clip late_video.mkv "The picture starts half a second after the sound." \
    -itsoffset 0.5 -f lavfi -i testsrc2=s=320x180:r=25:d=2.5 -f lavfi -i "$TONE:d=3" \
    -map 0:v -map 1:a "${X264[@]}" -crf 30 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k

part long.mp4 \
    -f lavfi -i testsrc2=s=320x180:r=25:d=4 -f lavfi -i "$TONE:d=4" \
    "${X264[@]}" -crf 30 -bf 3 -g 50 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k
clip edit_list.mp4 "Begins inside a GOP: an edit list hides the first 1.2 s, so timestamps are negative." -ss 1.2 -i "$WORK/long.mp4" -c copy -avoid_negative_ts disabled -use_editlist 1

clip offset_start.ts "Timestamps start at 95000 s, close to the wrap of 33 bits." \
    -f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i "$TONE:d=2" \
    "${X264[@]}" -crf 30 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k -muxdelay 0 -output_ts_offset 95000

clip open_gop.ts "Open GOPs: frames shown before a key frame but stored after it." \
    -f lavfi -i testsrc2=s=320x180:r=25:d=3 -f lavfi -i "$TONE:d=3" \
    "${X264[@]}" -crf 30 -g 30 -bf 3 -x264-params open-gop=1 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k

clip vp9_opus.webm "VP9 and Opus." \
    -f lavfi -i testsrc2=s=640x360:r=30:d=2 -f lavfi -i "$TONE:d=2" \
    -c:v libvpx-vp9 -crf 45 -b:v 0 -deadline realtime -cpu-used 8 -threads 1 -pix_fmt yuv420p -c:a libopus -ac 2 -b:a 48k

clip av1_eac3_flac.mkv "10-bit AV1 with PQ, 5.1 E-AC-3 and FLAC." \
    -f lavfi -i testsrc2=s=320x180:r=25:d=1 \
    -f lavfi -i "aevalsrc='0.3*sin(330*2*PI*t)|0.3*sin(440*2*PI*t)|0.3*sin(550*2*PI*t)|0.1*sin(60*2*PI*t)|0.2*sin(220*2*PI*t)|0.2*sin(260*2*PI*t)':c=5.1(side):s=48000:d=1" \
    -f lavfi -i "$TONE:d=1" -map 0:v -map 1:a -map 2:a \
    -vf format=yuv420p10le -c:v libaom-av1 -usage realtime -cpu-used 8 -crf 45 -g 15 -threads 1 \
    -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv \
    -c:a:0 eac3 -b:a:0 192k -c:a:1 flac -ac:a:1 2

clip high_rate.mp4 "120 frames per second." \
    -f lavfi -i testsrc2=s=320x180:r=120:d=1 "${X264[@]}" -crf 34 -pix_fmt yuv420p -an

clip large_pictures.mp4 "Pictures of many bytes each." \
    -f lavfi -i testsrc2=s=320x180:r=5:d=1,noise=alls=60:allf=t -f lavfi -i sine=frequency=330:sample_rate=48000:d=1 \
    "${X264[@]}" -qp 22 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 64k

clip one_frame.mp4 "One frame." \
    -f lavfi -i testsrc2=s=320x180:r=25 -frames:v 1 "${X264[@]}" -crf 30 -pix_fmt yuv420p -an

clip still.png "A picture, not a video." -f lavfi -i testsrc2=s=320x180 -frames:v 1 -c:v png

clip timecode.mov "ProRes 4:2:2 and PCM, with a timecode track, which is data." \
    -f lavfi -i testsrc2=s=160x120:r=25:d=1 -f lavfi -i "$TONE:d=1" \
    -c:v prores_ks -profile:v 0 -qscale:v 31 -pix_fmt yuv422p10le -c:a pcm_s16le -ac 1 -timecode 01:00:00:00 -threads 1

clip black_start.mp4 "A second of black before the picture: no thumbnail of it makes a poster." \
    -f lavfi -i "color=black:s=320x180:r=25:d=1[black];testsrc2=s=320x180:r=25:d=2[picture];[black][picture]concat" \
    "${X264[@]}" -crf 30 -pix_fmt yuv420p -an

clip flash_beep.mp4 "A white frame and a beep at 1 s and at 2 s: are they still at the same instants?" \
    -f lavfi -i "color=black:s=320x180:r=25:d=3,drawbox=t=fill:color=white:enable='eq(n,25)+eq(n,50)'" \
    -f lavfi -i "aevalsrc='0.8*sin(1000*2*PI*t)*(between(t,1,1.05)+between(t,2,2.05))':s=48000:d=3" \
    "${X264[@]}" -crf 30 -bf 3 -pix_fmt yuv420p -c:a aac -ac 2 -b:a 96k

clip anamorphic.mp4 "720x480 shown as 16:9: its pixels are wider than high." \
    -f lavfi -i testsrc2=s=720x480:r=25:d=1 -vf setsar=32/27 "${X264[@]}" -crf 34 -pix_fmt yuv420p -an

# Broken ones.

bytes truncated.mp4 "The index is whole and stands first, but 40 % of the media is missing." \
    'head -c 138000 h264_720p25.mp4'
part back.mp4 -f lavfi -i testsrc2=s=320x180:r=25:d=1 "${X264[@]}" -crf 30 -pix_fmt yuv420p -an
bytes no_moov.mp4 "Cut before its index, which stood at the end." \
    "head -c 9000 $WORK/back.mp4"
bytes corrupt.ts "open_gop.ts with every fortieth packet overwritten: decodable, with errors." \
    "python3 -c 'import sys; d = bytearray(open(\"open_gop.ts\", \"rb\").read()); [d.__setitem__(slice(p*188+60, p*188+120), bytes((p*7+i*13) & 255 for i in range(60))) for p in range(40, len(d)//188, 40)]; sys.stdout.buffer.write(d)'"
bytes empty.mp4 "No byte at all." true
bytes random.mp4 "Noise: 64 KiB of a linear congruential generator." \
    "python3 -c 'import itertools, sys; g = itertools.accumulate(range(65536), lambda x, _: (x * 6364136223846793005 + 1442695040888963407) % 2**64, initial=1); next(g); sys.stdout.buffer.write(bytes(x >> 56 for x in g))'"
bytes text.mp4 "Text, whatever its name says." \
    "echo 'This is text, whatever its name says.'"
bytes playlist.mp4 "An HLS playlist under another name: opening it must not open what it names." \
    "printf '#EXTM3U\\n#EXT-X-TARGETDURATION:3\\n#EXTINF:3,\\nh264_720p25.mp4\\n#EXT-X-ENDLIST\\n'"

if [ "$ONLY" = "  " ] || [ "$ONLY" = " --readme " ]; then
    {
        printf '# Test clips\n\nMade by `generate.sh`, which also writes this file. Clips are one to three seconds long and at most\n300 kB; each stands for one property of real files.\n'
        cat "$WORK/README.md"
        printf '\n## Made on the way\n'
        cat "$WORK/parts.md"
    } >README.md
fi
