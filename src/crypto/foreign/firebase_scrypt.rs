//! Firebase's own scrypt, `$firebase-scrypt$k=<key>,ln=<mem_cost>,r=<rounds>,s=<salt separator>$<salt>$<hash>`.
//!
//! The hash is the project's signer key, encrypted with AES-256 in counter mode under the first 32 bytes that scrypt (p = 1)
//! makes of the password and of the user's salt followed by the project's salt separator. `k` names the signer key, which is
//! one secret for the whole project: whoever has the database alone can check no guess, so it stays out of the rows.

use ::scrypt::scrypt;
use aes::Aes256;
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use zeroize::Zeroizing;

use super::{ScryptParams, UnreadableHash, base64, number, parameters, parts, salt_and_hash};
use crate::crypto::{digest::constant_time_eq, password::PasswordKeys};

/// A Firebase project's password hash parameters, without its signer key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirebaseParams {
    /// The name under which the signer key is configured.
    pub key: String,
    /// `mem_cost`: the binary logarithm of N.
    pub mem_cost: u32,
    /// `rounds`: the block size.
    pub rounds: u32,
    /// `base64_salt_separator`, decoded.
    pub salt_separator: Vec<u8>,
}

impl FirebaseParams {
    /// The stored text of a user's hash.
    #[must_use]
    pub fn text(&self, salt: &[u8], hash: &[u8]) -> String {
        let Self { key, mem_cost, rounds, salt_separator } = self;
        let [separator, salt, hash] = [salt_separator, salt, hash].map(base64::encode);
        format!("$firebase-scrypt$k={key},ln={mem_cost},r={rounds},s={separator}${salt}${hash}")
    }
}

/// A hash by Firebase.
pub(in crate::crypto) struct FirebaseScrypt<'k> {
    params: ::scrypt::Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
    signer_key: &'k [u8],
}

impl<'k> FirebaseScrypt<'k> {
    /// Reads a text that begins with `$firebase-scrypt$`.
    pub(in crate::crypto) fn parse(text: &str, keys: &'k PasswordKeys) -> Result<Self, UnreadableHash> {
        let [_, _, cost, salt, hash] = parts(text)?;
        let [key, log_n, r, separator] = parameters(cost, ["k", "ln", "r", "s"])?;
        let params = ScryptParams { log_n: number(log_n)?, r: number(r)?, p: 1 }.prepared()?;
        let (mut salt, hash) = salt_and_hash(base64::decode(salt), base64::decode(hash))?;
        let (separator, _) = salt_and_hash(base64::decode(separator), Some(hash.clone()))?;
        salt.extend(separator);
        let signer_key = keys.firebase_signer_key(key)?;
        Ok(Self { params, salt, hash, signer_key })
    }

    /// Whether this is the hash of `password`.
    pub(in crate::crypto) fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; 32]);
        if scrypt(password, &self.salt, &self.params, key.as_mut_slice()).is_err() {
            return false;
        }
        let mut output = Zeroizing::new(self.signer_key.to_vec());
        Ctr128BE::<Aes256>::new((&*key).into(), (&[0; 16]).into()).apply_keystream(&mut output);
        constant_time_eq(&output, &self.hash)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sample in the documentation of Firebase's scrypt.
    const SIGNER_KEY: &str = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    const SALT: &str = "42xEC+ixf3L2lw==";
    const HASH: &str = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    const STORED: &str = "$firebase-scrypt$k=app,ln=14,r=8,s=Bw$42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ";

    fn keys() -> PasswordKeys {
        PasswordKeys::new([], [("app", SIGNER_KEY)]).unwrap()
    }

    fn params() -> FirebaseParams {
        FirebaseParams { key: "app".to_owned(), mem_cost: 14, rounds: 8, salt_separator: vec![7] }
    }

    #[test]
    fn verifies_the_published_vectors() {
        let text = params().text(&base64::decode(SALT).unwrap(), &base64::decode(HASH).unwrap());
        assert_eq!(text, STORED);
        let keys = keys();
        let stored = FirebaseScrypt::parse(&text, &keys).unwrap();
        assert!(stored.matches(b"user1password"));
        assert!(!stored.matches(b"user2password"));
        // From the test suite of Supabase, which reads them too.
        let other = "ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==";
        let keys = PasswordKeys::new([], [("app", other)]).unwrap();
        let text = params().text(
            &base64::decode("C0sHCg9ek77hsg==").unwrap(),
            &base64::decode("zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==")
                .unwrap(),
        );
        assert!(FirebaseScrypt::parse(&text, &keys).unwrap().matches(b"mytestpassword"));
    }

    #[test]
    fn another_projects_key_verifies_nothing() {
        let keys = PasswordKeys::new([], [("app", "AAAA")]).unwrap();
        assert!(!FirebaseScrypt::parse(STORED, &keys).unwrap().matches(b"user1password"));
        let keys = PasswordKeys::default();
        let missing = FirebaseScrypt::parse(STORED, &keys).err();
        assert_eq!(missing, Some(UnreadableHash::MissingKey { kind: "Firebase signer key", name: "app".to_owned() }));
    }

    #[test]
    fn refuses_what_is_malformed_or_too_costly() {
        let keys = keys();
        let why = |text: &str| FirebaseScrypt::parse(text, &keys).err();
        assert_eq!(why(&STORED.replace("ln=14", "ln=30")), Some(UnreadableHash::TooCostly));
        for bad in [
            "$firebase-scrypt$",
            &STORED.replace("k=app,", ""),
            &STORED.replace("k=app", "k=App!"),
            &STORED.replace("r=8", "r=0"),
            &STORED.replace("s=Bw", "s=!"),
            &STORED.replace("$42", "$\u{e9}"),
            &STORED[..STORED.len() - 70],
        ] {
            assert_eq!(why(bad), Some(UnreadableHash::Malformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reads_any_text(text in "([$]firebase-scrypt[$]k=app,)?(ln=[0-9]{1,3},r=[0-9]{1,3},s=Bw)?\\PC{0,60}") {
            let _ = FirebaseScrypt::parse(&text, &keys());
        }
    }
}
