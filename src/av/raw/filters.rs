//! libavfilter, of which the program is not linked: it is loaded when the first filter is asked for. The library needs
//! thirty others, which take as long to load as all else of FFmpeg, and half of the commands filter nothing.

use std::error::Error as _;
use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::OnceLock;

use ffmpeg_next::{Error, Frame, Rational, ffi};
use libloading::Library;

/// Declares the functions that are taken of the library. The compiler compares each with the headers; that is no use of
/// it, for the constant is in no code.
macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        struct Functions { $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)* }

        $(const _: unsafe extern "C" fn($($argument),*) $(-> $result)? = ffi::$name;)*

        impl Functions {
            fn of(library: &Library) -> Result<Self, libloading::Error> {
                // SAFETY: the types are those of the headers, as the constants above prove. "FFmpeg guarantees backward
                // API and ABI compatibility for each library as long as its major version number is unchanged"
                // (libavutil/avutil.h); `Filters::of` looks at that before it calls any of these.
                Ok(unsafe { Self { $($name: *library.get(concat!(stringify!($name), "\0").as_bytes())?,)* } })
            }
        }
    };
}

functions! {
    avfilter_version: fn() -> c_uint;
    avfilter_get_by_name: fn(*const c_char) -> *const ffi::AVFilter;
    avfilter_graph_alloc: fn() -> *mut ffi::AVFilterGraph;
    avfilter_graph_free: fn(*mut *mut ffi::AVFilterGraph);
    avfilter_graph_create_filter: fn(
        *mut *mut ffi::AVFilterContext,
        *const ffi::AVFilter,
        *const c_char,
        *const c_char,
        *mut c_void,
        *mut ffi::AVFilterGraph
    ) -> c_int;
    avfilter_inout_alloc: fn() -> *mut ffi::AVFilterInOut;
    avfilter_inout_free: fn(*mut *mut ffi::AVFilterInOut);
    avfilter_graph_parse_ptr: fn(
        *mut ffi::AVFilterGraph,
        *const c_char,
        *mut *mut ffi::AVFilterInOut,
        *mut *mut ffi::AVFilterInOut,
        *mut c_void
    ) -> c_int;
    avfilter_graph_config: fn(*mut ffi::AVFilterGraph, *mut c_void) -> c_int;
    av_buffersrc_write_frame: fn(*mut ffi::AVFilterContext, *const ffi::AVFrame) -> c_int;
    av_buffersrc_add_frame_flags: fn(*mut ffi::AVFilterContext, *mut ffi::AVFrame, c_int) -> c_int;
    av_buffersink_get_frame: fn(*mut ffi::AVFilterContext, *mut ffi::AVFrame) -> c_int;
    av_buffersink_get_samples: fn(*mut ffi::AVFilterContext, *mut ffi::AVFrame, c_int) -> c_int;
    av_buffersink_get_time_base: fn(*const ffi::AVFilterContext) -> ffi::AVRational;
}

/// The library, loaded.
struct Filters {
    call: Functions,
    /// What the functions are part of: it stays for the life of the process.
    _library: Library,
}

impl Filters {
    /// What the program is linked with after all: not every linker leaves out what nothing refers to.
    #[cfg(unix)]
    fn linked() -> Result<Self, String> {
        Self::of(libloading::os::unix::Library::this().into())
    }

    /// What the system finds by this name, where it finds what programs are linked with.
    fn open(name: &str) -> Result<Self, String> {
        // SAFETY: what libavfilter and the libraries it needs do when they are loaded is what they do in every program
        // that is linked with them (dlopen(3)). They are closed only when this is another library after all.
        Self::of(unsafe { Library::new(name) }.map_err(|error| told(&error))?)
    }

    fn of(library: Library) -> Result<Self, String> {
        let call = Functions::of(&library).map_err(|error| told(&error))?;
        // SAFETY: takes nothing and returns a constant (libavfilter/avfilter.h).
        match unsafe { (call.avfilter_version)() } >> 16 {
            MAJOR => Ok(Self { call, _library: library }),
            major => Err(format!("it is version {major} instead of {MAJOR}")),
        }
    }
}

/// The version of the headers, with which that of the library must agree.
const MAJOR: u32 = ffi::LIBAVFILTER_VERSION_MAJOR as u32;

/// What the system calls the library.
fn file_name() -> String {
    if cfg!(windows) {
        format!("avfilter-{MAJOR}.dll")
    } else if cfg!(target_vendor = "apple") {
        format!("libavfilter.{MAJOR}.dylib")
    } else {
        format!("libavfilter.so.{MAJOR}")
    }
}

/// Why a library cannot be loaded; Windows says it one level down.
fn told(error: &libloading::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// The library, which is loaded by whoever wants it first: there is one in a process, whoever asks.
fn filters() -> Result<&'static Filters, super::super::Error> {
    static FILTERS: OnceLock<Result<Filters, String>> = OnceLock::new();
    let load = || {
        #[cfg(unix)]
        if let Ok(linked) = Filters::linked() {
            return Ok(linked);
        }
        Filters::open(&file_name())
    };
    FILTERS.get_or_init(load).as_ref().map_err(|why| super::super::Error::NotLoaded {
        name: file_name(),
        version: MAJOR,
        why: why.clone(),
    })
}

