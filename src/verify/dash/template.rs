//! URLs of segments from templates (ISO/IEC 23009-1 § 5.3.9.4.4).

use super::super::rule::rules;

rules! {
    IDENTIFIER: Error "ISO 23009-1 5.3.9.4.4" "templates hold $RepresentationID$, $Number$, $Time$, $Bandwidth$ and $$ only";
}

/// The rule that a template can be expanded.
pub(super) const fn identifier() -> &'static super::super::Rule {
    IDENTIFIER
}

/// What is put into a template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'v> {
    pub(super) id: &'v str,
    pub(super) bandwidth: u64,
    /// The number and the time of the segment; a header has none.
    pub(super) segment: Option<(u64, u64)>,
}

/// Expands a template; the part that is no identifier when there is one.
pub(super) fn expand(template: &str, values: Values<'_>) -> Result<String, String> {
    let mut text = String::new();
    let mut parts = template.split('$').enumerate().peekable();
    while let Some((at, part)) = parts.next() {
        if at % 2 == 0 {
            text += part;
            continue;
        }
        if parts.peek().is_none() {
            return Err(format!("${part}"));
        }
        let (name, width) = match part.split_once("%0") {
            Some((name, format)) => (name, format.strip_suffix('d').and_then(|width| width.parse::<usize>().ok())),
            None => (part, Some(0)),
        };
        let width = width.filter(|width| *width <= 20).ok_or_else(|| format!("${part}$"))?;
        let number = match (name, values.segment) {
            ("", _) if part.is_empty() => {
                text.push('$');
                continue;
            }
            ("RepresentationID", _) if part == name => {
                text += values.id;
                continue;
            }
            ("Bandwidth", _) => values.bandwidth,
            ("Number", Some((number, _))) => number,
            ("Time", Some((_, time))) => time,
            _ => return Err(format!("${part}$")),
        };
        text += &format!("{number:0width$}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_expanded_as_the_standard_says() {
        let values = Values { id: "v1", bandwidth: 7, segment: Some((42, 9000)) };
        let text = expand("$RepresentationID$/$Number%05d$-$Time$_$Bandwidth%03d$$$.m4s", values);
        assert_eq!(text.as_deref(), Ok("v1/00042-9000_007$.m4s"));
        for odd in ["$Nummer$", "$Number%5d$", "$Number%099999999d$", "a$b", "$RepresentationID%02d$"] {
            assert!(expand(odd, values).is_err(), "{odd}");
        }
        assert!(expand("$Number$", Values { segment: None, ..values }).is_err());
    }
}
