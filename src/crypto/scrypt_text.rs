//! scrypt hashes as the reference writes them: `<32 hex digits of salt>:<128 hex digits of key>`.
//!
//! N = 16384, r = 16, p = 1, 64 bytes of key. The salt that goes into the hash is the hexadecimal
//! *text*, not the bytes it stands for.

use zeroize::Zeroizing;

use super::digest::constant_time_eq;
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

/// Whether a stored hash is that of a normalized password; `None` when it cannot be read.
pub(super) fn matches(password: &str, stored: &str) -> Option<bool> {
    let (salt, stored_key) = split(stored)?;
    let key = key(password, salt)?;
    Some(constant_time_eq(key.as_bytes(), stored_key.as_bytes()))
}

/// Whether a stored hash has the form that [`hash`] writes. Its cost is fixed.
pub(super) fn is_current(stored: &str) -> bool {
    split(stored).is_some()
}

fn split(stored: &str) -> Option<(&str, &str)> {
    let (salt, key) = stored.split_once(':')?;
    let well_formed = (1..=MAX_SALT_LENGTH).contains(&salt.len()) && key.len() == KEY_LENGTH * 2;
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
            &format!("{}{STORED}", "0".repeat(225)),
        ] {
            assert_eq!(matches("pässword", stored), None, "{stored}");
            assert!(!is_current(stored));
        }
        assert!(is_current(STORED));
    }

    proptest! {
        #[test]
        fn reads_any_string(stored: String) {
            let _ = is_current(&stored);
        }
    }
}
