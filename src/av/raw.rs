//! The only `unsafe`, but for that of [`filters`]: what ffmpeg-next has no safe call for, or a call that is not safe.
#![allow(unsafe_code)]

pub(super) mod filters;

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use ffmpeg_next::codec::Context as CodecContext;
use ffmpeg_next::ffi;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Error, codec, frame};

/// Makes glibc give memory for pictures back to the system as soon as it is freed: otherwise it learns to
/// take it from its heaps, of which every thread has one, and these grow from shard to shard (a 1080p ladder
/// of 108 s took 1.35 GB instead of 1.11). Other allocators need no such word.
pub(super) fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// No picture is smaller, and hardly anything else as large.
        const LARGE: libc::c_int = 256 << 10;
        // SAFETY: mallopt changes how later allocations are made and no memory; it is thread-safe
        // (mallopt(3)).
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    }
}

/// Makes glibc keep memory of segments for the next ones: otherwise the system clears new pages for each of them, which
/// takes as long as a sixth of copying it. Other allocators need no such word.
pub(super) fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// The largest that glibc lets stay in its heaps.
        const LARGEST: libc::c_int = 32 << 20;
        /// So much may lie unused at the end of a heap.
        const UNUSED: libc::c_int = 256 << 20;
        // SAFETY: as above, mallopt changes how later allocations are made and no memory; it is thread-safe
        // (mallopt(3)).
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST);
            libc::mallopt(libc::M_TRIM_THRESHOLD, UNUSED);
        }
    }
}

/// Kinds of hardware devices that FFmpeg was built for, each with whether one can be opened.
pub(super) fn hardware() -> Vec<(String, bool)> {
    let mut kinds = Vec::new();
    let mut kind = ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_NONE;
    loop {
        // SAFETY: the call takes what it gave before, NONE at first, and gives NONE at the end
        // (libavutil/hwcontext.h).
        kind = unsafe { ffi::av_hwdevice_iterate_types(kind) };
        if kind == ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_NONE {
            return kinds;
        }
        let mut device = ptr::null_mut();
        // SAFETY: a kind that was iterated has a static name; a null device name and no options mean the
        // default device, and `device` is set only on success. av_buffer_unref takes null as well
        // (libavutil/hwcontext.h, libavutil/buffer.h).
        let (name, usable) = unsafe {
            let name = text(ffi::av_hwdevice_get_type_name(kind));
            let usable = ffi::av_hwdevice_ctx_create(&raw mut device, kind, ptr::null(), ptr::null_mut(), 0) >= 0;
            ffi::av_buffer_unref(&raw mut device);
            (name, usable)
        };
        kinds.extend(name.map(|name| (name, usable)));
    }
}

/// Another reference to the picture: the pixels are shared, timestamp and picture type are its own.
pub(super) fn share(picture: &frame::Video) -> Result<frame::Video, Error> {
    let mut copy = frame::Video::empty();
    // SAFETY: both pointers come from live frames; av_frame_ref takes a reference on every buffer of
    // the source and leaves an empty destination untouched when it fails (libavutil/frame.h).
    match unsafe { ffi::av_frame_ref(copy.as_mut_ptr(), picture.as_ptr()) } {
        0 => Ok(copy),
        e => Err(Error::from(e)),
    }
}

/// What a picture says of itself besides its pixels, for another one of its size.
pub(super) fn copy_shape(picture: &frame::Video, other: &mut frame::Video) -> Result<(), Error> {
    // SAFETY: both frames are live, and the second is borrowed for writing; av_frame_copy_props copies metadata and takes
    // references to side data (libavutil/frame.h).
    match unsafe { ffi::av_frame_copy_props(other.as_mut_ptr(), picture.as_ptr()) } {
        0.. => Ok(()),
        e => Err(Error::from(e)),
    }
}

