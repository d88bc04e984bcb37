//! What every [`Cache`] must do, as cases to run against it.

use std::{collections::BTreeSet, fmt, future::poll_fn, pin::Pin, task::Poll};

use super::{
    Checking,
    given::{NOON, at},
};
use crate::store::{Cache, CacheOp, CacheReply, StorageError};

/// How many want the same thing at once.
const CROWD: usize = 64;

/// One rule, checked on empty secondary storage.
#[derive(Clone, Copy)]
pub struct CacheCase {
    /// What holds.
    pub name: &'static str,
    check: for<'c> fn(Clients<'c>) -> Checking<'c>,
}

/// Several ways to one secondary storage, as several servers have.
type Clients<'c> = &'c [&'c dyn Cache];

impl CacheCase {
    /// Checks the rule. `clients` are one or more ways to one and the same empty secondary storage.
    ///
    /// # Panics
    /// When the rule does not hold.
    pub async fn check(&self, clients: &[&dyn Cache]) {
        (self.check)(clients).await;
    }
}

impl fmt::Debug for CacheCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CacheCase").field(&self.name).finish()
    }
}

macro_rules! rules {
    ($($name:ident),+ $(,)?) => {
        &[$(CacheCase { name: stringify!($name), check: |clients| Box::pin($name(clients)) }),+]
    };
}

/// All rules. How long values live is not among them: it takes a clock of one's own.
pub const CACHE_CASES: &[CacheCase] = rules![
    a_value_is_there_until_it_is_removed,
    keys_and_values_are_any_text,
    a_value_is_taken_once,
    only_the_expected_value_is_replaced,
    a_counter_counts_from_one,
    what_is_no_number_is_not_counted,
    an_index_is_sorted_by_expiry,
    a_member_is_in_an_index_once,
    an_index_forgets_the_expired,
    an_index_without_members_is_gone,
    an_index_that_cannot_be_read_is_replaced,
    members_are_any_text,
    of_many_takers_one_gets_the_value,
    many_increments_are_counted_one_by_one,
    of_many_replacements_none_is_lost,
    an_index_loses_nothing_among_many,
];

async fn perform(cache: &dyn Cache, op: CacheOp) -> CacheReply {
    cache.perform(op).await.expect("the operation is performed")
}

async fn get(cache: &dyn Cache, key: &str) -> Option<String> {
    value(perform(cache, CacheOp::Get { key: key.to_owned() }).await)
}

fn value(reply: CacheReply) -> Option<String> {
    match reply {
        CacheReply::Value(value) => value,
        other => panic!("a value was expected, not {other:?}"),
    }
}

async fn done(cache: &dyn Cache, op: CacheOp) {
    assert_eq!(perform(cache, op).await, CacheReply::Done);
}

async fn set(cache: &dyn Cache, key: &str, value: &str) {
    done(cache, CacheOp::Set { key: key.to_owned(), value: value.to_owned(), ttl_secs: 1000 }).await;
}

async fn delete(cache: &dyn Cache, key: &str) {
    done(cache, CacheOp::Delete { key: key.to_owned() }).await;
}

async fn take(cache: &dyn Cache, key: &str) -> Option<String> {
    value(perform(cache, CacheOp::Take { key: key.to_owned() }).await)
}

async fn replace(cache: &dyn Cache, expected: &str, value: &str) -> bool {
    let (key, expected, value) = ("k".to_owned(), expected.to_owned(), value.to_owned());
    match perform(cache, CacheOp::Replace { key, expected, value, ttl_secs: 1000 }).await {
        CacheReply::Replaced(replaced) => replaced,
        other => panic!("an answer to a replacement was expected, not {other:?}"),
    }
}

async fn increment(cache: &dyn Cache) -> Result<CacheReply, StorageError> {
    cache.perform(CacheOp::Increment { key: "k".to_owned(), ttl_secs: 1000 }).await
}

/// Puts a member into the index `k` that expires `secs` after noon, at noon.
async fn put(cache: &dyn Cache, token: &str, secs: i64) {
    put_at(cache, token, secs, 0).await;
}

async fn put_at(cache: &dyn Cache, token: &str, secs: i64, now: i64) {
    let (expires_at, now) = (at(NOON).plus_secs(secs), at(NOON).plus_secs(now));
    done(cache, CacheOp::IndexPut { key: "k".to_owned(), token: token.to_owned(), expires_at, now }).await;
}

