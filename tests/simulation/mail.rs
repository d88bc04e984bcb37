//! Messages and events: who they are for, and what they must not tell.

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use kernia::engine::{Event, Message};
use serde_json::Value as Json;

use crate::{
    judge::{is_allowed, no_secret, tells_nothing},
    ledger::{Author, Ledger, Mail},
    state::State,
    violation::{Checked, rule},
};

/// A message was handed over on the way to an answer.
pub(crate) fn sent(ledger: &mut Ledger, state: &State, message: &Message, author: &Author, request: &str) -> Checked {
    const OWN: &str = "messages go to whom they concern";
    let kind = message.kind;
    let url = message.url.clone().unwrap_or_default();
    let token = message.token.clone().unwrap_or_default();
    let text = [&message.name, &message.url].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let (user, email, update_to) = match kind {
        "verify-email" | "change-email-confirmation" => {
            let claims = claims(&token);
            let told = |name: &str| claims[name].as_str().map(str::to_owned);
            (told("userId").unwrap_or_default(), told("email").unwrap_or_default(), told("updateTo"))
        }
        "reset-password" => {
            let Some(user) = state.value_of(&format!("reset-password:{token}")) else { return Ok(()) };
            (user, message.to.clone(), None)
        }
        "two-factor-otp" => {
            let user = author.acts_for.clone().unwrap_or_default();
            let emails = ledger.users.get(&user).map(|user| user.emails.clone()).unwrap_or_default();
            ledger.second_factors.sent(&user, message.otp.as_deref().unwrap_or_default(), ledger.now);
            return rule(OWN, emails.contains(&message.to), || format!("{kind} of {user} to {}", message.to));
        }
        "delete-account" => (author.acts_for.clone().unwrap_or_default(), message.to.clone(), None),
        _ => {
            return rule(
                OWN,
                author.claim.email.as_ref().is_some_and(|email| email.to_lowercase() == message.to),
                || format!("{kind} to {}", message.to),
            );
        }
    };
    let known = ledger.users.get(&user).cloned().unwrap_or_default();
    let to = if kind == "verify-email" { update_to.as_ref().unwrap_or(&email) } else { &email };
    rule(OWN, *to == message.to && known.emails.contains(&email), || format!("{kind} for {email} to {}", message.to))?;
    let own = update_to.is_none() || author.acts_for.as_ref() == Some(&user);
    rule(OWN, own, || format!("{} changes the address of {user}", author.action.name))?;
    tells_nothing(ledger, &text, request, &BTreeSet::from([user.as_str()]))?;
    let page = url::Url::parse(&url).ok();
    let page = page.as_ref().and_then(|url| url.query_pairs().find(|(name, _)| name == "callbackURL"));
    let leads_well = is_allowed(&url) && page.is_none_or(|(_, page)| page.is_empty() || is_allowed(&page));
    rule("nobody is sent elsewhere", leads_well, || format!("{kind}: {url}"))?;
    let made = ledger.now;
    let (applied, told, void) = Default::default();
    ledger.mails.push(Mail { kind, token, user, email, update_to, made, applied, told, void });
    Ok(())
}

/// An event was emitted.
pub(crate) fn emitted(ledger: &Ledger, event: &Event) -> Checked {
    let detail = event.detail.iter().map(|(_, text)| text.as_str());
    let text = detail.chain(event.subject.as_deref()).collect::<Vec<_>>().join(" ");
    no_secret(&text)?;
    let tokens = ledger.sessions.keys().chain(ledger.mails.iter().map(|mail| &mail.token));
    let told = tokens.into_iter().any(|token| text.contains(token));
    rule("no secret in an event", !told, || format!("{}: {text}", event.name))
}

/// What a signed token says; whether the signature is right is for the server to find out.
fn claims(token: &str) -> Json {
    let payload = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    payload.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}
