//! Glob patterns for origins and paths.

/// Whether a rule about paths is about `path`: a pattern, if there is a `*` in it, and else one path.
#[must_use]
pub fn path_matches(rule: &str, path: &str) -> bool {
    if rule.contains('*') { Wildcard::new(rule).matches(path) } else { rule == path }
}

/// A compiled pattern, held against a whole text.
///
/// - `*` is any run of characters and `?` is one character; neither is a separator, `/` or `\`.
/// - `/` is one or more separators. At the end of the text, separators that the pattern does not ask for are ignored.
/// - `**` between slashes is any number of whole segments; at the end it is everything.
/// - `\` takes the next character as it is.
///
/// Characters are UTF-16 code units, as in the reference, so one outside the basic plane needs two `?`. Matching
/// looks at each pair of pattern place and text place once, whatever the pattern: its time is the product of the two
/// lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// This code unit.
    Unit(u16),
    /// One code unit that is no separator.
    One,
    /// Any number of code units that are no separators.
    Run,
    /// One separator.
    Separator,
    /// Any number of separators.
    Separators,
    /// Anything.
    Rest,
    /// Any number of segments with the separators that end them; entered here, left here.
    Segments,
    /// Always after `Segments`: in the middle of a segment.
    InSegment,
}

impl Wildcard {
    /// Compiles a pattern; every text is one.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let mut tokens = Vec::with_capacity(pattern.len() + 1);
        let mut segments = pattern.split('/').enumerate().peekable();
        while let Some((index, segment)) = segments.next() {
            let next = segments.peek().map(|(_, segment)| *segment);
            if segment.is_empty() && index > 0 {
                continue;
            }
            if segment == "**" {
                push_deep(&mut tokens, index, next);
                continue;
            }
            push_segment(&mut tokens, segment);
            push_separator(&mut tokens, next);
        }
        Self { tokens }
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        // `reached[i]`: the first `i` tokens match what was read so far.
        let mut reached = vec![false; self.tokens.len() + 2];
        let mut next = reached.clone();
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        self.skip_empty(&mut reached);
        for unit in text.encode_utf16() {
            next.fill(false);
            for (index, token) in self.tokens.iter().enumerate() {
                let target = if reached.get(index) == Some(&true) { token.step(index, unit) } else { None };
                if let Some(place) = target.and_then(|target| next.get_mut(target)) {
                    *place = true;
                }
            }
            self.skip_empty(&mut next);
            std::mem::swap(&mut reached, &mut next);
        }
        reached.get(self.tokens.len()) == Some(&true)
    }

    /// Also reaches what lies behind tokens that may match nothing.
    fn skip_empty(&self, reached: &mut [bool]) {
        for (index, token) in self.tokens.iter().enumerate() {
            let skipped = match token {
                Token::Run | Token::Separators | Token::Rest => index + 1,
                Token::Segments => index + 2,
                Token::Unit(_) | Token::One | Token::Separator | Token::InSegment => continue,
            };
            if reached.get(index) == Some(&true)
                && let Some(place) = reached.get_mut(skipped)
            {
                *place = true;
            }
        }
    }
}

impl Token {
    /// The place after reading `unit` at this token, which stands at `index`; `None` when it does not fit.
    fn step(self, index: usize, unit: u16) -> Option<usize> {
        let separator = unit == u16::from(b'/') || unit == u16::from(b'\\');
        match self {
            Self::Unit(wanted) => (wanted == unit).then_some(index + 1),
            Self::One => (!separator).then_some(index + 1),
            Self::Run => (!separator).then_some(index),
            Self::Separator => separator.then_some(index + 1),
            Self::Separators => separator.then_some(index),
            Self::Rest => Some(index),
            Self::Segments => Some(if separator { index } else { index + 1 }),
            Self::InSegment if separator => index.checked_sub(1),
            Self::InSegment => Some(index),
        }
    }
}

/// Whether a text has a wildcard in it, escaped or not.
#[must_use]
pub fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn push_segment(tokens: &mut Vec<Token>, segment: &str) {
    let mut units = segment.encode_utf16();
    while let Some(unit) = units.next() {
        match u8::try_from(unit) {
            Ok(b'*') => tokens.push(Token::Run),
            Ok(b'?') => tokens.push(Token::One),
            // One at the end of a segment stands for nothing.
            Ok(b'\\') => tokens.extend(units.next().map(Token::Unit)),
            _ => tokens.push(Token::Unit(unit)),
        }
    }
}

