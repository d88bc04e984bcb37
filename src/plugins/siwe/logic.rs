//! Messages (EIP-4361), and whose signature is under them (EIP-191).

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};

use crate::{crypto::hex, wire::date::Timestamp};

const NONCE_LENGTH: std::ops::RangeInclusive<usize> = 8..=250;
const HEADER_END: &str = " wants you to sign in with your Ethereum account:";
const ADDRESS_BYTES: usize = 20;
/// r, s, and which of the points with that r.
const SIGNATURE_BYTES: usize = 65;

/// What of a message counts, read as the reference reads it: unknown lines are passed over, and of equal fields the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiweMessage {
    /// The site that asked for the signature: an authority (RFC 3986).
    pub domain: Option<String>,
    /// The wallet, as written.
    pub address: Option<String>,
    /// The chain.
    pub chain_id: Option<i64>,
    /// What makes the message one of a kind.
    pub nonce: Option<String>,
    /// When it ends to be good, as written.
    pub expiration_time: Option<String>,
    /// When it begins to be good, as written.
    pub not_before: Option<String>,
}

/// Whether a message is good at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    Early,
    Late,
    /// It names a moment that is none.
    Unreadable,
}

impl SiweMessage {
    /// Reads a message.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut message = Self::default();
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let all = lines.clone();
        message.domain = lines.next().and_then(domain_of);
        message.address = lines.next().map(str::trim).filter(|line| is_address(line)).map(str::to_owned);
        for (name, value) in all.filter_map(|line| line.split_once(": ")) {
            match name {
                "Chain ID" => message.chain_id = whole_number(value).or(message.chain_id),
                "Nonce" => message.nonce = Some(value.to_owned()),
                "Expiration Time" => message.expiration_time = Some(value.to_owned()),
                "Not Before" => message.not_before = Some(value.to_owned()),
                _ => {}
            }
        }
        message
    }

    /// Whether the message is good at `now`. A moment that cannot be read is no leave to pass over it, as in the reference.
    pub(super) fn validity(&self, now: Timestamp) -> Validity {
        let named = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (end, beginning) = (named(&self.expiration_time), named(&self.not_before));
        match end.map(|text| Timestamp::parse(&text)) {
            Some(None) => return Validity::Unreadable,
            Some(Some(end)) if now >= end => return Validity::Late,
            _ => {}
        }
        match beginning.map(|text| Timestamp::parse(&text)) {
            Some(None) => Validity::Unreadable,
            Some(Some(beginning)) if now < beginning => Validity::Early,
            _ => Validity::Valid,
        }
    }
}

/// The domain of the first line, without its scheme.
fn domain_of(line: &str) -> Option<String> {
    let named = line.strip_suffix(HEADER_END)?;
    let scheme = |text: &str| {
        text.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+.-".contains(letter))
    };
    let domain = match named.split_once("://") {
        Some((before, rest)) if scheme(before) => rest,
        _ => named,
    };
    (!domain.is_empty() && !domain.contains(char::is_whitespace)).then(|| domain.to_owned())
}

/// A domain as it is compared: in lower case, without scheme and path.
pub(super) fn normalize_domain(domain: &str) -> String {
    let lower = domain.trim().to_lowercase();
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    bare.split('/').next().unwrap_or_default().to_owned()
}

fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    // What a double holds exactly, and every store.
    text.parse().ok().filter(|number| digits && *number <= 9_007_199_254_740_991)
}

