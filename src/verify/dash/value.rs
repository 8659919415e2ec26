//! Values of attributes: durations and ratios.

/// A duration of XML Schema in seconds; months and years have none.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let mut total = 0.0;
    let parts: [(&str, &[(char, f64)]); 2] =
        [(days, &[('D', 86_400.0)]), (time, &[('H', 3600.0), ('M', 60.0), ('S', 1.0)])];
    for (part, units) in parts {
        let mut number = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() || c == '.' {
                number.push(c);
                continue;
            }
            let (_, unit) = units.iter().find(|(name, _)| *name == c)?;
            total += number.parse::<f64>().ok()? * unit;
            number.clear();
        }
        if !number.is_empty() {
            return None;
        }
    }
    (rest.len() > 1).then_some(total)
}

/// `25` or `30000/1001`.
pub(super) fn ratio(text: &str) -> Option<f64> {
    let (num, den) = text.split_once('/').unwrap_or((text, "1"));
    let ratio = num.parse::<f64>().ok()? / den.parse::<f64>().ok()?;
    ratio.is_finite().then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_xml_schema() {
        assert_eq!(seconds("PT1H2M3.5S"), Some(3723.5));
        assert_eq!(seconds("P1DT1S"), Some(86_401.0));
        for odd in ["", "P", "5", "PT5", "P1M", "PT1X", "-PT1S"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
    }
}