/// The version of the library.
pub(in crate::av) fn version() -> Result<u32, super::super::Error> {
    let filters = filters()?;
    // SAFETY: takes nothing and returns a constant (libavfilter/avfilter.h).
    Ok(unsafe { (filters.call.avfilter_version)() })
}

/// A kind of filter.
#[derive(Clone, Copy)]
pub(in crate::av) struct Filter {
    filters: &'static Filters,
    /// Static data of the library.
    inner: *const ffi::AVFilter,
}

/// The filter of this name.
pub(in crate::av) fn find(name: &str) -> Result<Filter, super::super::Error> {
    let filters = filters()?;
    let found = CString::new(name).ok().map(|name| {
        // SAFETY: the name outlives the call, which gives a static description or null (libavfilter/avfilter.h).
        unsafe { (filters.call.avfilter_get_by_name)(name.as_ptr()) }
    });
    match found {
        Some(inner) if !inner.is_null() => Ok(Filter { filters, inner }),
        _ => Err(super::super::Error::Missing { kind: "filter", name: name.to_owned() }),
    }
}

/// What a graph is built of.
pub(in crate::av) struct Parts<'a> {
    /// Through which frames enter, and what it must know of them.
    pub(in crate::av) source: (Filter, &'a str),
    /// Through which they leave, and how many of these there are.
    pub(in crate::av) sinks: (Filter, usize),
    /// What joins the pad `[in]` to the pads `[out0]`, `[out1]` …
    pub(in crate::av) spec: &'a str,
}

/// A graph of filters that runs on the calling thread.
pub(in crate::av) struct FilterGraph {
    filters: &'static Filters,
    graph: *mut ffi::AVFilterGraph,
    /// Filters of the graph, which live as long as it.
    source: *mut ffi::AVFilterContext,
    sinks: Vec<*mut ffi::AVFilterContext>,
}

// SAFETY: nothing of a graph belongs to a thread: its state hangs on AVFilterGraph, the pointers lead nowhere else, and
// every call that changes it takes `&mut self`. With nb_threads = 1 it has no threads of its own
// (libavfilter/avfilter.h).
unsafe impl Send for FilterGraph {}

impl FilterGraph {
    /// Builds a graph and settles what runs between its filters.
    pub(in crate::av) fn build(parts: &Parts<'_>) -> Result<Self, Error> {
        let (filters, (source, shape)) = (parts.source.0.filters, parts.source);
        // SAFETY: takes nothing, and gives an empty graph that is ours to free, or null (libavfilter/avfilter.h).
        let graph = unsafe { (filters.call.avfilter_graph_alloc)() };
        if graph.is_null() {
            return Err(NO_MEMORY);
        }
        let mut built = Self { filters, graph, source: ptr::null_mut(), sinks: Vec::new() };
        // SAFETY: nb_threads "may be set by the caller before adding any filters to the filtergraph"
        // (libavfilter/avfilter.h); the graph was just made.
        unsafe { (*built.graph).nb_threads = 1 };
        built.source = built.add(source, "in", shape)?;
        let (sink, outputs) = parts.sinks;
        for output in 0..outputs {
            let added = built.add(sink, &format!("out{output}"), "")?;
            built.sinks.push(added);
        }
        built.join(parts.spec)?;
        // SAFETY: the graph is whole; the second argument is for the log, and may be null (libavfilter/avfilter.h).
        done(unsafe { (filters.call.avfilter_graph_config)(built.graph, ptr::null_mut()) })?;
        Ok(built)
    }

    fn add(&mut self, filter: Filter, name: &str, options: &str) -> Result<*mut ffi::AVFilterContext, Error> {
        let (name, options) = (c_string(name)?, c_string(options)?);
        let mut added = ptr::null_mut();
        // SAFETY: the filter is static, both strings outlive the call, and `added` is set to a filter that the graph owns,
        // or to null when the call fails (libavfilter/avfilter.h).
        done(unsafe {
            (self.filters.call.avfilter_graph_create_filter)(
                &raw mut added,
                filter.inner,
                name.as_ptr(),
                options.as_ptr(),
                ptr::null_mut(),
                self.graph,
            )
        })?;
        Ok(added)
    }

    /// Puts what the spec says between source and sinks.
    fn join(&mut self, spec: &str) -> Result<(), Error> {
        let spec = c_string(spec)?;
        // "The inputs parameter describes inputs of the already existing part of the graph; i.e. from the point of view of
        // the newly created part, they are outputs" (libavfilter/avfilter.h).
        let (mut inputs, mut outputs) = (Pads::none(self.filters), Pads::none(self.filters));
        outputs.add("in", self.source)?;
        for (output, sink) in self.sinks.iter().enumerate().rev() {
            inputs.add(&format!("out{output}"), *sink)?;
        }
        // SAFETY: the lists are well-formed and name pads of filters of this graph. The call takes from them what it joins,
        // and leaves in both what is still to be freed, also when it fails; then it has freed the filters of the
        // graph, too, and so the caller drops it (libavfilter/avfilter.h, graphparser.c).
        done(unsafe {
            (self.filters.call.avfilter_graph_parse_ptr)(
                self.graph,
                spec.as_ptr(),
                &raw mut inputs.first,
                &raw mut outputs.first,
                ptr::null_mut(),
            )
        })
    }

