//! Keys, codes, locks and trusted devices: what they are made of, and what is believed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    options::TwoFactorOptions,
    schema::{BACKUP_CODES, FAILURES, LOCKED_UNTIL, SECRET, TWO_FACTOR, VERIFIED},
};
use crate::{
    crypto::{digest::constant_time_eq, hotp::Totp},
    domain::{
        Cx, account,
        cookies::{self, CookieSpec},
        options::CookieOverride,
        verification,
    },
    engine::Exit,
    schema::VERIFICATION,
    store::{Batch, Expect, Filter, Op, Query, Row, Statement, Value},
    wire::{
        base32,
        cookie::SetCookie,
        envelope,
        id::{Alphabet, random_string},
        otpauth::totp_uri,
    },
};

/// Characters of a new authenticator key; their bytes are the key.
const KEY_LENGTH: usize = 32;
/// What the stored key of an import from elsewhere begins with; base32 follows.
const BASE32: &str = "base32:";
/// Behind how many characters of a backup code the dash is.
const DASH: usize = 5;

const CHALLENGE_COOKIE: &str = "two_factor";
const TRUST_COOKIE: &str = "trust_device";
const TRUST: &str = "trust-device-";

/// The row of a user's authenticator app and backup codes.
pub(super) async fn find(cx: &mut Cx, user_id: &str) -> Result<Option<Row>, Exit> {
    Ok(cx.read(Query::one(TWO_FACTOR, Filter::eq("userId", user_id))).await?.first())
}

/// Whether the app of `row` has shown a code. Rows of older servers do not say, and count as shown.
pub(super) fn is_verified(row: &Row) -> bool {
    row.get(&VERIFIED).as_bool() != Some(false)
}

/// The row, as long as its key is the one that was read.
pub(super) fn same_key(row: &Row) -> Filter {
    Filter::eq("id", row.id()).and(Filter::eq(SECRET, row.get(&SECRET).clone()))
}

pub(super) fn new_key(cx: &Cx) -> String {
    random_string(cx.entropy(), Alphabet::A64, KEY_LENGTH)
}

/// The key that `row` holds; `None` when it cannot be read, which the log tells.
pub(super) fn open_key(cx: &Cx, row: &Row) -> Option<Vec<u8>> {
    let opened = envelope::open(&cx.app().keys, row.text(&SECRET));
    let opened =
        opened.inspect_err(|error| tracing::error!(%error, "the key of an authenticator app cannot be opened"));
    let opened = opened.ok()?;
    let text = opened.expose();
    match text.strip_prefix(BASE32) {
        Some(encoded) => base32::decode(encoded),
        None => Some(text.as_bytes().to_vec()),
    }
}

impl TwoFactorOptions {
    pub(super) fn totp(&self, key: &[u8]) -> Totp {
        let (digits, period) = self.totp_form();
        Totp::new(key, digits, period)
    }

    fn totp_form(&self) -> (u32, u64) {
        let options = &self.totp_options;
        (if options.digits == 0 { 6 } else { options.digits }, if options.period == 0 { 30 } else { options.period })
    }

    pub(super) fn uri(&self, issuer: &str, account: &str, key: &[u8]) -> String {
        let (digits, period) = self.totp_form();
        totp_uri(issuer, account, key, digits, period)
    }

    /// How long a code that was sent is good, in seconds.
    pub(super) fn otp_lifetime_secs(&self) -> i64 {
        60 * if self.otp_options.period == 0 { 3 } else { self.otp_options.period }
    }

    pub(super) fn otp_attempts(&self) -> i64 {
        if self.otp_options.allowed_attempts == 0 { 5 } else { self.otp_options.allowed_attempts }
    }

    pub(super) fn new_backup_codes(&self, cx: &Cx) -> Vec<String> {
        let options = &self.backup_code_options;
        if let Some(generate) = &options.generate {
            return (generate.0)();
        }
        let code = |_| {
            let text = random_string(cx.entropy(), Alphabet::A62, options.length);
            let (first, rest) = text.split_at(text.len().min(DASH));
            format!("{first}-{rest}")
        };
        (0..options.amount).map(code).collect()
    }

