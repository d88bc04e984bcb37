//! PostgreSQL's `numeric` in its binary form: digits to the base of 10,000, the weight of the first, sign, and scale.

use bytes::BufMut;

const NEGATIVE: u16 = 0x4000;

/// Writes a decimal number, such as `-12.5`, without exponent. `None` when it is not one.
pub(super) fn put(text: &str, out: &mut impl BufMut) -> Option<()> {
    let (sign, digits) = text.strip_prefix('-').map_or((0, text), |digits| (NEGATIVE, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimal = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !decimal(whole) || !decimal(fraction) {
        return None;
    }
    let scale = u16::try_from(fraction.len()).ok()?;
    let width = whole.len().div_ceil(4) * 4;
    let mut padded = format!("{whole:0>width$}{fraction}");
    while padded.len() % 4 != 0 {
        padded.push('0');
    }
    let weight = i16::try_from(width / 4).ok()? - 1;
    let groups = padded
        .as_bytes()
        .chunks(4)
        .map(|group| group.iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0')));
    let groups: Vec<_> = groups.collect();
    out.put_i16(i16::try_from(groups.len()).ok()?);
    out.put_i16(weight);
    out.put_u16(sign);
    out.put_u16(scale);
    groups.into_iter().for_each(|group| out.put_i16(group));
    Some(())
}

/// The number as decimal text, without a fraction that is zero. `None` for what is not a number.
pub(super) fn read(bytes: &[u8]) -> Option<String> {
    let mut units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = usize::from(units.next()?);
    let weight = i32::from(units.next()? as i16);
    let sign = units.next()?;
    let _scale = units.next()?;
    let groups: Vec<u16> = units.collect();
    if groups.len() != count || !matches!(sign, 0 | NEGATIVE) || groups.iter().any(|group| *group > 9999) {
        return None;
    }
    let group = |place: i32| usize::try_from(weight - place).ok().and_then(|at| groups.get(at)).copied().unwrap_or(0);
    let mut text = String::new();
    for place in (0..=weight.max(0)).rev() {
        text.push_str(&format!("{:04}", group(place)));
    }
    let whole = text.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let last = weight - i32::try_from(count).ok()? + 1;
    let fraction: String = (last..0).rev().map(|place| format!("{:04}", group(place))).collect();
    let fraction = fraction.trim_end_matches('0');
    let sign = if sign == NEGATIVE { "-" } else { "" };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for text in ["0", "1", "-1", "9999", "10000", "123456789012345678901234567890", "0.5", "-12.0625", "100.00001"]
        {
            let mut out = Vec::new();
            put(text, &mut out).unwrap();
            assert_eq!(read(&out).as_deref(), Some(text));
        }
        for text in ["", "-", "1e5", "NaN", ".5", "1x"] {
            assert!(put(text, &mut Vec::new()).is_none(), "{text}");
        }
        // 0.0001 and NaN as the server writes them.
        assert_eq!(read(&[0, 1, 0xff, 0xff, 0, 0, 0, 4, 0, 1]).as_deref(), Some("0.0001"));
        assert_eq!(read(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None);
        assert_eq!(read(&[0, 2, 0, 0]), None);
    }
}
