//! Signing in with providers: the OAuth cases of the security catalogue, by number.

use kernia::{
    domain::options::Options,
    store::{Batch, Expect, Filter, Row},
    testing::{self, Browser, TestRequest},
};
use serde_json::{Value as Json, json};

use super::{
    Place, World, place,
    race::each_interleaving,
    stepping::{held_at_write, let_go, write},
};
use crate::provider::{Fake, OpenId, Person, ada, begin, come_back, error_of, github, parameter, sign_in};

fn world(change: impl FnOnce(&mut Options)) -> (World, Fake) {
    let mut options = testing::options();
    github(&mut options);
    change(&mut options);
    let world = World::with_plugins(options, vec![Box::new(OpenId { requires_nonce: false })]);
    let fake = Fake::at(&world);
    (world, fake)
}

fn usual() -> (World, Fake) {
    world(|_| {})
}

fn user_email(browser: &mut Browser<'_>) -> Option<String> {
    browser.get("/get-session").json["user"]["email"].as_str().map(str::to_owned)
}

fn verify(world: &World, email: &str) {
    let set = Row::new().with("emailVerified", true);
    write(world, Batch::new().update("user", Filter::eq("email", email), set, Expect::Rows(1)));
}

fn link_begin(browser: &mut Browser<'_>, provider: &str) -> String {
    begin(browser, "/link-social", json!({ "provider": provider, "callbackURL": "/linked" }))
}

fn with_token(browser: &mut Browser<'_>, token: &str, nonce: Option<&str>) -> (u16, String) {
    let mut given = json!({ "token": token });
    if let Some(nonce) = nonce {
        given["nonce"] = nonce.into();
    }
    let answer = browser.post("/sign-in/social", json!({ "provider": "op", "idToken": given }));
    (answer.status, answer.code().to_owned())
}

#[test]
fn a_new_user_is_made_with_account_and_session() {
    let (world, _) = usual();
    let mut browser = world.browser();
    assert_eq!(sign_in(&mut browser, "github").header("location"), "/in");
    assert_eq!(user_email(&mut browser).as_deref(), Some("ada@example.com"));
    let (users, accounts) = (world.rows("user"), world.rows("account"));
    assert_eq!((users.len(), accounts.len()), (1, 1));
    assert!(users[0].flag("emailVerified"));
    assert_eq!((accounts[0].text("accountId"), accounts[0].text("userId")), ("7", users[0].id()));
    assert_eq!((accounts[0].text("accessToken"), accounts[0].text("scope")), ("access-1", "a,b"));
    assert!(world.rows("verification").is_empty());
    sign_in(&mut world.browser(), "github");
    assert_eq!((world.rows("user").len(), world.rows("account").len()), (1, 1));
    assert_eq!(world.rows("account")[0].text("accessToken"), "access-2");
}

#[test]
fn case_085_an_id_token_must_be_the_providers_and_for_this_application() {
    let (world, fake) = usual();
    let refused = (401, "INVALID_TOKEN".to_owned());
    for claims in [
        json!({ "iss": "https://evil.test" }),
        json!({ "aud": "another" }),
        json!({ "aud": null }),
        json!({ "exp": 1 }),
        json!({ "exp": null }),
        json!({ "iat": 1 }),
        json!({ "sub": null }),
    ] {
        fake.set(|behaviour| behaviour.claims = claims.clone());
        let token = fake.id_token(&world);
        assert_eq!(with_token(&mut world.browser(), &token, None), refused, "{claims}");
    }
    fake.set(|behaviour| behaviour.claims = json!({}));
    for header in [json!({ "alg": "none" }), json!({ "alg": "HS256", "kid": "one" }), json!({ "alg": "RS256" })] {
        fake.set(|behaviour| behaviour.header = header.clone());
        let token = fake.id_token(&world);
        assert_eq!(with_token(&mut world.browser(), &token, None), refused, "{header}");
    }
    fake.set(|behaviour| behaviour.header = json!({ "alg": "EdDSA", "kid": "one" }));
    let token = fake.id_token(&world);
    let unsigned = token.rsplit_once('.').unwrap().0;
    for forged in [unsigned.to_owned(), format!("{unsigned}."), "opaque".to_owned(), String::new()] {
        assert_eq!(with_token(&mut world.browser(), &forged, None), refused, "{forged}");
    }
    assert!(world.rows("user").is_empty());
    assert_eq!(with_token(&mut world.browser(), &token, None).0, 200);
}

