//! Where browsers are sent.

use kernia::testing::{BASE_URL, Browser, PASSWORD, TestResponse, World};
use serde_json::{Value, json};

use crate::given::{ADA, open, post, reset_token, signed_up};

/// Ways to name another site that have fooled others.
const HOSTILE: &[&str] = &[
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/%2fevil.test",
    "/%2Fevil.test",
    "/%5cevil.test",
    "/%5Cevil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/..//evil.test",
    "/.//evil.test",
    "/%2e//evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https:\\\\evil.test",
    "http://evil.test",
    "https://evil.test",
    "HTTPS://EVIL.TEST",
    "https://localhost:3000@evil.test",
    "http://localhost:3000@evil.test",
    "http://localhost:3000%40evil.test",
    "http://localhost:3000.evil.test",
    "http://localhost.evil.test:3000",
    "http://evil.test?http://localhost:3000",
    "http://evil.test#http://localhost:3000",
    "http://evil.test\\@localhost:3000",
    "http://localhost:3001",
    "http://localhost",
    "https://localhost:3000",
    "http://localhost\u{3002}evil.test:3000",
    "http://localho\u{17f}t:3000@evil.test",
    "http://localhost:3000\u{ff0f}@evil.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "blob:http://localhost:3000/x",
    "file:///etc/passwd",
    "ftp://localhost:3000",
    "evil.test",
    "?x",
    "#x",
    ".",
];

fn world() -> World {
    open(|options| options.user.delete_user.send_delete_account_verification = true)
}

fn posts() -> Vec<(&'static str, Value, &'static [&'static str])> {
    const ALL: &[&str] = &["callbackURL", "redirectTo", "errorCallbackURL", "newUserCallbackURL"];
    vec![
        ("/sign-in/email", json!({"email": ADA, "password": PASSWORD}), ALL),
        ("/sign-up/email", json!({"email": "new@example.com", "name": "x", "password": PASSWORD}), ALL),
        ("/sign-out", json!({}), ALL),
        ("/request-password-reset", json!({"email": ADA}), ALL),
        ("/send-verification-email", json!({"email": ADA}), ALL),
        ("/change-email", json!({"newEmail": "next@example.com"}), ALL),
        ("/delete-user", json!({}), ALL),
        ("/sign-in/social", json!({"provider": "github"}), ALL),
        ("/link-social", json!({"provider": "github"}), ALL),
        ("/sign-in/username", json!({"username": "ada_1", "password": PASSWORD}), ALL),
        ("/sign-in/magic-link", json!({"email": ADA}), ALL),
    ]
}

fn refusal(field: &str) -> &'static str {
    match field {
        "callbackURL" => "INVALID_CALLBACK_URL",
        "redirectTo" => "INVALID_REDIRECT_URL",
        "errorCallbackURL" => "INVALID_ERROR_CALLBACK_URL",
        _ => "INVALID_NEW_USER_CALLBACK_URL",
    }
}

fn gets(token: &str) -> [String; 7] {
    [
        format!("/verify-email?token={token}&callbackURL="),
        format!("/reset-password/{token}?callbackURL="),
        format!("/delete-user/callback?token={token}&callbackURL="),
        "/verify-email?token=nonsense&callbackURL=".to_owned(),
        "/magic-link/verify?token=nonsense&callbackURL=".to_owned(),
        "/magic-link/verify?token=nonsense&newUserCallbackURL=".to_owned(),
        "/magic-link/verify?token=nonsense&errorCallbackURL=".to_owned(),
    ]
}

fn nowhere(answer: &TestResponse, what: &str) {
    assert_eq!(answer.header("location"), "", "{what}");
    assert!(answer.json.get("url").is_none(), "{what}: {}", answer.text);
}

