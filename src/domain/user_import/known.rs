//! Who is there already.

use std::collections::{HashMap, HashSet};

use super::{Cx, Draft, key};
use crate::{
    domain::{account, user},
    engine::Exit,
    schema::{ACCOUNT, Name, USER},
    store::{Filter, Query, Row, With},
};

/// The users and identities that some drafts could collide with.
pub(super) struct Known {
    /// The fields of a user that no two may share.
    unique: Vec<Name>,
    users: Vec<Row>,
    /// For each unique field and value, who has it: a place in `users`, or nothing for an earlier draft.
    holders: HashMap<(Name, String), Option<usize>>,
    /// For each provider and id there, whose it is; nothing for an earlier draft.
    identities: HashMap<(String, String), Option<String>>,
}

/// Whether a draft is there already.
pub(super) enum Found {
    Nobody,
    /// Brought in before, under this id.
    Same(String),
    /// Somebody else has the value of this field.
    Another(String),
}

impl Known {
    pub(super) async fn read<'d>(cx: &mut Cx, drafts: impl Iterator<Item = &'d Draft>) -> Result<Self, Exit> {
        let drafts: Vec<_> = drafts.collect();
        let table = cx.app_arc();
        let fields = table.schema.table(&USER).map(|table| table.fields.as_slice()).unwrap_or_default();
        let mut unique: Vec<_> = fields.iter().filter(|field| field.unique).map(|field| field.name.clone()).collect();
        unique.push(Name::constant("id"));
        let mut known = Self { unique, users: Vec::new(), holders: HashMap::new(), identities: HashMap::new() };
        known.read_users(cx, &drafts).await?;
        known.read_identities(cx, &drafts).await?;
        Ok(known)
    }

    async fn read_users(&mut self, cx: &mut Cx, drafts: &[&Draft]) -> Result<(), Exit> {
        let values = |field: &Name| {
            let kept = drafts.iter().filter(|draft| *field != "id" || draft.keeps_id);
            kept.filter_map(|draft| key(draft.user.get(field))).collect::<HashSet<_>>()
        };
        let wanted = self.unique.iter().map(|field| (field, values(field))).filter(|(_, values)| !values.is_empty());
        let wanted: Vec<_> = wanted.map(|(field, values)| Filter::any_of(field.clone(), values)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let accounts =
            With { name: user::ACCOUNTS.into(), table: ACCOUNT, local: "id".into(), foreign: "userId".into() };
        self.users = cx.read(Query::many(USER, Filter::Or(wanted)).with(accounts)).await?.rows;
        for (at, row) in self.users.iter().enumerate() {
            for field in &self.unique {
                if let Some(value) = key(row.get(field)) {
                    self.holders.insert((field.clone(), value.to_owned()), Some(at));
                }
            }
        }
        Ok(())
    }

    async fn read_identities(&mut self, cx: &mut Cx, drafts: &[&Draft]) -> Result<(), Exit> {
        let wanted: HashSet<_> =
            drafts.iter().flat_map(|draft| &draft.identities).map(|identity| identity.text("accountId")).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let found = cx.read(Query::many(ACCOUNT, Filter::any_of("accountId", wanted))).await?;
        for row in found.rows {
            self.identities.insert(identity(&row), Some(row.text("userId").to_owned()));
        }
        Ok(())
    }

    /// Counts a draft among those who are there.
    pub(super) fn remember(&mut self, draft: &Draft) {
        for field in &self.unique {
            if let Some(value) = key(draft.user.get(field)) {
                self.holders.insert((field.clone(), value.to_owned()), None);
            }
        }
        for row in &draft.identities {
            self.identities.insert(identity(row), None);
        }
    }

    pub(super) fn find(&self, draft: &Draft) -> Found {
        let mut taken = None;
        for field in &self.unique {
            let Some(value) = key(draft.user.get(field)) else { continue };
            match self.holders.get(&(field.clone(), value.to_owned())) {
                None => {}
                Some(Some(at)) if is_same(draft, &self.users[*at]) => {
                    return Found::Same(self.users[*at].id().to_owned());
                }
                Some(_) => {
                    taken.get_or_insert_with(|| field.as_str().to_owned());
                }
            }
        }
        let held = draft.identities.iter().any(|row| self.identities.contains_key(&identity(row)));
        match taken.or_else(|| held.then(|| "accountId".to_owned())) {
            Some(field) => Found::Another(field),
            None => Found::Nobody,
        }
    }
}

fn identity(row: &Row) -> (String, String) {
    (row.text("providerId").to_owned(), row.text("accountId").to_owned())
}

/// Whether a stored user with the same address or id is this one. Either alone may be somebody else's by now.
fn is_same(draft: &Draft, stored: &Row) -> bool {
    let agree = |field: &str| key(draft.user.get(field)).is_some_and(|value| value == stored.text(field));
    let created = draft.user.date("createdAt").is_some_and(|moment| stored.date("createdAt") == Some(moment));
    let accounts = stored.related(user::ACCOUNTS);
    let hash = |row: Option<&Row>| row.and_then(|row| key(row.get("password")).map(str::to_owned));
    let password = draft.credential.as_ref().and_then(|row| hash(Some(row)));
    let has_password = password.is_some() && password == hash(account::pick_credential(accounts, stored.id()));
    let has_identity =
        draft.identities.iter().any(|row| accounts.iter().any(|stored| identity(stored) == identity(row)));
    (agree("email") && agree("id")) || ((agree("email") || agree("id")) && (created || has_password || has_identity))
}
