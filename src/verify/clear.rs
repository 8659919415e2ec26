//! Encrypted samples, opened: header and fragment in, a clear file of the same layout out (ISO/IEC 23001-7:2023).

use mp4_atom::{Tfhd, Trex, Trun};

use super::boxes::{self, Place};
use super::cipher::{BLOCK, Cipher};
use super::noise::Sample;

/// What is said of the samples of a fragment: `tenc`, or a `seig` of its own.
struct Defaults {
    crypt: usize,
    skip: usize,
    vector_length: usize,
    constant: Option<[u8; BLOCK]>,
}

impl Defaults {
    /// The fields that `tenc` and `seig` share, from the one behind version and flags on (§§ 6, 8.2).
    fn read(fields: &[u8]) -> Option<Self> {
        let (pattern, vector_length) = (*fields.get(1)?, usize::from(*fields.get(3)?));
        let constant = match vector_length {
            0 => {
                let length = usize::from(*fields.get(20)?);
                Some(padded(fields.get(21..21 + length)?))
            }
            _ => None,
        };
        Some(Self { crypt: (pattern >> 4).into(), skip: (pattern & 0xf).into(), vector_length, constant })
    }
}

/// A vector of 8 bytes is the upper half of a block (§ 9.2).
fn padded(vector: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(vector).for_each(|(to, from)| *to = *from);
    block
}

/// A file in which nothing is encrypted any more.
pub(super) struct Cleared {
    pub(super) file: Vec<u8>,
    pub(super) samples: Vec<Sample>,
}

/// `header` and `fragment` (a `moof` and its `mdat`) as one file in which nothing is encrypted any more. What told of
/// the encryption becomes free space, so that everything else stays in its place.
pub(super) fn clear(header: &[u8], fragment: &[u8], key: &[u8; BLOCK]) -> Result<Cleared, String> {
    let (mut head, mut body) = (header.to_vec(), fragment.to_vec());
    let entry = first_entry(header).ok_or("the header has no protected sample entry")?;
    let schm = boxes::find(header, entry.sinf, &[b"schm"]).and_then(|schm| boxes::word(header, schm, 4));
    let scheme = schm.map(u32::to_be_bytes).ok_or("the header has no schm")?;
    let top = boxes::walk(fragment, 0, fragment.len())?;
    let of = |kind: &[u8; 4]| top.iter().find(|place| place.kind == *kind).copied();
    let (moof, mdat) = of(b"moof").zip(of(b"mdat")).ok_or("there is no moof with an mdat")?;
    let traf = boxes::find(fragment, moof, &[b"traf"]).ok_or("there is no traf")?;
    let defaults = defaults(header, &entry, fragment, traf).ok_or("the encryption is not described")?;
    let sizes = sizes(header, fragment, traf)?;
    let told = auxiliary(fragment, traf, &defaults, &sizes).ok_or("senc cannot be read")?;
    let cipher = Cipher::new(key);
    let (mut at, mut samples) = (mdat.body, Vec::new());
    for ((vector, ranges), size) in told.into_iter().zip(sizes) {
        let sample = body.get_mut(at..at + size).ok_or("a sample leaves the mdat")?;
        open(sample, &scheme, (&cipher, vector), &ranges, &defaults)?;
        let mut start = head.len() + at;
        let protected = ranges.into_iter().filter_map(|(clear, protected)| {
            let begin = start + clear;
            start = begin + protected;
            (protected >= BLOCK).then_some(begin)
        });
        // Counter mode wants whole blocks, for which headers take what is over (§ 9.5.2.3).
        let (ranges, exact) = (protected.collect(), scheme == *b"cbcs");
        samples.push(Sample { bytes: head.len() + at..head.len() + at + size, ranges, exact });
        at += size;
    }
    for place in boxes::inside(fragment, traf) {
        if matches!(&place.kind, b"senc" | b"saiz" | b"saio" | b"sgpd" | b"sbgp") {
            body[place.start + 4..place.start + 8].copy_from_slice(b"free");
        }
    }
    free_headers(&mut body, fragment, moof);
    unprotect(&mut head, header);
    head.append(&mut body);
    Ok(Cleared { file: head, samples })
}

/// Takes the encryption off one sample.
fn open(
    sample: &mut [u8],
    scheme: &[u8; 4],
    (cipher, vector): (&Cipher, [u8; BLOCK]),
    ranges: &[(usize, usize)],
    defaults: &Defaults,
) -> Result<(), String> {
    let whole = [(0, sample.len())];
    let ranges = if ranges.is_empty() { &whole[..] } else { ranges };
    let mut stream = cipher.stream(vector);
    let mut at = 0;
    for (clear, protected) in ranges {
        let range = sample.get_mut(at + clear..at + clear + protected).ok_or("a range leaves its sample")?;
        match (scheme, defaults.crypt, defaults.skip) {
            (b"cenc", ..) => stream.over(range),
            (b"cbcs", 0, _) | (b"cbcs", _, 0) => {
                cipher.unchain(range, vector);
            }
            (b"cbcs", crypt, skip) => {
                let mut before = vector;
                for turn in range.chunks_mut((crypt + skip) * BLOCK) {
                    let taken = (crypt * BLOCK).min(turn.len());
                    before = cipher.unchain(&mut turn[..taken], before);
                }
            }
            _ => return Err(format!("the scheme {} is not known here", boxes::name(*scheme))),
        }
        at += clear + protected;
    }
    Ok(())
}

