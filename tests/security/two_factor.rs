//! Half a sign-in is none, and what makes it whole works once.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Request;
use kernia::{
    crypto::hotp::Totp,
    domain::{Plugin, options::Options},
    plugins::{Bearer, TwoFactor, TwoFactorOptions, Username},
    store::{Batch, Expect, Filter},
    testing::{Browser, PASSWORD, TestResponse, World},
    wire::{base32, cookie::sign_cookie_value, date::Clock as _},
};
use serde_json::{Value, json};

use crate::{
    given::{
        ADA, DATA, EVE, TOKEN, changes, each_interleaving, everything, is_signed_in, open, post, reset_token, sign_in,
    },
    stepping::write,
};

const CHALLENGE: &str = "better-auth.two_factor";
const TRUST: &str = "better-auth.trust_device";

fn server(change: impl Fn(&mut Options), set: impl Fn(&mut TwoFactorOptions), secondary: bool) -> World {
    let mut options = everything();
    change(&mut options);
    let mut two_factor = TwoFactorOptions::default();
    two_factor.otp_options.send = true;
    set(&mut two_factor);
    let plugins: Vec<Box<dyn Plugin>> =
        vec![Box::new(Bearer::default()), Box::new(Username::default()), Box::new(TwoFactor::new(two_factor))];
    if secondary { World::with_secondary_storage(options, plugins) } else { World::with_plugins(options, plugins) }
}

fn usual() -> World {
    server(|_| {}, |_| {}, false)
}

/// Somebody with an authenticator app.
struct Owner<'w> {
    browser: Browser<'w>,
    key: Vec<u8>,
    backup: Vec<String>,
}

fn read_key(answer: &Value) -> Vec<u8> {
    let uri = answer["totpURI"].as_str().unwrap();
    let secret = uri.split_once("secret=").unwrap().1.split('&').next().unwrap();
    base32::decode(secret).unwrap()
}

fn shown(world: &World, key: &[u8]) -> String {
    let totp = Totp::new(key, 6, 30);
    totp.code(totp.step(world.clock.now().as_millis()))
}

fn enrolled<'w>(world: &'w World, email: &str) -> Owner<'w> {
    let mut browser = world.browser();
    browser.sign_up(email);
    let made = browser.post("/two-factor/enable", json!({"password": PASSWORD})).json;
    let key = read_key(&made);
    let codes = made["backupCodes"].as_array().unwrap();
    let backup = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(browser.post("/two-factor/verify-totp", json!({"code": shown(world, &key)})).status, 200);
    world.advance_secs(90);
    let _ = (world.take_messages(), world.take_events());
    Owner { browser, key, backup }
}

fn waiting<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    let held = browser.post("/sign-in/email", json!({"email": email, "password": PASSWORD}));
    assert_eq!(held.json["twoFactorRedirect"], true, "{}", held.text);
    browser
}

