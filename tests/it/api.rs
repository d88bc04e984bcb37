//! Routes called from the server's own code.

use std::{
    future::{Future, IntoFuture},
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use kernia::{
    domain::{
        api::CallError,
        record::{SessionRecord, User},
    },
    plugins::username::{Username, routes::is_available},
    routes::{
        change_email, change_password, delete_user, request_password_reset, reset_password, revoke_session,
        send_verification_email, sign_in_email, sign_up_email, verify_email, verify_password,
    },
    testing::{PASSWORD, World, options},
};
use serde_json::json;

const EMAIL: &str = "ada@example.com";

/// What a call comes to that waits for nothing.
pub(crate) fn now<T: IntoFuture>(call: T) -> T::Output {
    match pin!(call.into_future()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the world in memory does not wait"),
    }
}

/// The headers of a browser that keeps these cookies.
fn cookies<'a>(set: impl Iterator<Item = &'a HeaderValue>) -> HeaderMap {
    let pairs = set.filter_map(|line| line.to_str().ok()?.split(';').next());
    let line = pairs.collect::<Vec<_>>().join("; ");
    [(header::COOKIE, line.parse().unwrap())].into_iter().collect()
}

fn ada() -> sign_up_email::Body {
    sign_up_email::Body { name: "Ada".to_owned(), email: EMAIL.into(), password: PASSWORD.into(), ..Default::default() }
}

#[test]
fn a_life_in_typed_calls() {
    let mut options = options();
    options.user.change_email.enabled = true;
    options.user.delete_user.enabled = true;
    let world = World::new(options);
    let api = world.api();
    assert!(now(api.ok()).unwrap().value.ok);

    let signed_up = now(api.sign_up_email(ada())).unwrap();
    assert_eq!((signed_up.value.user.email.as_str(), signed_up.value.user.email_verified), (EMAIL, false));
    let headers = cookies(signed_up.cookies());
    assert!(now(api.get_session()).unwrap().value.is_none());
    let current = now(api.get_session().headers(&headers)).unwrap().value.unwrap();
    assert_eq!(current.user, signed_up.value.user);
    assert_eq!(Some(&current.session.token), signed_up.value.token.as_ref());
    assert!(!format!("{current:?}").contains(&current.session.token), "a token prints");

    let sessions: Vec<SessionRecord> = now(api.list_sessions().headers(&headers)).unwrap().value;
    assert_eq!(sessions.as_slice(), std::slice::from_ref(&current.session));
    let accounts = now(api.list_accounts().headers(&headers)).unwrap().value;
    assert_eq!((accounts[0].account.provider_id.as_str(), accounts[0].scopes.len()), ("credential", 0));

    let renamed = json!({"name": "Ada Lovelace"}).as_object().unwrap().clone();
    assert!(now(api.update_user(renamed).headers(&headers)).unwrap().value.status);
    let right = verify_password::Body { password: PASSWORD.to_owned() };
    assert!(now(api.verify_password(right).headers(&headers)).unwrap().value.status);
    let change = change_password::Body {
        new_password: "a brand new password".to_owned(),
        current_password: PASSWORD.to_owned(),
        ..Default::default()
    };
    assert_eq!(now(api.change_password(change).headers(&headers)).unwrap().value.user.name, "Ada Lovelace");

    let sent = send_verification_email::Body { email: EMAIL.into(), ..Default::default() };
    now(api.send_verification_email(sent)).unwrap();
    let token = world.take_message().token.unwrap();
    let verified = now(api.verify_email(verify_email::Query { token, ..Default::default() })).unwrap().value;
    assert_eq!((verified.status, verified.user), (true, None));

    let body = change_email::Body { new_email: "countess@example.com".into(), ..Default::default() };
    now(api.change_email(body).headers(&headers)).unwrap();
    let _ = world.take_messages();

    let forgot = request_password_reset::Body { email: EMAIL.into(), ..Default::default() };
    let told = now(api.request_password_reset(forgot)).unwrap().value;
    assert!(told.status && told.message.contains("reset link"));
    let token = world.take_message().token;
    let reset = reset_password::Body { new_password: PASSWORD.to_owned(), token };
    assert!(now(api.reset_password(reset)).unwrap().value.status);

    let sign_in = sign_in_email::Body { email: EMAIL.to_owned(), password: PASSWORD.to_owned(), ..Default::default() };
    let second = now(api.sign_in_email(sign_in)).unwrap();
    let second_headers = cookies(second.cookies());
    let revoked = revoke_session::Body { token: current.session.token };
    now(api.revoke_session(revoked).headers(&second_headers)).unwrap();
    assert!(now(api.get_session().headers(&headers)).unwrap().value.is_none());
    now(api.revoke_other_sessions().headers(&second_headers)).unwrap();
    let gone = delete_user::Body { password: Some(PASSWORD.to_owned()), ..Default::default() };
    assert_eq!(now(api.delete_user(gone).headers(&second_headers)).unwrap().value.message, "User deleted");
    assert!(now(api.sign_out().headers(&second_headers)).unwrap().value.success);
}

#[test]
fn refusals_are_typed_too() {
    let world = World::default();
    let api = world.api();
    now(api.sign_up_email(ada())).unwrap();
    let error = now(api.sign_up_email(ada())).unwrap_err();
    assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error.code(), Some("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"));
    assert!(error.to_string().starts_with("422"), "{error}");
    let error = now(api.sign_up_email(sign_up_email::Body { email: "no address".into(), ..ada() })).unwrap_err();
    assert!(error.to_string().contains("Invalid email"), "{error}");
    assert_eq!(now(api.list_sessions()).unwrap_err().code(), Some("UNAUTHORIZED"));
    let elsewhere = verify_email::Query { token: "no token".to_owned(), callback_url: Some("/welcome".to_owned()) };
    match now(api.verify_email(elsewhere)).unwrap_err() {
        CallError::Redirected { location, .. } => assert_eq!(location, "/welcome?error=INVALID_TOKEN"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugins_routes_are_there_with_the_plugin_only() {
    let ask = |world: &World| {
        let body = is_available::Body { username: "ada".to_owned() };
        now(world.api().is_username_available(body)).map(|called| called.value.available)
    };
    assert!(matches!(ask(&World::default()), Err(CallError::Unknown("isUsernameAvailable"))));
    assert!(ask(&World::with_plugins(options(), vec![Box::new(Username::default())])).unwrap());
}

#[test]
fn added_fields_have_their_types() {
    #[derive(serde::Deserialize)]
    struct Added {
        plan: String,
    }
    let mut options = options();
    let plan = serde_json::from_value(json!({"type": "string"})).unwrap();
    options.user.additional_fields.insert("plan".to_owned(), plan);
    let world = World::new(options);
    let rest = json!({"plan": "team"}).as_object().unwrap().clone();
    let signed_up = now(world.api().sign_up_email(sign_up_email::Body { rest, ..ada() })).unwrap().value;
    assert_eq!(signed_up.user.added["plan"], "team");
    let user: User<Added> = serde_json::from_value(serde_json::to_value(signed_up.user).unwrap()).unwrap();
    assert_eq!(user.added.plan, "team");
}