/// Sets an option of a codec or of its private part, refusing unknown names and bad values.
pub(super) fn set_option(context: &mut CodecContext, key: &str, value: &str) -> Result<(), Error> {
    let invalid = |_| Error::InvalidData;
    let (key, value) = (CString::new(key).map_err(invalid)?, CString::new(value).map_err(invalid)?);
    // SAFETY: the first member of AVCodecContext is its AVClass, so it is an AVOptions target, and
    // its private data was allocated with the codec; both strings outlive the call (libavutil/opt.h).
    let result = unsafe {
        let target = context.as_mut_ptr().cast::<c_void>();
        ffi::av_opt_set(target, key.as_ptr(), value.as_ptr(), ffi::AV_OPT_SEARCH_CHILDREN)
    };
    if result < 0 { Err(Error::from(result)) } else { Ok(()) }
}

/// The global headers of an opened encoder.
pub(super) fn extradata(context: &CodecContext) -> Vec<u8> {
    // SAFETY: extradata points to extradata_size bytes or is null (libavcodec/avcodec.h); they are
    // copied while the context is borrowed.
    unsafe {
        let context = &*context.as_ptr();
        if context.extradata.is_null() || context.extradata_size <= 0 {
            return Vec::new();
        }
        std::slice::from_raw_parts(context.extradata, context.extradata_size as usize).to_vec()
    }
}

/// Gives a decoder that is not open yet the headers of its codec.
pub(super) fn set_extradata(context: &mut CodecContext, headers: &[u8]) -> Result<(), Error> {
    // SAFETY: av_mallocz gives as many zeroed bytes as are asked for, or null; the context owns them from here
    // on and frees them with itself (libavcodec/avcodec.h: "allocated using the av_malloc() family of functions",
    // AV_INPUT_BUFFER_PADDING_SIZE larger than extradata_size). A context that was just made has none to lose.
    unsafe {
        let bytes = ffi::av_mallocz(headers.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize).cast::<u8>();
        if bytes.is_null() {
            return Err(Error::Other { errno: libc::ENOMEM });
        }
        ptr::copy_nonoverlapping(headers.as_ptr(), bytes, headers.len());
        let context = context.as_mut_ptr();
        (*context).extradata = bytes;
        (*context).extradata_size = headers.len() as i32;
    }
    Ok(())
}

/// The samples of a block of 16 bits, its channels interleaved.
pub(super) fn interleaved(sound: &frame::Audio) -> &[i16] {
    let count = sound.samples() * usize::from(sound.channels());
    // SAFETY: a packed block holds samples times channels of two bytes, aligned for any type, in its first plane
    // (libavutil/frame.h, samplefmt.h); the caller has looked at its format.
    unsafe { std::slice::from_raw_parts((*sound.as_ptr()).data[0].cast::<i16>(), count) }
}

/// PCM samples that an audio encoder puts before the first real one.
pub(super) fn initial_padding(context: &CodecContext) -> u32 {
    // SAFETY: a plain read of a public field of a live context.
    unsafe { (*context.as_ptr()).initial_padding.max(0) as u32 }
}

/// Tells a decoder the time base of its packets, which it needs to trim priming.
pub(super) fn set_packet_time_base(context: &mut CodecContext, time_base: (i32, i32)) {
    // SAFETY: a plain write of a public field before the codec is opened (libavcodec/avcodec.h).
    unsafe { (*context.as_mut_ptr()).pkt_timebase = ffi::AVRational { num: time_base.0, den: time_base.1 } }
}

/// Sets the usual layout of so many channels on an encoder.
pub(super) fn set_audio_layout(context: &mut CodecContext, channels: u16) {
    // SAFETY: av_channel_layout_default fills a layout that the zeroed context owns; replacing the
    // still empty one leaks nothing (libavutil/channel_layout.h).
    unsafe { ffi::av_channel_layout_default(&raw mut (*context.as_mut_ptr()).ch_layout, channels.into()) }
}

/// Names of all demuxers of the linked FFmpeg.
pub(super) fn demuxers() -> Vec<String> {
    let mut state: *mut c_void = ptr::null_mut();
    let mut names = Vec::new();
    loop {
        // SAFETY: the state starts as null and is only passed back (libavformat/avformat.h); the
        // returned descriptor and its name are static.
        let name = unsafe {
            let demuxer = ffi::av_demuxer_iterate(&raw mut state);
            if demuxer.is_null() {
                return names;
            }
            CStr::from_ptr((*demuxer).name)
        };
        names.push(name.to_string_lossy().into_owned());
    }
}

