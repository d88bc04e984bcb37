//! Argon2id hashes as PHC strings, `$argon2id$v=19$m=…,t=…,p=…$<salt>$<hash>`.

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::digest::constant_time_eq;
use super::password::HashError;

/// Most memory an Argon2 hash may ask for: 1 GiB, in KiB.
pub const MAX_MEMORY_KIB: u32 = 1 << 20;
/// Most passes an Argon2 hash may ask for.
pub const MAX_PASSES: u32 = 64;
/// Most lanes an Argon2 hash may ask for.
pub const MAX_LANES: u32 = 16;

const OUTPUT_LENGTH: usize = 32;

/// Cost of an Argon2id hash. The default is OWASP's first recommendation of 19 MiB, two passes and
/// one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Params {
    /// Memory in KiB, at most [`MAX_MEMORY_KIB`] and at least 8 per lane.
    pub memory_kib: u32,
    /// Passes over the memory, 1 to [`MAX_PASSES`].
    pub passes: u32,
    /// Lanes, 1 to [`MAX_LANES`].
    pub lanes: u32,
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

impl Argon2Params {
    /// Whether all three costs lie within their limits.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.prepared(None).is_some()
    }

    /// Checked before anything is allocated: the values may come from a stored hash.
    fn prepared(&self, output_length: Option<usize>) -> Option<Params> {
        let within_limits = self.memory_kib <= MAX_MEMORY_KIB && self.passes <= MAX_PASSES && self.lanes <= MAX_LANES;
        if !within_limits {
            return None;
        }
        Params::new(self.memory_kib, self.passes, self.lanes, output_length).ok()
    }
}

/// Hashes a normalized password.
pub(super) fn hash(password: &str, salt: &[u8], cost: Argon2Params) -> Result<String, HashError> {
    let params = cost.prepared(Some(OUTPUT_LENGTH)).ok_or(HashError::Parameters)?;
    let mut output = Zeroizing::new([0; OUTPUT_LENGTH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, output.as_mut_slice())
        .map_err(|_| HashError::Failed)?;
    let salt = Salt::new(salt).map_err(|_| HashError::Failed)?;
    let output = Output::new(output.as_slice()).map_err(|_| HashError::Failed)?;
    Ok(format!("$argon2id$v=19$m={},t={},p={}${salt}${output}", cost.memory_kib, cost.passes, cost.lanes))
}

/// Whether a stored hash is that of a normalized password; `None` when it cannot be read.
pub(super) fn matches(password: &str, stored: &str) -> Option<bool> {
    let stored = Stored::parse(stored)?;
    let params = stored.cost.prepared(Some(stored.output.len()))?;
    let mut output = Zeroizing::new(vec![0; stored.output.len()]);
    Argon2::new(stored.algorithm, stored.version, params)
        .hash_password_into(password.as_bytes(), &stored.salt, &mut output)
        .ok()?;
    Some(constant_time_eq(&output, stored.output.as_bytes()))
}

/// Whether a stored hash is of the kind and cost that [`hash`] would make.
pub(super) fn is_current(stored: &str, cost: Argon2Params) -> bool {
    Stored::parse(stored).is_some_and(|stored| {
        stored.algorithm == Algorithm::Argon2id
            && stored.version == Version::V0x13
            && stored.cost == cost
            && stored.output.len() == OUTPUT_LENGTH
    })
}

struct Stored {
    algorithm: Algorithm,
    version: Version,
    cost: Argon2Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    fn parse(hash: &str) -> Option<Self> {
        let parsed = PasswordHash::new(hash).ok()?;
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).ok()?;
        // Strings from before the version field existed were made by version 16.
        let version = Version::try_from(parsed.version.unwrap_or(0x10)).ok()?;
        // A key id or associated data would make this someone else's hash.
        let foreign = parsed.params.iter().any(|(name, _)| !matches!(name.as_str(), "m" | "t" | "p"));
        if foreign {
            return None;
        }
        Some(Self {
            algorithm,
            version,
            cost: Argon2Params {
                memory_kib: parsed.params.get_decimal("m")?,
                passes: parsed.params.get_decimal("t")?,
                lanes: parsed.params.get_decimal("p")?,
            },
            salt: parsed.salt?,
            output: parsed.hash?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the test suite of the Argon2 reference implementation: `password`, `somesalt`.
    const PUBLISHED: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    const CHEAP: Argon2Params = Argon2Params { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn verifies_the_published_vector() {
        assert_eq!(matches("password", PUBLISHED), Some(true));
        assert_eq!(matches("Password", PUBLISHED), Some(false));
    }

    #[test]
    fn refuses_costs_beyond_the_limits() {
        let with = |m: u64, t: u64, p: u64| PUBLISHED.replace("m=256,t=2,p=1", &format!("m={m},t={t},p={p}"));
        for stored in [
            with(u64::from(MAX_MEMORY_KIB) + 1, 2, 1),
            with(256, u64::from(MAX_PASSES) + 1, 1),
            with(1024, 1, u64::from(MAX_LANES) + 1),
            with(1 << 40, 2, 1),
            with(0, 0, 0),
            with(8, 1, 2),
        ] {
            assert_eq!(matches("password", &stored), None, "{stored}");
        }
        let excessive = Argon2Params { memory_kib: MAX_MEMORY_KIB + 1, ..CHEAP };
        assert!(!excessive.is_valid() && CHEAP.is_valid());
        assert_eq!(hash("x", &[0; 16], excessive), Err(HashError::Parameters));
    }

    #[test]
    fn refuses_strings_of_other_kinds() {
        for stored in [
            "",
            "$argon2id$",
            "$2b$12$abcdefghijklmnopqrstuv",
            &PUBLISHED.replace("v=19", "v=99"),
            &PUBLISHED.replace("p=1", "p=1,data=AAAA"),
            &PUBLISHED.replace(",p=1", ""),
            &format!("{PUBLISHED}$"),
        ] {
            assert_eq!(matches("password", stored), None, "{stored}");
        }
    }

    #[test]
    fn only_the_same_kind_and_cost_are_current() {
        let stored = hash("x", &[7; 16], CHEAP).unwrap();
        assert!(is_current(&stored, CHEAP));
        assert!(!is_current(&stored, Argon2Params::default()));
        assert!(!is_current(&stored.replace("argon2id", "argon2i"), CHEAP));
        assert!(!is_current(&stored.replace("v=19", "v=16"), CHEAP));
    }

    proptest! {
        #[test]
        fn reads_any_string(stored in "([$]argon2id)?[$]?[a-z0-9$=,+/]{0,80}") {
            let _ = is_current(&stored, CHEAP);
        }

        #[test]
        fn verifies_what_it_hashed(password: String, salt: [u8; 16]) {
            let stored = hash(&password, &salt, CHEAP).unwrap();
            prop_assert_eq!(matches(&password, &stored), Some(true));
            prop_assert_eq!(matches(&format!("{password}x"), &stored), Some(false));
        }
    }
}
