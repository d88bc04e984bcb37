//! `[plugins.<id>]`: a table turns the plugin on and holds its options.

use kernia::{
    domain::Plugin,
    plugins::{
        Anonymous, Bearer, Captcha, DeviceAuthorization, EmailOtp, GenericOauth, HaveIBeenPwned, I18n, Jwt,
        LastLoginMethod, MagicLink, MultiSession, OAuthPopup, OAuthProxy, OneTap, OneTimeToken, OpenApi, Passkey,
        PhoneNumber, TwoFactor, Username,
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use toml::de::DeValue;

use super::{
    document::{Document, Section},
    locate::{Path, Step},
    problem::Problem,
    wording::Complaint,
};

type Read = fn(&mut Document<'_>, Section<'_>, &str) -> Option<Box<dyn Plugin>>;

/// The options of a plugin that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The plugins that can be configured, by id.
const KNOWN: &[(&str, Read)] = &[
    ("anonymous", |document, section, id| read(document, section, id, Anonymous::new)),
    ("bearer", |document, section, id| read(document, section, id, Bearer::new)),
    ("captcha", |document, section, id| read(document, section, id, Captcha::new)),
    ("device-authorization", |document, section, id| read(document, section, id, DeviceAuthorization::new)),
    ("email-otp", |document, section, id| read(document, section, id, EmailOtp::new)),
    ("generic-oauth", |document, section, id| read(document, section, id, GenericOauth::new)),
    ("have-i-been-pwned", |document, section, id| read(document, section, id, HaveIBeenPwned::new)),
    ("i18n", |document, section, id| read(document, section, id, I18n::new)),
    ("jwt", |document, section, id| read(document, section, id, Jwt::new)),
    ("magic-link", |document, section, id| read(document, section, id, MagicLink::new)),
    ("last-login-method", |document, section, id| read(document, section, id, LastLoginMethod::new)),
    ("multi-session", |document, section, id| read(document, section, id, MultiSession::new)),
    ("oauth-popup", |document, section, id| read(document, section, id, |Nothing {}| OAuthPopup)),
    ("oauth-proxy", |document, section, id| read(document, section, id, OAuthProxy::new)),
    ("one-tap", |document, section, id| read(document, section, id, OneTap::new)),
    ("one-time-token", |document, section, id| read(document, section, id, OneTimeToken::new)),
    ("open-api", |document, section, id| read(document, section, id, OpenApi::new)),
    ("passkey", |document, section, id| read(document, section, id, Passkey::new)),
    ("phone-number", |document, section, id| read(document, section, id, PhoneNumber::new)),
    #[cfg(feature = "siwe")]
    ("siwe", |document, section, id| read(document, section, id, kernia::plugins::Siwe::new)),
    ("two-factor", |document, section, id| read(document, section, id, TwoFactor::new)),
    ("username", |document, section, id| read(document, section, id, Username::new)),
];

/// Reads the plugins, in the order of the file: they take part in it.
pub(crate) fn plugins(document: &mut Document<'_>, section: Section<'_>) -> Vec<Box<dyn Plugin>> {
    let mut plugins = Vec::new();
    for (id, value) in section.table {
        let span = id.span();
        let id = id.into_inner();
        let Some((_, read)) = KNOWN.iter().find(|(known, _)| *known == id) else {
            let known = KNOWN.iter().map(|(known, _)| (*known).to_owned()).collect();
            let path = Path(vec![Step::Key(id.into_owned())]);
            let problem = Complaint::UnknownKey { known }.problem(&path, &["plugins"], None);
            document.problem(problem.at(Some(span)));
            continue;
        };
        match value.into_inner() {
            DeValue::Table(table) => plugins.extend(read(document, Section { table, span }, &id)),
            _ => {
                let problem = Problem::new(format!("`plugins.{id}` is not a table"));
                document.problem(problem.at(Some(span)).label(format!("write [plugins.{id}]")));
            }
        }
    }
    plugins
}

/// Every plugin that can be configured and needs no more than its usual options.
pub(crate) fn every_plugin() -> Vec<Box<dyn Plugin>> {
    let text: String = KNOWN.iter().map(|(id, _)| format!("[plugins.{id}]\n")).collect();
    let Ok(mut document) = Document::parse(&text, &|_| None) else { return Vec::new() };
    document.section("plugins").map(|section| plugins(&mut document, section)).unwrap_or_default()
}

fn read<O: DeserializeOwned, P: Plugin>(
    document: &mut Document<'_>,
    section: Section<'_>,
    id: &str,
    plugin: impl FnOnce(O) -> P,
) -> Option<Box<dyn Plugin>> {
    let options = document.read(section, &["plugins", id])?;
    Some(Box::new(plugin(options)))
}
