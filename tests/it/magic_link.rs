//! The magic link plugin.

use http::Method;
use kernia::{
    domain::{
        Hooks,
        options::{AdditionalField, Limit, Options},
        stored_secret::StoreToken,
    },
    engine::ApiError,
    plugins::{MagicLink, MagicLinkOptions},
    schema::USER,
    store::{Batch, Expect, Filter, Row},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
};
use serde_json::{Value as Json, json};

use super::{World, race::each_interleaving, stepping::write};
use crate::api::now;

const ADA: &str = "ada@example.com";
const BASE: &str = "http://localhost:3000";

fn world_with(magic_link: MagicLinkOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(MagicLink::new(magic_link))])
}

fn world() -> World {
    world_with(MagicLinkOptions::default(), |_| {})
}

fn changed(change: impl FnOnce(&mut MagicLinkOptions)) -> World {
    let mut magic_link = MagicLinkOptions::default();
    change(&mut magic_link);
    world_with(magic_link, |_| {})
}

/// Asks for a link and answers its path and token.
fn asked(world: &World, body: Json) -> (String, String) {
    let answer = world.browser().post("/sign-in/magic-link", body);
    assert_eq!((answer.status, answer.json), (200, json!({"status": true})));
    let message = world.take_message();
    let url = message.url.unwrap();
    (url.strip_prefix(&format!("{BASE}/api/auth")).unwrap().to_owned(), message.token.unwrap())
}

fn link(world: &World, email: &str) -> String {
    asked(world, json!({"email": email, "callbackURL": "/in"})).0
}

fn follow(world: &World, path: &str) -> TestResponse {
    world.browser().get(path)
}

fn went(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.header("location"))
}

fn refused(code: &str) -> String {
    format!("{BASE}/in?error={code}")
}

fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    !browser.get("/get-session").json.is_null()
}

