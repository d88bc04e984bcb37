//! `POST /update-user`

use http::Method;
use serde_json::{Map, Value as Json};

use crate::{
    domain::{
        Cx, Installation, commit,
        done::Done,
        errors, event,
        fields::{Action, parse_input},
        session::{self, Remember},
        user,
    },
    engine::{Endpoint, Exit},
    schema::USER,
    store::{Conflict, ConflictKind, Row, StorageError, Value},
    wire::{
        json::truthy,
        shape::{self, Nullish, Root, input},
    },
};

/// Changes the signed-in user: name, picture, and the fields that the installation has added.
pub struct UpdateUser;

input! {
    /// The core fields that a user may change.
    struct Profile {
        /// The display name.
        name: Option<String>,
        /// The address of a picture; `null` removes it.
        image: Nullish<String>,
    }
}

impl Endpoint<Installation> for UpdateUser {
    type Body = Map<String, Json>;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "updateUser";
    const PATH: &'static str = "/update-user";

    async fn call(&self, cx: &mut Cx, body: Map<String, Json>, (): ()) -> Result<Done, Exit> {
        let session = session::require(cx).await?;
        cx.ensure(!body.get("email").is_some_and(truthy), errors::EMAIL_CAN_NOT_BE_UPDATED)?;
        let set = changes(cx, body)?;
        cx.ensure(!set.is_empty(), errors::NO_FIELDS_TO_UPDATE)?;
        let names = set.fields().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(",");
        // The session may come from its cookie; one that has ended in the store must change nothing and renew nothing.
        let batch = session::check_live(user::update(session.user_id(), set), &session);
        match commit::try_commit(cx, batch).await? {
            Ok(_) => {}
            Err(Conflict { kind: ConflictKind::Expectation { .. }, .. }) => return Err(ended(cx)),
            Err(conflict) => return Err(StorageError::Conflict(conflict).into()),
        }
        event::emit(cx, event::USER_UPDATED, Some(session.user_id()), vec![("fields", names)]).await;
        let Some(session) = session::from_store(cx, session.token()).await? else { return Err(ended(cx)) };
        session::set_cookies(cx, session, Remember::AsBefore);
        Ok(Done::DONE)
    }
}

/// The fields to set.
fn changes(cx: &Cx, body: Map<String, Json>) -> Result<Row, Exit> {
    let mut set = parse_input(cx.app().added_fields(&USER), &body, Action::Update, cx.now(), cx.entropy())?;
    let profile: Profile = shape::read(Some(&Json::Object(body)))
        .map_err(|issues| errors::VALIDATION_ERROR.message(issues.message(Root::Body)))?;
    if let Some(name) = profile.name {
        set.set("name", name);
    }
    match profile.image {
        Nullish::Absent => {}
        Nullish::Null => set.set("image", Value::Null),
        Nullish::Value(image) => set.set("image", image),
    }
    Ok(set)
}

fn ended(cx: &mut Cx) -> Exit {
    session::expire_cookies(cx);
    errors::UNAUTHORIZED.into()
}
