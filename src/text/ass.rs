//! Events of Advanced SubStation Alpha, which FFmpeg's decoders make of every kind of text, in; cue text and settings out.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::style::{Style, Words};

/// The size of the screen that FFmpeg's own headers count in.
const USUAL_SCREEN: (f64, f64) = (384.0, 288.0);
/// What a line of text takes of the height of the screen, in per cent.
const LINE_PERCENT: f64 = 6.0;
/// From so much weight on letters are bold.
const BOLD: i32 = 600;
/// Fields in front of the text of an event: ReadOrder, Layer, Style, Name, three margins, Effect.
const FIELDS: usize = 8;

/// Where text stands, as on the digits of a keypad: 2 is below in the middle, 7 is above on the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Keypad(u8);

impl Keypad {
    const BELOW: Self = Self(2);

    const fn across(self) -> u8 {
        (self.0 - 1) % 3
    }

    const fn up(self) -> u8 {
        (self.0 - 1) / 3
    }

    fn new(digit: i32) -> Option<Self> {
        u8::try_from(digit).ok().filter(|digit| (1..=9).contains(digit)).map(Self)
    }

    /// The numbers of SubStation Alpha before version 4+: 1 to 3 below, 5 to 7 above, 9 to 11 in the middle.
    fn legacy(number: i32) -> Option<Self> {
        match number {
            1..=3 => Self::new(number),
            5..=7 => Self::new(number + 2),
            9..=11 => Self::new(number - 5),
            _ => None,
        }
    }
}

/// A named style of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named {
    style: Style,
    place: Keypad,
}

const USUAL: Named = Named { style: Style { bold: false, italic: false, underline: false }, place: Keypad::BELOW };

/// The header of a track: its styles and the screen it counts in.
#[derive(Clone, Debug)]
pub struct Header {
    styles: BTreeMap<String, Named>,
    screen: (f64, f64),
}

impl Header {
    /// Reads the text of a header; what it does not say is as FFmpeg has it.
    pub fn read(text: &str) -> Self {
        let (mut styles, mut screen) = (BTreeMap::new(), USUAL_SCREEN);
        let (mut format, mut legacy): (Vec<String>, bool) = (Vec::new(), false);
        for line in text.lines().map(str::trim) {
            let Some((key, value)) = line.split_once(':') else {
                legacy = if line.starts_with('[') { line.eq_ignore_ascii_case("[V4 Styles]") } else { legacy };
                continue;
            };
            let size = || value.trim().parse::<f64>().ok().filter(|size| *size > 0.0);
            match key.trim() {
                "PlayResX" => screen.0 = size().unwrap_or(screen.0),
                "PlayResY" => screen.1 = size().unwrap_or(screen.1),
                "Format" => format = value.split(',').map(|field| field.trim().to_ascii_lowercase()).collect(),
                "Style" => {
                    let fields: Vec<&str> = value.split(',').map(str::trim).collect();
                    let field =
                        |name: &str| format.iter().position(|f| f == name).and_then(|at| fields.get(at).copied());
                    let number = |name: &str| field(name).and_then(|text| text.parse::<i32>().ok()).unwrap_or(0);
                    let alignment = number("alignment");
                    let place = if legacy { Keypad::legacy(alignment) } else { Keypad::new(alignment) };
                    let style = Style {
                        bold: number("bold") == -1 || number("bold") == 1 || number("bold") >= BOLD,
                        italic: number("italic") != 0,
                        underline: number("underline") != 0,
                    };
                    let name = field("name").unwrap_or_default().trim_start_matches('*').to_owned();
                    styles.insert(name, Named { style, place: place.unwrap_or(Keypad::BELOW) });
                }
                _ => {}
            }
        }
        Self { styles, screen }
    }

    fn style(&self, name: &str) -> Named {
        let name = name.trim().trim_start_matches('*');
        self.styles.get(name).or_else(|| self.styles.get("Default")).copied().unwrap_or(USUAL)
    }

