//! Text on its way into an HTML page.

use std::borrow::Cow;

/// Escapes `text` for an HTML text node or a quoted attribute value: `&`, `<`, `>`, `"` and `'`.
///
/// Nothing else makes a value safe; it does not belong in a script, a style or an unquoted attribute.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(['&', '<', '>', '"', '\'']) else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(plain);
    for c in rest.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// Whether an error code may be shown on the error page: `^['A-Za-z0-9_-]+$`. The reference shows `UNKNOWN` instead
/// of any other.
#[must_use]
pub fn is_safe_error_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"'_-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_escaped_and_plain_text_is_borrowed() {
        assert_eq!(escape("a <b> & \"c\" 'd' &amp; é"), "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; &amp;amp; é");
        assert!(matches!(escape("plain é"), Cow::Borrowed("plain é")));
    }

    #[test]
    fn error_codes_keep_to_a_small_alphabet() {
        for code in ["INVALID_TOKEN", "state-mismatch", "can't_link", "a1"] {
            assert!(is_safe_error_code(code), "{code}");
        }
        for code in ["", "a b", "<b>", "a\n", "é", "a&b", "\u{212a}"] {
            assert!(!is_safe_error_code(code), "{code:?}");
        }
    }

    proptest! {
        #[test]
        fn no_markup_is_left(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            let back = escaped
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
