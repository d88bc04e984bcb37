//! The model: who there is, what their passwords are, which sessions and one-time tokens are good. It follows every change that
//! a store makes, says who made it, and holds that they were allowed to at that moment.

use std::collections::{BTreeMap, BTreeSet};

use kernia::{
    domain::{Place, Places},
    store::{Row, Value},
};

use crate::{
    actions::{Action, Claim, Power},
    second_factor::SecondFactors,
    setting::Setting,
    state::{Live, Rows, State},
    violation::{Checked, rule},
};

/// A password while it is, or was, somebody's.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) text: String,
    pub(crate) until: Option<u64>,
}

/// A person, whom the database has or had.
#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    /// All addresses so far, the present one last.
    pub(crate) emails: Vec<String>,
    pub(crate) verified: bool,
    /// All names so far, the present one last.
    pub(crate) names: Vec<String>,
    pub(crate) username: Option<String>,
    pub(crate) passwords: Vec<Held>,
    /// Passwords before this one open no session any more.
    pub(crate) barred: usize,
    pub(crate) gone: bool,
    /// Whether they have said nothing of themselves: they go when they sign in as somebody.
    anonymous: bool,
    /// The ids of all accounts so far.
    pub(crate) accounts: Vec<String>,
    /// Whether a sign-in by the password waits for a second factor.
    pub(crate) second_factor: bool,
}

impl User {
    pub(crate) fn email(&self) -> &str {
        self.emails.last().map_or("", String::as_str)
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.passwords.last().filter(|held| held.until.is_none()).map(|held| held.text.as_str())
    }

    /// Whether `text` was the password at any time since `since`.
    pub(crate) fn had_password(&self, text: &str, since: u64) -> bool {
        self.passwords.iter().any(|held| held.text == text && held.until.is_none_or(|until| until >= since))
    }

    fn lose_password(&mut self, step: u64) {
        if let Some(held) = self.passwords.last_mut() {
            held.until.get_or_insert(step);
        }
    }
}

/// A session that there is or was.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) live: bool,
    pub(crate) ended: Option<u64>,
    /// Since when somebody was told that it is over.
    pub(crate) over: Option<u64>,
    /// Which of its user's passwords it was opened with.
    version: Option<usize>,
    /// As last seen.
    pub(crate) seen: Live,
}

/// A message that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) kind: &'static str,
    pub(crate) token: String,
    /// Whose affair it is.
    pub(crate) user: String,
    /// The address that it proves or changes, and the one that replaces it.
    pub(crate) email: String,
    pub(crate) update_to: Option<String>,
    /// When it was sent, in milliseconds.
    pub(crate) made: i64,
    /// Whether a store has done what it permits.
    pub(crate) applied: bool,
    /// Whether somebody was told that it was done.
    pub(crate) told: bool,
    /// Whether the password has changed since.
    pub(crate) void: bool,
}

/// A token by which a session is taken over.
#[derive(Clone, Debug)]
pub(crate) struct Handed {
    /// The session's token.
    pub(crate) session: String,
    /// By when it was made, in milliseconds.
    pub(crate) made: i64,
    /// Whether somebody was told that it has done its work.
    pub(crate) told: bool,
}

/// Whoever changes something: one request, what it claims, and what it has done so far.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) action: &'static Action,
    pub(crate) claim: Claim,
    /// The session's token that it presents.
    pub(crate) token: Option<String>,
    /// The user that it may act for.
    pub(crate) acts_for: Option<String>,
    /// When it began: the step, and the time in milliseconds.
    pub(crate) begun: u64,
    pub(crate) begun_at: i64,
    /// The sessions of its user that were live then.
    pub(crate) scope: BTreeSet<String>,
    born: bool,
    flipped: bool,
    /// Which password was the user's when the database last did what this asked.
    pub(crate) proved: Option<usize>,
    /// Whether the user had no second factor when the database last did what this asked.
    unasked: bool,
    /// Whether it has turned the second factor on or off.
    switched: bool,
    pub(crate) set_version: Option<usize>,
}