    /// Settings and text of the cue that an event is; the text is empty when it shows no words.
    pub fn cue(&self, event: &str) -> (String, String) {
        let fields: Vec<&str> = event.splitn(FIELDS + 1, ',').collect();
        let [_, _, style, _, _, _, _, _, text] = fields[..] else { return (String::new(), String::new()) };
        let named = self.style(style);
        let mut reader =
            Reader { header: self, named, style: named.style, place: named.place, at: None, drawing: false };
        let text = reader.read(text);
        let settings = if text.is_empty() { String::new() } else { reader.settings(text.lines().count()) };
        (settings, text)
    }
}

/// The text of one event, as far as it was read.
struct Reader<'a> {
    header: &'a Header,
    /// What `\r` goes back to.
    named: Named,
    style: Style,
    place: Keypad,
    /// Where `\pos` puts it, on the screen of the header.
    at: Option<(f64, f64)>,
    /// What follows are strokes, not words.
    drawing: bool,
}

impl Reader<'_> {
    fn read(&mut self, text: &str) -> String {
        let mut words = Words::default();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some((tags, after)) = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
                tags.split('\\').skip(1).for_each(|tag| self.tag(tag.trim()));
                rest = after;
                continue;
            }
            let (piece, after) = piece(rest);
            if !self.drawing {
                words.add(&piece, self.style);
            }
            rest = after;
        }
        words.finish()
    }

    fn tag(&mut self, tag: &str) {
        // A word of tags must not be taken for a shorter one: `\bord2` is not `\b`.
        fn number<T: FromStr>(tag: &str, name: &str) -> Option<T> {
            tag.strip_prefix(name)?.parse().ok()
        }
        if let Some(pair) = tag.strip_prefix("pos(").or_else(|| tag.strip_prefix("move(")) {
            let mut numbers = pair.trim_end_matches(')').split(',').map(|number| number.trim().parse().ok());
            self.at = numbers.next().flatten().zip(numbers.next().flatten()).or(self.at);
        } else if let Some(digit) = number(tag, "an") {
            self.place = Keypad::new(digit).unwrap_or(self.place);
        } else if let Some(old) = number(tag, "a") {
            self.place = Keypad::legacy(old).unwrap_or(self.place);
        } else if let Some(weight) = number::<i32>(tag, "b") {
            self.style.bold = weight == 1 || weight >= BOLD;
        } else if let Some(slant) = number::<i32>(tag, "i") {
            self.style.italic = slant != 0;
        } else if let Some(line) = number::<i32>(tag, "u") {
            self.style.underline = line != 0;
        } else if let Some(scale) = number::<i32>(tag, "p") {
            self.drawing = scale > 0;
        } else {
            match tag {
                "b" => self.style.bold = self.named.style.bold,
                "i" => self.style.italic = self.named.style.italic,
                "u" => self.style.underline = self.named.style.underline,
                "r" => self.style = self.named.style,
                _ => {
                    if let Some(name) = tag.strip_prefix('r') {
                        self.style = self.header.style(name).style;
                    }
                }
            }
        }
    }

    /// The place on the screen: of so many lines, in per cent of the picture. Below in the middle needs no words.
    fn settings(&self, lines: usize) -> String {
        let side = [("left", 5.0), ("center", 50.0), ("right", 95.0)][usize::from(self.place.across())];
        let height = LINE_PERCENT * lines as f64;
        // The upper edge of the text, whichever of its edges is meant. Players do not know line alignment.
        let lifted = height * [1.0, 0.5, 0.0][usize::from(self.place.up())];
        if let Some((x, y)) = self.at {
            let percent = |value: f64, size: f64| value / size * 100.0;
            let line = (percent(y, self.header.screen.1) - lifted).clamp(0.0, 100.0 - LINE_PERCENT).round();
            let position = percent(x, self.header.screen.0).clamp(0.0, 100.0).round();
            return format!("line:{line}% position:{position}% align:{}", side.0);
        }
        let line = match self.place.up() {
            0 => String::new(),
            1 => format!("line:{}%", (50.0 - lifted).max(0.0).round()),
            _ => "line:0".to_owned(),
        };
        let across = match side {
            ("center", _) => String::new(),
            (align, position) => format!("position:{position}% align:{align}"),
        };
        [line, across].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// The first piece of text without a tag in it, its escapes resolved, and what follows. Never takes nothing.
fn piece(text: &str) -> (String, &str) {
    let escapes = [("\\N", "\n"), ("\\n", "\n"), ("\\h", "\u{a0}"), ("\\{", "{"), ("\\}", "}")];
    if let Some((escape, meant)) = escapes.into_iter().find(|(escape, _)| text.starts_with(escape)) {
        return (meant.to_owned(), &text[escape.len()..]);
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    let end = text[first..].find(['\\', '{']).map_or(text.len(), |at| at + first);
    (text[..end].to_owned(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\
[Script Info]
PlayResX: 1920
PlayResY: 1080
[V4+ Styles]
Format: Name, Fontname, Fontsize, Bold, Italic, Underline, Alignment
Style: Default,Arial,16,0,0,0,2
Style: Sign,Arial,16,-1,0,0,8
Style: Thought,Arial,16,0,-1,0,2
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text";

    fn cue(style: &str, text: &str) -> (String, String) {
        Header::read(HEADER).cue(&format!("0,0,{style},,0,0,0,,{text}"))
    }

    fn text(words: &str) -> String {
        cue("Default", words).1
    }

    #[test]
    fn tags_become_those_of_webvtt() {
        assert_eq!(
            text(r"{\i1}Now{\i0}, {\b700\u1}go{\r} <on>\Nwith\hit, then"),
            "<i>Now</i>, <b><u>go</u></b> &lt;on&gt;\nwith&nbsp;it, then"
        );
    }

    #[test]
    fn tags_that_look_alike_are_told_apart() {
        assert_eq!(text(r"{\bord2\blur1\iclip(1,2,3,4)\fscx50\clip(m 0 0)}plain{\b}"), "plain");
    }

    #[test]
    fn strokes_and_comments_are_no_words() {
        assert_eq!(text(r"{\p1}m 0 0 l 100 0{\p0}"), "");
        assert_eq!(text(r"said {a note}aloud"), "said aloud");
        assert_eq!(text(r"\{kept\} and {open"), "{kept} and {open");
    }

    #[test]
    fn styles_of_the_header_count() {
        assert_eq!(cue("Sign", "EXIT"), ("line:0".to_owned(), "<b>EXIT</b>".to_owned()));
        assert_eq!(cue("Thought", r"Hm{\r} so"), (String::new(), "<i>Hm so</i>".to_owned()));
        assert_eq!(cue("Unknown", "Hm"), (String::new(), "Hm".to_owned()));
    }

    #[test]
    fn places_are_those_of_the_keypad() {
        let place = |tags: &str| cue("Default", &format!("{{{tags}}}x")).0;
        assert_eq!(place(r"\an2"), "");
        assert_eq!(place(r"\an8"), "line:0");
        assert_eq!(place(r"\an1"), "position:5% align:left");
        assert_eq!(place(r"\an9"), "line:0 position:95% align:right");
        assert_eq!(place(r"\a6"), "line:0");
        assert_eq!(place(r"\an5"), "line:47%");
        assert_eq!(place(r"\an7\pos(480,270)"), "line:25% position:25% align:left");
        assert_eq!(place(r"\pos(960,1080)"), "line:94% position:50% align:center");
    }

    #[test]
    fn odd_events_show_nothing_and_break_nothing() {
        let header = Header::read("Style\n[V4+ Styles\nStyle: x\nFormat:\nPlayResX: 0\nStyle: y,,,");
        for event in ["", ",,,", "0,0,Default,,0,0,0,,", "{", "\\"] {
            assert_eq!(header.cue(event).1, "", "{event}");
        }
        let odd = header.cue("0,0,y,,0,0,0,,{\\pos(1}\\");
        assert_eq!(odd.1, "\\");
    }
}