#[test]
fn a_link_makes_a_user_and_signs_in() {
    let world = world();
    let answer = world
        .browser()
        .post("/sign-in/magic-link", json!({"email": "Ada@Example.com", "name": "Ada", "metadata": {"tenant": 7}}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let message = world.take_message();
    assert_eq!((message.kind, message.to.as_str()), ("magic-link", "Ada@Example.com"));
    assert_eq!(message.metadata, Some(json!({"tenant": 7})));
    let token = message.token.unwrap();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphabetic()), "{token}");
    assert_eq!(
        message.url.as_deref(),
        Some(&*format!("{BASE}/api/auth/magic-link/verify?token={token}&callbackURL=%2F"))
    );
    let mut browser = world.browser();
    let answer = browser.get(format!("/magic-link/verify?token={token}"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = browser.get("/get-session").json;
    assert_eq!(answer.json["token"], session["session"]["token"]);
    assert_eq!((&answer.json["user"], &answer.json["session"]), (&session["user"], &session["session"]));
    let user = &session["user"];
    assert_eq!(
        (&user["email"], &user["name"], &user["emailVerified"]),
        (&json!("ada@example.com"), &json!("Ada"), &json!(true))
    );
    assert!(world.rows("account").is_empty() && world.rows("verification").is_empty());
}

#[test]
fn pages_are_those_that_were_named() {
    let world = world();
    let body = json!({
        "email": ADA, "callbackURL": "/in?x=1", "newUserCallbackURL": "/welcome", "errorCallbackURL": "/wrong?error=old",
    });
    let (path, _) = asked(&world, body.clone());
    assert!(
        path.contains("&callbackURL=%2Fin%3Fx%3D1&newUserCallbackURL=%2Fwelcome&errorCallbackURL=%2Fwrong"),
        "{path}"
    );
    assert_eq!(went(&follow(&world, &path)), (302, &*format!("{BASE}/welcome")));
    assert_eq!(went(&follow(&world, &path)), (302, &*format!("{BASE}/wrong?error=INVALID_TOKEN")));
    let (path, _) = asked(&world, body);
    assert_eq!(went(&follow(&world, &path)), (302, &*format!("{BASE}/in?x=1")), "she is known by now");
    assert_eq!(went(&follow(&world, "/magic-link/verify?token=x")), (302, &*format!("{BASE}/?error=INVALID_TOKEN")));
    for page in ["callbackURL", "newUserCallbackURL", "errorCallbackURL"] {
        let answer = follow(&world, &format!("/magic-link/verify?token=x&{page}=https://evil.test"));
        assert_eq!((answer.status, answer.code()), (403, "INVALID_CALLBACK_URL"), "{page}");
        let answer = world.browser().post("/sign-in/magic-link", json!({"email": ADA, page: "https://evil.test"}));
        assert_eq!(answer.status, 403, "{page}");
    }
    assert!(world.take_messages().is_empty());
}

#[test]
fn a_link_is_good_in_time_and_for_what_it_was_made() {
    let world = changed(|options| options.expires_in = 60);
    let early = link(&world, ADA);
    world.advance_secs(60);
    assert_eq!(went(&follow(&world, &early)).1, format!("{BASE}/in"));
    let late = link(&world, ADA);
    world.advance_secs(61);
    assert_eq!(went(&follow(&world, &late)).1, refused("INVALID_TOKEN"));
    let mut ada = world.browser();
    ada.sign_up("bob@example.com");
    ada.post("/request-password-reset", json!({"email": "bob@example.com"}));
    let reset = world.take_message().token.unwrap();
    for token in [reset.as_str(), "", "%20", "%00", "%F0%9F%98%80", "*"] {
        let answer = follow(&world, &format!("/magic-link/verify?callbackURL=/in&token={token}"));
        assert_eq!(went(&answer).1, refused("INVALID_TOKEN"), "{token}");
    }
    assert_eq!(follow(&world, "/magic-link/verify").status, 400);
}

#[test]
fn where_nobody_signs_up_a_link_signs_in_known_users_only() {
    let world = changed(|options| options.disable_sign_up = true);
    let path = link(&world, ADA);
    assert_eq!(went(&follow(&world, &path)).1, refused("new_user_signup_disabled"));
    assert_eq!(went(&follow(&world, &path)).1, refused("INVALID_TOKEN"), "it was followed once");
    assert!(world.rows("user").is_empty());
    world.browser().sign_up(ADA);
    let path = link(&world, ADA);
    assert_eq!(went(&follow(&world, &path)).1, format!("{BASE}/in"));
}

#[test]
fn tokens_are_stored_as_configured() {
    let hashed = changed(|options| options.store_token = StoreToken::Hashed);
    let custom = changed(|options| options.store_token = StoreToken::custom(|token| token.chars().rev().collect()));
    for world in [hashed, custom] {
        let (path, token) = asked(&world, json!({"email": ADA, "callbackURL": "/in"}));
        assert!(world.rows("verification").iter().all(|row| !row.text("identifier").contains(&token)));
        assert_eq!(went(&follow(&world, &path)).1, format!("{BASE}/in"));
    }
    let own = MagicLinkOptions::default().generate_token(|email| format!("for-{}~1", email.len()));
    let world = world_with(own, |_| {});
    let (path, token) = asked(&world, json!({"email": ADA, "callbackURL": "/in"}));
    assert_eq!(token, "for-15~1");
    assert_eq!(went(&follow(&world, &path)).1, format!("{BASE}/in"));
}

#[test]
fn of_two_who_follow_a_link_at_once_one_is_signed_in() {
    for known in [false, true] {
        let stage = || {
            let world = world();
            if known {
                world.browser().sign_up(ADA);
            }
            let path = link(&world, ADA);
            let request = || world.browser().prepare(&TestRequest::new(Method::GET, path.as_str()));
            let requests = [request(), request()];
            (world, requests)
        };
        each_interleaving(stage, |world, first, second| {
            let mut pages = [first.header("location"), second.header("location")];
            pages.sort_unstable();
            assert_eq!(pages, [format!("{BASE}/in"), refused("INVALID_TOKEN")]);
            assert_eq!(world.rows("user").len(), 1);
        });
    }
}

#[test]
fn two_links_for_a_new_user_at_once_make_one_user() {
    let stage = || {
        let world = world();
        let paths = [link(&world, ADA), link(&world, "ADA@example.com")];
        let requests = paths.map(|path| world.browser().prepare(&TestRequest::new(Method::GET, path)));
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        assert!(first.status == 302 && second.status == 302, "{} / {}", first.text, second.text);
        assert_eq!(world.rows("user").len(), 1);
        // Where tokens are taken before the database changes, the second look of the loser comes too late.
        let signed_in = [&first, &second].iter().filter(|answer| went(answer).1 == format!("{BASE}/in")).count();
        assert!(signed_in >= 1, "{:?} {:?}", went(&first), went(&second));
    });
}

#[test]
fn case_046_who_follows_a_link_is_rid_of_whoever_signed_up_with_the_address_before() {
    for proven in [false, true] {
        let world = world();
        let mut eve = world.browser();
        eve.sign_up(ADA);
        if proven {
            let set = Row::new().with("emailVerified", true);
            write(&world, Batch::new().update("user", Filter::eq("email", ADA), set, Expect::Rows(1)));
        }
        let path = link(&world, ADA);
        let mut ada = world.browser();
        assert_eq!(went(&ada.get(path)).1, format!("{BASE}/in"));
        assert!(is_signed_in(&mut ada));
        assert_eq!(is_signed_in(&mut eve), proven);
        let password = json!({"email": ADA, "password": PASSWORD});
        let answer = world.browser().post("/sign-in/email", password);
        assert_eq!(answer.status, if proven { 200 } else { 401 }, "{}", answer.text);
        assert_eq!(world.rows("account").len(), usize::from(proven));
        assert!(world.rows("user")[0].flag("emailVerified"));
    }
}

#[test]
fn a_link_does_not_outlive_a_change_of_the_address() {
    let world = world();
    world.browser().sign_up(ADA);
    let path = link(&world, ADA);
    let elsewhere = Row::new().with("email", "elsewhere@example.com");
    write(&world, Batch::new().update("user", Filter::eq("email", ADA), elsewhere, Expect::Rows(1)));
    let mut browser = world.browser();
    browser.get(path);
    assert_eq!(browser.get("/get-session").json["user"]["email"], ADA, "whose address it is now is somebody new");
    assert_eq!(world.rows("user").len(), 2);
}

#[test]
fn what_a_hook_refuses_is_told_on_the_page() {
    const CLOSED: ApiError = ApiError::new(http::StatusCode::FORBIDDEN, "CLOSED", "Come back tomorrow");
    struct Closed;
    impl kernia::domain::Plugin for Closed {
        fn id(&self) -> &'static str {
            "closed"
        }

        fn hooks(&self) -> Hooks {
            Hooks::default().before_create(USER, |_| async { Err(CLOSED) })
        }
    }
    let world = World::with_plugins(options(), vec![Box::new(MagicLink::default()), Box::new(Closed)]);
    let path = link(&world, ADA);
    let told = format!("{BASE}/in?error=CLOSED&error_description=Come+back+tomorrow");
    assert_eq!(went(&follow(&world, &path)).1, told);
    assert!(world.rows("user").is_empty());
}

