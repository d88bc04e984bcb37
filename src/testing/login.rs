//! Being signed in without a way to sign in.

use crate::{
    Engine,
    domain::{
        Cx, id,
        session::{self, Remember},
        user,
        user_gate::UserSource,
        view::View,
    },
    engine::{Answer, Exchange, Exit, Fault},
    routes::get_session::Output,
    schema::USER,
    store::{Batch, Row, Value},
};

/// Begins to sign in the user with this address, whatever it takes elsewhere. A user whom nobody knows yet is made, named after
/// the address, which counts as proven. The answer is that of `GET /get-session`, with the cookies.
#[must_use]
pub fn login_as(engine: &Engine, email: &str) -> Exchange {
    let email = user::normalize_email(email);
    engine.begin_task(|cx| Box::pin(async move { Ok(Answer::json(&login(cx, &email).await?)?) }))
}

async fn login(cx: &mut Cx, email: &str) -> Result<Output<View, View>, Exit> {
    cx.local.user_source = Some(UserSource::of("test"));
    let (row, batch) = match user::find_by_email(cx, email).await? {
        Some(known) => (known, Batch::new()),
        None => {
            let row = new_user(cx, email);
            (row.clone(), Batch::new().insert(USER, row))
        }
    };
    let session = session::try_issue_proven(cx, row, Remember::Yes, batch).await?;
    let session = session.map_err(|_| Fault::Bug("the user was made meanwhile".into()))?;
    Ok(Output { session: View::session(cx, session.row), user: View::user(cx, session.user), needs_refresh: None })
}

fn new_user(cx: &Cx, email: &str) -> Row {
    let now = cx.now();
    Row::new()
        .with("name", email.split('@').next().unwrap_or_default())
        .with("email", email)
        .with("emailVerified", true)
        .with("image", Value::Null)
        .with("createdAt", now)
        .with("updatedAt", now)
        .with("id", id::new(cx, &USER))
}