impl Author {
    fn may(&self, power: Power) -> bool {
        self.action.powers.contains(&power)
    }

    fn is_for(&self, user: &str) -> bool {
        self.acts_for.as_deref() == Some(user)
    }
}

/// The model.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) places: Places,
    pub(crate) skew: i64,
    /// Counts effects and answers.
    pub(crate) step: u64,
    /// The true time, in milliseconds.
    pub(crate) now: i64,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) second_factors: SecondFactors,
    /// The passkeys that there are: whose each is, by the id of its row.
    pub(crate) passkeys: BTreeMap<String, String>,
    /// The one-time tokens that sessions were handed on by.
    pub(crate) handed: BTreeMap<String, Handed>,
    /// What browsers were told to make and to sign with passkeys, by the cookie that ties them to it.
    pub(crate) ceremonies: BTreeMap<String, serde_json::Value>,
    /// Whether anything was ever left half done.
    pub(crate) torn: bool,
}

const ALLOWED: &str = "nobody changes what is not theirs to change";
pub(crate) const ONCE: &str = "one-time means once";
/// What a half of a sign-in must not do.
pub(crate) const SECOND: &str = "no session before its second factor";

impl Ledger {
    pub(crate) fn new(places: Places, skew: i64, now: i64) -> Self {
        let (users, sessions, mails, second_factors) = Default::default();
        let (passkeys, handed, ceremonies) = Default::default();
        Self {
            places,
            skew,
            step: 0,
            now,
            users,
            sessions,
            mails,
            second_factors,
            passkeys,
            handed,
            ceremonies,
            torn: false,
        }
    }

    /// A request that begins.
    pub(crate) fn author(&self, action: &'static Action, claim: Claim, token: Option<String>, trusted: bool) -> Author {
        let owner = token.as_ref().and_then(|token| self.sessions.get(token)).map(|session| session.seen.user.clone());
        let acts_for = if action.signed_in() { owner } else { claim.user.clone() }.filter(|_| trusted);
        let scope = self.live_of(acts_for.as_deref()).map(|(token, _)| token.clone()).collect();
        let (begun, begun_at) = (self.step, self.now);
        let (born, flipped, proved, unasked, switched, set_version) = Default::default();
        Author {
            action,
            claim,
            token,
            acts_for,
            begun,
            begun_at,
            scope,
            born,
            flipped,
            proved,
            unasked,
            switched,
            set_version,
        }
    }

    pub(crate) fn live_of(&self, user: Option<&str>) -> impl Iterator<Item = (&String, &Session)> {
        let user = user.unwrap_or_default().to_owned();
        self.sessions.iter().filter(move |(_, session)| session.live && session.seen.user == user)
    }

    pub(crate) fn mail(&self, token: &str) -> Option<&Mail> {
        self.mails.iter().find(|mail| mail.token == token)
    }

    /// Follows a change of the database, which was as `was` says.
    pub(crate) fn database(
        &mut self,
        was: &BTreeMap<String, Rows>,
        is: &State,
        author: Option<&mut Author>,
    ) -> Checked {
        let nothing = Rows::new();
        let (users, accounts) = (was.get("user").unwrap_or(&nothing), was.get("account").unwrap_or(&nothing));
        let Some(author) = author else {
            let same = users == is.rows("user") && accounts == is.rows("account");
            return rule(ALLOWED, same, || "users change and nobody asks for it".to_owned());
        };
        for (id, row) in is.rows("user").iter().filter(|(id, _)| !users.contains_key(*id)) {
            self.born(id, row, author)?;
        }
        self.accounts(accounts, is.rows("account"), is.rows("user"), author)?;
        for (id, row) in is.rows("user") {
            if let Some(old) = users.get(id).filter(|old| *old != row) {
                self.changed(id, old, row, author)?;
            }
        }
        for id in users.keys().filter(|id| !is.rows("user").contains_key(*id)) {
            self.removed(id, author)?;
        }
        self.follow_passkeys(was.get("passkey").unwrap_or(&nothing), is, author)?;
        if let Some(login) = author.claim.login.as_deref().filter(|_| author.may(Power::SignIn)) {
            // Names change hands; it is whose it is now that counts.
            let mut users = self.users.iter().filter(|(_, user)| !user.gone);
            let whose = users.find(|(_, user)| user.email() == login || user.username.as_deref() == Some(login));
            author.acts_for = whose.map(|(id, _)| id.clone()).or(author.acts_for.take());
        }
        if let Some(user) = author.acts_for.as_ref().and_then(|id| self.users.get(id))
            && user.password().is_some_and(|held| author.claim.password.as_deref() == Some(held))
        {
            author.proved = Some(user.passwords.len() - 1);
        } else {
            author.proved = None;
        }
        author.unasked =
            author.acts_for.as_ref().and_then(|id| self.users.get(id)).is_some_and(|user| !user.second_factor);
        Ok(())
    }