    /// The stored form of backup codes.
    pub(super) fn store_backup_codes(&self, cx: &Cx, codes: &[String]) -> String {
        let json = serde_json::to_string(codes).unwrap_or_default();
        self.backup_code_options.store.stored(cx, &json)
    }

    /// The backup codes that `row` holds; `None` when they cannot be read, which the log tells.
    pub(super) fn open_backup_codes(&self, cx: &Cx, row: &Row) -> Option<Vec<String>> {
        let opened = self.backup_code_options.store.reveal(cx, row.text(&BACKUP_CODES));
        let codes = opened.and_then(|json| serde_json::from_str(&json).ok());
        if codes.is_none() {
            tracing::error!("backup codes cannot be read");
        }
        codes
    }

    /// The backup codes without `code`; `None` when it is none of them. The time it takes does not tell which it is like.
    pub(super) fn without_backup_code(codes: Vec<String>, code: &str) -> Option<Vec<String>> {
        let before = codes.len();
        let left: Vec<_> =
            codes.into_iter().filter(|known| !constant_time_eq(known.as_bytes(), code.as_bytes())).collect();
        (left.len() < before).then_some(left)
    }

    /// Whether no code of the user with `row` is looked at now.
    pub(super) fn is_locked(&self, cx: &Cx, row: &Row) -> bool {
        self.account_lockout.enabled && row.date(&LOCKED_UNTIL).is_some_and(|until| until > cx.now())
    }

    /// Adds to `batch` that a wrong code came for the user with `row`. The batch fails when they are locked by now.
    pub(super) fn count_failure(&self, cx: &Cx, batch: Batch, row: &Row) -> Batch {
        let lockout = &self.account_lockout;
        if !lockout.enabled {
            return batch;
        }
        let own = || Filter::eq("id", row.id());
        let over = own().and(Filter::compare(LOCKED_UNTIL, Op::Lte, cx.now()));
        let spent = own().and(Filter::compare(FAILURES, Op::Gte, lockout.max_failed_attempts));
        let until = Row::new().with(LOCKED_UNTIL, cx.now().plus_secs(lockout.duration_seconds));
        batch
            .update(TWO_FACTOR, over, no_failures(), Expect::Any)
            .then(Statement::Increment {
                table: TWO_FACTOR,
                filter: own().and(Filter::eq(LOCKED_UNTIL, Value::Null)),
                by: vec![(FAILURES, 1)],
                set: Row::new(),
                expect: Expect::Rows(1),
            })
            .update(TWO_FACTOR, spent, until, Expect::Any)
    }

    /// Adds to `batch` that a right code came for the user with `row`, and what it changes there. The batch fails when they are
    /// locked by now, or have another key.
    pub(super) fn count_success(&self, cx: &Cx, batch: Batch, row: &Row) -> Batch {
        if !self.account_lockout.enabled {
            return batch.check(TWO_FACTOR, same_key(row), Expect::Rows(1));
        }
        let open =
            Filter::Or(vec![Filter::eq(LOCKED_UNTIL, Value::Null), Filter::compare(LOCKED_UNTIL, Op::Lte, cx.now())]);
        batch.update(TWO_FACTOR, same_key(row).and(open), no_failures(), Expect::Rows(1))
    }