#[test]
fn case_086_a_token_that_was_made_for_another_application_signs_nobody_in() {
    let (world, fake) = usual();
    for audience in [json!("another"), json!(["another", "third"]), json!([]), json!(""), json!({ "x": 1 })] {
        fake.set(|behaviour| behaviour.claims = json!({ "aud": audience.clone() }));
        let token = fake.id_token(&world);
        let refused = with_token(&mut world.browser(), &token, None);
        assert_eq!(refused, (401, "INVALID_TOKEN".to_owned()), "{audience}");
    }
    assert!(world.rows("user").is_empty() && world.rows("session").is_empty());
}

#[test]
fn case_085_a_provider_that_declares_no_check_takes_no_id_token() {
    let (world, _) = usual();
    let body = json!({ "provider": "github", "idToken": { "token": "a.b.c" } });
    let answer = world.browser().post("/sign-in/social", body);
    assert_eq!((answer.status, answer.code()), (404, "ID_TOKEN_NOT_SUPPORTED"));
}

#[test]
fn case_089_a_nonce_is_compared_where_one_is_named() {
    let (world, fake) = usual();
    fake.set(|behaviour| behaviour.claims = json!({ "nonce": "n" }));
    let token = fake.id_token(&world);
    assert_eq!(with_token(&mut world.browser(), &token, Some("m")).0, 401);
    assert_eq!(with_token(&mut world.browser(), &token, Some("n")).0, 200);
    fake.set(|behaviour| behaviour.claims = json!({}));
    let token = fake.id_token(&world);
    assert_eq!(with_token(&mut world.browser(), &token, Some("n")).0, 401);
}

#[test]
fn case_089_a_callback_must_bring_the_nonce_of_its_own_request() {
    let world = World::with_plugins(testing::options(), vec![Box::new(OpenId { requires_nonce: true })]);
    let fake = Fake::at(&world);
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
    assert_eq!(parameter(&url, "nonce").len(), 32);
    let other = format!("/callback/op?code=nonce:another&state={}", parameter(&url, "state"));
    assert_eq!(error_of(&browser.get(other)), "unable_to_get_user_info");
    for (change, what) in [
        (json!({ "aud": "another" }), "audience"),
        (json!({ "iss": "https://evil.test" }), "issuer"),
        (json!({ "exp": 1 }), "expiry"),
    ] {
        fake.set(|behaviour| behaviour.claims = change);
        assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info", "{what}");
    }
}

#[test]
fn case_177_a_rotated_key_is_found_and_strangers_cause_no_flood() {
    let (world, fake) = usual();
    fake.set(|behaviour| {
        behaviour.header = json!({ "alg": "EdDSA", "kid": "two" });
        behaviour.signs = 2;
    });
    let token = fake.id_token(&world);
    let ages = || world.outside.take_fetches().iter().map(|fetch| fetch.max_age).collect::<Vec<_>>();
    assert_eq!(with_token(&mut world.browser(), &token, None).0, 401, "not published yet");
    assert_eq!(ages(), [Some(300), Some(30)], "a copy may answer both");
    fake.set(|behaviour| behaviour.published = vec![("two", 2)]);
    assert_eq!(with_token(&mut world.browser(), &token, None).0, 200);
    fake.set(|behaviour| behaviour.published = vec![("one", 1)]);
    assert_eq!(with_token(&mut world.browser(), &token, None).0, 401, "a key that is gone is gone");
}