/// Makes the demuxer skip every stream but these.
pub(super) fn keep_streams(input: &mut Input, keep: &[usize]) {
    // SAFETY: `streams` holds nb_streams valid pointers while the context lives; `discard` is a field
    // that the caller may set (libavformat/avformat.h).
    unsafe {
        let context = input.as_mut_ptr();
        for index in 0..(*context).nb_streams as usize {
            let stream = *(*context).streams.add(index);
            (*stream).discard =
                if keep.contains(&index) { ffi::AVDiscard::AVDISCARD_DEFAULT } else { ffi::AVDiscard::AVDISCARD_ALL };
        }
    }
}

/// Whether a packet is decoded but not shown; ffmpeg-next drops the flags that it does not name.
pub(super) fn is_discarded(packet: &ffmpeg_next::Packet) -> bool {
    use ffmpeg_next::packet::Ref;
    // SAFETY: a plain read of a public field of a live packet.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Marks a packet as decoded but not shown.
pub(super) fn discard(packet: &mut ffmpeg_next::Packet) {
    use ffmpeg_next::packet::Mut;
    // SAFETY: a plain write of a public field of a live packet.
    unsafe { (*packet.as_mut_ptr()).flags |= ffi::AV_PKT_FLAG_DISCARD }
}

/// What a container lists of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct IndexEntry {
    /// Where it lies in the file, and how long it is.
    pub(super) offset: u64,
    pub(super) bytes: usize,
    /// When it is decoded, in ticks of the stream.
    pub(super) at: i64,
    pub(super) key: bool,
    pub(super) discarded: bool,
}

impl IndexEntry {
    /// Where it ends in the file.
    pub(super) const fn end(self) -> u64 {
        self.offset.saturating_add(self.bytes as u64)
    }
}

/// How many packets of a stream its container lists.
pub(super) fn index_length(input: &Input, stream: usize) -> usize {
    let Some(stream) = input.stream(stream) else { return 0 };
    // SAFETY: the stream belongs to the open input; the call only reads (libavformat/avformat.h).
    let length = unsafe { ffi::avformat_index_get_entries_count(stream.as_ptr()) };
    usize::try_from(length).unwrap_or(0)
}

/// What its container lists of the packet `at` of a stream; nothing where there is none, or it makes no sense.
pub(super) fn index_entry(input: &Input, stream: usize, at: usize) -> Option<IndexEntry> {
    let stream = input.stream(stream)?;
    let at = i32::try_from(at).ok()?;
    // SAFETY: the stream belongs to the open input, of which the call reads the index; it is null outside of it. What it
    // points to is copied before anything else takes the input (libavformat/avformat.h).
    let entry = unsafe { *ffi::avformat_index_get_entry(stream.as_ptr().cast_mut(), at).as_ref()? };
    let flags = entry.flags() as u32;
    Some(IndexEntry {
        offset: u64::try_from(entry.pos).ok()?,
        bytes: usize::try_from(entry.size()).ok()?,
        at: entry.timestamp,
        key: flags & ffi::AVINDEX_KEYFRAME as u32 != 0,
        discarded: flags & ffi::AVINDEX_DISCARD_FRAME as u32 != 0,
    })
}

/// Whether timestamps of this container may jump inside a file.
pub(super) fn timestamps_may_jump(input: &Input) -> bool {
    // SAFETY: iformat is set once the input is open (libavformat/avformat.h).
    unsafe { (*(*input.as_ptr()).iformat).flags & ffi::AVFMT_TS_DISCONT != 0 }
}

/// Whether FFmpeg has made up the length of a file from its size and a bit rate.
pub(super) fn guesses_length(input: &Input) -> bool {
    // SAFETY: a plain read of a public field, as the integer it is in C.
    let method = unsafe { *(&raw const (*input.as_ptr()).duration_estimation_method).cast::<u32>() };
    method == ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_BITRATE as u32
}

