//! `POST /sign-up/email`

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation, account, commit, errors, event,
        fields::{Action, parse_input},
        id, mail, password,
        record::User,
        session::{self, Remember},
        user,
        user_gate::UserSource,
        verification_link,
        view::View,
    },
    engine::{Endpoint, Exit, Media, Message},
    gate,
    schema::{ACCOUNT, USER},
    store::{Batch, Conflict, ConflictKind, Row, StorageError, Value},
    wire::shape::{EmailText, NonEmptyText, input},
};

/// Makes a user with a password, and signs in unless that must wait.
pub struct SignUpEmail;

input! {
    /// What a new user sends. Unknown keys may be additional fields.
    pub struct Body (passthrough rest) {
        /// The display name.
        name: String,
        /// The address.
        email: EmailText,
        /// The password.
        password: NonEmptyText,
        /// The address of a picture.
        image: Option<String>,
        /// Where the link of the verification message leads.
        callback_url "callbackURL": Option<String>,
        /// `false` ends the session with the browser.
        remember_me "rememberMe": Option<bool>,
    }
}

/// The new user; `token` is null when signing in must wait.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// The session's token.
    pub token: Option<String>,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for SignUpEmail {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const MEDIA: Media = Media::FormOrJson;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signUpEmail";
    const PATH: &'static str = "/sign-up/email";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        gate::check_form(cx).await?;
        let app = cx.app_arc();
        let options = &app.options.email_and_password;
        cx.ensure(options.enabled && !options.disable_sign_up, errors::EMAIL_PASSWORD_SIGN_UP_DISABLED)?;
        password::check_new(cx, &body.password)?;
        let added = parse_input(app.added_fields(&USER), &body.rest, Action::Create, cx.now(), cx.entropy())?;
        let draft = new_user(cx, &body, added);
        // A stranger must not learn from the answer whether the address is known.
        let discreet = options.require_email_verification || !options.auto_sign_in;
        if let Some(known) = user::find_by_email(cx, &body.email).await? {
            return taken(cx, &body, draft, discreet, known).await;
        }
        let hash = password::hash(cx, &body.password).await?;
        cx.local.user_source = Some(UserSource::of("email-password"));
        let credential = account::new_credential(cx, draft.id(), hash);
        let batch = Batch::new().insert(USER, draft.clone()).insert(ACCOUNT, credential);
        let (user, token) = if discreet {
            match commit::try_commit(cx, batch).await {
                Ok(Ok(mut rows)) => (commit::inserted(&mut rows, 0)?, None),
                Ok(Err(conflict)) if conflict.is_unique(&USER, "email") => return synthetic(cx, draft),
                Ok(Err(conflict)) => return Err(refused(conflict)),
                // Of an address that is taken nobody is asked: who may not become a user must not be told apart.
                Err(Exit::Refused(error)) if error.status == StatusCode::FORBIDDEN => return synthetic(cx, draft),
                Err(exit) => return Err(exit),
            }
        } else {
            let remember = Remember::from_input(body.remember_me);
            match session::try_issue(cx, draft, remember, batch).await? {
                Ok(session) => (session.user.clone(), Some(session.token().to_owned())),
                Err(conflict) if conflict.is_unique(&USER, "email") => {
                    return Err(errors::USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.into());
                }
                Err(conflict) => return Err(refused(conflict)),
            }
        };
        event::emit(cx, event::USER_CREATED, Some(user.id()), vec![("method", "email-password".to_owned())]).await;
        let wanted = app.options.email_verification.send_on_sign_up.unwrap_or(options.require_email_verification);
        if wanted {
            verification_link::send(cx, &user, body.callback_url.as_deref()).await;
        }
        Ok(Output { token, user: View::user(cx, user) })
    }
}

/// What it means that the rows could not be stored.
fn refused(conflict: Conflict) -> Exit {
    match conflict.kind {
        ConflictKind::Unique { .. } | ConflictKind::Reference { .. } => errors::FAILED_TO_CREATE_USER.into(),
        _ => StorageError::Conflict(conflict).into(),
    }
}

fn new_user(cx: &Cx, body: &Body, added: Row) -> Row {
    let now = cx.now();
    let mut row = Row::new()
        .with("name", &body.name)
        .with("email", user::normalize_email(&body.email))
        .with("emailVerified", false)
        .with("image", body.image.as_deref().map_or(Value::Null, Value::from))
        .with("createdAt", now)
        .with("updatedAt", now);
    for (name, value) in added {
        row.set(name, value);
    }
    row.set("id", id::new(cx, &USER));
    row
}

/// Answers a sign-up with an address that is taken.
async fn taken(cx: &mut Cx, body: &Body, draft: Row, discreet: bool, known: Row) -> Result<Output<View>, Exit> {
    if !discreet {
        return Err(errors::USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.into());
    }
    // As much work as for a new user, so that the time tells nothing either.
    password::hash(cx, &body.password).await?;
    if cx.app().options.email_and_password.notify_existing_user_sign_up {
        let mut message = Message::new(mail::EXISTING_USER_SIGN_UP, known.text("email"));
        message.name = Some(known.text("name").to_owned());
        mail::send(cx, message).await;
    }
    synthetic(cx, draft)
}

/// The answer that a new user would have got; as in the reference, its id shows what it is where the database numbers users.
fn synthetic(cx: &mut Cx, mut draft: Row) -> Result<Output<View>, Exit> {
    draft.set("id", id::unstored(cx, &USER));
    if let Some(table) = cx.app().schema.table(&USER) {
        table.complete(&mut draft, cx.now(), cx.entropy());
    }
    Ok(Output { token: None, user: View::user(cx, draft) })
}