#[test]
fn case_087_a_state_is_one_browsers_and_one_providers_and_good_once() {
    let (world, _) = usual();
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    assert_eq!(error_of(&come_back(&mut world.browser(), "github", &url)), "state_mismatch");
    assert_eq!(error_of(&come_back(&mut browser, "op", &url)), "state_mismatch", "another provider's callback");
    assert_eq!(error_of(&come_back(&mut browser, "github", &url)), "state_mismatch", "spent by the mix-up");
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    let mut copy = browser.clone();
    assert_eq!(error_of(&come_back(&mut browser, "github", &url)), "");
    assert_eq!(error_of(&come_back(&mut copy, "github", &url)), "state_mismatch", "replayed");
    assert_eq!(world.rows("session").len(), 1);
}

#[test]
fn case_088_every_request_carries_a_challenge_and_its_code_the_verifier() {
    let (world, _) = usual();
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    come_back(&mut browser, "github", &url);
    let exchange = world.outside.take_fetches().remove(0);
    let body = String::from_utf8(exchange.request.body().to_vec()).unwrap();
    let verifier = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "code_verifier").unwrap().1;
    assert_eq!(kernia::oauth::code_challenge(&verifier), parameter(&url, "code_challenge"));
    assert!(!url.contains(&*verifier));
}

#[test]
fn case_088_another_issuers_answer_is_refused_before_the_code_is_sent() {
    let (world, _) = usual();
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
    let answer = format!("/callback/op?code=c&state={}&iss=https%3A%2F%2Fevil.test", parameter(&url, "state"));
    assert_eq!(error_of(&browser.get(answer)), "issuer_mismatch");
    assert!(world.outside.take_fetches().is_empty());
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
    let answer = format!("/callback/op?code=c&state={}&iss=https%3A%2F%2Fop.test", parameter(&url, "state"));
    assert_eq!(error_of(&browser.get(answer)), "");
}

#[test]
fn case_090_an_address_alone_links_only_when_both_sides_have_verified_it() {
    for (here, there, trusted, linked) in [
        (true, true, false, true),
        (true, false, false, false),
        (false, true, false, false),
        (false, false, false, false),
        (true, false, true, true),
        (false, false, true, false),
    ] {
        let (world, fake) = world(|options| {
            if trusted {
                options.account.account_linking.trusted_providers = vec!["github".to_owned()];
            }
        });
        world.browser().sign_up("ada@example.com");
        if here {
            verify(&world, "ada@example.com");
        }
        fake.is(Person { verified: there, ..ada() });
        let mut browser = world.browser();
        let error = error_of(&sign_in(&mut browser, "github"));
        let expected = if linked { "" } else { "account_not_linked" };
        assert_eq!(error, expected, "here {here}, there {there}, trusted {trusted}");
        assert_eq!(world.rows("account").len(), if linked { 2 } else { 1 });
        assert_eq!(user_email(&mut browser).is_some(), linked);
    }
}

#[test]
fn case_090_linking_can_be_turned_off() {
    for change in
        [(|options: &mut Options| options.account.account_linking.enabled = false) as fn(&mut Options), |options| {
            options.account.account_linking.disable_implicit_linking = true;
        }]
    {
        let (world, _) = world(change);
        world.browser().sign_up("ada@example.com");
        verify(&world, "ada@example.com");
        assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "account_not_linked");
    }
}

#[test]
fn case_091_nobody_without_a_subject_and_two_providers_are_two_identities() {
    let (world, fake) = usual();
    for id in [json!(""), json!(" "), json!(null), json!("undefined"), json!("null"), json!([]), json!({}), json!(true)]
    {
        fake.is(Person { id: id.clone(), ..ada() });
        assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "unable_to_get_user_info", "{id}");
    }
    assert!(world.rows("user").is_empty());
    fake.is(ada());
    sign_in(&mut world.browser(), "github");
    // The same subject elsewhere, with another address, is somebody else.
    fake.is(Person { email: Some("eve@example.com".to_owned()), ..ada() });
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    assert_eq!(user_email(&mut browser).as_deref(), Some("eve@example.com"));
    assert_eq!(world.rows("user").len(), 2);
}

