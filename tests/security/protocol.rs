//! What is asked in forms that no route foresees.

use kernia::testing::World;
use serde_json::json;

use crate::given::{ADA, TOKEN, call, get, open, post, signed_up};

#[test]
fn case_186_large_headers_are_refused_and_many_cookies_are_read_in_time() {
    let world = open(|_| {});
    let ada = signed_up(&world, ADA);
    let genuine = ada.cookies[TOKEN].clone();
    let seen = |header: String| call(&world, &get("/get-session").header("cookie", header));
    assert_eq!(seen(format!("a={}", "x".repeat(70_000))).status, 431);
    assert_eq!(call(&world, &get("/get-session").header("x-wide", "x".repeat(70_000))).status, 431);
    let begun = std::time::Instant::now();
    for header in [
        format!("{}{TOKEN}={genuine}", "a=b; ".repeat(1_000)),
        format!("{TOKEN}={genuine}; {}", format!("{TOKEN}=x; ").repeat(300)),
        format!("{}{TOKEN}={genuine}", "=; ;;==; ".repeat(1_000)),
        format!(
            "{}{TOKEN}={genuine}",
            (0..2_000)
                .map(|at| format!("better-auth.session_data.{at}=x; "))
                .collect::<String>()
                .split_at(50_000)
                .0
                .rsplit_once(' ')
                .unwrap()
                .0
                .to_owned()
                + " "
        ),
    ] {
        let answer = seen(header);
        assert_eq!(answer.json["user"]["email"], ADA);
    }
    let repeated = get("/get-session");
    let repeated = (0..500).fold(repeated, |request, at| request.header("cookie", format!("c{at}=x")));
    assert_eq!(call(&world, &repeated.header("cookie", format!("{TOKEN}={genuine}"))).json["user"]["email"], ADA);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn case_192_no_token_of_a_stranger_names_another_key_of_secondary_storage() {
    let mut options = crate::given::everything();
    options.user.delete_user.send_delete_account_verification = true;
    options.rate_limit.enabled = Some(true);
    let world = World::with_secondary_storage(options, kernia::testing::every_plugin());
    let mut ada = signed_up(&world, ADA);
    let session = world.rows("session").remove(0).text("token").to_owned();
    ada.post("/request-password-reset", json!({"email": ADA}));
    ada.post("/delete-user", json!({}));
    let _ = world.take_messages();
    world.advance_secs(120);
    let keys: Vec<_> = world.outside.cache.snapshot().into_keys().collect();
    assert!(keys.len() >= 4 && keys.contains(&session), "{keys:?}");
    let crossing =
        ["*", "?", "\n", "\r\nDEL x", "reset-password:*", "../", "{}", ":", "active-sessions-", "verification:"];
    for name in keys.iter().map(String::as_str).chain(crossing) {
        world.advance_secs(120);
        let body = json!({"newPassword": "the password of a thief", "token": name});
        let answer = call(&world, &post("/reset-password", &body));
        assert_eq!(answer.status, 400, "{name:?}: {}", answer.text);
        let encoded = kernia::wire::percent::encode_uri_component(name);
        let answer = ada.clone().get(format!("/delete-user/callback?token={encoded}"));
        assert!((400..500).contains(&answer.status), "{name:?}: {}", answer.text);
        let answer = world.browser().get(format!("/reset-password/{encoded}?callbackURL=/x"));
        assert!(
            answer.status == 404 || answer.header("location").contains("error=INVALID_TOKEN"),
            "{name:?}: {}",
            answer.text
        );
        if name != session && http::HeaderValue::from_str(name).is_ok() {
            let bearer = get("/get-session").header("authorization", format!("Bearer {name}"));
            assert!(call(&world, &bearer).json.is_null(), "{name:?}");
        }
    }
    assert_eq!(world.rows("user").len(), 1);
    let left: Vec<_> = world.outside.cache.snapshot().into_keys().collect();
    assert!(keys.iter().filter(|key| !key.contains('|')).all(|key| left.contains(key)), "{keys:?} became {left:?}");
}

#[test]
fn case_232_what_a_callback_claims_about_a_person_makes_nobody() {
    let world = open(|_| {});
    let fields = "email=eve%40example.com&id=1&sub=1&name=Eve&emailVerified=true&email_verified=true&user=%7B%22email%22%3A%22eve%40example.com%22%7D";
    for query in [
        fields.to_owned(),
        format!("code=&{fields}"),
        format!("code=c&{fields}"),
        format!("state=s&{fields}"),
        format!("id_token=x.y.z&access_token=x&{fields}"),
    ] {
        for path in ["/callback/github", "/callback/credential", "/callback/google"] {
            let answer = world.browser().get(format!("{path}?{query}"));
            assert!(answer.header("location").contains("error="), "{path}?{query}: {} {}", answer.status, answer.text);
            assert!(answer.cookie(TOKEN).is_none());
            let form = kernia::testing::TestRequest::new(http::Method::POST, path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(query.clone());
            assert!(world.browser().send(&form).cookie(TOKEN).is_none());
        }
    }
    assert!(world.rows("user").is_empty() && world.rows("account").is_empty() && world.rows("session").is_empty());
}

#[test]
fn case_093_accounts_and_their_tokens_are_their_owners() {
    let world = open(|options| options.session.cookie_cache.enabled = true);
    let mut ada = signed_up(&world, ADA);
    let mut eve = signed_up(&world, "eve@example.com");
    let account = world.rows("account").remove(0);
    let (id, user) = (account.id().to_owned(), account.text("userId").to_owned());
    assert_eq!(ada.post("/unlink-account", json!({"accountId": id})).code(), "FAILED_TO_UNLINK_LAST_ACCOUNT");
    for body in [json!({"accountId": id}), json!({"accountId": id, "userId": user})] {
        for path in ["/get-access-token", "/refresh-token"] {
            assert_eq!(eve.post(path, body.clone()).code(), "ACCOUNT_NOT_FOUND");
            assert_eq!(world.browser().post(path, body.clone()).status, 401);
        }
    }
    assert!((400..500).contains(&eve.get(format!("/account-info?accountId={id}")).status));
    assert_ne!(eve.post("/unlink-account", json!({"accountId": id})).status, 200);
    // Another sign-in method makes unlinking possible, for whoever signed in lately.
    let mut linked = account;
    linked.set("id", "linked");
    linked.set("providerId", "github");
    crate::stepping::write(&world, kernia::store::Batch::new().insert("account", linked));
    world.advance_secs(crate::given::DAY);
    assert_eq!(ada.post("/unlink-account", json!({"accountId": "linked"})).code(), "SESSION_NOT_FRESH");
    let mut ada = world.browser();
    ada.post("/sign-in/email", json!({"email": ADA, "password": kernia::testing::PASSWORD}));
    assert_eq!(ada.post("/unlink-account", json!({"accountId": "linked"})).status, 200);
    assert_eq!(world.rows("account").len(), 2);
}
