//! `POST /change-email`

use http::{Method, StatusCode};

use crate::{
    domain::{
        Cx, Installation, commit,
        done::Done,
        errors, event, mail, notice,
        session::{self, Remember, Session},
        user,
        verification_link::{self, CHANGE_CONFIRMATION, CHANGE_VERIFICATION, Claim},
    },
    engine::{ApiError, Endpoint, Exit},
    schema::USER,
    store::{Batch, Expect, Filter, Row, StorageError},
    wire::shape::{EmailText, input},
};

/// Begins to replace the signed-in user's address, or replaces it at once where that is allowed.
///
/// The answer is the same whether or not the address is free.
pub struct ChangeEmail;

input! {
    /// The new address.
    pub struct Body {
        /// The new address.
        new_email "newEmail": EmailText,
        /// Where the link of the message leads.
        callback_url "callbackURL": Option<String>,
    }
}

/// How an address is replaced.
#[derive(Clone, Copy)]
enum Way {
    /// At once: the old one was never proven.
    AtOnce,
    /// The old one agrees, then the new one is proven.
    ConfirmFirst,
    /// The new one is proven.
    Verify,
}

const NO_SENDER: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Verification email isn't enabled");

impl Endpoint<Installation> for ChangeEmail {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "changeEmail";
    const PATH: &'static str = "/change-email";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let session = session::require_confirmed(cx).await?;
        cx.ensure(cx.app().options.user.change_email.enabled, errors::CHANGE_EMAIL_DISABLED)?;
        let new_email = user::normalize_email(&body.new_email);
        let old_email = session.user.text("email").to_owned();
        cx.ensure(new_email != old_email, errors::EMAIL_IS_THE_SAME)?;
        let way = way(cx, &session.user).ok_or(NO_SENDER)?;
        let callback = body.callback_url.as_deref();
        let claim = |step| Claim::change(&old_email, &new_email, step, session.user_id());
        if user::find_by_email(cx, &new_email).await?.is_some() {
            // As much work as for a free address, and the same answer: whose address it is stays unknown.
            let token = verification_link::token(cx, &claim(CHANGE_VERIFICATION));
            drop(verification_link::url(cx, &token, callback));
            match way {
                Way::AtOnce => {}
                Way::ConfirmFirst => mail::pretend(cx, mail::CHANGE_EMAIL_CONFIRMATION, &old_email).await,
                Way::Verify => mail::pretend(cx, mail::VERIFY_EMAIL, &new_email).await,
            }
            return Ok(Done::DONE);
        }
        match way {
            Way::AtOnce => replace(cx, session, &new_email, callback).await?,
            Way::ConfirmFirst => {
                let claim = claim(CHANGE_CONFIRMATION);
                verification_link::send_claim(cx, mail::CHANGE_EMAIL_CONFIRMATION, &old_email, &claim, callback).await;
            }
            Way::Verify => {
                let claim = claim(CHANGE_VERIFICATION);
                verification_link::send_claim(cx, mail::VERIFY_EMAIL, &new_email, &claim, callback).await;
            }
        }
        Ok(Done::DONE)
    }
}

/// Decided before anything is looked up, so that a way that is missing tells nothing about the new address.
fn way(cx: &Cx, user: &Row) -> Option<Way> {
    let options = &cx.app().options;
    let change = &options.user.change_email;
    let verified = user.flag("emailVerified");
    match verification_link::is_sent(cx.app()) {
        _ if !verified && change.update_email_without_verification => Some(Way::AtOnce),
        true if verified && change.send_change_email_confirmation => Some(Way::ConfirmFirst),
        true => Some(Way::Verify),
        false => None,
    }
}

/// Replaces an address that was never proven.
async fn replace(cx: &mut Cx, session: Session, new_email: &str, callback: Option<&str>) -> Result<(), Exit> {
    let user = &session.user;
    let as_found = Filter::eq("id", user.id())
        .and(Filter::eq("email", user.text("email")))
        .and(Filter::eq("emailVerified", user.get("emailVerified").clone()));
    let batch = session::check_live(Batch::new(), &session).update(
        USER,
        as_found,
        Row::new().with("email", new_email),
        Expect::Rows(1),
    );
    match commit::try_commit(cx, batch).await? {
        Ok(_) => {}
        // Somebody was quicker to take the address; answered like one that was taken before.
        Err(conflict) if conflict.is_unique(&USER, "email") => return Ok(()),
        // The check: the session has ended meanwhile.
        Err(conflict) if conflict.statement == 0 => return Err(errors::UNAUTHORIZED.into()),
        Err(conflict) => return Err(StorageError::Conflict(conflict).into()),
    }
    let old = session.user.clone();
    let user = session.user.clone().with("email", new_email).with("updatedAt", cx.now());
    session::set_cookies(cx, Session { user: user.clone(), ..session }, Remember::AsBefore);
    event::emit(cx, event::EMAIL_CHANGED, Some(user.id()), Vec::new()).await;
    notice::email_changed(cx, &old, new_email).await;
    verification_link::send(cx, &user, callback).await;
    Ok(())
}