    fn born(&mut self, id: &str, row: &Row, author: &mut Author) -> Checked {
        let asked = author.claim.email.as_ref().map(|email| email.to_lowercase());
        let email = row.text("email").to_owned();
        let anonymous = row.flag("isAnonymous");
        let asked = asked.as_ref() == Some(&email) && author.may(Power::MakeUser);
        let right = !author.born && if anonymous { author.may(Power::MakeNobody) } else { asked };
        rule(ALLOWED, right, || format!("{email} is made by {}", author.action.name))?;
        rule("numbers of users are not used again", !self.users.contains_key(id), || id.to_owned())?;
        let user = User {
            emails: vec![email],
            names: vec![row.text("name").to_owned()],
            username: row.get("username").as_text().map(str::to_owned),
            verified: row.flag("emailVerified"),
            anonymous,
            ..User::default()
        };
        self.users.insert(id.to_owned(), user);
        author.born = true;
        author.acts_for = Some(id.to_owned());
        Ok(())
    }

    fn accounts(&mut self, was: &Rows, is: &Rows, users: &Rows, author: &mut Author) -> Checked {
        for (id, row) in is {
            let old = was.get(id).map(|old| old.get("password"));
            if let (None, Some(user)) = (old, self.users.get_mut(row.text("userId"))) {
                user.accounts.push(id.clone());
            }
            if old.is_none_or(|old| old != row.get("password")) {
                self.password(row.text("userId"), old.is_none(), author)?;
            }
        }
        for row in was.iter().filter(|(id, _)| !is.contains_key(*id)).map(|(_, row)| row) {
            let user = row.text("userId");
            if users.contains_key(user) {
                let right = author.may(Power::Unlink) && author.is_for(user) && self.signed_in(author);
                rule(ALLOWED, right, || format!("{} unlinks an account of {user}", author.action.name))?;
                let step = self.step;
                // When the password was changed is known of the account only.
                self.mails.iter_mut().filter(|mail| mail.user == user).for_each(|mail| mail.void = false);
                if let Some(user) = self.users.get_mut(user) {
                    user.lose_password(step);
                }
            }
        }
        Ok(())
    }

