//! HKDF-SHA256 (RFC 5869) and the two derivations Better Auth makes with it.

use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use super::hex;
use super::secret::{Secret, SecretKeys};

/// Salt of every purpose-bound secret, fixed by the reference.
const PURPOSE_SALT: &[u8] = b"better-auth:oauth-encryption:v1";

/// 64 bytes of key material from input key material, salt and info.
#[must_use]
pub fn derive_64(key_material: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 64]> {
    let mut output = Zeroizing::new([0; 64]);
    expand(key_material, salt, info, output.as_mut_slice());
    output
}

/// The secret for one purpose, derived from a server secret: 32 bytes as 64 lowercase hexadecimal
/// characters. The text, not the bytes, is then used as a secret. The reference isolates OAuth
/// ciphertexts in this way.
#[must_use]
pub fn derive_purpose(secret: &Secret, purpose: &str) -> String {
    let mut output = Zeroizing::new([0; 32]);
    let info = format!("better-auth:{purpose}:v1");
    expand(secret.expose().as_bytes(), PURPOSE_SALT, info.as_bytes(), output.as_mut_slice());
    hex::encode(output.as_slice())
}

/// [`derive_purpose`] applied to every version, so that the derived secrets rotate with theirs.
#[must_use]
pub fn derive_purpose_keys(keys: &SecretKeys, purpose: &str) -> SecretKeys {
    keys.map(|secret| Secret::from(derive_purpose(secret, purpose)))
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(key_material: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) {
    let length = Length(output.len());
    Salt::new(HKDF_SHA256, salt)
        .extract(key_material)
        .expand(&[info], length)
        .and_then(|material| material.fill(output))
        .expect("both output lengths are constants below the limit of RFC 5869");
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "better-auth-secret-that-is-long-enough-for-validation-test";

    #[test]
    fn derives_the_session_key_of_the_reference() {
        let key = derive_64(SECRET.as_bytes(), b"better-auth-session", b"BetterAuth.js Generated Encryption Key");
        assert_eq!(
            hex::encode(key.as_slice()),
            "c748568c43011c3d25fc1be347111a2e32fe3a4f61ddb25ced6152f2772ac7db\
             13945cad5e77f2fc181ccff7d274f0961be7c424c71d6378426da892bb03b668"
        );
    }

    #[test]
    fn derives_a_purpose_as_the_reference_does() {
        assert_eq!(
            derive_purpose(&Secret::from(SECRET), "access-token"),
            "771d69a436563fb27409385de25453d26d5e2cc2b91410bf366057f7cd6a8354"
        );
    }

    #[test]
    fn purpose_keys_keep_their_versions() {
        let versions = vec![(2, Secret::from("new")), (1, Secret::from(SECRET))];
        let keys = SecretKeys::rotated(versions, Some(Secret::from("legacy"))).unwrap();
        let derived = derive_purpose_keys(&keys, "access-token");
        assert_eq!(derived.current_version(), Some(2));
        assert_eq!(
            derived.version(1).unwrap().expose(),
            "771d69a436563fb27409385de25453d26d5e2cc2b91410bf366057f7cd6a8354"
        );
        assert_ne!(derived.unversioned(), keys.unversioned());
    }
}
