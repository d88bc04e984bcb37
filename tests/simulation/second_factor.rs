//! The model of second factors: which sign-ins wait, and what has been made known that finishes them.

use std::collections::{BTreeMap, BTreeSet};

use kernia::crypto::hotp::Totp;

use crate::{
    actions::Claim,
    ledger::{Author, ONCE, SECOND},
    violation::{Checked, Violation, rule},
};

/// How long a sign-in waits, in milliseconds.
const WAITS: i64 = 600_000;
/// How long a code that is sent is good, in milliseconds.
const SENT: i64 = 180_000;
const STEP: i64 = 30_000;

/// A sign-in that waits.
#[derive(Clone, Debug)]
struct Waiting {
    user: String,
    made: i64,
    /// Which of the user's passwords it began with.
    version: Option<usize>,
    opened: bool,
}

/// What a user can show.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The keys of authenticator apps so far.
    keys: Vec<Vec<u8>>,
    /// Backup codes so far, and whether they were used or replaced.
    backup: BTreeMap<String, bool>,
    /// Codes that were sent: the code, when, and whether it was used.
    sent: Vec<(String, i64, bool)>,
    /// The codes of apps that have opened something, with their steps.
    opened: BTreeSet<(String, i64)>,
}

/// All that is known of second factors.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecondFactors {
    waiting: BTreeMap<String, Waiting>,
    known: BTreeMap<String, Known>,
    trusted: BTreeMap<String, String>,
}

/// A moment, and by how much it may be wrong.
type About = (i64, i64);

impl SecondFactors {
    /// A sign-in of `user` waits from now on.
    pub(crate) fn waits(&mut self, challenge: String, user: String, author: &Author) {
        let (made, version, opened) = (author.begun_at, author.proved, false);
        self.waiting.insert(challenge, Waiting { user, made, version, opened });
    }

    /// A device is trusted with `user`.
    pub(crate) fn trust(&mut self, device: String, user: String) {
        self.trusted.insert(device, user);
    }

    /// Whether `device` was ever trusted with `user`. That it is trusted no more is for other tests.
    pub(crate) fn is_trusted(&self, user: &str, device: Option<&str>) -> bool {
        device.and_then(|device| self.trusted.get(device)).is_some_and(|whose| whose == user)
    }

    /// Whose sign-in waits under `challenge`.
    pub(crate) fn whose(&self, challenge: &str) -> Option<&str> {
        self.waiting.get(challenge).map(|waiting| waiting.user.as_str())
    }

    /// A code was sent to `user`.
    pub(crate) fn sent(&mut self, user: &str, code: &str, now: i64) {
        self.known.entry(user.to_owned()).or_default().sent.push((code.to_owned(), now, false));
    }

    /// The key of an app was told.
    pub(crate) fn told_key(&mut self, user: &str, key: Vec<u8>) {
        self.known.entry(user.to_owned()).or_default().keys.push(key);
    }

    /// A new set of backup codes was told, and the ones before are void.
    pub(crate) fn told_backup(&mut self, user: &str, codes: Vec<String>) {
        let known = self.known.entry(user.to_owned()).or_default();
        known.backup.values_mut().for_each(|void| *void = true);
        known.backup.extend(codes.into_iter().map(|code| (code, false)));
    }

    /// What `user` could show now, of each kind the latest.
    pub(crate) fn app(&self, user: &str, now: i64) -> Option<String> {
        let totp = Totp::new(self.known.get(user)?.keys.last()?, 6, 30);
        Some(totp.code(totp.step(now)))
    }

    pub(crate) fn message(&self, user: &str) -> Option<String> {
        self.known.get(user)?.sent.last().map(|(code, ..)| code.clone())
    }

    pub(crate) fn backup(&self, user: &str) -> Vec<String> {
        self.known.get(user).map(|known| known.backup.keys().cloned().collect()).unwrap_or_default()
    }

    /// Whether `code` is one that `user` was told or an app of theirs shows.
    pub(crate) fn knows(&self, user: &str, code: &str, about: About) -> bool {
        self.known.get(user).is_some_and(|known| {
            let sent = known.sent.iter().any(|(sent, made, _)| sent == code && *made >= about.0 - SENT - about.1);
            sent || known.step(code, about).is_some()
        })
    }

    /// Holds that `claim` opens what waits for `user`, once. Answers which password it began with.
    pub(crate) fn open(&mut self, user: &str, claim: &Claim, about: About) -> Result<Option<usize>, Violation> {
        let waiting = claim.challenge.as_ref().and_then(|challenge| self.waiting.get_mut(challenge));
        let Some(waiting) = waiting.filter(|waiting| waiting.user == user) else {
            rule(SECOND, false, || format!("{user} is signed in, and no sign-in of theirs waited"))?;
            return Ok(None);
        };
        rule(ONCE, !waiting.opened, || format!("a sign-in of {user} is finished again"))?;
        rule("tokens expire", waiting.made >= about.0 - WAITS - about.1, || format!("a sign-in of {user}"))?;
        waiting.opened = true;
        let version = waiting.version;
        self.show(user, claim.code.as_deref().unwrap_or_default(), about)?;
        Ok(version)
    }

    fn show(&mut self, user: &str, code: &str, about: About) -> Checked {
        let known = self.known.entry(user.to_owned()).or_default();
        if let Some(void) = known.backup.get_mut(code) {
            let good = !std::mem::replace(void, true);
            return rule(ONCE, good, || format!("{code} of {user} again"));
        }
        if let Some(step) = known.step(code, about) {
            let first = known.opened.insert((code.to_owned(), step));
            return rule(ONCE, first, || format!("{code} of {user} again"));
        }
        let sent = known.sent.iter_mut().rev().find(|(sent, ..)| sent == code);
        let Some((_, made, used)) = sent else {
            return rule(SECOND, false, || format!("{code} is nothing of {user}"));
        };
        rule("tokens expire", *made >= about.0 - SENT - about.1, || format!("{code} of {user}"))?;
        rule(ONCE, !std::mem::replace(used, true), || format!("{code} of {user} again"))
    }
}

impl Known {
    /// The step in which an app shows `code`, about that moment.
    fn step(&self, code: &str, (now, wrong): About) -> Option<i64> {
        let steps = (now - wrong) / STEP - 1..=(now + wrong) / STEP + 1;
        let mut shown = steps.flat_map(|step| self.keys.iter().map(move |key| (step, key)));
        shown.find(|(step, key)| Totp::new(key, 6, 30).code(*step as u64) == code).map(|(step, _)| step)
    }
}
