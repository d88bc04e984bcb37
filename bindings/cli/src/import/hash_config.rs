//! Firebase's password hash parameters, as its console shows them: lines of `name: value`, or the same as JSON.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernia::crypto::{foreign::FirebaseParams, secret::Secret};

use super::ImportFailure;

/// Largest file that is read, in bytes.
const MAX_FILE: usize = 64 << 10;

/// A project's parameters.
#[derive(Clone, Debug)]
pub(super) struct HashConfig {
    pub(super) params: FirebaseParams,
    /// In base64. It is compared with the configured one, and kept nowhere.
    pub(super) signer_key: Option<Secret>,
}

impl HashConfig {
    /// Reads the file. `key` is the name under which the signer key is configured.
    pub(super) fn load(path: &Path, key: &str) -> Result<Self, ImportFailure> {
        let text =
            std::fs::read_to_string(path).map_err(|error| ImportFailure::File { path: path.to_owned(), error })?;
        Self::parse(&text, key).map_err(|why| ImportFailure::Arguments(format!("{}: {why}", path.display())))
    }

    fn parse(text: &str, key: &str) -> Result<Self, String> {
        if text.len() > MAX_FILE {
            return Err("this is too long for password hash parameters".to_owned());
        }
        let member = |names: &[&str]| names.iter().find_map(|name| find(text, name));
        let missing =
            |name: &str| format!("{name} is missing: copy the password hash parameters that Firebase's console shows");
        let number = |names: &[&str]| {
            let value = member(names).ok_or_else(|| missing(names[0]))?;
            value.parse::<u32>().map_err(|_| format!("{} is no number", names[0]))
        };
        let separator =
            member(&["base64_salt_separator", "saltSeparator"]).ok_or_else(|| missing("base64_salt_separator"))?;
        let salt_separator =
            STANDARD.decode(separator).map_err(|_| "base64_salt_separator is no base64 text".to_owned())?;
        Ok(Self {
            params: FirebaseParams {
                key: key.to_owned(),
                mem_cost: number(&["mem_cost", "memCost", "memoryCost"])?,
                rounds: number(&["rounds"])?,
                salt_separator,
            },
            signer_key: member(&["base64_signer_key", "signerKey", "key"]).map(Secret::from),
        })
    }
}

/// The value behind a name, in JSON or in lines.
fn find<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split(['\n', ',', '{', '}']).find_map(|member| {
        let (found, value) = member.split_once(':')?;
        let plain = |text: &'t str| text.trim().trim_matches('"');
        let value = plain(value).trim_end_matches(';');
        (plain(found) == name && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: jxsp/8Ki==,\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}";

    #[test]
    fn reads_what_the_console_shows_and_json() {
        let json = r#"{"algorithm":"SCRYPT","base64_signer_key":"jxsp/8Ki==","base64_salt_separator":"Bw==","rounds":8,"mem_cost":14}"#;
        let camel = r#"{"memCost": 14, "rounds": 8, "saltSeparator": "Bw==", "signerKey": "jxsp/8Ki=="}"#;
        for text in [SHOWN, json, camel] {
            let config = HashConfig::parse(text, "app").unwrap();
            let wanted = FirebaseParams { key: "app".to_owned(), mem_cost: 14, rounds: 8, salt_separator: vec![7] };
            assert_eq!((config.params, config.signer_key.unwrap().expose()), (wanted, "jxsp/8Ki=="), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_shown() {
        for (gone, said) in
            [("mem_cost", "mem_cost is missing"), ("base64_salt_separator", "base64_salt_separator is missing")]
        {
            let text: Vec<_> = SHOWN.lines().filter(|line| !line.contains(gone)).collect();
            let error = HashConfig::parse(&text.join("\n"), "app").unwrap_err();
            assert!(error.contains(said) && !error.contains("jxsp"), "{error}");
        }
        assert!(HashConfig::parse(&SHOWN.replace("14", "many"), "app").is_err());
        assert!(HashConfig::parse(&SHOWN.replace("Bw==", "!"), "app").is_err());
        let config = HashConfig::parse(SHOWN, "app").unwrap();
        assert!(!format!("{config:?}").contains("jxsp"));
    }
}
