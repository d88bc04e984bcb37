//! What holds when many write at once.

use std::{fmt, pin::Pin, sync::Arc};

use super::given::{NOON, all, badge, fill, get, note, person, ticket};
use crate::store::{Batch, ConflictKind, Expect, Filter, Op, Row, Rows, Statement, Storage, StorageError};

/// How many write at once, unless a race says otherwise.
const MANY: usize = 64;

/// One rule about writes at once, checked on an empty store.
#[derive(Clone, Copy)]
pub struct Race {
    /// What holds.
    pub name: &'static str,
    /// How many write.
    writers: usize,
    /// What is there before.
    before: fn() -> Vec<(&'static str, Row)>,
    /// What each writes.
    writes: fn(usize) -> Batch,
    /// What must have become of it; the outcomes are in the order of the writers.
    judge: for<'s> fn(&'s dyn Storage, Vec<Outcome>) -> Judging<'s>,
}

/// What became of a write.
pub type Outcome = Result<Vec<Rows>, StorageError>;

/// A write under way.
pub type Write = Pin<Box<dyn Future<Output = Outcome> + Send>>;

type Judging<'s> = Pin<Box<dyn Future<Output = ()> + Send + 's>>;

impl Race {
    /// Checks the rule on `stores`, which are views of one empty store, such as several pools or processes have. `spawn` starts
    /// a write and answers a future that waits for it; with Tokio it is `tokio::spawn`, on a runtime of several threads.
    ///
    /// # Panics
    /// When the rule does not hold.
    pub async fn check<J, E>(&self, stores: &[Arc<dyn Storage>], mut spawn: impl FnMut(Write) -> J)
    where
        J: Future<Output = Result<Outcome, E>>,
        E: fmt::Debug,
    {
        let first = stores.first().expect("there is a store");
        for (table, row) in (self.before)() {
            fill(&**first, table, [row]).await;
        }
        let started = (0..self.writers).map(|number| {
            let (store, batch) = (Arc::clone(&stores[number % stores.len()]), (self.writes)(number));
            spawn(Box::pin(async move { store.write(batch).await }))
        });
        let mut outcomes = Vec::with_capacity(self.writers);
        for writing in started.collect::<Vec<_>>() {
            outcomes.push(writing.await.expect("a writer does not panic"));
        }
        (self.judge)(&**first, outcomes).await;
    }
}

impl fmt::Debug for Race {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Race").field(&self.name).finish()
    }
}

/// All rules about writes at once.
pub fn races() -> impl Iterator<Item = &'static Race> {
    RACES.iter()
}

macro_rules! races {
    ($($name:ident: $writers:expr, $before:expr, $writes:expr, $judge:ident;)+) => {
        &[$(Race {
            name: stringify!($name),
            writers: $writers,
            before: $before,
            writes: $writes,
            judge: |store, outcomes| Box::pin($judge(store, outcomes)),
        }),+]
    };
}

const RACES: &[Race] = races![
    a_token_is_consumed_once: MANY, one_ticket, spend, judge_spending;
    an_address_is_taken_once: MANY, Vec::new, sign_up, judge_sign_ups;
    a_limit_is_never_overstepped: MANY, one_ticket, step_below_ten, judge_steps;
    increments_are_all_counted: MANY, one_ticket, step, judge_all_steps;
    what_was_checked_stays_until_the_end: MANY, a_person_for_all, note_or_leave, judge_leaving;
    what_was_checked_to_be_absent_stays_absent: MANY, Vec::new, first_note, judge_first_note;
    the_last_of_several_stays: 16, sixteen_tickets, leave_one, judge_last;
    batches_that_cross_all_go_through: 4, two_people, cross, judge_crossing;
];

fn one_ticket() -> Vec<(&'static str, Row)> {
    vec![("person", person("p")), ("ticket", ticket("t", "p", NOON).with("uses", 0))]
}

fn a_person_for_all() -> Vec<(&'static str, Row)> {
    vec![("person", person("p"))]
}

fn sixteen_tickets() -> Vec<(&'static str, Row)> {
    let tickets = (0..16).map(|number| ("ticket", ticket(&number.to_string(), "p", NOON)));
    [("person", person("p"))].into_iter().chain(tickets).collect()
}

fn two_people() -> Vec<(&'static str, Row)> {
    vec![("person", person("a").with("age", 0)), ("person", person("b").with("age", 0))]
}

fn spend(number: usize) -> Batch {
    let live = Filter::eq("token", "token-t").and(Filter::compare("expiresAt", Op::Gte, super::given::at(NOON)));
    let name = Row::new().with("name", format!("winner {number}"));
    Batch::new().consume("ticket", live, Expect::Rows(1)).update("person", Filter::eq("id", "p"), name, Expect::Rows(1))
}

async fn judge_spending(store: &dyn Storage, outcomes: Vec<Outcome>) {
    let winner = winner(&outcomes);
    let answers = outcomes[winner].as_ref().expect("the winner's batch is kept");
    assert_eq!((answers[0].rows.len(), answers[0].rows[0].id()), (1, "t"));
    assert_conflicts(&outcomes, winner, |statement, kind| {
        statement == 0 && *kind == ConflictKind::Expectation { found: 0 }
    });
    let person = get(store, "person", "p").await.expect("the row is there");
    assert_eq!(person.text("name"), format!("winner {winner}"));
    assert!(all(store, "ticket").await.is_empty());
}

