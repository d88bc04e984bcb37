//! `POST /unlink-account`

use http::Method;

use crate::{
    domain::{Cx, Installation, account, commit, done::Done, errors, event, session},
    engine::{ApiError, Endpoint, Exit},
    schema::ACCOUNT,
    store::{Batch, Conflict, ConflictKind, Expect, Filter},
    wire::shape::input,
};

/// Takes one way to sign in from the signed-in user, but not the last.
pub struct UnlinkAccount;

input! {
    /// Which account.
    pub struct Body {
        /// The id of the account's row.
        account_id "accountId": String,
    }
}

impl Endpoint<Installation> for UnlinkAccount {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "unlinkAccount";
    const PATH: &'static str = "/unlink-account";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let session = session::require_fresh(cx).await?;
        let accounts = account::all_of(cx, session.user_id()).await?;
        let last_may_go = cx.app().options.account.account_linking.allow_unlinking_all;
        cx.ensure(accounts.len() != 1 || last_may_go, errors::FAILED_TO_UNLINK_LAST_ACCOUNT)?;
        let chosen =
            accounts.iter().find(|account| account.id() == body.account_id).ok_or(errors::ACCOUNT_NOT_FOUND)?;
        let live = session::check_live(Batch::new(), &session);
        let batch = unlink(live, session.user_id(), chosen.id(), if last_may_go { 1 } else { 2 });
        commit::try_commit(cx, batch).await?.map_err(|conflict| refusal(&conflict))?;
        let detail = vec![("provider", chosen.text("providerId").to_owned())];
        event::emit(cx, event::ACCOUNT_UNLINKED, Some(session.user_id()), detail).await;
        Ok(Done::DONE)
    }
}

/// Adds to `live`, which checks the session, that the account is removed if its user has at least `fewest` at that moment: two
/// requests at once must not remove one each of the last two.
fn unlink(live: Batch, user_id: &str, account_id: &str, fewest: u64) -> Batch {
    let own = Filter::eq("userId", user_id);
    live.check(ACCOUNT, own.clone(), Expect::AtLeast(fewest)).delete(
        ACCOUNT,
        own.and(Filter::eq("id", account_id)),
        Expect::Rows(1),
    )
}

/// What it means that another request was faster.
fn refusal(conflict: &Conflict) -> ApiError {
    match (conflict.statement, &conflict.kind) {
        (0, _) => errors::UNAUTHORIZED,
        (1, ConflictKind::Expectation { found }) if *found > 0 => errors::FAILED_TO_UNLINK_LAST_ACCOUNT,
        _ => errors::ACCOUNT_NOT_FOUND,
    }
}
