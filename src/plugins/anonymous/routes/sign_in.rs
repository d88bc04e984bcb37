//! `POST /sign-in/anonymous`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{errors, logic, options::AnonymousOptions};
use crate::{
    domain::{
        Cx, Installation, event,
        record::User,
        session::{self, Remember},
        view::View,
    },
    engine::{Endpoint, Exit},
    schema::USER,
    store::{Batch, StorageError},
};

/// Makes a user who has said nothing of themselves, and signs them in.
pub struct SignInAnonymous {
    pub(super) options: Arc<AnonymousOptions>,
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// The session's token.
    pub token: String,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for SignInAnonymous {
    type Body = ();
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInAnonymous";
    const PATH: &'static str = "/sign-in/anonymous";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Output<View>, Exit> {
        let again = logic::presented(cx).await?.is_some_and(|session| logic::is_anonymous(&session.user));
        cx.ensure(!again, errors::ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY)?;
        let user = logic::new_user(cx, &self.options).await?;
        let batch = Batch::new().insert(USER, user.clone());
        let issued = session::try_issue(cx, user, Remember::AsBefore, batch).await?;
        let session = issued.map_err(StorageError::Conflict)?;
        let detail = vec![("method", "anonymous".to_owned())];
        event::emit(cx, event::USER_CREATED, Some(session.user_id()), detail).await;
        Ok(Output { token: session.token().to_owned(), user: View::user(cx, session.user) })
    }
}
