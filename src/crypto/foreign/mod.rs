//! Password hashes that other systems made, as texts that say of themselves what they are.
//!
//! | stored text | made by |
//! | --- | --- |
//! | `$2a$…`, `$2b$…`, `$2y$…` | bcrypt: Auth0, Clerk, Supabase, Devise |
//! | `$pepper$k=<key>$2a$…` | bcrypt over the password and a pepper: Devise |
//! | `$scrypt$ln=…,r=…,p=…$<salt>$<hash>` | scrypt as a PHC string |
//! | `$firebase-scrypt$k=<key>,ln=…,r=…,s=…$<salt>$<hash>` | Firebase's own scrypt |
//! | `$pbkdf2-<digest>$i=…$<salt>$<hash>` | PBKDF2 as a PHC string; passlib's and Django's forms are read too |
//!
//! (Argon2 is a neighbour: it is what this server writes as well.) Each is verified over the bytes of the password as it was
//! typed, as its maker did. A text never holds a secret that all passwords share: it names a key, and
//! [`PasswordKeys`](super::password::PasswordKeys) has it.
//!
//! Costs are limited before anything is computed, so that no row can make the server spend gigabytes or minutes.

mod base64;
mod bcrypt;
mod firebase_scrypt;
mod pbkdf2;
mod scrypt;

pub(super) use self::{bcrypt::Bcrypt, firebase_scrypt::FirebaseScrypt, pbkdf2::Pbkdf2, scrypt::Scrypt};
pub use self::{
    bcrypt::{MAX_BCRYPT_COST, peppered},
    firebase_scrypt::FirebaseParams,
    pbkdf2::{MAX_PBKDF2_ITERATIONS, Pbkdf2Digest},
    scrypt::{MAX_SCRYPT_MEMORY, ScryptParams},
};

/// Why a stored hash cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableHash {
    /// Nothing here makes or knows such texts.
    #[error("the format of the password hash is not known")]
    Unknown,
    /// It begins like a known format and goes on otherwise.
    #[error("the password hash is malformed")]
    Malformed,
    /// Checking it would take more time or memory than is allowed.
    #[error("the cost of the password hash is beyond the limits")]
    TooCostly,
    /// It needs a key that is not configured.
    #[error("the password hash needs the {kind} named {name}, which is not configured")]
    MissingKey {
        /// `pepper` or `Firebase signer key`.
        kind: &'static str,
        /// The key's name.
        name: String,
    },
}

/// Shortest and longest hash that counts as one, in bytes. A shorter one would be met by too many passwords.
const HASH_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;
/// Longest salt, in bytes.
const MAX_SALT: usize = 256;

/// Salt and hash of a text, with their lengths checked.
fn salt_and_hash(salt: Option<Vec<u8>>, hash: Option<Vec<u8>>) -> Result<(Vec<u8>, Vec<u8>), UnreadableHash> {
    match (salt, hash) {
        (Some(salt), Some(hash)) if salt.len() <= MAX_SALT && HASH_LENGTHS.contains(&hash.len()) => Ok((salt, hash)),
        _ => Err(UnreadableHash::Malformed),
    }
}

/// The `$`-separated parts of a text, of which there must be exactly `N`.
fn parts<const N: usize>(text: &str) -> Result<[&str; N], UnreadableHash> {
    let mut split = text.split('$');
    let mut found = [""; N];
    for slot in &mut found {
        *slot = split.next().ok_or(UnreadableHash::Malformed)?;
    }
    if split.next().is_some() { Err(UnreadableHash::Malformed) } else { Ok(found) }
}

/// The values of exactly these `name=value` parameters, in this order.
fn parameters<'t, const N: usize>(text: &'t str, names: [&str; N]) -> Result<[&'t str; N], UnreadableHash> {
    let mut split = text.split(',');
    let mut found = [""; N];
    for (slot, wanted) in found.iter_mut().zip(names) {
        let (name, value) = split.next().and_then(|pair| pair.split_once('=')).ok_or(UnreadableHash::Malformed)?;
        if name != wanted {
            return Err(UnreadableHash::Malformed);
        }
        *slot = value;
    }
    if split.next().is_some() { Err(UnreadableHash::Malformed) } else { Ok(found) }
}

/// A whole number, written with digits and nothing else.
fn number(text: &str) -> Result<u32, UnreadableHash> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(UnreadableHash::Malformed);
    }
    // More digits than fit are a number too, and a costly one.
    text.parse().map_err(|_| UnreadableHash::TooCostly)
}
