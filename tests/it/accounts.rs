//! Listing and unlinking accounts, and what is done with their tokens.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use kernia::{
    domain::account_selection::{AccountSelection, ById},
    store::{Batch, Expect, Filter, Row},
    testing::{Browser, PASSWORD, TestRequest},
    wire::{
        jwe::{ACCOUNT_SALT, JweKeys},
        jwt::with_times,
    },
};
use serde_json::{Value as Json, json};

use crate::{api::now, provider::github};

use super::{
    Place, World, place,
    race::each_interleaving,
    stepping::{held_at_write, let_go, write},
};

const EMAIL: &str = "ada@example.com";
const TOKEN_ROUTES: [&str; 2] = ["/get-access-token", "/refresh-token"];

/// Links an account of a provider to the first user, as another server on the same database may have done.
/// Links an account and answers its id.
fn link(world: &World, name: &str) -> String {
    let row = Row::new()
        .with("accountId", format!("at the provider: {name}"))
        .with("providerId", "github")
        .with("userId", world.rows("user")[0].id())
        .with("accessToken", "a secret of the provider")
        .with("refreshToken", "another secret")
        .with("scope", "read:user, email,")
        .with("createdAt", kernia::wire::date::Timestamp::from_secs(1_700_000_000))
        .with("updatedAt", kernia::wire::date::Timestamp::from_secs(1_700_000_000))
        .with("id", name);
    write(world, Batch::new().insert("account", row));
    world.rows("account").pop().unwrap().id().to_owned()
}

fn account_ids(world: &World) -> Vec<String> {
    world.rows("account").iter().map(|account| account.id().to_owned()).collect()
}

fn unlink(browser: &mut Browser<'_>, id: &str) -> (u16, Json) {
    let answer = browser.post("/unlink-account", json!({"accountId": id}));
    (answer.status, answer.json["code"].clone())
}

#[test]
fn accounts_are_listed_by_age_and_without_their_secrets() {
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let linked = link(&world, "linked");
    world.browser().sign_up("mallory@example.com");
    let answer = browser.get("/list-accounts");
    let user = world.rows("user")[0].id().to_owned();
    let credential = world.rows("account")[0].id().to_owned();
    let now = "2026-01-01T00:00:00.000Z";
    assert_eq!(
        answer.json,
        json!([
            {"accountId": "at the provider: linked", "providerId": "github", "userId": user,
             "createdAt": "2023-11-14T22:13:20.000Z", "updatedAt": "2023-11-14T22:13:20.000Z",
             "id": linked, "scopes": ["read:user", "email"]},
            {"accountId": user, "providerId": "credential", "userId": user, "createdAt": now, "updatedAt": now,
             "id": credential, "scopes": []},
        ])
    );
    assert!(!answer.text.contains("secret") && !answer.text.contains("password"));
    assert_eq!(world.browser().get("/list-accounts").code(), "UNAUTHORIZED");
}

#[test]
fn an_account_is_unlinked_but_not_the_last() {
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let linked = link(&world, "linked");
    let credential = world.rows("account")[0].id().to_owned();
    let _ = world.take_events();
    assert_eq!(unlink(&mut browser, "unknown"), (400, json!("ACCOUNT_NOT_FOUND")));
    assert_eq!(unlink(&mut browser, &credential), (200, Json::Null));
    assert_eq!(account_ids(&world), [linked.as_str()]);
    let event = world.take_events().pop().unwrap();
    assert_eq!((event.name, event.detail), ("account.unlinked", vec![("provider", "credential".to_owned())]));
    for id in [linked.as_str(), "unknown"] {
        assert_eq!(unlink(&mut browser, id), (400, json!("FAILED_TO_UNLINK_LAST_ACCOUNT")));
    }
    assert_eq!(account_ids(&world), [linked.as_str()]);
}

#[test]
fn the_last_account_goes_where_that_is_allowed() {
    let world = World::changed(|options| options.account.account_linking.allow_unlinking_all = true);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let account = world.rows("account").remove(0);
    // Numbers of different tables may be the same.
    if account.text("accountId") != account.id() {
        assert_eq!(unlink(&mut browser, account.text("accountId")), (400, json!("ACCOUNT_NOT_FOUND")));
    }
    assert_eq!(unlink(&mut browser, account.id()), (200, Json::Null));
    assert_eq!(unlink(&mut browser, account.id()), (400, json!("ACCOUNT_NOT_FOUND")));
    assert!(account_ids(&world).is_empty());
}

#[test]
fn nobody_unlinks_the_account_of_somebody_else() {
    let world = World::changed(|options| options.account.account_linking.allow_unlinking_all = true);
    world.browser().sign_up(EMAIL);
    let mut mallory = world.browser();
    mallory.sign_up("mallory@example.com");
    let ada = world.rows("account")[0].id().to_owned();
    assert_eq!(unlink(&mut mallory, &ada), (400, json!("ACCOUNT_NOT_FOUND")));
    assert_eq!(account_ids(&world).len(), 2);
}

