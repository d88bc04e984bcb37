//! Cryptographic building blocks: secrets that do not print, prepared HMAC keys, password
//! hashing as plain jobs, symmetric encryption and key derivation.
//!
//! Everything here is a pure function of its arguments. Random bytes come in through
//! [`entropy::Entropy`]; slow password work is described by a job that a driver runs where it
//! likes. The primitives are `ring` and RustCrypto; nothing is implemented here.

mod argon2id;
pub mod digest;
pub mod entropy;
pub mod foreign;
pub mod hex;
pub mod hkdf;
pub mod hmac;
pub mod hotp;
pub mod password;
mod password_keys;
mod scrypt_text;
pub mod secret;
mod secret_keys;
mod stored_hash;
pub mod symmetric;