fn verify(browser: &mut Browser<'_>, kind: &str, code: &str) -> TestResponse {
    browser.post(format!("/two-factor/verify-{kind}"), json!({"code": code}))
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

#[test]
fn case_066_half_a_sign_in_is_no_session_and_no_cached_one() {
    for secondary in [false, true] {
        let world = server(|options| options.session.cookie_cache.enabled = true, |_| {}, secondary);
        let ada = enrolled(&world, ADA);
        let before = world.rows("session").len();
        let mut eve = ada.browser.clone();
        eve.cookies.clear();
        for body in [
            json!({"email": ADA, "password": PASSWORD}),
            json!({"email": ADA, "password": PASSWORD, "rememberMe": false}),
        ] {
            let held = eve.post("/sign-in/email", body);
            for cookie in held.cookies.iter().filter(|cookie| cookie.name.contains("session")) {
                assert!(cookie.value().is_empty() && cookie.attributes.max_age == Some(0), "{cookie}");
            }
            assert!(!held.text.contains("token"), "{}", held.text);
            assert_eq!(world.rows("session").len(), before);
            assert!(!is_signed_in(&eve) && !eve.cookies.contains_key(DATA));
        }
    }
}

#[test]
fn case_066_whoever_was_signed_in_before_is_not_any_more() {
    let world = server(|options| options.session.cookie_cache.enabled = true, |_| {}, false);
    enrolled(&world, ADA);
    let mut browser = world.browser();
    browser.sign_up(EVE);
    browser.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    assert!(!is_signed_in(&browser) && !browser.cookies.contains_key(DATA));
}

#[test]
fn case_067_half_a_sign_in_answers_no_bearer_token() {
    let world = usual();
    let ada = enrolled(&world, ADA);
    let mut browser = world.browser();
    let held = browser.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    assert_eq!(held.header("set-auth-token"), "");
    let done = verify(&mut browser, "totp", &shown(&world, &ada.key));
    assert!(done.header("set-auth-token").starts_with(done.json["token"].as_str().unwrap()));
}

#[test]
fn case_068_a_challenge_ends_after_five_wrong_codes_of_all_kinds() {
    for secondary in [false, true] {
        let world = server(|_| {}, |_| {}, secondary);
        let ada = enrolled(&world, ADA);
        let mut browser = waiting(&world, ADA);
        browser.post("/two-factor/send-otp", json!({}));
        let otp = world.take_message().otp.unwrap();
        for kind in ["totp", "backup-code", "otp", "totp", "otp"] {
            assert_eq!(verify(&mut browser, kind, "x").status, 401, "{kind}");
        }
        let over = verify(&mut browser.clone(), "otp", &otp);
        assert_eq!(told(&over), (400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE"));
        for (kind, code) in [("totp", shown(&world, &ada.key)), ("backup-code", ada.backup[0].clone()), ("otp", otp)] {
            assert_eq!(told(&verify(&mut browser.clone(), kind, &code)), (401, "INVALID_TWO_FACTOR_COOKIE"));
        }
        assert_eq!(browser.post("/two-factor/send-otp", json!({})).code(), "INVALID_TWO_FACTOR_COOKIE");
    }
}

#[test]
fn case_068_a_challenge_is_one_users_expires_and_is_spent() {
    let world = usual();
    let (ada, eve) = (enrolled(&world, ADA), enrolled(&world, EVE));
    let mut browser = waiting(&world, EVE);
    assert_eq!(verify(&mut browser, "totp", &shown(&world, &ada.key)).status, 401, "another user's code");
    let spent = browser.clone();
    assert_eq!(verify(&mut browser, "totp", &shown(&world, &eve.key)).status, 200);
    assert_eq!(told(&verify(&mut spent.clone(), "backup-code", &eve.backup[0])), (401, "INVALID_TWO_FACTOR_COOKIE"));
    let mut late = waiting(&world, ADA);
    world.advance_secs(601);
    assert_eq!(told(&verify(&mut late, "totp", &shown(&world, &ada.key))), (401, "INVALID_TWO_FACTOR_COOKIE"));
    let mut forged = world.browser();
    forged.cookies.insert(CHALLENGE.to_owned(), "2fa-aaaaaaaaaaaaaaaaaaaa.x".to_owned());
    assert_eq!(told(&verify(&mut forged, "totp", "000000")), (401, "INVALID_TWO_FACTOR_COOKIE"));
}

#[test]
fn case_068_a_challenge_does_not_outlive_the_password_it_began_with() {
    // Clocks may go back, or servers of one installation have different ones.
    for elapsed in [1, -100] {
        let world = usual();
        let ada = enrolled(&world, ADA);
        let mut eve = waiting(&world, ADA);
        let token = reset_token(&world, ADA);
        world.advance_secs(elapsed);
        world.browser().post("/reset-password", json!({"newPassword": "another password", "token": token}));
        assert_eq!(told(&verify(&mut eve, "totp", &shown(&world, &ada.key))), (401, "INVALID_TWO_FACTOR_COOKIE"));
    }
}

#[test]
fn case_068_a_challenge_does_not_outlive_the_account_it_began_with() {
    for secondary in [false, true] {
        let world = server(|options| options.account.account_linking.allow_unlinking_all = true, |_| {}, secondary);
        let mut ada = enrolled(&world, ADA);
        world.advance_secs(1);
        let mut eve = waiting(&world, ADA);
        let account = ada.browser.get("/list-accounts").json[0]["id"].clone();
        let answer = ada.browser.post("/unlink-account", json!({"accountId": account}));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(told(&verify(&mut eve, "totp", &shown(&world, &ada.key))), (401, "INVALID_TWO_FACTOR_COOKIE"));
    }
}

#[test]
fn case_069_a_code_of_an_app_opens_once_in_its_time() {
    for secondary in [false, true] {
        let world = server(|_| {}, |_| {}, secondary);
        let ada = enrolled(&world, ADA);
        let code = shown(&world, &ada.key);
        assert_eq!(verify(&mut waiting(&world, ADA), "totp", &code).status, 200);
        for secs in [0, 29] {
            world.advance_secs(secs);
            assert_eq!(told(&verify(&mut waiting(&world, ADA), "totp", &code)), (401, "INVALID_CODE"));
        }
        world.advance_secs(1);
        assert_eq!(
            verify(&mut waiting(&world, ADA), "totp", &shown(&world, &ada.key)).status,
            200,
            "the next one opens"
        );
    }
}

/// Two requests that show the same code for two sign-ins.
fn same_code(world: World, kind: &'static str) -> (World, [Request<Bytes>; 2]) {
    let ada = enrolled(&world, ADA);
    let code = if kind == "totp" { shown(&world, &ada.key) } else { ada.backup[0].clone() };
    let request = post(&format!("/two-factor/verify-{kind}"), &json!({"code": code}));
    let requests = [(); 2].map(|()| waiting(&world, ADA).prepare(&request));
    drop(ada);
    (world, requests)
}

#[test]
fn case_069_a_code_of_an_app_opens_one_of_two_at_once() {
    for secondary in [false, true] {
        each_interleaving(
            || same_code(server(|_| {}, |_| {}, secondary), "totp"),
            |world, first, second| {
                let opened = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
                assert_eq!((opened, world.rows("session").len()), (1, 2), "{} {}", first.text, second.text);
            },
        );
    }
}

#[test]
fn case_070_a_backup_code_opens_one_of_two_at_once_and_a_new_set_voids_the_old() {
    for secondary in [false, true] {
        each_interleaving(
            || same_code(server(|_| {}, |_| {}, secondary), "backup-code"),
            |world, first, second| {
                let opened = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
                assert_eq!((opened, world.rows("session").len()), (1, 2), "{} {}", first.text, second.text);
            },
        );
    }
    let world = usual();
    let mut ada = enrolled(&world, ADA);
    ada.browser.post("/two-factor/generate-backup-codes", json!({"password": PASSWORD}));
    for code in &ada.backup[..3] {
        assert_eq!(told(&verify(&mut waiting(&world, ADA), "backup-code", code)), (401, "INVALID_BACKUP_CODE"));
    }
}

#[test]
fn case_071_enabling_again_replaces_nothing_before_a_new_proof() {
    let world = usual();
    let mut ada = enrolled(&world, ADA);
    let before = world.rows("twoFactor");
    let again = ada.browser.post("/two-factor/enable", json!({"password": PASSWORD}));
    assert_eq!(told(&again), (400, "TOTP_ALREADY_ENABLED"));
    assert_eq!(world.rows("twoFactor"), before);
    assert_eq!(verify(&mut waiting(&world, ADA), "totp", &shown(&world, &ada.key)).status, 200);
}

#[test]
fn case_072_an_enrolment_that_was_not_proven_locks_nobody_out() {
    let world = usual();
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let first = ada.post("/two-factor/enable", json!({"password": PASSWORD})).json;
    assert_eq!(sign_in(&world, ADA, PASSWORD).json["user"]["email"], ADA);
    // With codes in messages on, the app that was not proven is none.
    ada.post("/two-factor/enable", json!({"password": PASSWORD, "method": "otp"}));
    let mut browser = world.browser();
    let held = browser.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    assert_eq!(held.json["twoFactorMethods"], json!(["otp"]));
    let code = shown(&world, &read_key(&first));
    assert_eq!(told(&verify(&mut browser, "totp", &code)), (400, "TOTP_NOT_ENABLED"));
}

#[test]
fn case_073_every_way_in_asks_or_is_listed_as_not_asking() {
    const ASK: &[&str] = &["/sign-in/email", "/sign-in/phone-number", "/sign-in/username", "/verify-email"];
    const DO_NOT: &[&str] =
        &["/sign-in/anonymous", "/sign-in/email-otp", "/sign-in/magic-link", "/sign-in/social", "/sign-up/email"];
    let documented = include_str!("../../docs/plugins/two-factor.md");
    let world = open(|_| {});
    let ways = world.engine.routes().iter().map(|route| route.path);
    let signs_in = |path: &&str| ["/sign-in/", "/sign-up/", "/verify-email"].iter().any(|way| path.starts_with(way));
    for way in ways.filter(signs_in) {
        assert!(ASK.contains(&way) || DO_NOT.contains(&way), "{way} is neither");
    }
    assert!(ASK.iter().all(|way| documented.contains(way)), "the page lists the ways that ask");
    let mut ada = enrolled(&world, ADA);
    ada.browser.post("/update-user", json!({"username": "ada_l"}));
    ada.browser.post("/phone-number/send-otp", json!({"phoneNumber": "+15550100"}));
    let proof = json!({"phoneNumber": "+15550100", "code": world.take_message().otp, "updatePhoneNumber": true});
    assert_eq!(ada.browser.post("/phone-number/verify", proof).status, 200);
    for (way, body) in [
        ("/sign-in/email", json!({"email": ADA, "password": PASSWORD})),
        ("/sign-in/phone-number", json!({"phoneNumber": "+15550100", "password": PASSWORD})),
        ("/sign-in/username", json!({"username": "ada_l", "password": PASSWORD})),
    ] {
        assert_eq!(world.browser().post(way, body).json["twoFactorRedirect"], true, "{way}");
    }
}

#[test]
fn case_074_a_trusted_device_is_forgotten_with_the_password_and_with_the_second_factor() {
    for (secondary, how) in [(false, "password"), (true, "password"), (false, "factor"), (true, "factor")] {
        let world = server(|_| {}, |_| {}, secondary);
        let mut ada = enrolled(&world, ADA);
        let mut home = waiting(&world, ADA);
        home.post("/two-factor/verify-totp", json!({"code": shown(&world, &ada.key), "trustDevice": true}));
        let trusted = home.cookies[TRUST].clone();
        world.advance_secs(90);
        let mut password = PASSWORD;
        if how == "password" {
            password = "another password";
            let change = json!({"currentPassword": PASSWORD, "newPassword": password});
            assert_eq!(ada.browser.post("/change-password", change).status, 200);
        } else {
            ada.browser.post("/two-factor/disable", json!({"password": PASSWORD}));
            let made = ada.browser.post("/two-factor/enable", json!({"password": PASSWORD})).json;
            let code = shown(&world, &read_key(&made));
            assert_eq!(verify(&mut ada.browser, "totp", &code).status, 200);
        }
        let mut again = world.browser();
        again.cookies.insert(TRUST.to_owned(), trusted);
        let held = again.post("/sign-in/email", json!({"email": ADA, "password": password}));
        assert_eq!(held.json["twoFactorRedirect"], true, "{how} {secondary}: {}", held.text);
    }
}

#[test]
fn case_039_a_reset_keeps_the_second_factor_and_ends_trust_and_other_links() {
    for secondary in [false, true] {
        let world = server(|_| {}, |_| {}, secondary);
        let ada = enrolled(&world, ADA);
        let mut home = waiting(&world, ADA);
        home.post("/two-factor/verify-totp", json!({"code": shown(&world, &ada.key), "trustDevice": true}));
        let again = json!({"email": ADA, "password": PASSWORD});
        assert_eq!(home.post("/sign-in/email", again).json["redirect"], false, "the device is trusted");
        let [other, token] = [reset_token(&world, ADA), reset_token(&world, ADA)];
        world.advance_secs(1);
        let reset = |token: &str| {
            world.browser().post("/reset-password", json!({"newPassword": "another password", "token": token}))
        };
        assert_eq!(reset(&token).status, 200);
        assert_eq!(told(&reset(&other)), (400, "INVALID_TOKEN"));
        for mut browser in [home, world.browser()] {
            let held = browser.post("/sign-in/email", json!({"email": ADA, "password": "another password"}));
            assert_eq!(held.json["twoFactorRedirect"], true, "{secondary}: {}", held.text);
        }
    }
}

#[test]
fn case_074_a_trusted_device_is_one_users_and_known_to_the_server() {
    let world = usual();
    let ada = enrolled(&world, ADA);
    enrolled(&world, EVE);
    let mut home = waiting(&world, ADA);
    home.post("/two-factor/verify-totp", json!({"code": shown(&world, &ada.key), "trustDevice": true}));
    let genuine = home.cookies[TRUST].clone();
    let held = |cookie: &str, email: &str| {
        let mut browser = world.browser();
        browser.cookies.insert(TRUST.to_owned(), cookie.to_owned());
        browser.post("/sign-in/email", json!({"email": email, "password": PASSWORD})).json["twoFactorRedirect"] == true
    };
    assert!(held(&genuine, EVE), "it is ada's");
    let signer = &world.engine.installation().signer;
    let user = world.rows("user")[0].id().to_owned();
    let unknown = "trust-device-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let tag = URL_SAFE_NO_PAD.encode(signer.sign(format!("{user}!{unknown}").as_bytes()));
    assert!(held(&sign_cookie_value(signer, &format!("{tag}!{unknown}")), ADA), "no record of it");
    assert!(!held(&genuine, ADA));
    assert!(held(&genuine, ADA), "each use replaces it");
}

#[test]
fn case_075_changing_the_second_factor_needs_the_first_and_codes_are_limited_by_user() {
    let limited = |options: &mut Options| options.rate_limit.enabled = Some(true);
    let world = server(limited, |options| options.otp_options.max_sends = 2, false);
    let ada = enrolled(&world, ADA);
    for path in ["disable", "get-totp-uri", "generate-backup-codes", "enable"] {
        world.advance_secs(20);
        let refused = ada.browser.clone().post(format!("/two-factor/{path}"), json!({"password": "wrong password"}));
        assert_eq!(told(&refused), (400, "INVALID_PASSWORD"), "{path}");
    }
    for (at, status) in [200, 200, 429].into_iter().enumerate() {
        world.advance_secs(20);
        let mut browser = waiting(&world, ADA);
        let request = post("/two-factor/send-otp", &json!({})).header("x-forwarded-for", format!("198.51.100.{at}"));
        assert_eq!(browser.send(&request).status, status, "{at}");
    }
}

#[test]
fn case_076_codes_are_evenly_random_whole_and_bound_to_their_sign_in() {
    let world = usual();
    let mut ada = world.browser();
    ada.sign_up(ADA);
    ada.post("/two-factor/enable", json!({"password": PASSWORD, "method": "otp"}));
    let mut first_digits = BTreeMap::new();
    let mut browser = waiting(&world, ADA);
    for _ in 0..400 {
        browser.post("/two-factor/send-otp", json!({}));
        let otp = world.take_message().otp.unwrap();
        assert!(otp.len() == 6 && otp.bytes().all(|byte| byte.is_ascii_digit()), "{otp}");
        *first_digits.entry(otp.as_bytes()[0]).or_insert(0) += 1;
    }
    assert!(
        first_digits.len() == 10 && first_digits.values().all(|count| (15..80).contains(count)),
        "{first_digits:?}"
    );
    let (mut one, mut two) = (waiting(&world, ADA), waiting(&world, ADA));
    one.post("/two-factor/send-otp", json!({}));
    let otp = world.take_message().otp.unwrap();
    two.post("/two-factor/send-otp", json!({}));
    let other = world.take_message().otp.unwrap();
    assert_ne!(otp, other);
    assert_eq!(told(&verify(&mut two, "otp", &otp)), (401, "INVALID_CODE"), "it is of another sign-in");
    assert_eq!(verify(&mut one, "otp", &otp).status, 200);
}

#[test]
fn case_003_no_cookie_stands_for_a_second_factors() {
    let world = usual();
    let ada = enrolled(&world, ADA);
    let mut home = waiting(&world, ADA);
    let challenge = home.cookies[CHALLENGE].clone();
    home.post("/two-factor/verify-totp", json!({"code": shown(&world, &ada.key), "trustDevice": true}));
    let others = [home.cookies[TOKEN].clone(), home.cookies[TRUST].clone(), challenge];
    for value in &others {
        let mut eve = world.browser();
        eve.cookies.insert(CHALLENGE.to_owned(), value.clone());
        assert_eq!(told(&verify(&mut eve, "backup-code", &ada.backup[0])), (401, "INVALID_TWO_FACTOR_COOKIE"));
        let mut eve = world.browser();
        eve.cookies.insert(TOKEN.to_owned(), value.clone());
        assert_eq!(is_signed_in(&eve), *value == others[0]);
        if *value != others[1] {
            let mut eve = world.browser();
            eve.cookies.insert(TRUST.to_owned(), value.clone());
            let held = eve.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
            assert_eq!(held.json["twoFactorRedirect"], true);
        }
    }
}

#[test]
fn case_016_a_very_long_password_or_code_is_refused() {
    let world = usual();
    let mut ada = enrolled(&world, ADA);
    let long = "x".repeat(500_000);
    for path in ["enable", "disable", "get-totp-uri", "generate-backup-codes"] {
        let refused = ada.browser.post(format!("/two-factor/{path}"), json!({"password": long}));
        assert_eq!(told(&refused), (400, "PASSWORD_TOO_LONG"), "{path}");
    }
    for kind in ["totp", "otp", "backup-code"] {
        assert!(verify(&mut waiting(&world, ADA), kind, &long).status < 500, "{kind}");
    }
}

#[test]
fn case_043_a_verification_link_is_no_way_around_a_second_factor() {
    let world = server(|options| options.email_verification.auto_sign_in_after_verification = true, |_| {}, false);
    enrolled(&world, ADA);
    world.browser().post("/send-verification-email", json!({"email": ADA}));
    let token = world.take_message().token.unwrap();
    let mut browser = world.browser();
    let before = world.rows("session").len();
    assert_eq!(browser.get(format!("/verify-email?token={token}&callbackURL=/in")).header("location"), "/in");
    assert!(!is_signed_in(&browser) && world.rows("session").len() == before);
}

#[test]
fn case_052_the_second_factor_makes_a_new_session_and_adopts_none() {
    let world = usual();
    let ada = enrolled(&world, ADA);
    let mut eve = world.browser();
    eve.sign_up(EVE);
    let planted = eve.cookies[TOKEN].clone();
    let mut browser = waiting(&world, ADA);
    let done = verify(&mut browser, "totp", &shown(&world, &ada.key));
    let token = browser.cookies[TOKEN].clone();
    assert!(token != planted && token != ada.browser.cookies[TOKEN]);
    assert!(done.json["token"].as_str().is_some_and(|told| token.starts_with(told)));
}

#[test]
fn case_055_second_factors_ask_the_store_and_not_the_cookie() {
    let world = server(|options| options.session.cookie_cache.enabled = true, |_| {}, false);
    let ada = enrolled(&world, ADA);
    write(&world, Batch::new().delete("session", Filter::All, Expect::AtLeast(1)));
    for path in ["enable", "disable", "get-totp-uri", "generate-backup-codes"] {
        let refused = ada.browser.clone().post(format!("/two-factor/{path}"), json!({"password": PASSWORD}));
        assert_eq!(told(&refused), (401, "UNAUTHORIZED"), "{path}");
    }
    for kind in ["totp", "backup-code", "otp"] {
        assert_eq!(told(&verify(&mut ada.browser.clone(), kind, "x")), (401, "INVALID_TWO_FACTOR_COOKIE"), "{kind}");
    }
}

#[test]
fn case_229_half_a_sign_in_changes_nothing_of_an_account() {
    let world = usual();
    enrolled(&world, ADA);
    let browser = waiting(&world, ADA);
    let (users, accounts, factors) = (world.rows("user"), world.rows("account"), world.rows("twoFactor"));
    let own = ["enable", "disable", "generate-backup-codes", "get-totp-uri"]
        .map(|path| (format!("/two-factor/{path}"), json!({"password": PASSWORD})));
    let core = changes().into_iter().map(|(path, body)| (path.to_owned(), body));
    let more = [("/link-social".to_owned(), json!({"provider": "github"})), ("/update-session".to_owned(), json!({}))];
    for (path, body) in core.chain(own).chain(more) {
        let refused = browser.clone().post(&path, body);
        assert_eq!(refused.status, 401, "{path}: {}", refused.text);
    }
    assert_eq!((world.rows("user"), world.rows("account"), world.rows("twoFactor")), (users, accounts, factors));
}

#[test]
fn case_234_a_second_factor_counts_when_it_was_shown_not_when_it_is_there() {
    let world = usual();
    let ada = enrolled(&world, ADA);
    // What another session has shown is worth nothing here.
    let mut browser = waiting(&world, ADA);
    assert!(is_signed_in(&ada.browser) && !is_signed_in(&browser));
    assert_eq!(verify(&mut browser, "totp", "").status, 401);
    // An app that vanished is no reason to let anybody in.
    write(&world, Batch::new().delete("twoFactor", Filter::All, Expect::Rows(1)));
    let mut browser = waiting(&world, ADA);
    assert_eq!(told(&verify(&mut browser, "totp", &shown(&world, &ada.key))), (400, "TOTP_NOT_ENABLED"));
    assert_eq!(told(&verify(&mut browser, "backup-code", &ada.backup[0])), (400, "BACKUP_CODES_NOT_ENABLED"));
}

#[test]
fn case_230_no_answer_tells_a_key_or_a_code_but_to_its_owner_once() {
    let world = usual();
    let mut ada = enrolled(&world, ADA);
    let mut browser = waiting(&world, ADA);
    let sent = browser.post("/two-factor/send-otp", json!({}));
    let otp = world.take_message().otp.unwrap();
    let stored: Vec<_> = world.rows("twoFactor").iter().map(|row| row.text("secret").to_owned()).collect();
    let key = base32::encode(&ada.key);
    let answers = [
        sent,
        verify(&mut browser, "otp", &otp),
        ada.browser.get("/get-session"),
        ada.browser.get("/list-sessions"),
        ada.browser.post("/update-user", json!({"name": "Ada L."})),
    ];
    for answer in answers {
        let text = format!("{} {:?}", answer.text, answer.headers);
        assert!(!text.contains(&otp) && !text.contains(&key) && !text.contains(&stored[0]), "{text}");
        assert!(ada.backup.iter().all(|code| !text.contains(code)), "{text}");
    }
    let events = format!("{:?}", world.take_events());
    assert!(!events.contains(&otp) && !events.contains(&key), "{events}");
}

#[test]
fn case_191_codes_of_other_types_are_refused() {
    let world = usual();
    enrolled(&world, ADA);
    let mut browser = waiting(&world, ADA);
    for value in [json!(123456), json!(null), json!(true), json!([]), json!({"$ne": ""})] {
        for kind in ["totp", "otp", "backup-code"] {
            let refused = browser.post(format!("/two-factor/verify-{kind}"), json!({"code": value}));
            assert_eq!(told(&refused), (400, "VALIDATION_ERROR"), "{kind} {value}");
        }
    }
}