#[test]
fn unlinking_is_for_those_who_signed_in_lately() {
    let world = World::default();
    assert_eq!(unlink(&mut world.browser(), "x"), (401, json!("UNAUTHORIZED")));
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    world.advance_secs(86_400);
    assert_eq!(unlink(&mut browser, "x"), (403, json!("SESSION_NOT_FRESH")));
}

#[test]
fn a_session_that_ends_while_it_unlinks_changes_nothing() {
    if place() == Place::Secondary {
        // Two stores have no common moment.
        return;
    }
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let linked = link(&world, "linked");
    let request = browser.prepare(&TestRequest::json("/unlink-account", &json!({"accountId": linked})));
    let mut unlinking = world.begin(request);
    let write = held_at_write(&world, &mut unlinking);
    assert_eq!(browser.post("/sign-out", json!({})).status, 200);
    let answer = let_go(&world, unlinking, write);
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"));
    assert_eq!(account_ids(&world).len(), 2);
}

#[test]
fn case_206_two_requests_at_once_leave_one_account() {
    let stage = || {
        let world = World::default();
        let mut browser = world.browser();
        browser.sign_up(EMAIL);
        link(&world, "linked");
        let ids = account_ids(&world);
        let request = |id: &String| browser.prepare(&TestRequest::json("/unlink-account", &json!({"accountId": id})));
        let requests = [request(&ids[0]), request(&ids[1])];
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!(account_ids(world).len(), 1);
        let mut statuses = [(first.status, first.code()), (second.status, second.code())];
        statuses.sort_unstable();
        assert_eq!(statuses, [(200, ""), (400, "FAILED_TO_UNLINK_LAST_ACCOUNT")]);
    });
}

#[test]
fn two_requests_for_one_account_unlink_it_once() {
    let stage = || {
        let world = World::changed(|options| options.account.account_linking.allow_unlinking_all = true);
        let mut browser = world.browser();
        browser.sign_up(EMAIL);
        let linked = link(&world, "linked");
        let request = || browser.prepare(&TestRequest::json("/unlink-account", &json!({"accountId": linked})));
        let requests = [request(), request()];
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!(account_ids(world).len(), 1);
        let mut statuses = [(first.status, first.code()), (second.status, second.code())];
        statuses.sort_unstable();
        assert_eq!(statuses, [(200, ""), (400, "ACCOUNT_NOT_FOUND")]);
    });
}

#[test]
fn no_provider_can_be_asked_for_tokens() {
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let id = world.rows("account")[0].id().to_owned();
    for path in TOKEN_ROUTES {
        for body in [json!({"accountId": id}), json!({"accountId": id, "userId": "somebody else"})] {
            let answer = browser.post(path, body);
            let expected =
                json!({"message": "Provider credential is not supported.", "code": "PROVIDER_NOT_SUPPORTED"});
            assert_eq!((answer.status, answer.json), (400, expected));
        }
        assert_eq!(browser.post(path, json!({"accountId": "unknown"})).code(), "ACCOUNT_NOT_FOUND");
        assert_eq!(browser.post(path, json!({})).json["message"], "[body] Invalid input");
    }
    let answer = browser.get(format!("/account-info?accountId={id}"));
    let message = "Account is not associated with a configured social provider.";
    assert_eq!((answer.status, answer.json), (400, json!({"message": message, "code": "PROVIDER_NOT_CONFIGURED"})));
    assert_eq!(browser.get("/account-info?accountId=unknown").code(), "ACCOUNT_NOT_FOUND");
    assert_eq!(browser.get("/account-info?useAccountCookie=true").json["message"], "[query] Invalid input");
}

#[test]
fn tokens_are_for_a_session_that_the_store_confirms() {
    let world = World::changed(|options| options.session.cookie_cache.enabled = true);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let id = world.rows("account")[0].id().to_owned();
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    for path in TOKEN_ROUTES {
        let answer = browser.clone().post(path, json!({"accountId": id}));
        assert_eq!((answer.status, answer.text.as_str()), (401, ""), "{path}");
    }
    let answer = browser.get(format!("/account-info?accountId={id}"));
    assert_eq!((answer.status, answer.text.as_str()), (401, ""));
}

#[test]
fn nobody_uses_the_account_of_somebody_else() {
    let world = World::default();
    world.browser().sign_up(EMAIL);
    let mut mallory = world.browser();
    mallory.sign_up("mallory@example.com");
    let ada = &world.rows("account")[0];
    let body = json!({"accountId": ada.id(), "userId": ada.text("userId")});
    for path in TOKEN_ROUTES {
        assert_eq!(mallory.post(path, body.clone()).code(), "ACCOUNT_NOT_FOUND");
    }
}