#[test]
fn case_091_a_subject_is_one_whether_it_is_text_or_a_number() {
    let (world, fake) = usual();
    sign_in(&mut world.browser(), "github");
    fake.is(Person { id: json!("7"), ..ada() });
    assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "");
    assert_eq!(world.rows("account").len(), 1);
}

#[test]
fn case_092_an_identity_is_linked_to_the_session_and_to_nobody_elses_user() {
    let (world, fake) = usual();
    sign_in(&mut world.browser(), "github");
    let mut mallory = world.browser();
    mallory.sign_up("mallory@example.com");
    let before = world.rows("account");
    // Even with her own address at the provider: the identity is ada's.
    fake.is(Person { email: Some("mallory@example.com".to_owned()), ..ada() });
    let url = link_begin(&mut mallory, "github");
    assert_eq!(error_of(&come_back(&mut mallory, "github", &url)), "account_already_linked_to_different_user");
    assert_eq!(world.rows("account"), before, "no token changed");
    fake.is(Person { id: json!(8), ..ada() });
    let url = link_begin(&mut mallory, "github");
    assert_eq!(error_of(&come_back(&mut mallory, "github", &url)), "email_does_not_match");
    assert_eq!(world.rows("account"), before);
}

#[test]
fn case_092_a_session_that_has_ended_links_nothing() {
    let (world, _) = usual();
    let mut browser = world.browser();
    browser.sign_up("ada@example.com");
    let url = link_begin(&mut browser, "github");
    let held = browser.clone();
    browser.post("/sign-out", json!({}));
    let mut late = held.clone();
    assert_eq!(error_of(&come_back(&mut late, "github", &url)), "unable_to_link_account");
    assert_eq!(world.rows("account").len(), 1);
}

#[test]
fn case_092_a_session_that_ends_meanwhile_links_nothing() {
    if place() == Place::Secondary {
        // The session and the account are in two stores then, which have no common transaction.
        return;
    }
    let (world, _) = usual();
    let mut browser = world.browser();
    browser.sign_up("ada@example.com");
    let url = link_begin(&mut browser, "github");
    let path = format!("/callback/github?code=c&state={}", parameter(&url, "state"));
    let mut exchange = world.begin(browser.prepare(&TestRequest::new(http::Method::GET, path)));
    // The first write spends the state.
    let spending = held_at_write(&world, &mut exchange);
    exchange.supply(world.outside.perform_now(spending));
    let linking = held_at_write(&world, &mut exchange);
    browser.clone().post("/sign-out", json!({}));
    let answer = let_go(&world, exchange, linking);
    assert_eq!(error_of(&answer), "unable_to_link_account");
    assert_eq!(world.rows("account").len(), 1);
}

#[test]
fn case_094_a_provider_that_signs_nobody_up_does_so_by_no_way() {
    let (world, _) = world(|options| {
        let provider = options.social_providers.get_mut("github").unwrap();
        provider.disable_implicit_sign_up = true;
    });
    let ask = |asked: Option<bool>| {
        let mut browser = world.browser();
        let mut body = json!({ "provider": "github" });
        if let Some(asked) = asked {
            body["requestSignUp"] = asked.into();
        }
        let url = begin(&mut browser, "/sign-in/social", body);
        error_of(&come_back(&mut browser, "github", &url))
    };
    assert_eq!(ask(None), "signup_disabled");
    assert_eq!(ask(Some(false)), "signup_disabled");
    assert!(world.rows("user").is_empty());
    assert_eq!(ask(Some(true)), "");
    assert_eq!(ask(None), "", "known users come in");
}

#[test]
fn case_095_clients_do_not_set_what_the_server_sets() {
    let (world, _) = usual();
    for name in ["state", "client_id", "redirect_uri", "scope", "code_challenge", "nonce", "response_type"] {
        let body = json!({ "provider": "github", "additionalParams": { name: "mine" } });
        assert_eq!(world.browser().post("/sign-in/social", body).status, 400, "{name}");
    }
}

