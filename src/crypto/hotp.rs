//! One-time passwords from a shared key: HOTP (RFC 4226) and TOTP (RFC 6238), over HMAC-SHA-1 as authenticator apps expect it.

use std::fmt;

use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

use super::digest::constant_time_eq;

/// The most digits that a code has.
pub const MAX_DIGITS: u32 = 8;

/// How many steps before and after the present one a code may be of (RFC 6238 section 5.2).
const DRIFT: u64 = 1;

/// A shared key and the form of its codes. Codes are compared in constant time.
#[derive(Clone)]
pub struct Totp {
    key: Key,
    digits: u32,
    period_secs: u64,
}

impl Totp {
    /// Codes of `digits` digits (1 to [`MAX_DIGITS`]; more or fewer are taken for the nearest) that change every `period_secs`
    /// seconds (at least 1).
    #[must_use]
    pub fn new(key: &[u8], digits: u32, period_secs: u64) -> Self {
        Self {
            key: Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key),
            digits: digits.clamp(1, MAX_DIGITS),
            period_secs: period_secs.max(1),
        }
    }

    /// The code of a counter (RFC 4226 section 5.3).
    #[must_use]
    pub fn code(&self, counter: u64) -> String {
        let tag = sign(&self.key, &counter.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 15);
        let chosen = tag[offset..offset + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = (chosen & 0x7fff_ffff) % 10_u32.pow(self.digits);
        format!("{number:0width$}", width = self.digits as usize)
    }

    /// The step in which the moment `unix_millis` is; moments before 1970 are in the first.
    #[must_use]
    pub fn step(&self, unix_millis: i64) -> u64 {
        u64::try_from(unix_millis).unwrap_or_default() / self.period_secs.saturating_mul(1000)
    }

    /// The step whose code `code` is, if it is that of the moment `unix_millis`, the one before, or the one after. Of several the
    /// latest, and the time it takes does not tell which.
    #[must_use]
    pub fn accept(&self, code: &str, unix_millis: i64) -> Option<u64> {
        let now = self.step(unix_millis);
        let mut accepted = None;
        for step in now.saturating_sub(DRIFT)..=now.saturating_add(DRIFT) {
            if constant_time_eq(self.code(step).as_bytes(), code.as_bytes()) {
                accepted = Some(step);
            }
        }
        accepted
    }

    /// The moment from which no code of `step` is accepted any more, in milliseconds since 1970.
    #[must_use]
    pub fn end_of(&self, step: u64) -> i64 {
        let end = step.saturating_add(DRIFT + 1).saturating_mul(self.period_secs).saturating_mul(1000);
        i64::try_from(end).unwrap_or(i64::MAX)
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp")
            .field("digits", &self.digits)
            .field("period_secs", &self.period_secs)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The key of the test values in both RFCs.
    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn counters_give_the_codes_of_rfc_4226_appendix_d() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        let totp = Totp::new(KEY, 6, 30);
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(totp.code(counter), code, "{counter}");
        }
    }

    #[test]
    fn moments_give_the_codes_of_rfc_6238_appendix_b() {
        let totp = Totp::new(KEY, 8, 30);
        let known = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (secs, code) in known {
            assert_eq!(totp.code(totp.step(secs * 1000)), code, "{secs}");
        }
    }

    #[test]
    fn a_code_is_accepted_one_step_early_and_one_late() {
        let totp = Totp::new(KEY, 6, 30);
        let code = totp.code(100);
        let accepted = |secs: i64| totp.accept(&code, secs * 1000);
        assert_eq!((accepted(100 * 30 - 31), accepted(102 * 30)), (None, None));
        for secs in [100 * 30 - 30, 100 * 30, 101 * 30 - 1, 102 * 30 - 1] {
            assert_eq!(accepted(secs), Some(100), "{secs}");
        }
        assert_eq!(totp.end_of(100), 102 * 30 * 1000);
    }

    #[test]
    fn nothing_but_the_whole_code_is_accepted() {
        let totp = Totp::new(KEY, 6, 30);
        let code = totp.code(0);
        for wrong in ["", &code[..5], &format!("{code}0"), &format!(" {code}"), "７５５２２４"] {
            assert_eq!(totp.accept(wrong, 0), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn a_code_has_its_digits_whatever_the_counter(key: Vec<u8>, digits in 0_u32..12, counter: u64) {
            let totp = Totp::new(&key, digits, 30);
            let code = totp.code(counter);
            prop_assert_eq!(code.len() as u32, digits.clamp(1, MAX_DIGITS));
            prop_assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
        }

        #[test]
        fn no_moment_is_too_early_or_too_late(millis: i64, code in "[0-9]{6}", period: u64) {
            let totp = Totp::new(KEY, 6, period);
            if let Some(step) = totp.accept(&code, millis) {
                prop_assert!(totp.end_of(step) > millis || millis < 0);
            }
        }
    }
}