    /// Passkeys are made and removed by their owner, and go with them; only a sign-in moves a counter, and only on.
    fn follow_passkeys(&mut self, was: &Rows, is: &State, author: &Author) -> Checked {
        let rows = is.rows("passkey");
        let name = author.action.name;
        for (id, row) in rows {
            let owner = row.text("userId");
            let Some(old) = was.get(id) else {
                let right = author.may(Power::AddPasskey) && author.is_for(owner) && self.signed_in(author);
                rule(ALLOWED, right, || format!("{name} makes a passkey of {owner}"))?;
                let same = |other: &&Row| other.text("credentialID") == row.text("credentialID");
                rule("a credential is one person's", rows.values().filter(same).count() == 1, || id.clone())?;
                self.passkeys.insert(id.clone(), owner.to_owned());
                continue;
            };
            let counters = [old, row].map(|row| row.get("counter").as_int());
            let still = counters[0] == counters[1] || author.may(Power::UsePasskey) && counters[0] < counters[1];
            rule(ALLOWED, still, || format!("{name} moves the counter of {id}"))?;
            let same = old.text("userId") == owner && old.text("publicKey") == row.text("publicKey");
            rule(ALLOWED, same, || format!("{name} gives {id} away"))?;
            let named = old.get("name") == row.get("name") || author.is_for(owner) && self.signed_in(author);
            rule(ALLOWED, named, || format!("{name} renames {id}"))?;
        }
        for (id, row) in was.iter().filter(|(id, _)| !rows.contains_key(*id)) {
            let owner = row.text("userId");
            let theirs = author.may(Power::RemovePasskey) && author.is_for(owner) && self.signed_in(author);
            // Who shows that an unproven mailbox is theirs is rid of whoever was there before.
            let unproven = self.users.get(owner).is_some_and(|user| !user.verified);
            let taken =
                author.may(Power::ResetPassword) && author.set_version.is_some() && author.is_for(owner) && unproven;
            rule(ALLOWED, theirs || taken || !is.rows("user").contains_key(owner), || format!("{name} removes {id}"))?;
            self.passkeys.remove(id);
        }
        Ok(())
    }

    /// The password of `id` was set or replaced.
    fn password(&mut self, id: &str, added: bool, author: &mut Author) -> Checked {
        let claim = author.claim.clone();
        let user = self.users.get(id).cloned().unwrap_or_default();
        let present = user.password().is_some() && user.password() == claim.password.as_deref();
        let name = author.action.name;
        rule(ALLOWED, author.is_for(id), || format!("{name} sets the password of {id}"))?;
        if author.may(Power::Rehash) {
            return rule(ALLOWED, present && !added, || format!("{name} rehashes a password that it does not have"));
        }
        if author.may(Power::ResetPassword) {
            self.spend("reset-password", id, author, Setting::LINK_AGE)?;
        } else if author.may(Power::ChangePassword) {
            rule(ALLOWED, present && self.signed_in(author), || format!("{name} replaces the password of {id}"))?;
        } else if author.may(Power::AddPassword) {
            let first = added && user.password().is_none() && self.signed_in(author);
            rule(ALLOWED, first, || format!("{name} adds a password to {id}"))?;
        } else {
            rule(ALLOWED, author.born && user.passwords.is_empty(), || format!("{name} sets a password"))?;
        }
        let (step, begun_at) = (self.step, author.begun_at);
        let user = self.users.entry(id.to_owned()).or_default();
        user.lose_password(step);
        user.passwords.push(Held { text: claim.new_password.unwrap_or_default(), until: None });
        author.set_version = Some(user.passwords.len() - 1);
        for mail in self.mails.iter_mut().filter(|mail| mail.user == *id) {
            mail.void |= mail.kind == "reset-password" && mail.made < begun_at - 2 * self.skew;
        }
        Ok(())
    }

    /// A token of `kind`, which is good for `age` seconds, is used up for `id`.
    fn spend(&mut self, kind: &str, id: &str, author: &Author, age: i64) -> Checked {
        let latest = author.begun_at - age * 1000 - 2 * self.skew;
        let given = author.claim.mail.clone().unwrap_or_default();
        let Some(mail) = self.mails.iter_mut().find(|mail| mail.token == given) else {
            return rule(ALLOWED, false, || format!("{given} was never sent, and does {kind} for {id}"));
        };
        rule("a token is good for one thing", mail.kind == kind && mail.user == id, || {
            format!("{} of {} does {kind} for {id}", mail.kind, mail.user)
        })?;
        rule(ONCE, !mail.applied, || format!("{kind} with {given} again"))?;
        rule("tokens expire", mail.made >= latest, || format!("{kind} with {given}"))?;
        rule("a new password makes reset tokens void", !mail.void, || format!("{given} of {id}"))?;
        mail.applied = true;
        Ok(())
    }