    /// Sends one frame in. The caller keeps it.
    pub(in crate::av) fn send(&mut self, frame: &Frame) -> Result<(), Error> {
        // SAFETY: the source lives as long as the graph; the call takes a const frame and makes its own reference
        // (libavfilter/buffersrc.h).
        done(unsafe { (self.filters.call.av_buffersrc_write_frame)(self.source, frame.as_ptr()) })
    }

    /// Says that no more frames come.
    pub(in crate::av) fn finish(&mut self) -> Result<(), Error> {
        // SAFETY: the source lives as long as the graph; the frame may be "NULL to mark EOF" (libavfilter/buffersrc.h).
        done(unsafe { (self.filters.call.av_buffersrc_add_frame_flags)(self.source, ptr::null_mut(), 0) })
    }

    /// Fills `frame` with the next one at an output, of just so many `samples` when they are said, and gives the time base
    /// that it counts in. An output that the graph has not is at its end.
    pub(in crate::av) fn pull(
        &mut self,
        output: usize,
        samples: Option<usize>,
        frame: &mut Frame,
    ) -> Result<Rational, Error> {
        let (call, sink) = (&self.filters.call, *self.sinks.get(output).ok_or(Error::Eof)?);
        let samples = samples.map(c_int::try_from).transpose().map_err(|_| Error::InvalidData)?;
        // SAFETY: the frame is live and borrowed for writing, and empty when it is to be filled (libavutil/frame.h). The
        // sink lives as long as the graph (libavfilter/buffersink.h).
        done(unsafe {
            ffi::av_frame_unref(frame.as_mut_ptr());
            match samples {
                Some(samples) => (call.av_buffersink_get_samples)(sink, frame.as_mut_ptr(), samples),
                None => (call.av_buffersink_get_frame)(sink, frame.as_mut_ptr()),
            }
        })?;
        // SAFETY: reads a property of a sink of a graph that is configured (libavfilter/buffersink.h).
        Ok(unsafe { (call.av_buffersink_get_time_base)(sink) }.into())
    }
}

impl Drop for FilterGraph {
    fn drop(&mut self) {
        // SAFETY: the graph was allocated by the same library and is freed once, with its filters
        // (libavfilter/avfilter.h).
        unsafe { (self.filters.call.avfilter_graph_free)(&raw mut self.graph) }
    }
}

/// A list of pads that are open.
struct Pads {
    filters: &'static Filters,
    first: *mut ffi::AVFilterInOut,
}

impl Pads {
    fn none(filters: &'static Filters) -> Self {
        Self { filters, first: ptr::null_mut() }
    }

    /// Adds the first pad of a filter in front.
    fn add(&mut self, name: &str, filter: *mut ffi::AVFilterContext) -> Result<(), Error> {
        let name = c_string(name)?;
        // SAFETY: the call gives an empty entry, which "must be freed with avfilter_inout_free()", or null. That frees the
        // name, a copy by av_strdup as in FFmpeg's doc/examples/filtering_video.c, and the entries behind it
        // (libavfilter/avfilter.h).
        unsafe {
            let entry = (self.filters.call.avfilter_inout_alloc)();
            if entry.is_null() {
                return Err(NO_MEMORY);
            }
            (*entry).name = ffi::av_strdup(name.as_ptr());
            (*entry).filter_ctx = filter;
            (*entry).pad_idx = 0;
            (*entry).next = self.first;
            self.first = entry;
            if (*entry).name.is_null() { Err(NO_MEMORY) } else { Ok(()) }
        }
    }
}

impl Drop for Pads {
    fn drop(&mut self) {
        // SAFETY: the list is ours; the call frees each entry with its name, and takes an empty list as well
        // (libavfilter/avfilter.h).
        unsafe { (self.filters.call.avfilter_inout_free)(&raw mut self.first) }
    }
}

const NO_MEMORY: Error = Error::Other { errno: libc::ENOMEM };

fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::InvalidData)
}

/// What a call returned: less than 0 is an error.
fn done(result: c_int) -> Result<(), Error> {
    if result < 0 { Err(Error::from(result)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_told_by_name() {
        let name = "libavfilter-that-is-nowhere";
        let why = Filters::open(name).err().expect("it is nowhere");
        assert!(cfg!(windows) || why.contains(name), "{why}");
    }

    /// What is loaded is something else.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_library_without_the_functions_is_refused() {
        let why = Filters::open("libc.so.6").err().expect("it is another library");
        assert!(why.contains("avfilter_version"), "{why}");
    }
}