/// Plain facts of a stream that ffmpeg-next gives no access to.
#[derive(Debug, Default)]
pub(super) struct StreamFacts {
    pub(super) config: Vec<u8>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) sample_aspect: (i32, i32),
    pub(super) field_order: i32,
    pub(super) pixel_format: String,
    pub(super) bit_depth: u8,
    pub(super) color: [i32; 4],
    pub(super) profile: Option<String>,
    pub(super) level: Option<i32>,
    pub(super) bit_rate: i64,
    pub(super) sample_rate: u32,
    pub(super) channels: u16,
    pub(super) channel_layout: String,
}

/// Copies a C string; nothing for null.
///
/// # Safety
/// The pointer is null or leads to a null-terminated string that lives during the call.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the caller promises it.
    Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}

/// Reads the facts of one stream.
pub(super) fn stream_facts(input: &mut Input, index: usize) -> StreamFacts {
    // SAFETY: the index was taken from this input's own streams; all reads are of public fields that
    // avformat_open_input filled. Enum fields are read as the integers they are in C, so that a value
    // newer than the bindings cannot become an invalid Rust enum.
    unsafe {
        let context = input.as_mut_ptr();
        if index >= (*context).nb_streams as usize {
            return StreamFacts::default();
        }
        let stream = *(*context).streams.add(index);
        let parameters = (*stream).codecpar;
        let aspect = ffi::av_guess_sample_aspect_ratio(context, stream, ptr::null_mut());
        let int = |field: *const c_void| *field.cast::<i32>();
        let mut facts = StreamFacts {
            width: (*parameters).width.max(0) as u32,
            height: (*parameters).height.max(0) as u32,
            sample_aspect: (aspect.num, aspect.den),
            field_order: int((&raw const (*parameters).field_order).cast()),
            color: [
                int((&raw const (*parameters).color_primaries).cast()),
                int((&raw const (*parameters).color_trc).cast()),
                int((&raw const (*parameters).color_space).cast()),
                int((&raw const (*parameters).color_range).cast()),
            ],
            profile: text(ffi::avcodec_profile_name((*parameters).codec_id, (*parameters).profile)),
            level: Some((*parameters).level).filter(|l| *l >= 0),
            bit_rate: (*parameters).bit_rate,
            sample_rate: (*parameters).sample_rate.max(0) as u32,
            channels: (*parameters).ch_layout.nb_channels.clamp(0, 255) as u16,
            ..StreamFacts::default()
        };
        // extradata points to extradata_size bytes or is null (libavcodec/codec_par.h).
        if !(*parameters).extradata.is_null() && (*parameters).extradata_size > 0 {
            let size = (*parameters).extradata_size as usize;
            facts.config = std::slice::from_raw_parts((*parameters).extradata, size).to_vec();
        }
        let pictures = int((&raw const (*parameters).codec_type).cast()) == ffi::AVMediaType::AVMEDIA_TYPE_VIDEO as i32;
        if pictures && (*parameters).format >= 0 {
            let mut iterator: *const ffi::AVPixFmtDescriptor = ptr::null();
            loop {
                iterator = ffi::av_pix_fmt_desc_next(iterator);
                if iterator.is_null() {
                    break;
                }
                if ffi::av_pix_fmt_desc_get_id(iterator) as i32 == (*parameters).format {
                    facts.pixel_format = text((*iterator).name).unwrap_or_default();
                    facts.bit_depth = (*iterator).comp[0].depth.clamp(0, 64) as u8;
                }
            }
        }
        let mut name = [0 as c_char; 128];
        if ffi::av_channel_layout_describe(&raw const (*parameters).ch_layout, name.as_mut_ptr(), name.len()) > 0 {
            facts.channel_layout = text(name.as_ptr()).unwrap_or_default();
        }
        facts
    }
}

/// Whether subtitles of a codec are words, and whether they are pictures.
pub(super) fn text_or_bitmap(id: codec::Id) -> (bool, bool) {
    // SAFETY: avcodec_descriptor_get takes any id and returns null or a static descriptor
    // (libavcodec/codec_desc.h).
    let properties = unsafe {
        let descriptor = ffi::avcodec_descriptor_get(id.into());
        if descriptor.is_null() { 0 } else { (*descriptor).props }
    };
    (properties & ffi::AV_CODEC_PROP_TEXT_SUB != 0, properties & ffi::AV_CODEC_PROP_BITMAP_SUB != 0)
}

