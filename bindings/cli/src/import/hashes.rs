//! From the ways in which services write password hashes to the texts that the engine stores.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use kernia::crypto::{
    foreign::{FirebaseParams, Pbkdf2Digest, ScryptParams, peppered},
    hex,
    password::PasswordKeys,
};

use super::record::Record;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A hash that cannot be kept, and why. Never holds the hash.
pub(super) type Unkept = String;

/// The keys that hashes may need, and the names under which they are configured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys<'k> {
    pub(super) name: &'k str,
    pub(super) configured: &'k PasswordKeys,
}

/// base64, padded or not, in the alphabet of the web or the usual one.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('-', "+").replace('_', "/")).ok()
}

/// Clerk's `password_digest` under its `password_hasher`.
pub(super) fn clerk(digest: &str, hasher: &str, keys: Keys<'_>) -> Result<String, Unkept> {
    let malformed = || format!("the {hasher} password hash is malformed");
    let parts: Vec<_> = digest.split('$').collect();
    match hasher {
        "bcrypt" | "argon2i" | "argon2id" | "pbkdf2_sha256_django" => Ok(digest.to_owned()),
        // $2a$10$<hash>$<pepper>
        "bcrypt_peppered" => {
            let (bcrypt, pepper) = digest.rsplit_once('$').filter(|_| parts.len() == 5).ok_or_else(malformed)?;
            if keys.configured.has_pepper(keys.name, pepper) {
                Ok(peppered(keys.name, bcrypt))
            } else {
                Err(format!("the password hash has a pepper that is not the configured one named {}", keys.name))
            }
        }
        "pbkdf2_sha1" | "pbkdf2_sha256" | "pbkdf2_sha512" | "pbkdf2_sha512_hex" => {
            clerk_pbkdf2(&parts, hasher).ok_or_else(malformed)
        }
        "scrypt_firebase" => {
            let [hash, salt, signer_key, separator, rounds, cost] = parts[..] else { return Err(malformed()) };
            firebase_parts(Firebase { cost, rounds, separator, signer_key, salt, hash }, keys)
        }
        "scrypt_werkzeug" => werkzeug(&parts).ok_or_else(malformed),
        other => Err(format!("password hashes by {} cannot be kept", named(other))),
    }
}

/// `pbkdf2_<digest>$<iterations>$<salt>$<hash>`, whose encodings depend on the digest.
fn clerk_pbkdf2(parts: &[&str], hasher: &str) -> Option<String> {
    let [_, iterations, salt, hash] = parts.get(..4)? else { return None };
    let raw = || Some(salt.as_bytes().to_vec());
    let (digest, salt, hash) = match hasher {
        "pbkdf2_sha1" => (Pbkdf2Digest::Sha1, hex::decode(salt).or_else(raw), hex::decode(hash)),
        "pbkdf2_sha256" => (Pbkdf2Digest::Sha256, base64(salt), base64(hash)),
        "pbkdf2_sha512" => (Pbkdf2Digest::Sha512, raw(), hex::decode(hash)),
        _ => (Pbkdf2Digest::Sha512, hex::decode(salt), hex::decode(hash)),
    };
    Some(digest.text(iterations.parse().ok()?, &salt?, &hash?))
}

/// `scrypt:<N>:<r>:<p>$<salt>$<hash in hexadecimal>`.
fn werkzeug(parts: &[&str]) -> Option<String> {
    let [method, salt, hash] = parts[..] else { return None };
    let numbers: Vec<u64> = method.strip_prefix("scrypt:")?.split(':').map_while(|part| part.parse().ok()).collect();
    let [n, r, p] = numbers[..] else { return None };
    scrypt(n, r, p, salt.as_bytes(), &hex::decode(hash)?)
}

fn scrypt(n: u64, r: u64, p: u64, salt: &[u8], hash: &[u8]) -> Option<String> {
    let params = ScryptParams { log_n: n.checked_ilog2()?, r: r.try_into().ok()?, p: p.try_into().ok()? };
    n.is_power_of_two().then(|| params.text(salt, hash))
}

/// Auth0's `custom_password_hash`.
pub(super) fn auth0(custom: &Record) -> Result<String, Unkept> {
    let algorithm = custom.text("algorithm").unwrap_or_default();
    let hash = custom.object("hash");
    let value = hash.as_ref().map_or_else(|| custom.text("hash"), |hash| hash.text("value"));
    let value = value.ok_or_else(|| format!("the {} password hash is missing", named(&algorithm)))?;
    let encoding = custom.object("password").and_then(|password| password.text("encoding"));
    if encoding.is_some_and(|encoding| !matches!(encoding.as_str(), "utf8" | "ascii")) {
        return Err("hashes of passwords that are not UTF-8 cannot be kept".to_owned());
    }
    match algorithm.as_str() {
        "bcrypt" | "argon2" | "pbkdf2" => Ok(value),
        "scrypt" => {
            let encoding = hash.and_then(|hash| hash.text("encoding"));
            auth0_scrypt(custom, &value, encoding.as_deref())
                .ok_or_else(|| "the scrypt password hash is malformed".to_owned())
        }
        other => Err(format!("password hashes by {} cannot be kept", named(other))),
    }
}