#[test]
fn case_021_no_field_of_any_route_leads_to_another_site() {
    let world = world();
    let ada = signed_up(&world, ADA);
    let token = reset_token(&world, ADA);
    for hostile in HOSTILE {
        for (path, body, fields) in posts() {
            for field in fields {
                let mut body = body.clone();
                body[*field] = json!(hostile);
                let answer = ada.clone().post(path, body);
                assert_eq!(
                    (answer.status, answer.code()),
                    (403, refusal(field)),
                    "{path} {field} {hostile:?}: {}",
                    answer.text
                );
                nowhere(&answer, hostile);
            }
        }
        let encoded = kernia::wire::percent::encode_uri_component(hostile);
        for path in gets(&token) {
            let answer = ada.clone().get(format!("{path}{encoded}"));
            assert_eq!(
                (answer.status, answer.code()),
                (403, "INVALID_CALLBACK_URL"),
                "{path} {hostile:?}: {}",
                answer.text
            );
            nowhere(&answer, hostile);
        }
    }
    assert!(world.take_messages().is_empty(), "no link was sent for any of them");
    assert_eq!((world.rows("user").len(), world.rows("session").len()), (1, 1));
}

fn answers_to(world: &World, url: &str) -> u16 {
    world.browser().post("/sign-in/email", json!({"email": ADA, "password": PASSWORD, "callbackURL": url})).status
}

#[test]
fn case_022_only_schemes_that_are_listed_are_targets_and_their_host_is_matched_whole() {
    let world = open(|options| options.trusted_origins = vec!["myapp://open".to_owned(), "other://".to_owned()]);
    signed_up(&world, ADA);
    for trusted in ["myapp://open", "myapp://open/path?x=1", "other://anything", "http://localhost:3000/x", "/x"] {
        assert_eq!(answers_to(&world, trusted), 200, "{trusted}");
    }
    for foreign in [
        "myapp://open.evil",
        "myapp://opened",
        "myapp://evil@open.evil",
        "myapps://open",
        "myapp:open",
        "ftp://localhost:3000",
    ] {
        assert_eq!(answers_to(&world, foreign), 403, "{foreign}");
    }
    // A list that names no scheme brings none in.
    let world = open(|options| options.trusted_origins = vec!["*".to_owned(), "app.test".to_owned()]);
    signed_up(&world, ADA);
    for foreign in
        ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "blob:https://app.test/x", "myapp://app.test"]
    {
        assert_eq!(answers_to(&world, foreign), 403, "{foreign}");
    }
}

#[test]
fn case_025_a_target_that_is_no_text_is_refused() {
    let world = world();
    let ada = signed_up(&world, ADA);
    let values = [json!(["/x"]), json!({"toString": "/x"}), json!(5), json!(true), json!([["//evil.test"]])];
    for (path, body, fields) in posts() {
        for (field, value) in fields.iter().flat_map(|field| values.iter().map(move |value| (field, value))) {
            let mut body = body.clone();
            body[*field] = value.clone();
            let answer = ada.clone().post(path, body);
            assert_eq!(answer.status, 400, "{path} {field} {value}: {}", answer.text);
            nowhere(&answer, path);
        }
        let twice = ada.clone().post(format!("{path}?callbackURL=/a&callbackURL=//evil.test"), body);
        assert_eq!(twice.status, 400, "{path}: {}", twice.text);
    }
    let own = |path: &String| path.ends_with("?callbackURL=") || path.ends_with("&callbackURL=");
    for path in gets("nonsense").into_iter().filter(own) {
        assert_eq!(ada.clone().get(format!("{path}/a&callbackURL=//evil.test")).status, 400, "{path}");
        assert_eq!(
            ada.clone().get(path.replace("callbackURL=", "callbackURL[]=/a&callbackURL=%2F%2Fevil.test")).status,
            403
        );
    }
}