/// What follows a segment, given the segment after it.
fn push_separator(tokens: &mut Vec<Token>, next: Option<&str>) {
    match next {
        None => tokens.push(Token::Separators),
        // The `**` brings its own.
        Some("**") => {}
        Some(_) => tokens.extend([Token::Separator, Token::Separators]),
    }
}

fn push_deep(tokens: &mut Vec<Token>, index: usize, next: Option<&str>) {
    match next {
        None => tokens.push(Token::Rest),
        // Several in a row are one.
        Some("**") => {}
        Some(_) => {
            if index > 0 {
                tokens.extend([Token::Separator, Token::Separators]);
            }
            tokens.extend([Token::Segments, Token::InSegment]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Verdicts of the reference's `wildcardMatch`: `[pattern, text, matches]`.
    const VECTORS: &str = include_str!("wildcard/vectors.json");

    fn matches(pattern: &str, text: &str) -> bool {
        Wildcard::new(pattern).matches(text)
    }

    #[test]
    fn verdicts_are_those_of_the_reference() {
        let vectors: Vec<(String, String, bool)> = serde_json::from_str(VECTORS).unwrap();
        assert!(vectors.len() > 400);
        for (pattern, text, expected) in vectors {
            assert_eq!(matches(&pattern, &text), expected, "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn many_wildcards_do_not_blow_up() {
        assert!(!matches(&("*a".repeat(200) + "b"), &"a".repeat(2_000)));
        assert!(!matches(&("**/".repeat(50) + "a/".repeat(50).as_str() + "b"), &"a/".repeat(500)));
    }

    /// A pattern taken apart for the slow matcher below, which tries every way to split the text.
    enum Part {
        Is(char),
        NoSeparator(usize, usize),
        Separators(usize),
        Everything,
        Segments,
    }

    fn parts(pattern: &str) -> Vec<Part> {
        let segments: Vec<&str> = pattern.split('/').collect();
        let mut parts = Vec::new();
        for (index, segment) in segments.iter().enumerate() {
            let next = segments.get(index + 1).copied();
            let separators = match next {
                None => Some(Part::Separators(0)),
                Some("**") => None,
                Some(_) => Some(Part::Separators(1)),
            };
            if segment.is_empty() && index > 0 {
                continue;
            }
            if *segment == "**" {
                if let Some(separators) = separators {
                    if index > 0 {
                        parts.push(separators);
                    }
                    parts.push(if next.is_none() { Part::Everything } else { Part::Segments });
                }
                continue;
            }
            let mut chars = segment.chars();
            while let Some(c) = chars.next() {
                match c {
                    '*' => parts.push(Part::NoSeparator(0, usize::MAX)),
                    '?' => parts.push(Part::NoSeparator(1, 1)),
                    '\\' => parts.extend(chars.next().map(Part::Is)),
                    other => parts.push(Part::Is(other)),
                }
            }
            parts.extend(separators);
        }
        parts
    }

    fn naive(parts: &[Part], text: &[char]) -> bool {
        let Some((part, rest)) = parts.split_first() else {
            return text.is_empty();
        };
        let separator = |c: &char| "/\\".contains(*c);
        (0..=text.len()).any(|taken| {
            let (head, tail) = text.split_at(taken);
            let fits = match part {
                Part::Is(c) => head == [*c],
                Part::NoSeparator(min, max) => (*min..=*max).contains(&taken) && !head.iter().any(separator),
                Part::Separators(min) => taken >= *min && head.iter().all(separator),
                Part::Everything => true,
                Part::Segments => head.last().is_none_or(separator),
            };
            fits && naive(rest, tail)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn matching_agrees_with_trying_everything(pattern in "[ab*?/\\\\]{0,8}", text in "[ab*/\\\\]{0,9}") {
            let chars: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text), naive(&parts(&pattern), &chars));
        }

        #[test]
        fn deep_patterns_agree_too(
            pattern in proptest::collection::vec(prop_oneof!["\\*\\*", "[ab*]{0,2}"], 0..5),
            text in "[ab/]{0,9}",
        ) {
            let pattern = pattern.join("/");
            let chars: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text), naive(&parts(&pattern), &chars));
        }

        #[test]
        fn any_pattern_meets_any_text(pattern in any::<String>(), text in any::<String>()) {
            let _ = matches(&pattern, &text);
        }
    }
}
