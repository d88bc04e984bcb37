//! Hashes as other systems make them, at costs that a test can pay, with the functions that those systems use.

use std::num::NonZeroU32;

use aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use kernia::crypto::{
    hex,
    password::{Argon2Params, HashAlgorithm, HashJob},
    secret::Secret,
};
use ring::{digest, pbkdf2};

/// A Firebase project's signer key.
pub(crate) const SIGNER_KEY: &str =
    "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
/// A Rails application's pepper.
pub(crate) const PEPPER: &str = "0d4a1b-a-pepper-of-devise-77aa";
/// Firebase's `mem_cost` and `rounds`.
pub(crate) const FIREBASE_COST: (u8, u32) = (6, 8);

/// 16 bytes that are always the same for a number.
pub(crate) fn salt(number: usize) -> [u8; 16] {
    let digest = digest::digest(&digest::SHA256, &number.to_be_bytes());
    digest.as_ref()[..16].try_into().unwrap()
}

pub(crate) fn bcrypt(password: &str, number: usize) -> String {
    bcrypt::hash_with_salt(password, 4, salt(number)).unwrap().format_for_version(bcrypt::Version::TwoA)
}

pub(crate) fn argon2id(password: &str, number: usize) -> String {
    let cost = Argon2Params { memory_kib: 16, passes: 1, lanes: 2 };
    hash(password, number, HashAlgorithm::Argon2id(cost))
}

/// As Better Auth writes it.
pub(crate) fn better_auth(password: &str, number: usize) -> String {
    hash(password, number, HashAlgorithm::Scrypt)
}

fn hash(password: &str, number: usize, algorithm: HashAlgorithm) -> String {
    HashJob { password: Secret::from(password), algorithm, salt: salt(number) }.run().unwrap()
}

pub(crate) fn pbkdf2<const N: usize>(password: &str, salt: &[u8], algorithm: pbkdf2::Algorithm) -> [u8; N] {
    let mut output = [0; N];
    pbkdf2::derive(algorithm, NonZeroU32::new(100).unwrap(), salt, password.as_bytes(), &mut output);
    output
}

/// As Django writes it.
pub(crate) fn django(password: &str, number: usize) -> String {
    let salt = hex::encode(&salt(number));
    let hash = pbkdf2::<32>(password, salt.as_bytes(), pbkdf2::PBKDF2_HMAC_SHA256);
    format!("pbkdf2_sha256$100${salt}${}", STANDARD.encode(hash))
}

/// As Werkzeug writes it.
pub(crate) fn werkzeug(password: &str, number: usize) -> String {
    let salt = hex::encode(&salt(number));
    let mut output = [0; 64];
    let params = scrypt::Params::new(4, 8, 1).unwrap();
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut output).unwrap();
    format!("scrypt:16:8:1${salt}${}", hex::encode(&output))
}

/// Hash and salt as Firebase exports them.
pub(crate) fn firebase(password: &str, number: usize) -> (String, String) {
    let salt = salt(number);
    let (mem_cost, rounds) = FIREBASE_COST;
    let params = scrypt::Params::new(mem_cost, rounds, 1).unwrap();
    let mut key = [0; 64];
    scrypt::scrypt(password.as_bytes(), &[&salt[..], &[7]].concat(), &params, &mut key).unwrap();
    let mut hash = STANDARD.decode(SIGNER_KEY).unwrap();
    Ctr128BE::<Aes256>::new_from_slices(&key[..32], &[0; 16]).unwrap().apply_keystream(&mut hash);
    (STANDARD.encode(hash), STANDARD.encode(salt))
}

/// The hashers that [`clerk`] takes turns with.
pub(crate) const CLERK_HASHERS: [&str; 9] = [
    "bcrypt",
    "bcrypt_peppered",
    "argon2id",
    "pbkdf2_sha1",
    "pbkdf2_sha256",
    "pbkdf2_sha512",
    "pbkdf2_sha256_django",
    "scrypt_firebase",
    "scrypt_werkzeug",
];

/// A digest as Clerk exports it, and its hasher.
pub(crate) fn clerk(password: &str, number: usize) -> (String, &'static str) {
    let hasher = CLERK_HASHERS[number % CLERK_HASHERS.len()];
    let salt = salt(number);
    let digest = match hasher {
        "bcrypt" => bcrypt(password, number),
        "bcrypt_peppered" => format!("{}${PEPPER}", bcrypt(&format!("{password}{PEPPER}"), number)),
        "argon2id" => argon2id(password, number),
        "pbkdf2_sha1" => {
            let hash = pbkdf2::<20>(password, &salt, pbkdf2::PBKDF2_HMAC_SHA1);
            format!("pbkdf2_sha1$100${}${}", hex::encode(&salt), hex::encode(&hash))
        }
        "pbkdf2_sha256" => {
            let hash = pbkdf2::<32>(password, &salt, pbkdf2::PBKDF2_HMAC_SHA256);
            format!("pbkdf2_sha256$100${}${}", STANDARD.encode(salt), STANDARD.encode(hash))
        }
        "pbkdf2_sha512" => {
            let text = hex::encode(&salt);
            let hash = pbkdf2::<64>(password, text.as_bytes(), pbkdf2::PBKDF2_HMAC_SHA512);
            format!("pbkdf2_sha512$100${text}${}", hex::encode(&hash))
        }
        "pbkdf2_sha256_django" => django(password, number),
        "scrypt_firebase" => {
            let (hash, salt) = firebase(password, number);
            let (mem_cost, rounds) = FIREBASE_COST;
            format!("{hash}${salt}${SIGNER_KEY}$Bw==${rounds}${mem_cost}")
        }
        _ => werkzeug(password, number),
    };
    (digest, hasher)
}
