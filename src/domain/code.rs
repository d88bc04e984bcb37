//! Codes that a person types: one-time values that bear a few wrong guesses and no more, however many guess at once.
//!
//! The value is `<code as stored>:<wrong guesses so far>`, as in the reference. Every guess that is judged changes or spends the
//! row just as it was judged by: of several at once one is judged, and the others learn nothing, the right one among them included.
//!
//! ```text
//! guess ─► missing, expired, exhausted: refused
//!       ─► wrong: the row has one more
//!       ─► right: spent in the batch of what it permits ([`Code::spend`]), or kept ([`Code::keep`])
//! ```

use super::{Cx, commit, verification};
use crate::{
    engine::Exit,
    schema::VERIFICATION,
    store::{Batch, Expect, Filter, Row},
    wire::date::Timestamp,
};

/// A code that is stored.
#[derive(Debug)]
pub struct Code {
    row: Row,
    failures: u32,
}

/// Why a guess opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no code.
    Missing,
    /// Its time is over, and it is gone.
    Expired,
    /// Too many guesses were wrong, and it is gone.
    Exhausted,
    /// The guess is wrong, or another guess was judged meanwhile.
    Wrong,
}

/// Adds to `batch` that `stored` is the code under `identifier` for `lifetime_secs`, and no earlier one is.
#[must_use]
pub fn put(cx: &Cx, batch: Batch, identifier: &str, stored: &str, lifetime_secs: i64) -> Batch {
    verification::replace(batch, verification::new(cx, identifier, &value(stored, 0), lifetime_secs))
}

/// As [`put`], but nothing stays: the work of making a code for somebody who may not be there.
#[must_use]
pub fn pretend(cx: &Cx, batch: Batch, identifier: &str, stored: &str, lifetime_secs: i64) -> Batch {
    verification::pretend(batch, verification::new(cx, identifier, &value(stored, 0), lifetime_secs))
}

/// The live code under `identifier`, for those who need not guess.
///
/// # Errors
/// When the store cannot answer.
pub async fn find(cx: &mut Cx, identifier: &str) -> Result<Option<Code>, Exit> {
    Ok(verification::find(cx, identifier).await?.map(Code::read))
}

/// Judges a guess: `is_right` says whether it is what is stored. A wrong one is counted; after `allowed` wrong ones the next guess,
/// right or not, makes the code go.
///
/// A right one has changed nothing yet, and counts only once it is [spent](Code::spend) or [kept](Code::keep).
///
/// # Errors
/// When the store cannot answer.
pub async fn guess(
    cx: &mut Cx,
    identifier: &str,
    allowed: u32,
    is_right: impl FnOnce(&Cx, &str) -> bool,
) -> Result<Result<Code, Refusal>, Exit> {
    let Some(code) = verification::newest(cx, identifier).await?.map(Code::read) else {
        return Ok(Err(Refusal::Missing));
    };
    if !verification::is_live(cx, &code.row) {
        let expired = Filter::eq("identifier", code.row.text("identifier"));
        commit::commit(cx, Batch::new().delete(VERIFICATION, expired, Expect::Any)).await?;
        return Ok(Err(Refusal::Expired));
    }
    if code.failures >= allowed {
        let batch = code.spend(Batch::new(), cx);
        let gone = commit::try_commit(cx, batch).await?.is_ok();
        return Ok(Err(if gone { Refusal::Exhausted } else { Refusal::Wrong }));
    }
    if is_right(cx, code.stored()) {
        return Ok(Ok(code));
    }
    code.rewrite(cx, code.failures + 1, code.expires_at(cx)).await?;
    Ok(Err(Refusal::Wrong))
}

impl Code {
    fn read(row: Row) -> Self {
        let failures = split(row.text("value")).1;
        Self { row, failures }
    }

    /// The code, in the form in which it is stored.
    #[must_use]
    pub fn stored(&self) -> &str {
        split(self.row.text("value")).0
    }

    /// How many guesses were wrong so far.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Adds to `batch` that the code is spent. The batch fails when somebody else has spent it, or another guess was judged.
    #[must_use]
    pub fn spend(&self, batch: Batch, cx: &Cx) -> Batch {
        verification::spend_unchanged(batch, &self.row, cx)
    }

    /// Lets a code that was guessed right be good for another guess: somebody only wanted to know. False when another guess was
    /// judged meanwhile; the guess counts as wrong then.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn keep(&self, cx: &mut Cx) -> Result<bool, Exit> {
        self.rewrite(cx, self.failures, self.expires_at(cx)).await
    }

    /// Lets the code be good for `lifetime_secs` from now on. False when it was spent or replaced meanwhile.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn renew(&self, cx: &mut Cx, lifetime_secs: i64) -> Result<bool, Exit> {
        self.rewrite(cx, self.failures, cx.now().plus_secs(lifetime_secs)).await
    }

    async fn rewrite(&self, cx: &mut Cx, failures: u32, expires_at: Timestamp) -> Result<bool, Exit> {
        let value = value(self.stored(), failures);
        let batch = verification::rewrite(Batch::new(), &self.row, cx, value, expires_at);
        Ok(commit::try_commit(cx, batch).await?.is_ok())
    }

    fn expires_at(&self, cx: &Cx) -> Timestamp {
        self.row.date("expiresAt").unwrap_or(cx.now())
    }
}

fn value(stored: &str, failures: u32) -> String {
    format!("{stored}:{failures}")
}

/// A code and how many guesses were wrong. One without a count is the reference's of a sign-in by phone; one with a count that is
/// none bears no guess.
fn split(value: &str) -> (&str, u32) {
    match value.rsplit_once(':') {
        Some((stored, failures)) => (stored, failures.parse().unwrap_or(u32::MAX)),
        None => (value, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_what_follows_the_last_colon() {
        assert_eq!(split("012345:2"), ("012345", 2));
        assert_eq!(split("$ba$1$00ff:a:0"), ("$ba$1$00ff:a", 0));
        assert_eq!(split("012345"), ("012345", 0));
        assert_eq!(split("012345:x"), ("012345", u32::MAX));
        assert_eq!(split(&value("a:b", 7)), ("a:b", 7));
    }
}
