//! Rust source in, the paths and words it uses out. Comments and literals say nothing.

/// The source as identifiers, `::` and single other characters.
pub(super) fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<String> = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        match (at(i), at(i + 1)) {
            ('/', '/') => i += chars[i..].iter().take_while(|c| **c != '\n').count(),
            ('/', '*') => i = past_block_comment(&chars, i),
            ('r' | 'b' | 'c', '"' | '#' | 'r' | '\'') if !after_word(&chars, i) && literal_end(&chars, i).is_some() => {
                i = literal_end(&chars, i).unwrap_or(i + 1);
            }
            ('"', _) => i = past_quoted(&chars, i + 1, '"'),
            ('\'', next) if next == '\\' || at(i + 2) == '\'' => i = past_quoted(&chars, i + 1, '\''),
            (':', ':') => {
                found.push("::".to_owned());
                i += 2;
            }
            (c, _) if word(c) => {
                let length = chars[i..].iter().take_while(|c| word(**c)).count();
                found.push(chars[i..i + length].iter().collect());
                i += length;
            }
            (c, _) => {
                if !c.is_whitespace() {
                    found.push(c.to_string());
                }
                i += 1;
            }
        }
    }
    found
}

fn after_word(chars: &[char], i: usize) -> bool {
    i > 0 && (chars[i - 1].is_alphanumeric() || chars[i - 1] == '_')
}

fn past_block_comment(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut i = start;
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn past_quoted(chars: &[char], mut i: usize, quote: char) -> usize {
    while i < chars.len() && chars[i] != quote {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The end of a literal with a prefix at `start` (`r"…"`, `br#"…"#`, `b"…"`, `b'x'`), if there is one.
fn literal_end(chars: &[char], start: usize) -> Option<usize> {
    let prefix = chars[start..].iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    let raw = chars[start..start + prefix].contains(&'r');
    let hashes = chars[start + prefix..].iter().take_while(|c| **c == '#').count();
    let open = start + prefix + hashes;
    match chars.get(open) {
        Some('"') if raw => {
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let body = open + 1;
            let length = chars[body..].windows(close.len()).position(|w| w == close)?;
            Some(body + length + close.len())
        }
        Some('"') if hashes == 0 => Some(past_quoted(chars, open + 1, '"')),
        Some('\'') if prefix == 1 && chars[start] == 'b' => Some(past_quoted(chars, open + 1, '\'')),
        _ => None,
    }
}

/// Every path below `root` (`crate`, `streampack`), written alone or in groups, without `root` itself.
pub(super) fn paths(tokens: &[String], root: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let starts = token == root && tokens.get(i + 1).is_some_and(|t| t == "::");
        if starts && (i == 0 || tokens[i - 1] != "::") {
            use_tree(tokens, i + 2, &[], &mut found);
        }
    }
    found
}

/// Reads one use tree (`a::b`, `a::{b, c::d}`, `*`) and returns where it ends.
fn use_tree(tokens: &[String], mut i: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(i).map(String::as_str) {
            Some("{") => {
                i += 1;
                while tokens.get(i).is_some_and(|t| t != "}") {
                    i = use_tree(tokens, i, &path, found);
                    // Past `as name` and the comma.
                    while tokens.get(i).is_some_and(|t| t != "," && t != "}") {
                        i += 1;
                    }
                    i += usize::from(tokens.get(i).is_some_and(|t| t == ","));
                }
                return i + 1;
            }
            Some(name) if name == "*" || name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                path.push(name.to_owned());
                i += 1;
            }
            _ => break,
        }
        if tokens.get(i).is_some_and(|t| t == "::") {
            i += 1;
        } else {
            break;
        }
    }
    found.push(path);
    i
}

/// The longest `super::super::…` that leaves the file's own inline modules, in steps.
pub(super) fn longest_super(tokens: &[String]) -> usize {
    let mut longest = 0;
    let mut depth = 0usize;
    let mut inline: Vec<usize> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match tokens[i].as_str() {
            "{" => {
                depth += 1;
                if i >= 2 && tokens[i - 2] == "mod" {
                    inline.push(depth);
                }
            }
            "}" => {
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "super" => {
                let steps =
                    tokens[i..].chunks(2).take_while(|c| c[0] == "super" && c.len() == 2 && c[1] == "::").count();
                longest = longest.max(steps.saturating_sub(inline.len()));
                i += steps.saturating_sub(1) * 2;
            }
            _ => {}
        }
        i += 1;
    }
    longest
}

/// Whether the words of `phrase` (tokens separated by spaces) stand one after the other.
pub(super) fn says(tokens: &[String], phrase: &str) -> bool {
    let wanted: Vec<&str> = phrase.split(' ').collect();
    tokens.windows(wanted.len()).any(|w| w.iter().zip(&wanted).all(|(a, b)| a == b))
}