async fn drop_at_noon(cache: &dyn Cache, tokens: &[&str]) {
    let tokens = tokens.iter().map(|token| (*token).to_owned()).collect();
    done(cache, CacheOp::IndexDrop { key: "k".to_owned(), tokens, now: at(NOON) }).await;
}

/// The members of the index `k`, as it is written: a list of objects of two fields.
async fn members(cache: &dyn Cache) -> Vec<(String, i64)> {
    let Some(text) = get(cache, "k").await else { return Vec::new() };
    let list: serde_json::Value = serde_json::from_str(&text).expect("an index is JSON");
    let members = list.as_array().expect("an index is a list").iter().map(|member| {
        let fields = member.as_object().expect("a member is an object");
        assert_eq!(fields.len(), 2, "{text}");
        let token = fields["token"].as_str().expect("a token is text").to_owned();
        (token, fields["expiresAt"].as_i64().expect("an expiry is a whole number") - at(NOON).as_millis())
    });
    members.collect()
}

fn named(members: &[(&str, i64)]) -> Vec<(String, i64)> {
    members.iter().map(|(token, secs)| ((*token).to_owned(), secs * 1000)).collect()
}

/// Runs one future for each of a crowd, spread over `clients`, all at once.
async fn crowd<'c, T: 'c, F>(clients: Clients<'c>, one: impl Fn(&'c dyn Cache, usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'c,
{
    let mut running: Vec<_> = (0..CROWD).map(|at| Some(Box::pin(one(clients[at % clients.len()], at)))).collect();
    let mut results = Vec::with_capacity(CROWD);
    poll_fn(|context| {
        for slot in &mut running {
            if let Some(future) = slot
                && let Poll::Ready(result) = Pin::new(future).poll(context)
            {
                results.push(result);
                *slot = None;
            }
        }
        if results.len() == CROWD { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    results
}

async fn a_value_is_there_until_it_is_removed(clients: Clients<'_>) {
    let cache = clients[0];
    assert_eq!(get(cache, "k").await, None);
    set(cache, "k", "v").await;
    set(cache, "other", "w").await;
    assert_eq!(get(cache, "k").await.as_deref(), Some("v"));
    set(cache, "k", "x").await;
    assert_eq!(get(cache, "k").await.as_deref(), Some("x"));
    delete(cache, "k").await;
    delete(cache, "k").await;
    assert_eq!((get(cache, "k").await, get(cache, "other").await.as_deref()), (None, Some("w")));
}

async fn keys_and_values_are_any_text(clients: Clients<'_>) {
    let cache = clients[0];
    for text in ["", "a b\r\nc", "\0", "ä€😀", "\"{}[]\\", &"x".repeat(100_000)] {
        let key = format!("k:{}", &text.chars().take(50).collect::<String>());
        set(cache, &key, text).await;
        assert_eq!(get(cache, &key).await.as_deref(), Some(text));
        assert_eq!(take(cache, &key).await.as_deref(), Some(text));
    }
}

async fn a_value_is_taken_once(clients: Clients<'_>) {
    let cache = clients[0];
    assert_eq!(take(cache, "k").await, None);
    set(cache, "k", "v").await;
    assert_eq!(take(cache, "k").await.as_deref(), Some("v"));
    assert_eq!((take(cache, "k").await, get(cache, "k").await), (None, None));
}

async fn only_the_expected_value_is_replaced(clients: Clients<'_>) {
    let cache = clients[0];
    assert!(!replace(cache, "", "v").await);
    assert_eq!(get(cache, "k").await, None, "what is not there stays so");
    set(cache, "k", "v").await;
    assert!(!replace(cache, "w", "x").await);
    assert_eq!(get(cache, "k").await.as_deref(), Some("v"));
    assert!(replace(cache, "v", "x").await);
    assert_eq!(get(cache, "k").await.as_deref(), Some("x"));
}

async fn a_counter_counts_from_one(clients: Clients<'_>) {
    for count in 1..4 {
        assert_eq!(increment(clients[0]).await, Ok(CacheReply::Count(count)));
    }
    delete(clients[0], "k").await;
    assert_eq!(increment(clients[0]).await, Ok(CacheReply::Count(1)));
}

async fn what_is_no_number_is_not_counted(clients: Clients<'_>) {
    set(clients[0], "k", "text").await;
    assert!(matches!(increment(clients[0]).await, Err(StorageError::Failed(_))));
    assert_eq!(get(clients[0], "k").await.as_deref(), Some("text"));
}

async fn an_index_is_sorted_by_expiry(clients: Clients<'_>) {
    let cache = clients[0];
    for (token, secs) in [("b", 20), ("c", 30), ("a", 10), ("d", 20)] {
        put(cache, token, secs).await;
    }
    assert_eq!(members(cache).await, named(&[("a", 10), ("b", 20), ("d", 20), ("c", 30)]));
    drop_at_noon(cache, &["b", "c", "unknown"]).await;
    assert_eq!(members(cache).await, named(&[("a", 10), ("d", 20)]));
}

async fn a_member_is_in_an_index_once(clients: Clients<'_>) {
    let cache = clients[0];
    put(cache, "a", 10).await;
    put(cache, "b", 20).await;
    put(cache, "a", 30).await;
    assert_eq!(members(cache).await, named(&[("b", 20), ("a", 30)]));
}

async fn an_index_forgets_the_expired(clients: Clients<'_>) {
    let cache = clients[0];
    put(cache, "a", 10).await;
    put(cache, "b", 20).await;
    put_at(cache, "c", 30, 10).await;
    assert_eq!(members(cache).await, named(&[("b", 20), ("c", 30)]));
}

async fn an_index_without_members_is_gone(clients: Clients<'_>) {
    let cache = clients[0];
    drop_at_noon(cache, &["a"]).await;
    assert_eq!(get(cache, "k").await, None);
    put(cache, "a", 10).await;
    drop_at_noon(cache, &["a"]).await;
    assert_eq!(get(cache, "k").await, None);
}

async fn an_index_that_cannot_be_read_is_replaced(clients: Clients<'_>) {
    let cache = clients[0];
    for broken in ["", "{", "null", "5", "\"a\"", "{\"token\":\"a\"}", "[1]", "[{\"token\":5,\"expiresAt\":\"x\"}]"] {
        set(cache, "k", broken).await;
        put(cache, "a", 10).await;
        assert_eq!(members(cache).await, named(&[("a", 10)]), "{broken}");
        set(cache, "k", broken).await;
        drop_at_noon(cache, &["a"]).await;
        assert_eq!(get(cache, "k").await, None, "{broken}");
    }
}

async fn members_are_any_text(clients: Clients<'_>) {
    let cache = clients[0];
    let tokens = ["", "a/b", "\"\\", "ä€😀", "\u{1}\n", "]},{"];
    for (token, secs) in tokens.iter().zip(1..) {
        put(cache, token, secs).await;
    }
    let found: Vec<_> = members(cache).await.into_iter().map(|(token, _)| token).collect();
    assert_eq!(found, tokens);
    drop_at_noon(cache, &tokens[1..]).await;
    assert_eq!(members(cache).await, named(&[("", 1)]));
}

async fn of_many_takers_one_gets_the_value(clients: Clients<'_>) {
    set(clients[0], "k", "v").await;
    let taken = crowd(clients, |cache, _| take(cache, "k")).await;
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), ["v"]);
}

async fn many_increments_are_counted_one_by_one(clients: Clients<'_>) {
    let counts = crowd(clients, |cache, _| increment(cache)).await;
    let counts: BTreeSet<_> = counts
        .into_iter()
        .map(|reply| match reply {
            Ok(CacheReply::Count(count)) => count,
            other => panic!("a count was expected, not {other:?}"),
        })
        .collect();
    assert_eq!(counts, (1..=CROWD as u64).collect());
}

async fn of_many_replacements_none_is_lost(clients: Clients<'_>) {
    set(clients[0], "k", "0").await;
    crowd(clients, |cache, _| async move {
        loop {
            let held = get(cache, "k").await.expect("the value is there");
            let next = held.parse::<usize>().expect("the value is a number") + 1;
            if replace(cache, &held, &next.to_string()).await {
                return;
            }
        }
    })
    .await;
    assert_eq!(get(clients[0], "k").await, Some(CROWD.to_string()));
}

async fn an_index_loses_nothing_among_many(clients: Clients<'_>) {
    let token = |at: usize| format!("token-{at}");
    for at in (0..CROWD).filter(|at| at % 2 == 0) {
        put(clients[0], &token(at), 100).await;
    }
    // Half of them go while the other half come.
    crowd(clients, |cache, at| async move {
        match at % 2 {
            0 => drop_at_noon(cache, &[&token(at)]).await,
            _ => put(cache, &token(at), 100).await,
        }
    })
    .await;
    let left: BTreeSet<_> = members(clients[0]).await.into_iter().map(|(token, _)| token).collect();
    assert_eq!(left, (0..CROWD).filter(|at| at % 2 == 1).map(token).collect());
}
