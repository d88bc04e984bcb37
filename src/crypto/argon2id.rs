//! Argon2 hashes as PHC strings, `$argon2id$v=19$m=…,t=…,p=…$<salt>$<hash>`. Written is Argon2id only, read are all three
//! kinds.

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::digest::constant_time_eq;
use super::foreign::UnreadableHash;
use super::password::HashError;

/// Most memory an Argon2 hash may ask for: 256 MiB, in KiB.
pub const MAX_MEMORY_KIB: u32 = 1 << 18;
/// Most passes an Argon2 hash may ask for.
pub const MAX_PASSES: u32 = 64;
/// Most lanes an Argon2 hash may ask for.
pub const MAX_LANES: u32 = 16;

/// Most memory times passes, in KiB: about two seconds.
const MAX_WORK: u64 = 1 << 21;
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
        self.prepared(None).is_ok()
    }

    /// Checked before anything is allocated: the values may come from a stored hash.
    fn prepared(&self, output_length: Option<usize>) -> Result<Params, UnreadableHash> {
        let within_limits = self.memory_kib <= MAX_MEMORY_KIB
            && self.passes <= MAX_PASSES
            && self.lanes <= MAX_LANES
            && u64::from(self.memory_kib) * u64::from(self.passes) <= MAX_WORK;
        if !within_limits {
            return Err(UnreadableHash::TooCostly);
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, output_length);
        params.map_err(|_| UnreadableHash::Malformed)
    }
}

/// Hashes a normalized password.
pub(super) fn hash(password: &str, salt: &[u8], cost: Argon2Params) -> Result<String, HashError> {
    let params = cost.prepared(Some(OUTPUT_LENGTH)).map_err(|_| HashError::Parameters)?;
    let mut output = Zeroizing::new([0; OUTPUT_LENGTH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, output.as_mut_slice())
        .map_err(|_| HashError::Failed)?;
    let salt = Salt::new(salt).map_err(|_| HashError::Failed)?;
    let output = Output::new(output.as_slice()).map_err(|_| HashError::Failed)?;
    Ok(format!("$argon2id$v=19$m={},t={},p={}${salt}${output}", cost.memory_kib, cost.passes, cost.lanes))
}

/// A text of the form that [`hash`] writes, at the same cost, which no password is known to match.
pub(super) fn decoy(cost: Argon2Params) -> String {
    let Argon2Params { memory_kib, passes, lanes } = cost;
    let (salt, output) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}")
}

/// Whether a stored hash is of the kind and cost that [`hash`] would make.
pub(super) fn is_current(stored: &str, cost: Argon2Params) -> bool {
    Argon2Hash::parse(stored).is_ok_and(|stored| {
        stored.algorithm == Algorithm::Argon2id
            && stored.version == Version::V0x13
            && stored.cost == cost
            && stored.output.len() == OUTPUT_LENGTH
    })
}

/// A hash of any of the three kinds.
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    cost: Argon2Params,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Argon2Hash {
    /// Reads a text that begins with `$argon2`.
    pub(super) fn parse(hash: &str) -> Result<Self, UnreadableHash> {
        let parsed = PasswordHash::new(hash).map_err(|_| UnreadableHash::Malformed)?;
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(|_| UnreadableHash::Unknown)?;
        // Strings from before the version field existed were made by version 16.
        let version = Version::try_from(parsed.version.unwrap_or(0x10)).map_err(|_| UnreadableHash::Unknown)?;
        // A key id or associated data would make this someone else's hash.
        let foreign = parsed.params.iter().any(|(name, _)| !matches!(name.as_str(), "m" | "t" | "p"));
        if foreign {
            return Err(UnreadableHash::Unknown);
        }
        let number = |name| parsed.params.get_decimal(name).ok_or(UnreadableHash::Malformed);
        let cost = Argon2Params { memory_kib: number("m")?, passes: number("t")?, lanes: number("p")? };
        let (salt, output) = parsed.salt.zip(parsed.hash).ok_or(UnreadableHash::Malformed)?;
        Ok(Self { algorithm, version, cost, params: cost.prepared(Some(output.len()))?, salt, output })
    }

    /// Whether it is of the kind that [`hash`] writes, so that the password may have been normalized.
    pub(super) fn is_argon2id(&self) -> bool {
        self.algorithm == Algorithm::Argon2id
    }

    /// Whether this is the hash of `password`.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut output = Zeroizing::new(vec![0; self.output.len()]);
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let done = argon2.hash_password_into(password, &self.salt, &mut output);
        done.is_ok() && constant_time_eq(&output, self.output.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the test suite of the Argon2 reference implementation: `password`, `somesalt`.
    const PUBLISHED: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    /// The same, from the same suite, as the two other kinds (version 19) and by version 16.
    const PUBLISHED_OTHERS: &[&str] = &[
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
    ];
    const CHEAP: Argon2Params = Argon2Params { memory_kib: 8, passes: 1, lanes: 1 };

    fn matches(password: &str, stored: &str) -> Option<bool> {
        Argon2Hash::parse(stored).ok().map(|stored| stored.matches(password.as_bytes()))
    }

    #[test]
    fn verifies_the_published_vector() {
        assert_eq!(matches("password", PUBLISHED), Some(true));
        assert_eq!(matches("Password", PUBLISHED), Some(false));
        for stored in PUBLISHED_OTHERS {
            assert_eq!(matches("password", stored), Some(true), "{stored}");
        }
    }

    #[test]
    fn a_decoy_costs_what_a_hash_costs_and_matches_nothing() {
        let decoy = decoy(CHEAP);
        assert!(is_current(&decoy, CHEAP));
        assert_eq!(matches("password", &decoy), Some(false));
    }

    #[test]
    fn refuses_costs_beyond_the_limits() {
        let with = |m: u64, t: u64, p: u64| PUBLISHED.replace("m=256,t=2,p=1", &format!("m={m},t={t},p={p}"));
        for stored in [
            with(u64::from(MAX_MEMORY_KIB) + 1, 2, 1),
            with(256, u64::from(MAX_PASSES) + 1, 1),
            with(1024, 1, u64::from(MAX_LANES) + 1),
            with(u64::from(MAX_MEMORY_KIB), 9, 1),
        ] {
            assert_eq!(Argon2Hash::parse(&stored).err(), Some(UnreadableHash::TooCostly), "{stored}");
        }
        for stored in [with(1 << 40, 2, 1), with(0, 0, 0), with(8, 1, 2)] {
            assert_eq!(Argon2Hash::parse(&stored).err(), Some(UnreadableHash::Malformed), "{stored}");
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