#[test]
fn a_field_that_new_users_need_is_missed_on_the_page() {
    let world = world_with(MagicLinkOptions::default(), |options| {
        let field = AdditionalField::text();
        options.user.additional_fields.insert("country".to_owned(), field);
    });
    let path = link(&world, ADA);
    assert_eq!(
        went(&follow(&world, &path)).1,
        format!("{}&error_description=country+is+required", refused("MISSING_FIELD"))
    );
}

#[test]
fn a_session_that_ends_with_the_browser_is_followed_by_one_that_does() {
    let world = world();
    let mut browser = world.browser();
    browser.post("/sign-up/email", json!({"name": "Ada", "email": ADA, "password": PASSWORD, "rememberMe": false}));
    let answer = browser.get(link(&world, ADA));
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, None);
}

#[test]
fn asking_and_following_are_limited() {
    let mut magic_link = MagicLinkOptions::default();
    assert_eq!(magic_link.rate_limit, Limit { window: 60, max: 5 });
    magic_link.rate_limit = Limit { window: 60, max: 2 };
    let world = world_with(magic_link, |options| options.rate_limit.enabled = Some(true));
    let from = |request: TestRequest| world.browser().send(&request.header("x-forwarded-for", "192.0.2.1")).status;
    let ask = || from(TestRequest::json("/sign-in/magic-link", &json!({"email": ADA})));
    assert_eq!([ask(), ask(), ask()], [200, 200, 429]);
    let follow = || from(TestRequest::new(Method::GET, "/magic-link/verify?token=x"));
    assert_eq!([follow(), follow(), follow()], [302, 302, 429]);
}

#[test]
fn the_servers_own_code_follows_a_link_for_a_client() {
    let world = world();
    let (_, token) = asked(&world, json!({"email": ADA}));
    let query = kernia::plugins::magic_link::routes::verify::Query { token, ..Default::default() };
    let answer = now(world.api().magic_link_verify(query)).unwrap();
    assert_eq!(answer.value.user.email, ADA);
    assert!(answer.cookies().next().is_some());
}