    fn changed(&mut self, id: &str, old: &Row, new: &Row, author: &mut Author) -> Checked {
        let name = author.action.name;
        rule(ALLOWED, author.is_for(id), || format!("{name} changes {id}"))?;
        let link = author.claim.mail.as_deref().and_then(|token| self.mail(token)).cloned();
        let link = link.filter(|mail| mail.user == id && mail.email == old.text("email"));
        for (field, value) in new.fields().filter(|(field, value)| old.get(field) != *value) {
            let right = match (field.as_str(), author.may(Power::FollowLink)) {
                ("updatedAt", _) => true,
                ("email", true) => {
                    let to = link.as_ref().and_then(|link| link.update_to.as_deref());
                    to == value.as_text() && link.as_ref().is_some_and(|link| link.kind == "verify-email")
                }
                ("emailVerified", true) => link.is_some() && *value == Value::Bool(true),
                ("email", false) => {
                    let asked = author.claim.email.as_ref().map(|email| email.to_lowercase());
                    let unproven = !old.flag("emailVerified");
                    author.may(Power::ChangeEmail)
                        && unproven
                        && asked.as_deref() == value.as_text()
                        && self.signed_in(author)
                }
                ("twoFactorEnabled", _) => {
                    author.may(Power::SwitchSecondFactor) && self.signed_in(author) && self.may_switch(id, author)
                }
                ("name" | "image" | "username" | "displayUsername", _) => {
                    author.may(Power::ChangeUser) && self.signed_in(author)
                }
                _ => false,
            };
            rule(ALLOWED, right, || format!("{name} sets {field} of {id}"))?;
        }
        author.switched |= new.flag("twoFactorEnabled") != old.flag("twoFactorEnabled");
        author.flipped |= new.flag("emailVerified") && !old.flag("emailVerified");
        let user = self.users.entry(id.to_owned()).or_default();
        if user.email() != new.text("email") {
            user.emails.push(new.text("email").to_owned());
        }
        user.verified = new.flag("emailVerified");
        user.second_factor = new.flag("twoFactorEnabled");
        user.username = new.get("username").as_text().map(str::to_owned);
        user.names.push(new.text("name").to_owned());
        Ok(())
    }

    /// Whether whoever is signed in has shown what it takes to turn the second factor of `id` on or off: the password, or a code.
    fn may_switch(&self, id: &str, author: &Author) -> bool {
        match &author.claim.code {
            Some(code) => self.second_factors.knows(id, code, (author.begun_at, 2 * self.skew)),
            None => self.users.get(id).and_then(User::password) == author.claim.password.as_deref(),
        }
    }

    fn removed(&mut self, id: &str, author: &mut Author) -> Checked {
        let name = author.action.name;
        let becomes = self.becomes_somebody(author).is_some_and(|left| left == id);
        let right = author.may(Power::DeleteUser) && author.is_for(id) && self.signed_in(author);
        rule(ALLOWED, right || becomes, || format!("{name} removes {id}"))?;
        let claim = author.claim.clone();
        if becomes && !right {
            // Whoever they are now has proven that already.
        } else if claim.mail.is_some() {
            self.spend("delete-account", id, author, Setting::DELETE_AGE)?;
        } else if let Some(given) = &claim.password {
            let held = self.users.get(id).and_then(User::password);
            rule(ALLOWED, held == Some(given), || format!("{name} removes {id} by a wrong password"))?;
        }
        let step = self.step;
        let user = self.users.entry(id.to_owned()).or_default();
        user.lose_password(step);
        user.gone = true;
        Ok(())
    }

    /// The anonymous user in whose session the request was made, if it was made to sign in as somebody.
    fn becomes_somebody(&self, author: &Author) -> Option<&String> {
        let ways = [Power::MakeUser, Power::SignIn, Power::FollowLink, Power::UsePasskey];
        let signs_in = ways.iter().any(|power| author.may(*power));
        let session = author.token.as_ref().filter(|_| signs_in).and_then(|token| self.sessions.get(token))?;
        let id = &session.seen.user;
        self.users.get(id).filter(|user| user.anonymous).map(|_| id)
    }