#[test]
fn the_servers_own_code_names_whose_account_it_is() {
    let world = World::changed(github);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let account_id = link(&world, "linked");
    let owner = world.rows("user")[0].id().to_owned();
    let ask = |user_id: Option<&str>, headers: &HeaderMap| {
        let user_id = user_id.map(str::to_owned);
        let selection = AccountSelection::ById(ById { account_id: account_id.clone(), user_id });
        now(world.api().get_access_token(selection).headers(headers)).map(|called| called.value.access_token)
    };
    let nobody = HeaderMap::new();
    assert_eq!(ask(Some(&owner), &nobody).unwrap(), "a secret of the provider");
    assert_eq!(ask(Some("somebody else"), &nobody).unwrap_err().code(), Some("ACCOUNT_NOT_FOUND"));
    for name in [None, Some("")] {
        assert_eq!(ask(name, &nobody).unwrap_err().code(), Some("USER_ID_OR_SESSION_REQUIRED"));
    }
    // A call for somebody is for whoever its headers sign in, and for nobody else.
    let stranger: HeaderMap = [(header::USER_AGENT, HeaderValue::from_static("x"))].into_iter().collect();
    assert_eq!(ask(Some(&owner), &stranger).unwrap_err().status(), StatusCode::UNAUTHORIZED);
    let request = browser.prepare(&TestRequest::new(Method::GET, "/get-session"));
    let signed_in = request.headers().clone();
    assert_eq!(ask(Some("somebody else"), &signed_in).unwrap(), "a secret of the provider");
}

/// Puts an account cookie, as another server of the same secret sets it, into the browser.
fn keep_account_cookie(world: &World, browser: &mut Browser<'_>, user_id: &str) {
    let installation = world.engine.installation();
    let account = json!({"id": "a1", "providerId": "github", "accountId": "g1", "userId": user_id, "accessToken": "t"});
    let now = kernia::wire::date::Clock::now(&*world.clock);
    let claims = with_times(&account.to_string(), now, 300);
    let sealed = JweKeys::new(&installation.keys, ACCOUNT_SALT)
        .encrypt(&kernia::crypto::entropy::SeededEntropy::new(1), &claims);
    browser.cookies.insert("better-auth.account_data".to_owned(), sealed);
}

#[test]
fn the_account_cookie_selects_an_account_of_the_signed_in_user() {
    let selection = || json!({"useAccountCookie": true});
    for (stored, own, expected) in
        [(true, true, "PROVIDER_NOT_SUPPORTED"), (true, false, "ACCOUNT_NOT_FOUND"), (false, true, "ACCOUNT_NOT_FOUND")]
    {
        let world = World::changed(|options| options.account.store_account_cookie = stored);
        let mut browser = world.browser();
        browser.sign_up(EMAIL);
        let user = world.rows("user")[0].id().to_owned();
        keep_account_cookie(&world, &mut browser, if own { &user } else { "somebody else" });
        let answer = browser.post("/get-access-token", selection());
        assert_eq!((answer.status, answer.code()), (400, expected), "stored {stored}, own {own}");
        assert!(own && stored || !answer.text.contains("github"));
    }
    let world = World::changed(|options| options.account.store_account_cookie = true);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    assert_eq!(browser.post("/get-access-token", selection()).code(), "ACCOUNT_NOT_FOUND");
    browser.cookies.insert("better-auth.account_data".to_owned(), "not.a.token".to_owned());
    assert_eq!(browser.post("/get-access-token", selection()).code(), "ACCOUNT_NOT_FOUND");
}

#[test]
fn a_provider_that_is_not_configured_is_unknown() {
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    for path in ["/sign-in/social", "/link-social"] {
        for body in [json!({"provider": "github"}), json!({"provider": "google", "idToken": {"token": "x"}})] {
            let answer = browser.post(path, body);
            assert_eq!((answer.status, answer.code()), (404, "PROVIDER_NOT_FOUND"), "{path}");
        }
        let answer = browser.post(path, json!({"provider": "x", "scopes": ["email", 5], "idToken": {}}));
        assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"), "{path}");
        let foreign = browser.post(path, json!({"provider": "github", "callbackURL": "https://evil.example"}));
        assert_eq!((foreign.status, foreign.code()), (403, "INVALID_CALLBACK_URL"), "{path}");
    }
    let stranger = world.browser().post("/link-social", json!({"provider": "github"}));
    assert_eq!((stranger.status, stranger.code()), (401, "UNAUTHORIZED"));
    let sign_in = world.browser().send(&TestRequest::new(Method::POST, "/sign-in/social"));
    assert_eq!(sign_in.code(), "VALIDATION_ERROR");
    let password = browser.post("/sign-in/social", json!({"provider": "credential", "password": PASSWORD}));
    assert_eq!(password.code(), "PROVIDER_NOT_FOUND");
}
