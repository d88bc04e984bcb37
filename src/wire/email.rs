//! Email addresses, as the reference's validator accepts them.

/// Whether `text` is an email address for zod 4's `z.email()`, which every route of the reference uses.
///
/// Before the `@`: atoms of letters, digits, `_`, `'`, `+` and `-`, joined by single dots, the last character not an
/// apostrophe. After it: two or more labels of letters, digits and `-` that do not begin with `-`, the last of them
/// at least two letters and nothing else. ASCII only, no quoting, no length limit. One pass, no backtracking.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    is_local_part(local) && is_domain(domain)
}

/// What addresses end with that were made up for want of one: no mail reaches them (RFC 6761 section 6.4).
pub const PLACEHOLDER_DOMAIN: &str = "placeholder.invalid";

/// Whether mail to `email` cannot arrive: its domain is one that never exists (RFC 6761 section 6.4).
#[must_use]
pub fn is_undeliverable(email: &str) -> bool {
    let top = email.rsplit(['.', '@']).next().unwrap_or_default();
    top.eq_ignore_ascii_case("invalid")
}

fn is_local_part(local: &str) -> bool {
    let is_atom =
        |atom: &str| !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"_'+-".contains(&b));
    local.split('.').all(is_atom) && !local.ends_with('\'')
}

fn is_domain(domain: &str) -> bool {
    let Some((labels, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    labels.split('.').all(is_label) && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Verdicts of zod 4.6.7's `z.email()`: `[text, accepted]`.
    const VECTORS: &str = include_str!("email/vectors.json");

    #[test]
    fn verdicts_are_those_of_zod() {
        let vectors: Vec<(String, bool)> = serde_json::from_str(VECTORS).unwrap();
        assert!(vectors.len() > 200);
        for (text, accepted) in vectors {
            assert_eq!(is_email(&text), accepted, "{text:?}");
        }
    }

    #[test]
    fn nobody_reads_what_goes_to_a_domain_that_never_exists() {
        for email in ["a@b.placeholder.invalid", "a@b.INVALID", "a@invalid"] {
            assert!(is_undeliverable(email), "{email}");
        }
        for email in ["a@b.co", "invalid@b.co", "a@invalid.co", "a@notinvalid", ""] {
            assert!(!is_undeliverable(email), "{email}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_address_is_plain_ascii_with_one_at(text in "[a.@'+_0Bé-]{0,12}") {
            if is_email(&text) {
                prop_assert!(text.is_ascii());
                prop_assert_eq!(text.matches('@').count(), 1);
                prop_assert!(!text.contains(".."));
            }
        }

        #[test]
        fn any_text_gets_a_verdict(text in any::<String>()) {
            let _ = is_email(&text);
        }
    }
}