#[test]
fn case_035_what_strangers_say_splits_no_header_and_fails_nothing() {
    let world = world();
    signed_up(&world, ADA);
    let said =
        ["a%0D%0ASet-Cookie:%20x=y", "%00%01%7F", "%E2%80%A8%F0%9F%A6%80", "%FF%FE", "p%C3%A4th", "%22%3E%3Cscript%3E"];
    for text in said {
        let pages = [
            format!("/error?error=x&error_description={text}"),
            format!("/error?error={text}"),
            format!("/callback/github?error={text}&error_description={text}&state=s"),
            format!("/reset-password/{text}?callbackURL=/x"),
            format!("/reset-password/x?callbackURL=%2F{text}"),
            format!("/verify-email?token={text}&callbackURL=%2F{text}"),
        ];
        for page in pages {
            let answer = world.browser().get(&page);
            assert!(answer.status < 500, "{page}: {}", answer.text);
            let line = answer.headers.get("location").map(|line| line.as_bytes().to_vec()).unwrap_or_default();
            assert!(line.iter().all(u8::is_ascii_graphic), "{page}: {line:?}");
            assert!(answer.cookies.iter().all(|cookie| cookie.name != "x"), "{page}");
        }
    }
    let mut ada = world.browser();
    let body = json!({"name": "Ada\r\nX-Evil: 1", "email": "crlf@example.com", "password": PASSWORD});
    let answer = ada.post("/sign-up/email", body);
    assert!(answer.headers.keys().all(|name| name != "x-evil"));
}

#[test]
fn case_036_a_callback_keeps_its_meaning_and_adds_no_parameter_of_ours() {
    let world = world();
    signed_up(&world, ADA);
    let ask = |target: &str| {
        let body = json!({"email": ADA, "redirectTo": target});
        assert_eq!(world.browser().post("/request-password-reset", body).status, 200);
        let message = world.take_message();
        (message.token.unwrap(), url::Url::parse(&message.url.unwrap()).unwrap())
    };
    for target in
        ["/reset?a=1&b=2", "/reset#part", "/reset?token=mine&x=%26token%3D", "/reset?x=a%23b", "/p/%2e%2e/x?y"]
    {
        let (token, link) = ask(target);
        // The target is one parameter of the link, whatever it contains.
        let pairs: Vec<_> = link.query_pairs().into_owned().collect();
        assert_eq!(pairs, [("callbackURL".to_owned(), target.to_owned())], "{link}");
        assert!(link.as_str().starts_with(&format!("{BASE_URL}/api/auth/reset-password/{token}?")), "{link}");
        let path = link.as_str().strip_prefix(&format!("{BASE_URL}/api/auth")).unwrap();
        let answer = world.browser().get(path);
        let page = url::Url::parse(answer.header("location")).unwrap();
        let expected = url::Url::parse(BASE_URL).unwrap().join(target).unwrap();
        assert_eq!(
            (page.origin(), page.path(), page.fragment()),
            (expected.origin(), expected.path(), expected.fragment())
        );
        let tokens: Vec<_> =
            page.query_pairs().filter(|(name, _)| name == "token").map(|(_, value)| value.into_owned()).collect();
        assert_eq!(tokens, [token], "{page}");
        let others = |url: &url::Url| {
            url.query_pairs()
                .filter(|(name, _)| name != "token")
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(others(&page), others(&expected));
    }
}

#[test]
fn case_037_a_redirect_never_sends_the_body_again() {
    let world = open(|options| {
        options.user.delete_user.send_delete_account_verification = true;
        options.email_verification.auto_sign_in_after_verification = true;
    });
    let mut ada = signed_up(&world, ADA);
    let reset = reset_token(&world, ADA);
    let mail = |browser: &mut Browser<'_>, path: &str, body: Value| {
        browser.post(path, body);
        world.take_message().token.unwrap()
    };
    let verification = mail(&mut ada, "/send-verification-email", json!({"email": ADA}));
    let deletion = mail(&mut ada, "/delete-user", json!({}));
    let callback = post("/callback/github", &json!({"code": "c", "state": "s"}));
    let form = kernia::testing::TestRequest::new(http::Method::POST, "/callback/github")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("code=c&state=s");
    let answers = [
        world.browser().send(&callback),
        world.browser().send(&form),
        world.browser().get("/error?error=x"),
        world.browser().get(format!("/reset-password/{reset}?callbackURL=/x")),
        ada.get(format!("/verify-email?token={verification}&callbackURL=/x")),
        ada.get(format!("/delete-user/callback?token={deletion}&callbackURL=/x")),
    ];
    for answer in answers {
        assert!([302, 303].contains(&answer.status), "{} {}", answer.status, answer.text);
        assert_ne!(answer.header("location"), "");
    }
}
