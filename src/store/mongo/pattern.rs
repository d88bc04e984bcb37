//! Comparisons of text as regular expressions.
//!
//! Upper and lower case are told apart by classes of ASCII letters, never by the option `i`, which folds more than ASCII.
//! Everything is anchored with `\A` and `\z`: `$` would accept a line feed behind the end.

use crate::store::{CaseMode, Op, StorageError};

/// MongoDB refuses longer expressions, in bytes.
const MAX_BYTES: usize = 32_000;
/// Every character of an order comparison opens a group, and PCRE allows 250.
const MAX_GROUPS: usize = 200;

/// What text matches `op text`. Not for `Ne`, which is the negation of `Eq`.
pub(super) fn pattern(op: Op, text: &str, case: CaseMode) -> Result<String, StorageError> {
    let pattern = match op {
        Op::Contains => literal(text, case),
        Op::StartsWith => format!(r"\A{}", literal(text, case)),
        Op::EndsWith => format!(r"{}\z", literal(text, case)),
        Op::Eq | Op::Ne => format!(r"\A{}\z", literal(text, case)),
        Op::Lt | Op::Lte | Op::Gt | Op::Gte => ordered(op, &text.to_ascii_lowercase())?,
    };
    if pattern.len() > MAX_BYTES {
        return Err(too_long());
    }
    Ok(pattern)
}

fn too_long() -> StorageError {
    StorageError::Failed("a text is too long to be compared in this way".to_owned())
}

fn literal(text: &str, case: CaseMode) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        push_letter(&mut pattern, letter, case);
    }
    pattern
}

fn push_letter(pattern: &mut String, letter: char, case: CaseMode) {
    match (letter, case) {
        ('a'..='z' | 'A'..='Z', CaseMode::Insensitive) => {
            pattern.extend(['[', letter.to_ascii_lowercase(), letter.to_ascii_uppercase(), ']']);
        }
        _ => {
            if letter.is_ascii_punctuation() {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
    }
}

/// Text that, in lower case, stands in this order to `text`: at each character it differs in the right direction, or it
/// agrees and the rest decides.
fn ordered(op: Op, text: &str) -> Result<String, StorageError> {
    let (less, or_equal) = (matches!(op, Op::Lt | Op::Lte), matches!(op, Op::Lte | Op::Gte));
    let mut pattern = r"\A".to_owned();
    let mut groups = 0;
    for letter in text.chars() {
        groups += 1;
        pattern.push_str("(?:");
        if less {
            pattern.push_str(r"\z|");
        }
        let ranges = if less { below(letter) } else { above(letter) };
        if !ranges.is_empty() {
            pattern.push('[');
            for (first, last) in ranges {
                pattern.push_str(&format!(r"\x{{{:x}}}-\x{{{:x}}}", u32::from(first), u32::from(last)));
            }
            pattern.push_str("]|");
        }
        push_letter(&mut pattern, letter, CaseMode::Insensitive);
    }
    if groups > MAX_GROUPS {
        return Err(too_long());
    }
    pattern.push_str(match (less, or_equal) {
        // Nothing more may follow, and for `Lt` not even that is enough.
        (true, true) => r"\z",
        (true, false) => "(?!)",
        // Anything may follow, and for `Gt` something must.
        (false, true) => "",
        (false, false) => r"(?!\z)",
    });
    pattern.push_str(&")".repeat(groups));
    Ok(pattern)
}

/// The characters that come before `letter` once they are in lower case.
fn below(letter: char) -> Vec<(char, char)> {
    let mut ranges = Vec::with_capacity(3);
    if let Some(last) = before(letter) {
        push_without_capitals(&mut ranges, '\0', last);
    }
    match letter {
        '\0'..='a' => {}
        'b'..='z' => ranges.extend(before(letter.to_ascii_uppercase()).map(|last| ('A', last))),
        _ => ranges.push(('A', 'Z')),
    }
    ranges
}

/// The characters that come after `letter` once they are in lower case.
fn above(letter: char) -> Vec<(char, char)> {
    let mut ranges = Vec::with_capacity(3);
    if let Some(first) = after(letter) {
        push_without_capitals(&mut ranges, first, char::MAX);
    }
    match letter {
        '\0'..='`' => ranges.push(('A', 'Z')),
        'a'..='y' => ranges.extend(after(letter.to_ascii_uppercase()).map(|first| (first, 'Z'))),
        _ => {}
    }
    ranges
}

fn push_without_capitals(ranges: &mut Vec<(char, char)>, first: char, last: char) {
    if first <= '@' {
        ranges.push((first, last.min('@')));
    }
    if last >= '[' {
        ranges.push((first.max('['), last));
    }
}

fn before(letter: char) -> Option<char> {
    ('\0'..letter).next_back()
}

fn after(letter: char) -> Option<char> {
    (letter..=char::MAX).nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_for_themselves() {
        let of = |op, text| pattern(op, text, CaseMode::Sensitive).unwrap();
        assert_eq!(of(Op::StartsWith, "a.*"), r"\Aa\.\*");
        assert_eq!(of(Op::EndsWith, r"\é$"), r"\\é\$\z");
        assert_eq!(of(Op::Contains, "[x]-y"), r"\[x\]\-y");
    }

    #[test]
    fn case_is_folded_in_ascii_only() {
        assert_eq!(pattern(Op::Eq, "aZ1é", CaseMode::Insensitive).unwrap(), r"\A[aA][zZ]1é\z");
    }

    #[test]
    fn an_order_is_decided_at_the_first_difference() {
        let of = |op| pattern(op, "B", CaseMode::Insensitive).unwrap();
        assert_eq!(of(Op::Lt), r"\A(?:\z|[\x{0}-\x{40}\x{5b}-\x{61}\x{41}-\x{41}]|[bB](?!))");
        assert_eq!(of(Op::Gte), r"\A(?:[\x{63}-\x{10ffff}\x{43}-\x{5a}]|[bB])");
    }

    /// Every character but the surrogates is below, above or equal, and only one of them.
    #[test]
    fn characters_are_divided_in_three() {
        let within =
            |ranges: &[(char, char)], letter| ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter));
        for letter in ['\0', '!', '@', '[', '`', 'a', 'b', 'y', 'z', '{', 'é', '\u{d7ff}', '\u{e000}', char::MAX] {
            let (below, above) = (below(letter), above(letter));
            for other in ('\0'..='\u{2000}').chain('\u{d000}'..='\u{f000}').chain(['🦀', char::MAX]) {
                let order = other.to_ascii_lowercase().cmp(&letter);
                assert_eq!(
                    (within(&below, other), within(&above, other)),
                    (order.is_lt(), order.is_gt()),
                    "{other:?} {letter:?}"
                );
            }
        }
    }

    #[test]
    fn patterns_have_a_limit() {
        let long = "x".repeat(MAX_GROUPS + 1);
        assert!(pattern(Op::Lt, &long, CaseMode::Insensitive).is_err());
        assert!(pattern(Op::Contains, &long, CaseMode::Insensitive).is_ok());
        assert!(pattern(Op::Contains, &long.repeat(200), CaseMode::Sensitive).is_err());
    }
}
