//! Sessions and one-time values in secondary storage, under the keys and in the forms of the reference, so that its servers and
//! this one share them.
//!
//! | key | value | until |
//! | --- | --- | --- |
//! | a session's token | `{"session":…,"user":…}` | the session's end |
//! | `active-sessions-<user>` | `[{"token","expiresAt"}]`, by expiry | the last end of them |
//! | `revoked-sessions-before-<user>` | milliseconds: older sessions have ended | no older session can live |
//! | `verification:<identifier>` | a one-time value | its end |
//! | `claimed:<identifier>` | how often somebody has claimed it: the first has it | the end of the claim |
//!
//! Two stores have no common transaction, so every change keeps an order in which stopping anywhere is safe:
//!
//! 1. Nothing is changed before everything that the change rests on was found.
//! 2. One-time values are taken. Of several takers one gets the value; whoever fails after that has spent it. Those that change are
//!    replaced if they are as they were read.
//! 3. Sessions end: the values go, then their names in the index. A session that is in the way is gone before what it must not see
//!    is there.
//! 4. The place of a new session is kept by a value that is no session, then the session is named in the index: in this order,
//!    whoever finds the name finds a value to take, and the session never begins. That of a user who is made in step 5, and gets
//!    an id there, is named right after it: nobody else knows the user yet.
//! 5. The database changes, all or nothing.
//! 6. Sessions that began meanwhile on the strength of what was changed end too; they are in the index since step 4 of theirs.
//! 7. New sessions replace the values that keep their places. A place that is gone was revoked, and stays so.
//! 8. New one-time values, renewed ends and the copies of changed users are stored. Each replaces the very value it was made of, so
//!    nothing that was revoked comes back, and of two changes none is lost.

mod change;
mod matches;
mod plan;
mod sessions;
mod statements;
mod value;
mod verifications;

pub(super) use change::write;
pub(super) use sessions::{Kept, all_of, look};
pub(super) use verifications::{claim, find as find_verification, release};