/// The header that a decoder of subtitles has made or read, styles and all.
pub(super) fn subtitle_header(context: &CodecContext) -> String {
    // SAFETY: subtitle_header points to subtitle_header_size bytes or is null (libavcodec/avcodec.h); they
    // are copied while the context is borrowed.
    let bytes = unsafe {
        let context = &*context.as_ptr();
        if context.subtitle_header.is_null() || context.subtitle_header_size <= 0 {
            return String::new();
        }
        std::slice::from_raw_parts(context.subtitle_header, context.subtitle_header_size as usize)
    };
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

/// What a packet of subtitles shows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// When, in microseconds, as far as the packet says it.
    pub(super) at_us: Option<i64>,
    /// From so many milliseconds after that on.
    pub(super) start_ms: u32,
    /// Until so many milliseconds after that; nothing when it does not say.
    pub(super) end_ms: Option<u32>,
    /// Its words, as events of ASS.
    pub(super) events: Vec<String>,
    /// How many pictures it has.
    pub(super) pictures: usize,
}

/// Decodes one packet of subtitles; nothing when it shows nothing yet.
pub(super) fn decode_subtitle(
    context: &mut CodecContext,
    packet: &mut ffmpeg_next::Packet,
) -> Result<Option<Shown>, Error> {
    use ffmpeg_next::packet::Mut;
    // SAFETY: the subtitle is plain data that is filled by the decoder and freed here whatever came of it, as
    // libavcodec/avcodec.h asks; its `num_rects` rects are valid until then, and their texts are
    // null-terminated or null. The type of a rect is read as the integer it is in C.
    unsafe {
        let mut subtitle: ffi::AVSubtitle = std::mem::zeroed();
        let mut got = 0;
        let result =
            ffi::avcodec_decode_subtitle2(context.as_mut_ptr(), &raw mut subtitle, &raw mut got, packet.as_mut_ptr());
        if result < 0 {
            return Err(Error::from(result));
        }
        if got == 0 {
            return Ok(None);
        }
        let mut shown = Shown {
            at_us: (subtitle.pts != i64::MIN).then_some(subtitle.pts),
            start_ms: subtitle.start_display_time,
            end_ms: Some(subtitle.end_display_time).filter(|end| *end > 0 && *end != u32::MAX),
            ..Shown::default()
        };
        for index in 0..subtitle.num_rects as usize {
            let rect = *subtitle.rects.add(index);
            let kind = *(&raw const (*rect).type_).cast::<u32>();
            if kind == ffi::AVSubtitleType::SUBTITLE_BITMAP as u32 {
                shown.pictures += 1;
            }
            shown.events.extend(text((*rect).ass));
        }
        ffi::avsubtitle_free(&raw mut subtitle);
        Ok(Some(shown))
    }
}