fn sign_up(number: usize) -> Batch {
    let id = number.to_string();
    let row = person(&id).with("email", "same@example.com");
    Batch::new()
        .insert("person", row)
        .insert("badge", badge(&id, "x", 1, "same"))
        .insert("ticket", ticket(&id, &id, NOON))
        .insert("note", note(&id, Some(&id)))
}

async fn judge_sign_ups(store: &dyn Storage, outcomes: Vec<Outcome>) {
    let winner = winner(&outcomes);
    let taken = ConflictKind::Unique { table: "person".into(), field: "email".into() };
    assert_conflicts(&outcomes, winner, |statement, kind| statement == 0 && *kind == taken);
    for table in ["person", "badge", "ticket", "note"] {
        assert_eq!(all(store, table).await, [winner.to_string()], "{table}");
    }
}

fn increment(table: &'static str, filter: Filter, field: &'static str, expect: Expect) -> Batch {
    let (by, set) = (vec![(field.into(), 1)], Row::new());
    Batch::new().then(Statement::Increment { table: table.into(), filter, by, set, expect })
}

fn step_below_ten(_: usize) -> Batch {
    increment("ticket", Filter::eq("id", "t").and(Filter::compare("uses", Op::Lt, 10)), "uses", Expect::Rows(1))
}

async fn judge_steps(store: &dyn Storage, outcomes: Vec<Outcome>) {
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    assert_conflicts(&outcomes, MANY, |_, kind| *kind == ConflictKind::Expectation { found: 0 });
    assert_eq!(get(store, "ticket", "t").await.expect("the row is there").get("uses").as_int(), Some(10));
}

fn step(_: usize) -> Batch {
    increment("ticket", Filter::eq("id", "t"), "uses", Expect::Any)
}

async fn judge_all_steps(store: &dyn Storage, outcomes: Vec<Outcome>) {
    assert_all_kept(&outcomes);
    let uses = i64::try_from(MANY).ok();
    assert_eq!(get(store, "ticket", "t").await.expect("the row is there").get("uses").as_int(), uses);
}

/// One in the middle removes the person and all notes; the others write a note as long as the person is there.
fn note_or_leave(number: usize) -> Batch {
    let here = Filter::eq("id", "p");
    if number == MANY / 2 {
        return Batch::new().delete("person", here, Expect::Rows(1)).consume("note", Filter::All, Expect::Any);
    }
    Batch::new().check("person", here, Expect::Rows(1)).insert("note", note(&number.to_string(), None))
}

async fn judge_leaving(store: &dyn Storage, mut outcomes: Vec<Outcome>) {
    let left = outcomes.remove(MANY / 2).expect("nobody keeps the person");
    let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(left[1].rows.len(), written, "each note was there when the person left");
    assert_conflicts(&outcomes, MANY, |statement, kind| {
        statement == 0 && *kind == ConflictKind::Expectation { found: 0 }
    });
    assert!(all(store, "note").await.is_empty() && all(store, "person").await.is_empty());
}

fn first_note(number: usize) -> Batch {
    Batch::new().check("note", Filter::All, Expect::Rows(0)).insert("note", note(&number.to_string(), None))
}

async fn judge_first_note(store: &dyn Storage, outcomes: Vec<Outcome>) {
    let winner = winner(&outcomes);
    assert_conflicts(&outcomes, winner, |statement, kind| {
        statement == 0 && *kind == ConflictKind::Expectation { found: 1 }
    });
    assert_eq!(all(store, "note").await, [winner.to_string()]);
}

fn leave_one(number: usize) -> Batch {
    let own = Filter::eq("id", number.to_string());
    Batch::new().check("ticket", Filter::eq("personId", "p"), Expect::AtLeast(2)).delete("ticket", own, Expect::Rows(1))
}

async fn judge_last(store: &dyn Storage, outcomes: Vec<Outcome>) {
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert_eq!((refused, all(store, "ticket").await.len()), (1, 1));
    assert_conflicts(&outcomes, MANY, |statement, kind| {
        statement == 0 && *kind == ConflictKind::Expectation { found: 1 }
    });
}

fn cross(number: usize) -> Batch {
    let order = if number.is_multiple_of(2) { ["a", "b"] } else { ["b", "a"] };
    let batches = order.map(|id| increment("person", Filter::eq("id", id), "age", Expect::Rows(1)));
    batches.into_iter().flat_map(|batch| batch.statements).fold(Batch::new(), Batch::then)
}

async fn judge_crossing(store: &dyn Storage, outcomes: Vec<Outcome>) {
    assert_all_kept(&outcomes);
    for id in ["a", "b"] {
        assert_eq!(get(store, "person", id).await.expect("the row is there").get("age").as_int(), Some(4));
    }
}

/// The one whose batch was kept.
fn winner(outcomes: &[Outcome]) -> usize {
    let kept: Vec<_> = (0..outcomes.len()).filter(|number| outcomes[*number].is_ok()).collect();
    assert_eq!(kept.len(), 1, "exactly one batch is kept: {outcomes:?}");
    kept[0]
}

fn assert_all_kept(outcomes: &[Outcome]) {
    for outcome in outcomes {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

/// All that were not kept, `winner` aside, ran into what `expected` accepts.
fn assert_conflicts(outcomes: &[Outcome], winner: usize, expected: impl Fn(usize, &ConflictKind) -> bool) {
    for (number, outcome) in outcomes.iter().enumerate().filter(|(number, _)| *number != winner) {
        match outcome {
            Ok(_) => {}
            Err(StorageError::Conflict(conflict)) if expected(conflict.statement, &conflict.kind) => {}
            Err(error) => panic!("writer {number}: {error:?}"),
        }
    }
}