/// A protected sample entry.
struct Entry {
    place: Place,
    sinf: Place,
}

fn entries(header: &[u8]) -> Vec<Entry> {
    let top = boxes::walk(header, 0, header.len()).unwrap_or_default();
    let moov = top.iter().find(|place| &place.kind == b"moov").copied();
    let stsd = moov.and_then(|moov| boxes::find(header, moov, &[b"trak", b"mdia", b"minf", b"stbl", b"stsd"]));
    let all = stsd.and_then(|stsd| boxes::walk(header, stsd.body + 8, stsd.end).ok()).unwrap_or_default();
    let entry = |place: Place| {
        let fields = match &place.kind {
            b"encv" => 78,
            b"enca" => 28,
            _ => return None,
        };
        let inside = boxes::walk(header, (place.body + fields).min(place.end), place.end).ok()?;
        Some(Entry { place, sinf: *inside.iter().find(|place| &place.kind == b"sinf")? })
    };
    all.into_iter().filter_map(entry).collect()
}

fn first_entry(header: &[u8]) -> Option<Entry> {
    entries(header).into_iter().next()
}

fn defaults(header: &[u8], entry: &Entry, fragment: &[u8], traf: Place) -> Option<Defaults> {
    let group = boxes::find(fragment, traf, &[b"sgpd"]).and_then(|sgpd| fragment.get(sgpd.body..sgpd.end));
    // Version and flags, type, length and number of the entries; then the first entry.
    if let Some(group) = group.filter(|group| group.get(4..8) == Some(b"seig")) {
        return Defaults::read(group.get(16..)?);
    }
    let tenc = boxes::find(header, entry.sinf, &[b"schi", b"tenc"])?;
    Defaults::read(header.get(tenc.body + 4..tenc.end)?)
}

/// The sizes of all samples, in order.
fn sizes(header: &[u8], fragment: &[u8], traf: Place) -> Result<Vec<usize>, String> {
    let tfhd: Tfhd = boxes::read(fragment, traf, &[b"tfhd"])?;
    let top = boxes::walk(header, 0, header.len())?;
    let moov = top.iter().find(|place| &place.kind == b"moov").copied().ok_or("there is no moov")?;
    let trex = boxes::read::<Trex>(header, moov, &[b"mvex", b"trex"]).ok().map(|trex| trex.default_sample_size);
    let mut sizes = Vec::new();
    for place in boxes::inside(fragment, traf).into_iter().filter(|place| &place.kind == b"trun") {
        let trun: Trun = boxes::decode(fragment, place)?;
        for entry in &trun.samples {
            let size = entry.size.or(tfhd.default_sample_size).or(trex).ok_or("a sample has no size")?;
            sizes.push(size as usize);
        }
    }
    Ok(sizes)
}

/// The vector and the ranges of each sample, clear and protected bytes in turn; no ranges where it is protected as a
/// whole.
type Told = Vec<([u8; BLOCK], Vec<(usize, usize)>)>;

/// What `senc` says (§ 7.2), or what holds of all samples where there is none.
fn auxiliary(fragment: &[u8], traf: Place, defaults: &Defaults, sizes: &[usize]) -> Option<Told> {
    const RANGES: u32 = 2;
    let Some(senc) = boxes::find(fragment, traf, &[b"senc"]) else {
        return Some(vec![(defaults.constant?, Vec::new()); sizes.len()]);
    };
    let flags = boxes::version_and_flags(fragment, senc).1;
    let mut rest = fragment.get(senc.body + 8..senc.end)?;
    let mut take = |count: usize| {
        let (taken, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(taken)
    };
    let mut told = Vec::with_capacity(sizes.len());
    for _ in sizes {
        let own = padded(take(defaults.vector_length)?);
        let mut ranges = Vec::new();
        if flags & RANGES != 0 {
            let count = u16::from_be_bytes(*take(2)?.first_chunk()?);
            for [a, b, c, d, e, f] in take(6 * usize::from(count))?.as_chunks::<6>().0 {
                ranges.push((u16::from_be_bytes([*a, *b]).into(), u32::from_be_bytes([*c, *d, *e, *f]) as usize));
            }
        }
        told.push((defaults.constant.unwrap_or(own), ranges));
    }
    Some(told)
}

/// Turns protected sample entries into what they were.
fn unprotect(head: &mut [u8], header: &[u8]) {
    for Entry { place, sinf } in entries(header) {
        let Some(format) = boxes::find(header, sinf, &[b"frma"]).and_then(|frma| boxes::word(header, frma, 0)) else {
            continue;
        };
        head[place.start + 4..place.start + 8].copy_from_slice(&format.to_be_bytes());
        head[sinf.start + 4..sinf.start + 8].copy_from_slice(b"free");
    }
    let top = boxes::walk(header, 0, header.len()).unwrap_or_default();
    top.iter().filter(|place| &place.kind == b"moov").for_each(|moov| free_headers(head, header, *moov));
}

/// Makes every `pssh` of a box free space.
fn free_headers(bytes: &mut [u8], read: &[u8], parent: Place) {
    for place in boxes::inside(read, parent).iter().filter(|place| &place.kind == b"pssh") {
        bytes[place.start + 4..place.start + 8].copy_from_slice(b"free");
    }
}