fn auth0_scrypt(custom: &Record, value: &str, encoding: Option<&str>) -> Option<String> {
    let number = |name: &str| custom.text(name).and_then(|text| text.parse::<u64>().ok());
    let length = number("keylen").unwrap_or(64);
    let decode = |text: &str, encoding: &str| match encoding {
        "hex" => hex::decode(text),
        "base64" => base64(text),
        _ => Some(text.as_bytes().to_vec()),
    };
    let salt = custom.object("salt")?;
    let salt = decode(&salt.text("value")?, salt.text("encoding").as_deref().unwrap_or("utf8"))?;
    let looks_hex = value.len() as u64 == length * 2;
    let hash = decode(value, encoding.unwrap_or(if looks_hex { "hex" } else { "base64" }))?;
    if hash.len() as u64 != length {
        return None;
    }
    scrypt(
        number("cost").unwrap_or(16_384),
        number("blockSize").unwrap_or(8),
        number("parallelization").unwrap_or(1),
        &salt,
        &hash,
    )
}

/// A hash of Supabase's: bcrypt and Argon2 as they are, `$fbscrypt$v=1,n=…,r=…,p=1,ss=…,sk=…$<salt>$<hash>` without the
/// signer key in it.
pub(super) fn supabase(hash: &str, keys: Keys<'_>) -> Result<String, Unkept> {
    let Some(firebase) = hash.strip_prefix("$fbscrypt$") else { return Ok(hash.to_owned()) };
    let malformed = || "the fbscrypt password hash is malformed".to_owned();
    let parts: Vec<_> = firebase.split('$').collect();
    let [params, salt, hash] = parts[..] else { return Err(malformed()) };
    let find = |name: &str| params.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let wanted = || {
        let known = find("v")? == "1" && find("p")? == "1";
        known.then_some(Firebase {
            cost: find("n")?,
            rounds: find("r")?,
            separator: find("ss")?,
            signer_key: find("sk")?,
            salt,
            hash,
        })
    };
    firebase_parts(wanted().ok_or_else(malformed)?, keys)
}

struct Firebase<'t> {
    cost: &'t str,
    rounds: &'t str,
    separator: &'t str,
    signer_key: &'t str,
    salt: &'t str,
    hash: &'t str,
}

/// A Firebase hash that brings its signer key along, which must be the configured one.
fn firebase_parts(parts: Firebase<'_>, keys: Keys<'_>) -> Result<String, Unkept> {
    if !keys.configured.has_firebase_signer_key(keys.name, parts.signer_key) {
        let name = keys.name;
        return Err(format!("the password hash has a Firebase signer key that is not the configured one named {name}"));
    }
    let params = || {
        Some(FirebaseParams {
            key: keys.name.to_owned(),
            mem_cost: parts.cost.parse().ok()?,
            rounds: parts.rounds.parse().ok()?,
            salt_separator: base64(parts.separator)?,
        })
    };
    let text = params().and_then(|params| Some(params.text(&base64(parts.salt)?, &base64(parts.hash)?)));
    text.ok_or_else(|| "the Firebase password hash is malformed".to_owned())
}

