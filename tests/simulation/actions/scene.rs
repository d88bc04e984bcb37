//! What an action can choose from.

use crate::{
    dice::Dice,
    ledger::{Ledger, Mail, User},
    setting::{Setting, TRUSTED},
};

/// The beginning of every password, and of nothing else.
const PASSWORD: &str = "pw-";
/// The beginning of every name, and of nothing else.
pub(crate) const NAME: &str = "mk-";
/// The end of every address.
pub(crate) const DOMAIN: &str = "@sim.example";

/// Every piece of `text` that begins with `prefix` and goes on as a password or a name does, which nothing random would.
pub(crate) fn drawn<'t>(text: &'t str, prefix: &'static str) -> impl Iterator<Item = &'t str> {
    let found = text.match_indices(prefix).filter_map(move |(at, _)| text.get(at..at + prefix.len() + 16));
    found.filter(move |piece| piece.as_bytes()[prefix.len()..].iter().all(u8::is_ascii_hexdigit))
}

/// Whether `text` has a password, plain or as it is stored.
pub(crate) fn has_password(text: &str) -> bool {
    text.contains("$argon2") || drawn(text, PASSWORD).next().is_some()
}

/// How many addresses and names there are: few, so that they meet.
const ADDRESSES: usize = 5;

/// The world as the client sees it that is about to ask, and all that is left to chance.
pub(crate) struct Scene<'w> {
    pub(crate) dice: Dice,
    pub(crate) ledger: &'w Ledger,
    pub(crate) setting: &'w Setting,
    /// The session's token in the client's cookies.
    pub(crate) token: Option<String>,
    /// What the client's cookies say of the passkey that it is asked for.
    pub(crate) ceremony: Option<String>,
    /// Whether a page was chosen that nobody may be sent to.
    pub(crate) hostile: bool,
}

impl Scene<'_> {
    fn text(&mut self, prefix: &str) -> String {
        format!("{prefix}{:016x}", self.dice.next())
    }

    /// A password that nobody has had.
    pub(crate) fn new_password(&mut self) -> String {
        self.text(PASSWORD)
    }

    /// A name that nobody has had.
    pub(crate) fn new_name(&mut self) -> String {
        self.text(NAME)
    }

    /// An address, in some spelling.
    pub(crate) fn email(&mut self) -> String {
        let at = self.dice.below(ADDRESSES);
        self.spelled(&format!("p{at}{DOMAIN}"))
    }

    pub(crate) fn spelled(&mut self, email: &str) -> String {
        if self.dice.chance(30) { email.replacen('p', "P", 1) } else { email.to_owned() }
    }

    pub(crate) fn username(&mut self) -> String {
        let at = self.dice.below(ADDRESSES);
        if self.dice.chance(30) { format!("Nick_{at}") } else { format!("nick_{at}") }
    }

    /// A user, now and then one who is gone.
    pub(crate) fn user(&mut self) -> Option<(String, User)> {
        let gone = self.dice.chance(4);
        let all = self.ledger.users.iter().filter(|(_, user)| user.gone == gone);
        self.dice.pick(all).map(|(id, user)| (id.clone(), user.clone()))
    }

    /// The user of the client's own session, if the client has one.
    pub(crate) fn own(&self) -> Option<(String, User)> {
        let session = self.ledger.sessions.get(self.token.as_ref()?)?;
        Some((session.seen.user.clone(), self.ledger.users.get(&session.seen.user)?.clone()))
    }

    /// A password for `user`: mostly the present one, else one of before or a wrong one.
    pub(crate) fn password_of(&mut self, user: &User) -> String {
        let known = match self.dice.below(100) {
            0..85 => user.password().map(str::to_owned),
            85..95 => self.dice.pick(&user.passwords).map(|held| held.text.clone()),
            _ => None,
        };
        known.unwrap_or_else(|| self.new_password())
    }

    /// A message, mostly one of `kind` and mostly a late one.
    pub(crate) fn mail(&mut self, kind: &str) -> Option<Mail> {
        let any = self.dice.chance(6);
        let own = self.own().map(|(id, _)| id).filter(|_| kind == "delete-account" && self.dice.chance(80));
        let fits = |mail: &&Mail| mail.kind == kind && own.as_ref().is_none_or(|id| *id == mail.user);
        let fitting: Vec<_> = self.ledger.mails.iter().filter(|mail| any || fits(mail)).collect();
        let late = fitting.len().saturating_sub(if self.dice.chance(75) { 2 } else { 50 });
        self.dice.pick(fitting.into_iter().skip(late)).cloned()
    }

    /// The token of some session, of anybody's.
    pub(crate) fn any_session(&mut self) -> Option<String> {
        self.dice.pick(self.ledger.sessions.keys()).cloned()
    }

    /// The token of another session of the client's own user.
    pub(crate) fn own_session(&mut self) -> Option<String> {
        let (id, _) = self.own()?;
        self.dice.pick(self.ledger.live_of(Some(&id))).map(|(token, _)| token.clone())
    }

    /// A page to go on to: mostly none or a good one.
    pub(crate) fn page(&mut self) -> Option<String> {
        const HOSTILE: &[&str] = &[
            "https://evil.example/x",
            "//evil.example",
            "/\\evil.example",
            "https://app.example.evil.example/",
            "https://app.example@evil.example/",
            "javascript:alert(1)",
            "/..//evil.example",
        ];
        match self.dice.below(100) {
            0..40 => None,
            40..65 => Some("/next?x=1".to_owned()),
            65..93 => Some(format!("{TRUSTED}/next")),
            _ => {
                self.hostile = true;
                self.dice.pick(HOSTILE).map(|page| (*page).to_owned())
            }
        }
    }
}