    /// What a sign-in that is held answers: how a second factor can be given.
    pub(super) fn methods(&self, row: Option<&Row>) -> Vec<&'static str> {
        let totp = !self.totp_options.disable && row.is_some_and(is_verified);
        [(totp, "totp"), (self.otp_options.send, "otp")]
            .into_iter()
            .filter_map(|(is, name)| is.then_some(name))
            .collect()
    }

    /// The cookie that names a sign-in that waits.
    pub(super) fn challenge_cookie(&self, cx: &Cx) -> CookieSpec {
        aged(cx, CHALLENGE_COOKIE, self.two_factor_cookie_max_age)
    }

    /// The cookie that names a trusted device.
    pub(super) fn trust_cookie(&self, cx: &Cx) -> CookieSpec {
        aged(cx, TRUST_COOKIE, self.trust_device_max_age)
    }

    /// Adds to `batch` that the browser is trusted with `user_id`, and answers the cookie that says so.
    pub(super) fn trust(&self, cx: &Cx, batch: Batch, user_id: &str) -> (Batch, SetCookie) {
        let identifier = format!("{TRUST}{}", random_string(cx.entropy(), Alphabet::A64, 32));
        let row = verification::new(cx, &identifier, user_id, self.trust_device_max_age);
        let spec = self.trust_cookie(cx);
        let value = format!("{}!{identifier}", tag(cx, user_id, &identifier));
        let cookie = SetCookie::signed(&spec.name, &value, &cx.app().signer, spec.attributes);
        (batch.insert(VERIFICATION, row), cookie)
    }

    /// The record of the browser as a device that `user_id` trusts, if it is one: not since the password was changed or the second
    /// factor turned off.
    pub(super) async fn find_trusted(&self, cx: &mut Cx, user_id: &str) -> Result<Option<Row>, Exit> {
        let Some((tag_given, identifier)) = self.read_trust(cx) else { return Ok(None) };
        let genuine = constant_time_eq(tag(cx, user_id, &identifier).as_bytes(), tag_given.as_bytes());
        if !genuine || !identifier.starts_with(TRUST) {
            return Ok(None);
        }
        let Some(record) = verification::find(cx, &identifier).await? else { return Ok(None) };
        if record.text("value") != user_id {
            return Ok(None);
        }
        let made_at = record.date("createdAt");
        let credential = account::find_credential(cx, user_id).await?;
        let password_at = credential.and_then(|credential| credential.date("updatedAt"));
        let revoked_at = verification::find(cx, &revocation(user_id)).await?.and_then(|row| row.date("createdAt"));
        let void = password_at.is_some_and(|at| made_at.is_none_or(|made_at| made_at < at))
            || revoked_at.is_some_and(|at| made_at.is_none_or(|made_at| made_at <= at));
        Ok((!void).then_some(record))
    }

    fn read_trust(&self, cx: &Cx) -> Option<(String, String)> {
        let value = cookies::read_signed(cx, &self.trust_cookie(cx))?;
        let mut parts = value.split('!');
        let (tag, identifier) = (parts.next()?, parts.next()?);
        (!tag.is_empty() && !identifier.is_empty()).then(|| (tag.to_owned(), identifier.to_owned()))
    }

    /// Forgets the browser as a trusted device, if it says that it is one.
    pub(super) fn expire_trust(&self, cx: &mut Cx) {
        let spec = self.trust_cookie(cx);
        if cookies::read_signed(cx, &spec).is_some() {
            cookies::expire(cx, &spec);
        }
    }

    /// Adds to `batch` that no device is trusted with `user_id` any more. Their records cannot be found by user in every store, so one
    /// that is newer than all of them says it.
    pub(super) fn trust_none(&self, cx: &Cx, batch: Batch, user_id: &str) -> Batch {
        let row = verification::new(cx, &revocation(user_id), "revoked", self.trust_device_max_age);
        batch.insert(VERIFICATION, row)
    }
}

fn no_failures() -> Row {
    Row::new().with(FAILURES, 0).with(LOCKED_UNTIL, Value::Null)
}

fn aged(cx: &Cx, key: &str, max_age: i64) -> CookieSpec {
    cx.app().cookie(key, &CookieOverride { max_age: Some(max_age), ..CookieOverride::default() })
}

fn revocation(user_id: &str) -> String {
    format!("{TRUST}revoked-{user_id}")
}

fn tag(cx: &Cx, user_id: &str, identifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(cx.app().signer.sign(format!("{user_id}!{identifier}").as_bytes()))
}
