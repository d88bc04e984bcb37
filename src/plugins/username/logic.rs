//! Which names are allowed, and in which form they are kept.

use super::{
    errors,
    options::{Check, Moment, Normalization, UsernameOptions},
};
use crate::engine::ApiError;

const DEFAULT_MIN: usize = 3;
const DEFAULT_MAX: usize = 30;

/// The options, as decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    options: UsernameOptions,
}

impl Rules {
    pub(super) fn new(options: UsernameOptions) -> Self {
        Self { options }
    }

    /// What was decided.
    pub(super) fn options(&self) -> &UsernameOptions {
        &self.options
    }

    /// Whether users have a second form of the name, for showing.
    pub(super) fn has_display(&self) -> bool {
        self.options.display_username
    }

    /// Whether a name once chosen stays.
    pub(super) fn is_immutable(&self) -> bool {
        self.options.immutable_username
    }

    /// The form in which a name is stored and looked up.
    pub(super) fn normalize(&self, username: &str) -> String {
        self.options.username_normalization.apply(username)
    }

    /// The form in which a shown name is stored.
    pub(super) fn normalize_display(&self, shown: &str) -> String {
        self.options.display_username_normalization.apply(shown)
    }

    /// Refuses a name that is too short, too long or has other characters than allowed. Lengths are the reference's: UTF-16
    /// code units.
    pub(super) fn check(&self, username: &str) -> Result<(), ApiError> {
        let options = &self.options;
        let judged = judged(username, options.validation_order.username, &options.username_normalization);
        let length = judged.encode_utf16().count();
        if length < or_default(options.min_username_length, DEFAULT_MIN) {
            return Err(errors::USERNAME_TOO_SHORT);
        }
        if length > or_default(options.max_username_length, DEFAULT_MAX) {
            return Err(errors::USERNAME_TOO_LONG);
        }
        let allowed = match &options.username_validator {
            Some(Check(allowed)) => allowed(&judged),
            None => is_plain(&judged),
        };
        if allowed { Ok(()) } else { Err(errors::INVALID_USERNAME) }
    }

    /// Refuses a shown name that the application's own rule does not allow.
    pub(super) fn check_display(&self, shown: &str) -> Result<(), ApiError> {
        let options = &self.options;
        let Some(Check(allowed)) = &options.display_username_validator else { return Ok(()) };
        let order = options.validation_order.display_username;
        let judged = judged(shown, order, &options.display_username_normalization);
        if allowed(&judged) { Ok(()) } else { Err(errors::INVALID_DISPLAY_USERNAME) }
    }
}

fn judged(name: &str, when: Moment, normalization: &Normalization) -> String {
    match when {
        Moment::PreNormalization => name.to_owned(),
        Moment::PostNormalization => normalization.apply(name),
    }
}

fn or_default(length: usize, default: usize) -> usize {
    if length == 0 { default } else { length }
}

/// The reference's `^[a-zA-Z0-9_.]+$`.
fn is_plain(username: &str) -> bool {
    !username.is_empty() && username.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(toml_like: serde_json::Value) -> Result<UsernameOptions, serde_json::Error> {
        serde_json::from_value(toml_like)
    }

    fn refused(rules: &Rules, username: &str) -> Option<&'static str> {
        rules.check(username).err().and_then(|error| error.code)
    }

    #[test]
    fn names_have_three_to_thirty_plain_characters() {
        let rules = Rules::default();
        for good in ["abc", "A.b_9", &"x".repeat(30)] {
            assert_eq!(refused(&rules, good), None, "{good}");
        }
        for short in ["", "ab"] {
            assert_eq!(refused(&rules, short), Some("USERNAME_TOO_SHORT"), "{short}");
        }
        assert_eq!(refused(&rules, &"x".repeat(31)), Some("USERNAME_TOO_LONG"));
        for odd in ["a b", "a-b", "a@b", "äöü", "abc\n", "abc\0"] {
            assert_eq!(refused(&rules, odd), Some("INVALID_USERNAME"), "{odd:?}");
        }
    }

    #[test]
    fn lengths_are_counted_in_utf_16_code_units() {
        let rules = Rules::new(UsernameOptions { max_username_length: 4, ..UsernameOptions::default() });
        assert_eq!(refused(&rules, "😀😀"), Some("INVALID_USERNAME"));
        assert_eq!(refused(&rules, "😀😀😀"), Some("USERNAME_TOO_LONG"));
    }

    #[test]
    fn a_limit_of_zero_is_the_usual_one() {
        let options = UsernameOptions { min_username_length: 0, max_username_length: 0, ..UsernameOptions::default() };
        let rules = Rules::new(options);
        assert_eq!(refused(&rules, "ab"), Some("USERNAME_TOO_SHORT"));
        assert_eq!(refused(&rules, &"x".repeat(31)), Some("USERNAME_TOO_LONG"));
        assert_eq!(refused(&rules, "abc"), None);
    }

    #[test]
    fn the_applications_own_rule_sees_the_form_it_asks_for() {
        let lower = |options: UsernameOptions| Rules::new(options.username_validator(|name| name == "admin"));
        let mut options = UsernameOptions::default();
        assert_eq!(refused(&lower(options.clone()), "Admin"), Some("INVALID_USERNAME"));
        options.validation_order.username = Moment::PostNormalization;
        assert_eq!(refused(&lower(options), "Admin"), None);
    }

    #[test]
    fn a_shown_name_is_free_unless_the_application_minds() {
        assert_eq!(Rules::default().check_display("Any Thing! <b>"), Ok(()));
        let mut options = UsernameOptions::default().display_username_validator(|shown| !shown.contains(' '));
        options.display_username_normalization = Normalization::custom(|shown| shown.replace(' ', "_"));
        assert_eq!(Rules::new(options.clone()).check_display("a b"), Err(errors::INVALID_DISPLAY_USERNAME));
        options.validation_order.display_username = Moment::PostNormalization;
        let rules = Rules::new(options);
        assert_eq!((rules.check_display("a b"), rules.normalize_display("a b")), (Ok(()), "a_b".to_owned()));
    }

    #[test]
    fn options_are_read_from_a_configuration() {
        let options = read(serde_json::json!({
            "min_username_length": 5, "username_normalization": false, "display_username": false,
            "validation_order": { "username": "post-normalization" }
        }));
        let rules = Rules::new(options.unwrap());
        assert_eq!((rules.normalize("Ada"), rules.has_display()), ("Ada".to_owned(), false));
        assert_eq!(refused(&rules, "abcd"), Some("USERNAME_TOO_SHORT"));
        assert!(read(serde_json::json!({ "username_validator": true })).is_err());
        assert!(read(serde_json::json!({ "minUsernameLength": 5 })).is_err());
    }

    proptest! {
        #[test]
        fn an_allowed_name_is_still_allowed_once_stored(username in "\\PC{0,40}") {
            let rules = Rules::default();
            let stored = rules.normalize(&username);
            prop_assert_eq!(&rules.normalize(&stored), &stored);
            if rules.check(&username).is_ok() {
                prop_assert!(rules.check(&stored).is_ok());
            }
        }
    }
}