    /// Whether the session that a request presents holds now. Where two stores have to agree, it may have ended meanwhile.
    fn signed_in(&self, author: &Author) -> bool {
        let session = author.token.as_ref().and_then(|token| self.sessions.get(token));
        session.is_some_and(|session| {
            let lately = session.ended.is_some_and(|ended| ended >= author.begun);
            session.live || (lately && self.places.sessions != Place::Database)
        })
    }

    /// Follows a change of the sessions that a server would find. With nobody to ask for it, only time can end one.
    pub(crate) fn follow(&mut self, live: BTreeMap<String, Live>, author: Option<&mut Author>) -> Checked {
        let step = self.step;
        let author = author.map(|author| &*author);
        let left_behind = author.and_then(|author| self.becomes_somebody(author)).cloned();
        for (token, session) in self.sessions.iter_mut().filter(|(_, session)| session.live) {
            if live.contains_key(token) {
                continue;
            }
            let own = |author: &Author| {
                author.is_for(&session.seen.user)
                    || author.token.as_ref() == Some(token)
                    || author.claim.kept.contains(token)
            };
            let own = author.is_some_and(own) || left_behind.as_ref() == Some(&session.seen.user);
            let expired = session.seen.expires <= self.now + self.skew + 1000;
            rule(ALLOWED, own || expired, || format!("a session of {} is ended by a stranger", session.seen.user))?;
            session.live = false;
            session.ended = Some(step);
        }
        for (token, seen) in live {
            let Some(known) = self.sessions.get_mut(&token) else {
                self.begins(token, seen, author)?;
                continue;
            };
            let user = &self.users[&known.seen.user];
            rule("revoked stays revoked", known.live || known.over.is_none(), || format!("{token} is back"))?;
            rule("revoked stays revoked", known.live || !user.gone, || format!("{token} is back, its user is not"))?;
            let renewed = known.seen.expires < seen.expires;
            let own = !renewed || author.is_some_and(|author| author.token.as_ref() == Some(&token));
            rule(ALLOWED, own, || format!("{token} is renewed by a stranger"))?;
            known.live = true;
            known.seen = seen;
        }
        Ok(())
    }

    fn begins(&mut self, token: String, seen: Live, author: Option<&Author>) -> Checked {
        const PROVEN: &str = "no session without proof";
        let Some(author) = author else { return rule(PROVEN, false, || "by nobody".to_owned()) };
        let name = author.action.name;
        rule(ALLOWED, author.is_for(&seen.user), || format!("{name} signs {} in", seen.user))?;
        let user = self.users.get(&seen.user).cloned().unwrap_or_default();
        rule(PROVEN, !user.gone, || format!("{name} signs {} in, who is gone", seen.user))?;
        let version = if author.may(Power::SignIn) {
            // In one store the password is the right one at this very moment.
            let present = user.password().is_some() && user.password() == author.claim.password.as_deref();
            let elsewhere = self.places.sessions != Place::Database;
            rule(PROVEN, author.proved.is_some() && (present || elsewhere), || {
                format!("{name} signs {} in", seen.user)
            })?;
            let trusted = self.second_factors.is_trusted(&seen.user, author.claim.trusted.as_deref());
            rule(SECOND, author.unasked || trusted, || format!("{name} signs {} in", seen.user))?;
            author.proved
        } else if author.may(Power::SecondFactor) {
            let begun_at = (author.begun_at, 2 * self.skew);
            let version = self.second_factors.open(&seen.user, &author.claim, begun_at)?;
            let present = user.password().is_some() && version == Some(user.passwords.len() - 1);
            let elsewhere = self.places.sessions != Place::Database;
            rule(SECOND, present || elsewhere, || format!("{name} signs {} in by an old password", seen.user))?;
            version
        } else if author.may(Power::SwitchSecondFactor) {
            let shown = author.switched || self.may_switch(&seen.user, author);
            rule(PROVEN, shown || author.proved.is_some(), || format!("{name} signs {} in", seen.user))?;
            author.token.as_ref().and_then(|token| self.sessions.get(token)).and_then(|session| session.version)
        } else if author.may(Power::UsePasskey) {
            let has = self.passkeys.values().any(|owner| *owner == seen.user);
            rule(PROVEN, has, || format!("{name} signs {} in", seen.user))?;
            None
        } else if author.may(Power::MakeNobody) {
            rule(PROVEN, author.born, || format!("{name} signs {} in", seen.user))?;
            None
        } else if author.may(Power::FollowLink) {
            rule(PROVEN, author.flipped, || format!("{name} signs {} in", seen.user))?;
            None
        } else {
            rule(PROVEN, author.set_version.is_some(), || format!("{name} signs {} in", seen.user))?;
            author.set_version
        };
        rule("revoked stays revoked", version.is_none_or(|version| version >= user.barred), || {
            format!("{name} signs {} in by a password that was revoked", seen.user)
        })?;
        self.sessions.insert(token, Session { live: true, ended: None, over: None, version, seen });
        Ok(())
    }

