//! `POST /update-session`

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::{
    domain::{
        Cx, Installation, commit, errors,
        fields::{Action, parse_input},
        record::SessionRecord,
        session::{self, Remember},
        view::View,
    },
    engine::{Endpoint, Exit},
    schema::SESSION,
    store::{Batch, Conflict, ConflictKind, Expect, Filter, StorageError},
};

/// Changes the fields that the installation has added to sessions, in the session of the request.
pub struct UpdateSession;

/// The session as it is now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<S = SessionRecord> {
    /// The session as it is now.
    pub session: S,
}

impl Endpoint<Installation> for UpdateSession {
    type Body = Map<String, Json>;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "updateSession";
    const PATH: &'static str = "/update-session";

    async fn call(&self, cx: &mut Cx, body: Map<String, Json>, (): ()) -> Result<Output<View>, Exit> {
        let session = session::require(cx).await?;
        let app = cx.app_arc();
        let set = parse_input(app.added_fields(&SESSION), &body, Action::Update, cx.now(), cx.entropy())?;
        cx.ensure(!set.is_empty(), errors::NO_FIELDS_TO_UPDATE)?;
        let own = Filter::eq("token", session.token()).and(Filter::eq("userId", session.user_id()));
        let batch = Batch::new().update(SESSION, own, set, Expect::Rows(1));
        match commit::try_commit(cx, batch).await? {
            Ok(_) => {}
            Err(Conflict { kind: ConflictKind::Expectation { .. }, .. }) => return Err(ended(cx)),
            Err(conflict) => return Err(StorageError::Conflict(conflict).into()),
        }
        // Read anew: a session believed from its cookie may bring a user who has changed since.
        let Some(session) = session::from_store(cx, session.token()).await? else { return Err(ended(cx)) };
        session::set_cookies(cx, session.clone(), Remember::AsBefore);
        Ok(Output { session: View::session(cx, session.row) })
    }
}

fn ended(cx: &mut Cx) -> Exit {
    session::expire_cookies(cx);
    errors::FAILED_TO_GET_SESSION.into()
}
