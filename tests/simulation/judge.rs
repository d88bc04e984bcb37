//! What every answer must keep, whatever was asked.

use std::collections::BTreeSet;

use kernia::{
    domain::Place,
    testing::{BASE_URL, TestResponse},
};

use crate::{
    actions::{DOMAIN, NAME, Session as Need, drawn, has_password},
    client,
    ledger::{Author, Ledger, Session},
    setting::{Setting, TRUSTED},
    violation::{Checked, rule},
};

/// What a server that breaks its own rules breaks too.
pub(crate) const NO_FAILURE: &str = "no failure without a cause";

/// An answer, and all that is known of its request.
pub(crate) struct Case<'w> {
    pub(crate) ledger: &'w mut Ledger,
    pub(crate) setting: &'w Setting,
    pub(crate) author: &'w Author,
    pub(crate) answer: &'w TestResponse,
    /// The request as it was sent.
    pub(crate) request: &'w str,
    /// Whether anything failed for it.
    pub(crate) faulted: bool,
    /// Whether the answer can be foretold: nothing failed, nothing else was in flight, all clocks agree, nobody counts.
    pub(crate) sure: bool,
    /// Whether every page that it names may be gone to.
    pub(crate) redirects_well: bool,
    /// When the client got the session in its cookie, if it sent one.
    pub(crate) cached_at: Option<i64>,
}

impl Case<'_> {
    /// The answer in words.
    pub(crate) fn told(&self) -> String {
        let (name, answer) = (self.author.action.name, self.answer);
        format!("{name} is answered {} {} {}", answer.status, answer.header("location"), answer.text)
    }

    /// Whether the request says `what`.
    pub(crate) fn says(&self, what: &str) -> bool {
        self.request.contains(what)
    }

    /// Whether the answer is a success, as a redirect or not.
    pub(crate) fn succeeded(&self) -> bool {
        let led_on = self.answer.status == 302 && !self.answer.header("location").contains("error=");
        self.answer.status < 300 || led_on
    }

    /// Holds that a request that was let in had a session to show. `confirmed` says that a cookie alone does not do.
    pub(crate) fn accepted(&self, confirmed: bool) -> Checked {
        const SIGNED_IN: &str = "who is not signed in is not let in";
        let token = self.author.token.clone().unwrap_or_default();
        let fresh = |at: i64| self.author.begun_at <= at + Setting::CACHE_AGE * 1000 + 2 * self.ledger.skew;
        let believed = !confirmed && self.cached_at.is_some_and(fresh);
        let Some(session) = self.ledger.sessions.get(&token) else { return rule(SIGNED_IN, believed, || self.told()) };
        let lately = session.live || session.ended.is_some_and(|ended| ended >= self.author.begun);
        rule(SIGNED_IN, lately || believed, || format!("{token} is over: {}", self.told()))?;
        let begun_at = self.author.begun_at - 2 * self.ledger.skew;
        let seen = &session.seen;
        rule("sessions expire", seen.expires >= begun_at, || format!("{seen:?} at {begun_at}: {}", self.told()))?;
        let absolute = !self.setting.absolute_lifetime || seen.created + Setting::ABSOLUTE * 1000 > begun_at;
        rule("sessions expire", absolute, || format!("{seen:?} at {begun_at}: {}", self.told()))?;
        let idle = !self.setting.idle_lifetime || seen.updated + Setting::IDLE * 1000 > begun_at;
        rule("sessions expire", idle, || format!("{seen:?} at {begun_at}: {}", self.told()))
    }

    /// Whether `session` lives for certain.
    pub(crate) fn surely_lives(&self, session: &Session) -> bool {
        let (now, seen) = (self.author.begun_at, &session.seen);
        let absolute = !self.setting.absolute_lifetime || seen.created + Setting::ABSOLUTE * 1000 > now;
        let idle = !self.setting.idle_lifetime || seen.updated + Setting::IDLE * 1000 > now;
        // A change that was left half done may have reached one store of two.
        let whole = !self.ledger.torn || self.ledger.places.sessions != Place::Both;
        session.live && whole && seen.expires > now && absolute && idle
    }

    /// Whether the session that was presented lived all the while.
    pub(crate) fn surely_signed_in(&self) -> bool {
        let session = self.author.token.as_ref().and_then(|token| self.ledger.sessions.get(token));
        session.is_some_and(|session| self.surely_lives(session))
    }

    /// Holds that what the password opened before is over.
    pub(crate) fn told_barred(&mut self) -> Checked {
        self.ledger.told_over(&self.author.scope)?;
        let user = self.author.acts_for.as_deref().unwrap_or_default();
        self.ledger.told_barred(user, self.author.set_version.unwrap_or_default())
    }
}