    /// Somebody is told that a session has begun. One that was revoked before that was never live.
    pub(crate) fn told_begun(&mut self, token: &str, author: &Author) {
        let Some(user) = author.acts_for.clone().filter(|_| !self.sessions.contains_key(token)) else { return };
        let (created, expires) = (author.begun_at, author.begun_at + Setting::EXPIRES_IN * 1000);
        let seen = Live { user, created, updated: created, expires };
        let ended = Some(self.step);
        self.sessions.insert(token.to_owned(), Session { live: false, ended, over: None, version: None, seen });
    }

    /// Somebody is told that these sessions are over.
    pub(crate) fn told_over(&mut self, tokens: &BTreeSet<String>) -> Checked {
        let (step, now) = (self.step, self.now + 2 * self.skew);
        for token in tokens {
            if let Some(session) = self.sessions.get_mut(token) {
                // One whose time is over for some servers is looked for by nobody.
                let over = !session.live || session.seen.expires <= now;
                rule("revoked stays revoked", over, || format!("{token} of {}", session.seen.user))?;
                if !session.live {
                    session.over.get_or_insert(step);
                }
            }
        }
        Ok(())
    }

    /// Somebody is told that the password before `version` is worth nothing any more, and so are the sessions it opened.
    pub(crate) fn told_barred(&mut self, id: &str, version: usize) -> Checked {
        let Some(user) = self.users.get_mut(id) else { return Ok(()) };
        user.barred = user.barred.max(version);
        let barred = user.barred;
        for (token, session) in self.live_of(Some(id)) {
            let good = session.version.is_none_or(|version| version >= barred);
            rule("revoked stays revoked", good, || format!("{token} was opened by an old password of {id}"))?;
        }
        Ok(())
    }

    /// Somebody is told that a token has done what it permits.
    pub(crate) fn told_spent(&mut self, token: &str) -> Checked {
        let Some(mail) = self.mails.iter_mut().find(|mail| mail.token == token) else {
            return rule(ALLOWED, false, || format!("{token} was never sent, and works"));
        };
        rule(ONCE, !mail.told && mail.applied, || format!("{} with {token}", mail.kind))?;
        mail.told = true;
        Ok(())
    }

    /// Takes over what is there although nobody asked for it, as after a loss.
    pub(crate) fn adopt(&mut self, live: &BTreeMap<String, Live>) -> Checked {
        let step = self.step;
        for (token, session) in &mut self.sessions {
            let lives = live.contains_key(token);
            if session.live && !lives {
                session.ended = Some(step);
            }
            session.live = lives;
            rule("revoked stays revoked", !lives || session.over.is_none(), || format!("{token} is back"))?;
        }
        Ok(())
    }
}