#[test]
fn case_005_additional_data_sets_nothing_that_has_a_meaning() {
    let (world, _) = usual();
    let mut browser = world.browser();
    let evil = json!({ "callbackURL": "https://evil.test", "errorURL": "https://evil.test", "newUserURL": "https://evil.test",
        "link": { "userId": "1", "email": "ada@example.com" }, "requestSignUp": true, "boundProvider": "op", "plan": 1 });
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "additionalData": evil }));
    let stored: Json = serde_json::from_str(world.rows("verification")[0].text("value")).unwrap();
    assert_eq!((&stored["plan"], &stored["boundProvider"]), (&json!(1), &json!("github")));
    for name in ["errorURL", "newUserURL", "link", "requestSignUp"] {
        assert_eq!(stored[name], Json::Null, "{name}");
    }
    let answer = come_back(&mut browser, "github", &url);
    assert_eq!(answer.header("location"), "http://localhost:3000");
}

#[test]
fn case_096_two_refreshes_at_once_lose_no_token() {
    let stage = || {
        let (world, _) = usual();
        let mut browser = world.browser();
        sign_in(&mut browser, "github");
        let id = world.rows("account")[0].id().to_owned();
        let request = browser.prepare(&TestRequest::json("/refresh-token", &json!({ "accountId": id })));
        (world, [request.clone(), request])
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!((first.status, second.status), (200, 200));
        let account = world.rows("account").remove(0);
        let stored = (account.text("accessToken"), account.text("refreshToken"));
        // Who is told something else than what is stored was simply later or earlier with a whole pair.
        let pair = |answer: &testing::TestResponse| {
            let text = |name: &str| answer.json[name].as_str().unwrap().to_owned();
            (text("accessToken"), text("refreshToken"))
        };
        for (access, refresh) in [pair(&first), pair(&second)] {
            assert_eq!(access.replace("access", ""), refresh.replace("refresh", ""), "tokens of one answer");
        }
        let told = [pair(&first), pair(&second)];
        assert!(told.iter().any(|(access, refresh)| (access.as_str(), refresh.as_str()) == stored));
        assert_eq!(account.text("scope"), "a,b", "what was granted stays");
    });
}

#[test]
fn case_098_answers_that_make_no_sense_end_on_the_error_page() {
    let (world, fake) = usual();
    let deep = "[".repeat(100_000);
    for (token, expected) in [
        ((200, "<html>".to_owned()), "unable_to_get_user_info"),
        ((200, deep), "unable_to_get_user_info"),
        ((200, r#"{"access_token":5}"#.to_owned()), "unable_to_get_user_info"),
        ((302, String::new()), "invalid_code"),
        ((500, "{}".to_owned()), "invalid_code"),
        ((200, r#"{"error":"bad_verification_code"}"#.to_owned()), "invalid_code"),
    ] {
        fake.set(|behaviour| behaviour.token = Some(token.clone()));
        assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), expected, "{token:?}");
    }
    fake.set(|behaviour| behaviour.token = None);
    for profile in [(200, "[]"), (200, "null"), (200, "{}"), (404, "{}"), (301, "{}")] {
        fake.set(|behaviour| behaviour.profile = Some((profile.0, profile.1.to_owned())));
        assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "unable_to_get_user_info", "{profile:?}");
    }
    assert!(world.rows("user").is_empty());
}

#[test]
fn case_098_a_provider_that_is_down_ends_on_the_error_page() {
    let (world, _) = usual();
    world.outside.answer_fetches(|_| Err(kernia::engine::FetchError::Failed("down".to_owned())));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "invalid_code");
}

#[test]
fn case_232_a_callback_says_nothing_about_who_somebody_is() {
    let (world, _) = usual();
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    let forged = format!(
        "/callback/github?state={}&user=%7B%22email%22%3A%22ada%40example.com%22%7D&email=ada%40example.com&id=7",
        parameter(&url, "state")
    );
    assert_eq!(error_of(&browser.get(forged)), "no_code");
    assert!(world.rows("user").is_empty());
}