/// A name from the file, if it is fit to be shown.
fn named(name: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !name.is_empty() && name.len() <= 32 && name.bytes().all(plain) { name } else { "an unknown function" }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernia::crypto::{password::VerifyJob, secret::Secret};
    use serde_json::json;

    use super::*;

    const SIGNER_KEY: &str = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    const SALT: &str = "42xEC+ixf3L2lw==";
    const HASH: &str = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";

    fn configured() -> PasswordKeys {
        PasswordKeys::new([("app", "nopqrstuvwxyz")], [("app", SIGNER_KEY)]).unwrap()
    }

    fn verifies(hash: &str, password: &str) -> bool {
        let job = |password: &str| VerifyJob {
            password: Secret::from(password),
            hash: hash.to_owned(),
            keys: Arc::new(configured()),
        };
        assert!(!job("another").run().matches, "{hash}");
        job(password).run().matches
    }

    fn from_clerk(digest: &str, hasher: &str) -> Result<String, String> {
        clerk(digest, hasher, Keys { name: "app", configured: &configured() })
    }

    #[test]
    fn clerks_hashers() {
        let firebase = format!("{HASH}${SALT}${SIGNER_KEY}$Bw==$8$14");
        for (digest, hasher, password) in [
            ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "bcrypt", "U*U*U"),
            (
                "$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.$nopqrstuvwxyz",
                "bcrypt_peppered",
                "abcdefghijklm",
            ),
            ("$argon2id$v=19$m=64,t=4,p=8$Z2liZXJyaXNo$iGXEpMBTDYQ8G/71tF0qGjxRHEmR3gpGULcE93zUJVU", "argon2id", ""),
            ("pbkdf2_sha1$4096$salt$4b007901b765489abead49d926f721d065a429c1", "pbkdf2_sha1", "password"),
            ("pbkdf2_sha1$4096$73616c74$4b007901b765489abead49d926f721d065a429c1$20", "pbkdf2_sha1", "password"),
            ("pbkdf2_sha256$4096$c2FsdA==$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=", "pbkdf2_sha256", "password"),
            (
                "pbkdf2_sha256$4096$salt$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=",
                "pbkdf2_sha256_django",
                "password",
            ),
            (
                "pbkdf2_sha512$4096$salt$d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5",
                "pbkdf2_sha512",
                "password",
            ),
            (
                "pbkdf2_sha512_hex$4096$73616c74$d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5",
                "pbkdf2_sha512_hex",
                "password",
            ),
            (&firebase, "scrypt_firebase", "user1password"),
            (
                "scrypt:1024:8:16$NaCl$fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
                "scrypt_werkzeug",
                "password",
            ),
        ] {
            let text = from_clerk(digest, hasher).unwrap();
            assert!(verifies(&text, password) || password.is_empty(), "{hasher} {text}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_said_without_showing_it() {
        let other_key = format!("{HASH}${SALT}$AAAA$Bw==$8$14");
        for (digest, hasher, said) in [
            ("5f4dcc3b5aa765d61d8327deb882cf99", "md5", "by md5 cannot be kept"),
            ("5f4dcc3b5aa765d61d8327deb882cf99", "evil\u{7}", "by an unknown function"),
            ("pbkdf2_sha256$x$c2FsdA==$5f4dcc", "pbkdf2_sha256", "malformed"),
            ("pbkdf2_sha256$1", "pbkdf2_sha256", "malformed"),
            ("scrypt:1000:8:1$5f4dcc$5f4dcc", "scrypt_werkzeug", "malformed"),
            ("$2a$08$5f4dcc$wrong", "bcrypt_peppered", "pepper that is not the configured one named app"),
            (&other_key, "scrypt_firebase", "signer key that is not the configured one named app"),
        ] {
            let error = from_clerk(digest, hasher).unwrap_err();
            assert!(error.contains(said) && !error.contains("5f4dcc") && !error.contains("AAAA"), "{error}");
        }
    }

    #[test]
    fn auth0s_custom_hashes() {
        let custom = |value: serde_json::Value| auth0(&Record::part(value.as_object().unwrap()));
        let bcrypt = "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
        let phc = "$pbkdf2-sha1$i=10000,l=20$wJuJqLoUFsdXa8k3sFhRlA$XMGVWTbeKf4Xd+CGiuEZde8x7QA";
        let scrypt = "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA==";
        let with_scrypt = |hash: serde_json::Value, salt: serde_json::Value| json!({"algorithm": "scrypt", "hash": hash, "salt": salt, "keylen": 64, "cost": 1024, "blockSize": 8, "parallelization": 16});
        for (value, password) in [
            (json!({"algorithm": "bcrypt", "hash": {"value": bcrypt}}), "U*U*U"),
            (json!({"algorithm": "bcrypt", "hash": bcrypt}), "U*U*U"),
            (json!({"algorithm": "pbkdf2", "hash": {"value": phc, "encoding": "utf8"}}), "Test@123"),
            (with_scrypt(json!({"value": scrypt, "encoding": "base64"}), json!({"value": "NaCl"})), "password"),
            (with_scrypt(json!({"value": scrypt}), json!({"value": "4e61436c", "encoding": "hex"})), "password"),
        ] {
            assert!(verifies(&custom(value.clone()).unwrap(), password), "{value}");
        }
        for value in [
            json!({"algorithm": "md5", "hash": {"value": "x"}}),
            json!({"algorithm": "bcrypt"}),
            json!({"algorithm": "bcrypt", "hash": {"value": bcrypt}, "password": {"encoding": "utf16le"}}),
            with_scrypt(json!({"value": "AAAA", "encoding": "base64"}), json!({"value": "NaCl"})),
        ] {
            assert!(custom(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn supabases_firebase_hashes_leave_their_key_behind() {
        let configured = configured();
        let keys = Keys { name: "app", configured: &configured };
        let stored = format!("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={SIGNER_KEY}${SALT}${HASH}");
        let text = supabase(&stored, keys).unwrap();
        assert!(!text.contains(SIGNER_KEY) && verifies(&text, "user1password"));
        assert!(supabase(&stored.replace(SIGNER_KEY, "AAAA"), keys).is_err());
        assert!(supabase(&stored.replace("v=1", "v=2"), keys).is_err());
        assert_eq!(supabase("$2a$10$x", keys).unwrap(), "$2a$10$x");
    }
}