fn is_address(text: &str) -> bool {
    let digits = text.strip_prefix("0x");
    digits.is_some_and(|digits| {
        digits.len() == 2 * ADDRESS_BYTES && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Whether a text can be a nonce.
pub(super) fn is_nonce(text: &str) -> bool {
    NONCE_LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// An address in mixed case, which is its checksum (ERC-55).
pub(super) fn checksummed(address: &str) -> String {
    let lower = address.trim_start_matches("0x").to_ascii_lowercase();
    let hash = hex::encode(&keccak(&[lower.as_bytes()]));
    let cased = lower.chars().zip(hash.bytes()).map(|(letter, digit)| match digit {
        b'8'..=b'f' => letter.to_ascii_uppercase(),
        _ => letter,
    });
    "0x".chars().chain(cased).collect()
}

/// The hash that wallets sign for a text (EIP-191 version 0x45).
pub(super) fn message_hash(text: &str) -> [u8; 32] {
    let prefix = format!("\u{19}Ethereum Signed Message:\n{}", text.len());
    keccak(&[prefix.as_bytes(), text.as_bytes()])
}

/// Whether `signature` under the text of `hash` was made with the key of `address`.
pub(super) fn is_signed_by(address: &str, hash: &[u8; 32], signature: &str) -> bool {
    signer(hash, signature).is_some_and(|signer| address.eq_ignore_ascii_case(&format!("0x{}", hex::encode(&signer))))
}

fn signer(hash: &[u8; 32], signature: &str) -> Option<[u8; ADDRESS_BYTES]> {
    let bytes = hex::decode(signature.strip_prefix("0x").unwrap_or(signature))?;
    if bytes.len() != SIGNATURE_BYTES {
        return None;
    }
    let (scalars, parity) = bytes.split_at(SIGNATURE_BYTES - 1);
    let id = match parity[0] {
        parity @ (0 | 1) => RecoveryId::from_byte(parity)?,
        parity @ (27 | 28) => RecoveryId::from_byte(parity - 27)?,
        _ => return None,
    };
    let signature = Signature::from_slice(scalars).ok()?;
    let key = VerifyingKey::recover_from_prehash(hash, &signature, id).ok()?;
    let hash = keccak(&[&key.to_sec1_point(false).as_bytes()[1..]]);
    hash[hash.len() - ADDRESS_BYTES..].try_into().ok()
}

fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Keccak256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

#[cfg(test)]
mod tests {
    use k256::ecdsa::SigningKey;
    use proptest::prelude::*;

    use super::*;

    const MESSAGE: &str = "app.test wants you to sign in with your Ethereum account:\n\
        0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n\nHello.\n\nURI: https://app.test\nVersion: 1\nChain ID: 1\n\
        Nonce: 12345678\nIssued At: 2026-01-01T00:00:00Z\nExpiration Time: 2026-01-02T00:00:00Z";

    #[test]
    fn case_159_a_message_is_read_line_by_line() {
        let message = SiweMessage::parse(MESSAGE);
        assert_eq!(message.domain.as_deref(), Some("app.test"));
        assert_eq!(message.address.as_deref(), Some("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert_eq!((message.chain_id, message.nonce.as_deref()), (Some(1), Some("12345678")));
        assert_eq!(SiweMessage::parse(&MESSAGE.replace('\n', "\r\n")), message);
        assert_eq!(SiweMessage::parse(&format!("https://{MESSAGE}")), message);
        for odd in ["", "\n", "Nonce:1", "a b wants you to sign in with your Ethereum account:\n0x12", " \n\n\n"] {
            let message = SiweMessage::parse(odd);
            assert_eq!((message.domain, message.address, message.nonce), (None, None, None), "{odd:?}");
        }
        for chain in ["", "0x1", "1.5", "1e3", "-1", "99999999999999999999"] {
            assert_eq!(SiweMessage::parse(&format!("\n\nChain ID: {chain}")).chain_id, None, "{chain}");
        }
    }

    #[test]
    fn case_159_a_message_is_good_in_its_time_only() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let mut message = SiweMessage::parse(MESSAGE);
        message.not_before = Some("2026-01-01T12:00:00+01:00".to_owned());
        assert_eq!(message.validity(at("2026-01-01T11:00:00Z")), Validity::Valid);
        assert_eq!(message.validity(at("2026-01-01T10:59:59Z")), Validity::Early);
        assert_eq!(message.validity(at("2026-01-02T00:00:00Z")), Validity::Late);
        message.expiration_time = Some("tomorrow".to_owned());
        assert_eq!(message.validity(at("2026-01-01T11:00:00Z")), Validity::Unreadable);
    }

    #[test]
    fn domains_are_compared_without_scheme_path_and_case() {
        for same in ["app.test", "APP.test", "https://app.test", "https://app.test/x", " app.test "] {
            assert_eq!(normalize_domain(same), "app.test");
        }
        assert_ne!(normalize_domain("app.test:8080"), "app.test");
        assert_ne!(normalize_domain("app.test@evil.test"), "app.test");
    }

    #[test]
    fn addresses_carry_the_checksum_of_erc_55() {
        for address in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            assert_eq!(checksummed(&address.to_lowercase()), address);
            assert_eq!(checksummed(address), address);
        }
    }

    fn wallet(seed: u8) -> (SigningKey, String) {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        let hash = keccak(&[&key.verifying_key().to_sec1_point(false).as_bytes()[1..]]);
        let address = checksummed(&format!("0x{}", hex::encode(&hash[12..])));
        (key, address)
    }

    fn sign(key: &SigningKey, text: &str) -> String {
        let (signature, id) = key.sign_prehash_recoverable(&message_hash(text));
        format!("0x{}{:02x}", hex::encode(&signature.to_bytes()), id.to_byte() + 27)
    }

    #[test]
    fn a_wallet_of_the_reference_implementations_is_known() {
        // The first account of every development chain: "test test … junk", m/44'/60'/0'/0/0.
        let secret = hex::decode("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80").unwrap();
        let key = SigningKey::from_slice(&secret).unwrap();
        let signature = sign(&key, "hello");
        assert!(is_signed_by("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", &message_hash("hello"), &signature));
    }

    #[test]
    fn case_159_only_the_wallets_own_signature_counts() {
        let ((key, address), (_, other)) = (wallet(7), wallet(8));
        let signature = sign(&key, MESSAGE);
        let hash = message_hash(MESSAGE);
        assert!(is_signed_by(&address, &hash, &signature));
        assert!(is_signed_by(&address.to_lowercase(), &hash, signature.trim_start_matches("0x")));
        assert!(!is_signed_by(&other, &hash, &signature));
        assert!(!is_signed_by(&address, &message_hash("x"), &signature));
        let zeros = format!("0x{}1b", "00".repeat(64));
        let ones = format!("0x{}1b", "ff".repeat(64));
        for odd in ["", "0x", "0xzz", &signature[..130], &format!("{signature}00"), &zeros, &ones, "é"] {
            assert!(!is_signed_by(&address, &hash, odd), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn case_159_any_text_is_read_and_any_signature_judged(text: String, signature in "(0x)?[0-9a-f]{0,132}") {
            let message = SiweMessage::parse(&text);
            let _ = message.validity(Timestamp::from_secs(0));
            prop_assert!(!is_signed_by(&wallet(7).1, &message_hash(&text), &signature));
        }
    }
}