/// Holds an answer to what all answers must keep, and to what its action promises.
pub(crate) fn answer(case: &mut Case<'_>) -> Checked {
    let status = case.answer.status;
    // The reference's status for an answer of an authenticator that cannot be verified.
    let unverified = case.answer.code() == "FAILED_TO_VERIFY_REGISTRATION";
    rule(NO_FAILURE, status < 500 || unverified || (case.faulted && status == 503), || case.told())?;
    rule("no conflict without another", status != 409 || !case.sure || case.ledger.torn, || case.told())?;
    redirects(case)?;
    if let Some(token) = client::session_token(case.answer) {
        case.ledger.told_begun(&token, case.author);
    }
    leaks(case)?;
    let action = case.author.action;
    if action.needs_session() {
        if case.succeeded() {
            case.accepted(action.session == Need::Confirmed)?;
        }
        // What is refused because it is another's says so.
        let foreign = case.answer.code() == "YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY";
        let refused = status == 401 && !foreign && case.sure && case.surely_signed_in();
        rule("whoever is signed in stays so", !refused, || case.told())?;
    }
    (action.judge)(case)
}

/// Whether a browser at this server may be sent to `target`.
pub(crate) fn is_allowed(target: &str) -> bool {
    let joined = url::Url::parse(BASE_URL).and_then(|base| base.join(target));
    joined.is_ok_and(|url| [BASE_URL, TRUSTED].contains(&url.origin().ascii_serialization().as_str()))
}

fn redirects(case: &Case<'_>) -> Checked {
    let told = case.answer.json["url"].as_str().unwrap_or_default();
    for target in [case.answer.header("location"), told] {
        rule("nobody is sent elsewhere", target.is_empty() || is_allowed(target), || case.told())?;
    }
    Ok(())
}

fn leaks(case: &Case<'_>) -> Checked {
    let headers = case.answer.headers.values().filter_map(|value| value.to_str().ok());
    let text = headers.chain([case.answer.text.as_str()]).collect::<Vec<_>>().join("\n");
    let author = case.author;
    let owner = author.token.as_ref().and_then(|token| case.ledger.sessions.get(token));
    let mut principals: BTreeSet<&str> = author.acts_for.iter().chain(&author.claim.user).map(String::as_str).collect();
    principals.extend(owner.map(|session| session.seen.user.as_str()));
    tells_nothing(case.ledger, &text, case.request, &principals)?;
    for mail in case.ledger.mails.iter().filter(|mail| text.contains(&mail.token)) {
        rule("no secret in an answer", case.request.contains(&mail.token), || {
            format!("{}: {}", mail.kind, case.told())
        })?;
    }
    Ok(())
}

/// Holds that `text` has no password, and nothing of anybody but `principals` unless `known` has it.
pub(crate) fn tells_nothing(ledger: &Ledger, text: &str, known: &str, principals: &BTreeSet<&str>) -> Checked {
    const PRIVATE: &str = "nobody sees what is another's";
    no_secret(text)?;
    let own = |of: fn(&crate::ledger::User) -> &[String], what: &str| {
        let users = principals.iter().filter_map(|id| ledger.users.get(*id));
        users.flat_map(of).any(|known| known == what)
    };
    for name in drawn(text, NAME) {
        let allowed = known.contains(name) || own(|user| &user.names, name);
        rule(PRIVATE, allowed, || format!("{name} in {text}"))?;
    }
    let lower = known.to_lowercase();
    for (at, _) in text.match_indices(DOMAIN).filter(|(at, _)| *at >= 2) {
        let email = text.get(at - 2..at + DOMAIN.len()).unwrap_or_default().to_lowercase();
        let allowed = lower.contains(&email) || own(|user| &user.emails, &email);
        rule(PRIVATE, allowed, || format!("{email} in {text}"))?;
    }
    for (token, session) in ledger.sessions.iter().filter(|(token, _)| text.contains(*token)) {
        let allowed = known.contains(token) || principals.contains(session.seen.user.as_str());
        rule(PRIVATE, allowed, || format!("{token} in {text}"))?;
    }
    Ok(())
}

/// Holds that `text` has no password, in whatever form.
pub(crate) fn no_secret(text: &str) -> Checked {
    rule("no password leaves the server", !has_password(text), || text.to_owned())
}