#[test]
fn case_235_a_disabled_provider_opens_nothing() {
    let (world, _) = world(|options| options.social_providers.get_mut("github").unwrap().enabled = false);
    let answer = world.browser().post("/sign-in/social", json!({ "provider": "github" }));
    assert_eq!((answer.status, answer.code()), (404, "PROVIDER_NOT_FOUND"));
}

#[test]
fn case_236_two_callbacks_at_once_sign_in_once() {
    let stage = || {
        let (world, _) = usual();
        let mut browser = world.browser();
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
        let path = format!("/callback/github?code=c&state={}", parameter(&url, "state"));
        let request = browser.prepare(&TestRequest::new(http::Method::GET, path));
        (world, [request.clone(), request])
    };
    each_interleaving(stage, |world, first, second| {
        let errors = [error_of(&first), error_of(&second)];
        assert_eq!(errors.iter().filter(|error| error.is_empty()).count(), 1, "{errors:?}");
        assert_eq!((world.rows("user").len(), world.rows("session").len()), (1, 1));
    });
}

#[test]
fn two_browsers_of_one_new_person_make_one_user() {
    let stage = || {
        let (world, _) = usual();
        let requests = [(); 2].map(|()| {
            let mut browser = world.browser();
            let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
            let path = format!("/callback/github?code=c&state={}", parameter(&url, "state"));
            browser.prepare(&TestRequest::new(http::Method::GET, path))
        });
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!([error_of(&first), error_of(&second)], ["", ""]);
        let count = |table| world.rows(table).len();
        assert_eq!((count("user"), count("account"), count("session")), (1, 1, 2));
    });
}

#[test]
fn case_008_tokens_are_sealed_where_that_is_wanted() {
    let (world, _) = world(|options| options.account.encrypt_oauth_tokens = true);
    let mut browser = world.browser();
    sign_in(&mut browser, "github");
    let account = world.rows("account").remove(0);
    for name in ["accessToken", "refreshToken"] {
        assert!(kernia::wire::envelope::looks_sealed(account.text(name)), "{name}");
    }
    let answer = browser.post("/get-access-token", json!({ "accountId": account.id() }));
    assert_eq!(answer.json["accessToken"], "access-1");
    // What was stored before is still read.
    let plain = Row::new().with("accessToken", "plain-1");
    write(&world, Batch::new().update("account", Filter::eq("id", account.id()), plain, Expect::Rows(1)));
    let answer = browser.post("/get-access-token", json!({ "accountId": account.id() }));
    assert_eq!(answer.json["accessToken"], "plain-1");
}

#[test]
fn a_provider_without_credentials_says_what_is_missing() {
    let (world, _) = world(|options| options.social_providers.get_mut("github").unwrap().client_id = "".into());
    for path in ["/sign-in/social", "/link-social"] {
        let mut browser = world.browser();
        if path == "/link-social" {
            browser.sign_up("ada@example.com");
        }
        let answer = browser.post(path, json!({ "provider": "github" }));
        let message = "Provider github is not configured: client_id is missing.";
        assert_eq!((answer.status, answer.code()), (400, "PROVIDER_NOT_CONFIGURED"));
        assert_eq!(answer.json["message"], message);
    }
}

#[test]
fn no_secret_of_a_provider_leaves_the_server() {
    let (world, _) = usual();
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    let id = {
        come_back(&mut browser, "github", &url);
        world.rows("account")[0].id().to_owned()
    };
    for answer in [browser.get("/list-accounts"), browser.get(format!("/account-info?accountId={id}"))] {
        assert!(!answer.text.contains("the-secret") && !answer.text.contains("access-"), "{}", answer.text);
    }
    assert!(!url.contains("the-secret"));
    let held: Vec<_> = world.outside.take_fetches().iter().map(|fetch| format!("{:?}", fetch.policy)).collect();
    assert!(held.iter().all(|policy| policy == "Configured"));
}