/// Versions of the libraries that are linked.
pub(super) fn versions() -> [(&'static str, u32); 4] {
    // SAFETY: these functions take nothing and return a constant.
    unsafe {
        [
            ("libavcodec", ffi::avcodec_version()),
            ("libavformat", ffi::avformat_version()),
            ("libswscale", ffi::swscale_version()),
            ("libswresample", ffi::swresample_version()),
        ]
    }
}

/// FFmpeg's own version text: `5.1.6`.
pub(super) fn version_info() -> String {
    // SAFETY: returns a static string.
    unsafe { text(ffi::av_version_info()) }.unwrap_or_default()
}

/// Whether the decoder had to make up a part of a picture.
pub(super) fn is_patched(picture: &frame::Video) -> bool {
    // SAFETY: plain reads of public fields of a live frame.
    unsafe {
        let picture = picture.as_ptr();
        (*picture).decode_error_flags != 0 || (*picture).flags & ffi::AV_FRAME_FLAG_CORRUPT != 0
    }
}

/// Puts closed captions (triplets of CEA-708) in place of those of a picture; none takes them away.
pub(super) fn set_captions(picture: &mut frame::Video, triplets: &[u8]) -> Result<(), Error> {
    const KIND: ffi::AVFrameSideDataType = ffi::AVFrameSideDataType::AV_FRAME_DATA_A53_CC;
    // SAFETY: the frame is live and borrowed for the call; av_frame_new_side_data gives a buffer of the size that
    // was asked for, which nothing else refers to yet, or null (libavutil/frame.h).
    unsafe {
        ffi::av_frame_remove_side_data(picture.as_mut_ptr(), KIND);
        if triplets.is_empty() {
            return Ok(());
        }
        let data = ffi::av_frame_new_side_data(picture.as_mut_ptr(), KIND, triplets.len() as _);
        if data.is_null() {
            return Err(Error::from(ffi::AVERROR(libc::ENOMEM)));
        }
        std::ptr::copy_nonoverlapping(triplets.as_ptr(), (*data).data, triplets.len());
    }
    Ok(())
}

/// Whether a picture holds two fields, and whether the top one comes first.
pub(super) fn fields(picture: &frame::Video) -> Option<bool> {
    picture.is_interlaced().then(|| picture.is_top_first())
}

/// Colour code points of a decoded picture: primaries, transfer, matrix, range.
pub(super) fn picture_color(picture: &frame::Video) -> [i32; 4] {
    // SAFETY: plain reads of public fields of a live frame, as integers (see `stream_facts`).
    unsafe {
        let picture = picture.as_ptr();
        let int = |field: *const c_void| *field.cast::<i32>();
        [
            int((&raw const (*picture).color_primaries).cast()),
            int((&raw const (*picture).color_trc).cast()),
            int((&raw const (*picture).colorspace).cast()),
            int((&raw const (*picture).color_range).cast()),
        ]
    }
}

/// Whether the channels of a block have names (left, right, low frequency …) that a mix can go by.
pub(super) fn has_named_layout(sound: &frame::Audio) -> bool {
    // SAFETY: reads public fields of a live frame; the order is read as the integer it is in C.
    unsafe {
        let layout = &raw const (*sound.as_ptr()).ch_layout;
        *(&raw const (*layout).order).cast::<u32>() == ffi::AVChannelOrder::AV_CHANNEL_ORDER_NATIVE as u32
    }
}

/// Describes the layout of a decoded audio frame for `abuffer`: `5.1(side)`.
pub(super) fn frame_layout(sound: &frame::Audio) -> String {
    let mut name = [0 as c_char; 128];
    // SAFETY: the buffer's size is passed along; the layout belongs to a live frame.
    let length = unsafe {
        ffi::av_channel_layout_describe(&raw const (*sound.as_ptr()).ch_layout, name.as_mut_ptr(), name.len())
    };
    // SAFETY: the buffer lives here, and av_channel_layout_describe has ended the text with a null.
    if length > 0 { unsafe { text(name.as_ptr()) }.unwrap_or_default() } else { String::new() }
}

/// Copies an unspecified channel order (`2 channels`) into the usual one for that many channels.
pub(super) fn name_channels(sound: &mut frame::Audio) {
    // SAFETY: the layout of a live frame; an unspecified one owns no memory, so it may be overwritten.
    unsafe {
        let layout = &raw mut (*sound.as_mut_ptr()).ch_layout;
        let order = *(&raw const (*layout).order).cast::<u32>();
        if order == ffi::AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC as u32 {
            ffi::av_channel_layout_default(layout, (*layout).nb_channels);
        }
    }
}

/// FFmpeg's own name of a codec: `mpeg2video`.
pub(super) fn codec_name(id: codec::Id) -> String {
    // SAFETY: returns a static string for every id.
    unsafe { text(ffi::avcodec_get_name(id.into())) }.unwrap_or_default()
}

/// PCM samples per packet of an opened audio encoder.
pub(super) fn frame_size(context: &CodecContext) -> u32 {
    // SAFETY: a plain read of a public field of a live context.
    unsafe { (*context.as_ptr()).frame_size.max(0) as u32 }
}
