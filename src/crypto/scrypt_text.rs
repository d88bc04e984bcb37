//! scrypt hashes as the reference writes them: `<32 hex digits of salt>:<128 hex digits of key>`.
//!
//! N = 16384, r = 16, p = 1, 64 bytes of key. The salt that goes into the hash is the hexadecimal
//! *text*, not the bytes it stands for. No other stored text is mistaken for one of these: all others contain a `$`.

use zeroize::Zeroizing;

use super::digest::constant_time_eq;
use super::foreign::UnreadableHash;
use super::hex;
use super::password::HashError;

const LOG_N: u8 = 14;
const R: u32 = 16;
const P: u32 = 1;
const KEY_LENGTH: usize = 64;
/// Longest salt text accepted in a stored hash, in bytes. The reference writes 32.
const MAX_SALT_LENGTH: usize = 256;

/// Hashes a normalized password.
pub(super) fn hash(password: &str, salt: &[u8]) -> Result<String, HashError> {
    let salt = hex::encode(salt);
    let key = key(password, &salt).ok_or(HashError::Failed)?;
    Ok(format!("{salt}:{}", &*key))
}

/// A text of the form that [`hash`] writes, which no password is known to match.
pub(super) fn decoy() -> String {
    format!("{}:{}", "0".repeat(32), "0".repeat(KEY_LENGTH * 2))
}

/// A hash as the reference writes it.
pub(super) struct ScryptText<'t> {
    salt: &'t str,
    key: &'t str,
}

impl<'t> ScryptText<'t> {
    /// Reads a text without a `$`.
    pub(super) fn parse(stored: &'t str) -> Result<Self, UnreadableHash> {
        let (salt, key) = split(stored).ok_or(UnreadableHash::Unknown)?;
        Ok(Self { salt, key })
    }

    /// Whether this is the hash of a normalized password.
    pub(super) fn matches(&self, password: &str) -> bool {
        key(password, self.salt).is_some_and(|key| constant_time_eq(key.as_bytes(), self.key.as_bytes()))
    }
}

/// Whether a stored hash has the form that [`hash`] writes. Its cost is fixed.
pub(super) fn is_current(stored: &str) -> bool {
    split(stored).is_some()
}

fn split(stored: &str) -> Option<(&str, &str)> {
    let (salt, key) = stored.split_once(':')?;
    let well_formed =
        (1..=MAX_SALT_LENGTH).contains(&salt.len()) && key.len() == KEY_LENGTH * 2 && !stored.contains('$');
    well_formed.then_some((salt, key))
}

/// The key in lowercase hexadecimal, the form in which it is stored and compared.
fn key(password: &str, salt: &str) -> Option<Zeroizing<String>> {
    let params = scrypt::Params::new(LOG_N, R, P).ok()?;
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, key.as_mut_slice()).ok()?;
    Some(Zeroizing::new(hex::encode(key.as_slice())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STORED: &str = "000102030405060708090a0b0c0d0e0f:4d0d283f7449d979c31a602cc9bd620e5f53848f484c4bcb2177ed3e814eb13c6103504113a34cc637e58fdfc43bade04dbfd45dea9c309439dcc920e4d0e51d";

    fn matches(password: &str, stored: &str) -> Option<bool> {
        ScryptText::parse(stored).ok().map(|stored| stored.matches(password))
    }

    #[test]
    fn hashes_as_the_reference_does() {
        let salt: [u8; 16] = std::array::from_fn(|index| index as u8);
        assert_eq!(hash("pässword", &salt).unwrap(), STORED);
        assert_eq!(matches("pässword", STORED), Some(true));
        assert_eq!(matches("password", STORED), Some(false));
    }

    #[test]
    fn the_key_is_compared_in_lowercase() {
        let (salt, key) = STORED.split_once(':').unwrap();
        let stored = format!("{salt}:{}", key.to_uppercase());
        assert_eq!(matches("pässword", &stored), Some(false));
    }

    #[test]
    fn refuses_other_forms() {
        for stored in [
            "",
            ":",
            "plain",
            &STORED[..STORED.len() - 1],
            &STORED[32..],
            &format!("{STORED}:"),
            &format!("${STORED}"),
            &format!("{}{STORED}", "0".repeat(225)),
        ] {
            assert_eq!(matches("pässword", stored), None, "{stored}");
            assert!(!is_current(stored));
        }
        assert!(is_current(STORED));
    }

    #[test]
    fn a_decoy_looks_like_a_hash_and_matches_nothing() {
        assert!(is_current(&decoy()));
        assert_eq!(matches("", &decoy()), Some(false));
    }

    proptest! {
        #[test]
        fn reads_any_string(stored: String) {
            let _ = is_current(&stored);
        }
    }
}
