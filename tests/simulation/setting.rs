//! What is configured in a history.

use kernia::{
    domain::{
        options::{CustomRule, IdStrategy, Options},
        stored_secret::StoreToken,
    },
    testing,
    wire::session_cache::CacheStrategy,
};
use serde_json::json;

use crate::dice::Dice;

/// An origin that is trusted besides the server's own.
pub(crate) const TRUSTED: &str = "https://app.example";

/// How the servers of a history are configured, and what surrounds them.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// How many servers share the stores.
    pub(crate) engines: usize,
    /// How many clients there are.
    pub(crate) clients: usize,
    /// Whether anything fails.
    pub(crate) faults: bool,
    /// How many milliseconds a server's clock may be wrong, either way.
    pub(crate) skew: i64,
    /// Milliseconds between two requests when nothing else is said.
    pub(crate) tick: i64,
    /// Where sessions and one-time values are: whether there is secondary storage, whether the database has sessions too and
    /// decides, or keeps a record of them only.
    pub(crate) secondary: bool,
    pub(crate) sessions_in_database: bool,
    pub(crate) sessions_recorded: bool,
    pub(crate) values_in_database: bool,
    pub(crate) ids: IdStrategy,
    pub(crate) cookie_cache: Option<CacheStrategy>,
    pub(crate) hashed_identifiers: bool,
    pub(crate) verification_required: bool,
    pub(crate) sign_in_after_verification: bool,
    pub(crate) reset_ends_sessions: bool,
    pub(crate) replace_unproven_at_once: bool,
    pub(crate) confirm_change: bool,
    pub(crate) delete_by_mail: bool,
    pub(crate) last_account_may_go: bool,
    pub(crate) absolute_lifetime: bool,
    pub(crate) idle_lifetime: bool,
    pub(crate) deferred_refresh: bool,
    pub(crate) max_sessions: Option<u32>,
    /// Whether the servers want password hashes of different strength.
    pub(crate) rehash: bool,
    pub(crate) rate_limit: bool,
}

impl Setting {
    /// The setting of `seed`.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x5e77_1235);
        let strategies = [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe];
        let secondary = dice.chance(50);
        Self {
            engines: 1 + dice.below(3),
            clients: 2 + dice.below(3),
            faults: dice.chance(50),
            skew: if dice.chance(40) { 20_000 } else { 0 },
            // Dates in databases have milliseconds: what happens in the same one is told apart by nothing that compares them.
            tick: [1, 2, 30][dice.below(3)],
            secondary,
            sessions_in_database: dice.chance(50),
            sessions_recorded: dice.chance(30),
            values_in_database: dice.chance(50),
            ids: [IdStrategy::Random, IdStrategy::Serial, IdStrategy::Uuid][dice.below(3)],
            cookie_cache: dice.chance(50).then(|| strategies[dice.below(3)]),
            hashed_identifiers: dice.chance(30),
            verification_required: dice.chance(20),
            sign_in_after_verification: dice.chance(50),
            reset_ends_sessions: dice.chance(60),
            replace_unproven_at_once: dice.chance(40),
            confirm_change: dice.chance(50),
            delete_by_mail: dice.chance(50),
            last_account_may_go: dice.chance(30),
            absolute_lifetime: dice.chance(15),
            idle_lifetime: dice.chance(15),
            deferred_refresh: dice.chance(15),
            max_sessions: dice.chance(20).then_some(3),
            rehash: dice.chance(30),
            rate_limit: dice.chance(10),
        }
    }

    /// Seconds that a session lasts unused.
    pub(crate) const EXPIRES_IN: i64 = 7 * 86_400;
    /// Seconds after which a session ends whatever is done with it, where that is so.
    pub(crate) const ABSOLUTE: i64 = 10 * 86_400;
    /// Seconds after which a session ends that is not used, where that is so.
    pub(crate) const IDLE: i64 = 86_400;
    /// Seconds that a session kept in a cookie is believed.
    pub(crate) const CACHE_AGE: i64 = 300;
    /// Seconds that a link or a reset token is good.
    pub(crate) const LINK_AGE: i64 = 3600;
    /// Seconds that a deletion link is good.
    pub(crate) const DELETE_AGE: i64 = 86_400;
    /// Seconds after signing in that sensitive things may be done.
    pub(crate) const FRESH_AGE: i64 = 86_400;

    /// The options of the server at `engine`.
    pub(crate) fn options(&self, engine: usize) -> Options {
        let mut options = testing::options();
        options.trusted_origins = vec![TRUSTED.to_owned()];
        options.advanced.database.generate_id = self.ids;
        options.account.account_linking.allow_unlinking_all = self.last_account_may_go;
        self.sessions(&mut options);
        self.users(&mut options, engine);
        options.rate_limit.enabled = Some(self.rate_limit);
        options.rate_limit.custom_rules.insert("/ok".to_owned(), CustomRule::Switch(false));
        options
    }

    fn sessions(&self, options: &mut Options) {
        let session = &mut options.session;
        session.store_session_in_database = self.sessions_in_database;
        session.preserve_session_in_database = self.sessions_recorded;
        session.cookie_cache.enabled = self.cookie_cache.is_some();
        session.cookie_cache.strategy = self.cookie_cache.unwrap_or(CacheStrategy::Compact);
        session.cookie_cache.max_age = Self::CACHE_AGE;
        session.expires_in = Self::EXPIRES_IN;
        session.fresh_age = Self::FRESH_AGE;
        session.absolute_lifetime = self.absolute_lifetime.then_some(Self::ABSOLUTE);
        session.idle_lifetime = self.idle_lifetime.then_some(Self::IDLE);
        session.defer_session_refresh = self.deferred_refresh;
        session.max_sessions = self.max_sessions;
        let theme = json!({ "type": "string", "required": false });
        session.additional_fields.insert("theme".to_owned(), serde_json::from_value(theme).expect("a field"));
        options.verification.store_in_database = self.values_in_database;
        if self.hashed_identifiers {
            options.verification.store_identifier = StoreToken::Hashed.into();
        }
    }

    fn users(&self, options: &mut Options, engine: usize) {
        let passwords = &mut options.email_and_password;
        passwords.require_email_verification = self.verification_required;
        passwords.revoke_sessions_on_password_reset = self.reset_ends_sessions;
        passwords.notify_existing_user_sign_up = true;
        passwords.reset_password_token_expires_in = Self::LINK_AGE;
        if self.rehash && engine % 2 == 1 {
            passwords.password.memory_kib = 9;
        }
        options.email_verification.send_on_sign_in = true;
        options.email_verification.auto_sign_in_after_verification = self.sign_in_after_verification;
        options.email_verification.expires_in = Self::LINK_AGE;
        options.user.change_email.enabled = true;
        options.user.change_email.update_email_without_verification = self.replace_unproven_at_once;
        options.user.change_email.send_change_email_confirmation = self.confirm_change;
        options.user.delete_user.enabled = true;
        options.user.delete_user.send_delete_account_verification = self.delete_by_mail;
        options.user.delete_user.delete_token_expires_in = Self::DELETE_AGE;
    }
}
