//! Engines that are broken on purpose, from outside: what they ask is changed on its way, so that they act as if a safeguard
//! were missing. The simulation must see each.

use std::collections::BTreeMap;

use kernia::{
    engine::{Effect, Outcome},
    store::{Batch, CacheOp, CacheReply, Expect, Filter, Query, Rows, Statement, Value},
    testing::Outside,
};

use crate::ledger::Author;

/// A safeguard that is missing.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    /// Whether batches fall apart: the second half happens later than the first.
    pub(crate) splits: bool,
    /// Changes a batch on its way.
    pub(crate) batch: fn(&mut Batch, &Author),
    /// Changes an effect on its way.
    pub(crate) effect: fn(&mut Effect, &Author),
    /// Performs an effect.
    pub(crate) perform: fn(&Outside, Effect, &mut Memory) -> Outcome,
}

/// Nothing is missing.
const SOUND: Mutant = Mutant {
    name: "",
    splits: false,
    batch: |_, _| {},
    effect: |_, _| {},
    perform: |outside, effect, _| outside.perform_now(effect),
};

/// What a mutant remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    sessions: BTreeMap<String, Rows>,
}

/// All mutants.
pub(crate) const ALL: &[Mutant] = &[
    Mutant {
        name: "a sign-in does not hold the password to what was verified",
        batch: |batch, _| {
            without(batch, |statement| is_check(statement) && *statement.table() == "account");
        },
        ..SOUND
    },
    Mutant {
        name: "a sign-in does not look again whether there is a second factor",
        batch: |batch, _| {
            without(batch, |statement| is_check(statement) && *statement.table() == "user");
        },
        ..SOUND
    },
    Mutant {
        name: "a sign-in does not see that there is a second factor",
        perform: |outside, effect, _| {
            let mut outcome = outside.perform_now(effect);
            if let Outcome::Read(Ok(rows)) = &mut outcome {
                rows.rows.iter_mut().for_each(|row| drop(row.remove("twoFactorEnabled")));
            }
            outcome
        },
        batch: |batch, _| {
            without(batch, |statement| is_check(statement) && *statement.table() == "user");
        },
        ..SOUND
    },
    Mutant {
        name: "no check that the session is still there",
        batch: |batch, _| {
            without(batch, |statement| is_check(statement) && *statement.table() == "session");
        },
        ..SOUND
    },
    Mutant {
        name: "no expectation is held",
        batch: |batch, _| {
            for statement in &mut batch.statements {
                if let Statement::Update { expect, .. }
                | Statement::Delete { expect, .. }
                | Statement::Consume { expect, .. }
                | Statement::Check { expect, .. } = statement
                {
                    *expect = Expect::Any;
                }
            }
        },
        ..SOUND
    },
    Mutant {
        name: "one-time values stay",
        batch: |batch, _| {
            for statement in batch.statements.iter_mut().filter(|statement| *statement.table() == "verification") {
                if let Statement::Consume { table, filter, expect } | Statement::Delete { table, filter, expect } =
                    statement
                {
                    *statement = Statement::Check { table: table.clone(), filter: filter.clone(), expect: *expect };
                }
            }
        },
        ..SOUND
    },
    Mutant {
        name: "a reset keeps sessions",
        batch: |batch, author| {
            if author.action.route == "resetPassword" {
                without(batch, |statement| *statement.table() == "session");
            }
        },
        ..SOUND
    },
    Mutant {
        name: "a session of anybody can be revoked",
        batch: |batch, author| {
            for statement in batch.statements.iter_mut().filter(|_| author.action.route == "revokeSession") {
                if let Statement::Consume { filter: Filter::And(parts), .. } = statement {
                    parts.truncate(1);
                }
            }
        },
        ..SOUND
    },
    Mutant {
        name: "other sessions are not revoked",
        batch: |batch, author| {
            if author.action.route == "revokeOtherSessions" {
                without(batch, |_| true);
            }
        },
        ..SOUND
    },
    Mutant {
        name: "an address is changed whoever has it now",
        batch: |batch, _| {
            for statement in &mut batch.statements {
                if let Statement::Update { table, filter: Filter::And(parts), .. } = statement
                    && *table == "user"
                {
                    parts.truncate(1);
                }
            }
        },
        ..SOUND
    },
    Mutant { name: "a batch in two halves", splits: true, ..SOUND },
    Mutant {
        name: "addresses are told apart by case",
        effect: |effect, author| {
            let Some(spelled) = &author.claim.email else { return };
            match effect {
                Effect::Read(Query { filter: Filter::Compare { field, value, .. }, .. }) if *field == "email" => {
                    *value = spelled.as_str().into();
                }
                Effect::Write(batch) => {
                    for statement in &mut batch.statements {
                        if let Statement::Insert { table, row } = statement
                            && *table == "user"
                        {
                            row.set("email", spelled.as_str());
                        }
                    }
                }
                _ => {}
            }
        },
        ..SOUND
    },
    Mutant {
        name: "one-time values in secondary storage are read, not taken",
        effect: |effect, _| {
            if let Effect::Cache(CacheOp::Take { key }) = effect
                && key.starts_with("verification:")
            {
                *effect = Effect::Cache(CacheOp::Get { key: std::mem::take(key) });
            }
        },
        ..SOUND
    },
    Mutant {
        name: "sessions are not named in their user's index",
        effect: |effect, _| {
            if let Effect::Cache(CacheOp::IndexPut { .. }) = effect {
                *effect = Effect::Cache(CacheOp::Delete { key: String::new() });
            }
        },
        ..SOUND
    },
    Mutant {
        name: "passwords are not verified",
        perform: |outside, effect, _| match effect {
            Effect::Verify(_) => Outcome::Verify(Ok(true)),
            effect => outside.perform_now(effect),
        },
        ..SOUND
    },
    Mutant {
        name: "a session is stored whether or not it was revoked before it began",
        perform: |outside, effect, _| match effect {
            Effect::Cache(CacheOp::Replace { key, value, ttl_secs, .. }) => {
                let _ = outside.perform_now(Effect::Cache(CacheOp::Set { key, value, ttl_secs }));
                Outcome::Cache(Ok(CacheReply::Replaced(true)))
            }
            effect => outside.perform_now(effect),
        },
        ..SOUND
    },
    Mutant {
        name: "a cache of sessions outlives their revocation",
        perform: |outside, effect, memory| match effect {
            Effect::Read(query) if query.table == "session" && query.limit == Some(1) => {
                let Filter::Compare { value: Value::Text(token), .. } = &query.filter else {
                    return outside.perform_now(Effect::Read(query));
                };
                let token = token.clone();
                if let Some(known) = memory.sessions.get(&token).filter(|known| known.count > 0) {
                    return Outcome::Read(Ok(known.clone()));
                }
                let outcome = outside.perform_now(Effect::Read(query));
                if let Outcome::Read(Ok(rows)) = &outcome {
                    memory.sessions.insert(token, rows.clone());
                }
                outcome
            }
            effect => outside.perform_now(effect),
        },
        ..SOUND
    },
    Mutant {
        name: "sessions do not expire",
        perform: |outside, effect, _| {
            let mut outcome = outside.perform_now(effect);
            if let Outcome::Read(Ok(rows)) = &mut outcome {
                for row in rows.rows.iter_mut().filter(|row| row.find("token").is_some()) {
                    row.set("expiresAt", kernia::wire::date::Timestamp::from_secs(4_000_000_000));
                }
            }
            outcome
        },
        ..SOUND
    },
    Mutant {
        name: "lists show the rows of all users",
        perform: |outside, effect, _| match effect {
            Effect::Read(mut query) if query.table == "session" && query.limit != Some(1) => {
                query.filter = Filter::All;
                outside.perform_now(Effect::Read(query))
            }
            effect => outside.perform_now(effect),
        },
        ..SOUND
    },
    Mutant {
        name: "passwords are stored as they are",
        perform: |outside, effect, _| match effect {
            Effect::Hash(job) => Outcome::Hash(Ok(job.password.expose().to_owned())),
            effect => outside.perform_now(effect),
        },
        ..SOUND
    },
];

/// Puts something that does nothing in the place of statements, so that answers keep theirs.
fn without(batch: &mut Batch, unwanted: impl Fn(&Statement) -> bool) {
    for statement in batch.statements.iter_mut().filter(|statement| unwanted(statement)) {
        let table = statement.table().clone();
        *statement = Statement::Check { table, filter: Filter::All, expect: Expect::Any };
    }
}

fn is_check(statement: &Statement) -> bool {
    matches!(statement, Statement::Check { .. })
}
