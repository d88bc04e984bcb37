//! The two-factor plugin.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use kernia::{
    crypto::hotp::Totp,
    domain::{Plugin, options::Options, stored_secret::StoreCode},
    plugins::{
        Bearer, PhoneNumber, PhoneNumberOptions, TwoFactor, TwoFactorOptions, Username,
        two_factor::{Challenge, TWO_FACTOR},
    },
    store::{Batch, Expect, Filter, Row, Value},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
    wire::{base32, date::Clock},
};
use serde_json::{Value as Json, json};

use super::{Place, World, place, race::each_interleaving};
use crate::{
    provider::{Fake, begin, github, parameter},
    stepping::write,
};

const ADA: &str = "ada@example.com";
const TOKEN: &str = "better-auth.session_token";
const CHALLENGE: &str = "better-auth.two_factor";
const TRUST: &str = "better-auth.trust_device";

fn world_with(change: impl FnOnce(&mut TwoFactorOptions), core: impl FnOnce(&mut Options)) -> World {
    let mut two_factor = TwoFactorOptions::default();
    two_factor.otp_options.send = true;
    change(&mut two_factor);
    let mut options = options();
    core(&mut options);
    let plugins: Vec<Box<dyn Plugin>> =
        vec![Box::new(Bearer::default()), Box::new(TwoFactor::new(two_factor)), Box::new(Username::default())];
    World::with_plugins(options, plugins)
}

/// A world in which numbers are proven, and the numbers that its application was told of.
fn with_numbers(challenge: Challenge) -> (World, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let numbers = PhoneNumberOptions::default().on_verification(move |number, _| {
        seen.lock().unwrap().push(number);
        async {}
    });
    let mut two_factor = TwoFactorOptions::default();
    two_factor.challenge = challenge;
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(PhoneNumber::new(numbers)), Box::new(TwoFactor::new(two_factor))];
    (World::with_plugins(options(), plugins), told)
}

fn changed(change: impl FnOnce(&mut TwoFactorOptions)) -> World {
    world_with(change, |_| {})
}

fn world() -> World {
    changed(|_| {})
}

/// Somebody with an authenticator app.
struct Ada<'w> {
    browser: Browser<'w>,
    key: Vec<u8>,
    backup: Vec<String>,
}

/// The key in an app's address.
fn key(uri: &str) -> Vec<u8> {
    let query = url::Url::parse(uri).unwrap();
    let secret = query.query_pairs().find(|(name, _)| name == "secret").unwrap().1.into_owned();
    base32::decode(&secret).unwrap()
}

fn texts(list: &Json) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn code(world: &World, key: &[u8]) -> String {
    let totp = Totp::new(key, 6, 30);
    totp.code(totp.step(world.clock.now().as_millis()))
}

/// Signs up, sets an app up, and waits until its next code.
fn enrolled(world: &World) -> Ada<'_> {
    let mut browser = world.browser();
    browser.sign_up(ADA);
    let made = browser.post("/two-factor/enable", json!({"password": PASSWORD}));
    assert_eq!(made.status, 200, "{}", made.text);
    let (key, backup) = (key(made.json["totpURI"].as_str().unwrap()), texts(&made.json["backupCodes"]));
    let proven = browser.post("/two-factor/verify-totp", json!({"code": code(world, &key)}));
    assert_eq!(proven.status, 200, "{}", proven.text);
    world.advance_secs(90);
    let _ = (world.take_messages(), world.take_events());
    Ada { browser, key, backup }
}

fn sign_in(browser: &mut Browser<'_>) -> TestResponse {
    browser.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}))
}

/// A browser whose sign-in waits.
fn waiting(world: &World) -> Browser<'_> {
    let mut browser = world.browser();
    let held = sign_in(&mut browser);
    assert_eq!((held.status, &held.json["twoFactorRedirect"]), (200, &json!(true)), "{}", held.text);
    browser
}

fn is_signed_in(browser: &Browser<'_>) -> bool {
    !browser.clone().get("/get-session").json.is_null()
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

fn sessions(world: &World) -> usize {
    world.rows("session").len()
}

fn enrolment(world: &World) -> Row {
    world.rows(TWO_FACTOR.as_str()).remove(0)
}

#[test]
fn an_app_counts_once_it_has_shown_a_code() {
    let world = world();
    let mut ada = world.browser();
    let before = ada.sign_up(ADA).json["token"].clone();
    let made = ada.post("/two-factor/enable", json!({"password": PASSWORD}));
    let uri = made.json["totpURI"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Better%20Auth:ada%40example.com?secret="), "{uri}");
    assert!(uri.ends_with("&issuer=Better+Auth&digits=6&period=30"), "{uri}");
    assert_eq!((&made.json["method"], texts(&made.json["backupCodes"]).len()), (&json!("totp"), 10));
    assert!(sign_in(&mut world.browser()).json["token"].is_string(), "nobody is asked for what was not proven");
    let wrong = ada.post("/two-factor/verify-totp", json!({"code": "000000"}));
    assert_eq!(told(&wrong), (401, "INVALID_CODE"));
    let proven = ada.post("/two-factor/verify-totp", json!({"code": code(&world, &key(uri))}));
    assert_eq!((proven.status, &proven.json["token"]), (200, &before), "the session that was, as in the reference");
    let now = ada.get("/get-session").json;
    assert_eq!(now["user"]["twoFactorEnabled"], true);
    assert_ne!(now["session"]["token"], before);
    assert!(sign_in(&mut world.browser()).json["token"].is_null());
    let again = ada.post("/two-factor/enable", json!({"password": PASSWORD}));
    assert_eq!(told(&again), (400, "TOTP_ALREADY_ENABLED"));
}

#[test]
fn a_sign_in_waits_for_its_code() {
    let world = world();
    let ada = enrolled(&world);
    let before = sessions(&world);
    let mut browser = world.browser();
    let body = json!({"email": ADA, "password": PASSWORD, "callbackURL": "/in", "rememberMe": false});
    let held = browser.post("/sign-in/email", body);
    assert_eq!(held.json, json!({"twoFactorRedirect": true, "twoFactorMethods": ["totp", "otp"]}));
    assert_eq!(held.header("location"), "/in");
    assert_eq!(held.header("set-auth-token"), "");
    assert!(held.cookie(TOKEN).unwrap().value().is_empty());
    assert_eq!((sessions(&world), is_signed_in(&browser)), (before, false));
    let done = browser.post("/two-factor/verify-totp", json!({"code": code(&world, &ada.key)}));
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json["user"]["email"], ADA);
    assert_eq!(done.cookie(TOKEN).unwrap().attributes.max_age, None, "it was not to be remembered");
    assert_eq!(done.cookie(CHALLENGE).unwrap().attributes.max_age, Some(0));
    assert_eq!(browser.get("/get-session").json["session"]["token"], done.json["token"]);
    assert!(world.rows("verification").iter().all(|row| !row.text("identifier").starts_with("2fa-a")));
}

#[test]
fn a_username_waits_too() {
    let world = world();
    let mut ada = enrolled(&world);
    ada.browser.post("/update-user", json!({"username": "ada_l"}));
    let held = world.browser().post("/sign-in/username", json!({"username": "ada_l", "password": PASSWORD}));
    assert_eq!(held.json["twoFactorRedirect"], true);
}

#[cfg(feature = "passkey")]
#[test]
fn case_073_a_passkey_that_nobody_unlocked_is_one_factor() {
    use kernia::{
        plugins::Passkey,
        testing::{Authenticator, BASE_URL},
    };
    for (challenge, asks) in [(Challenge::Password, false), (Challenge::Every, true)] {
        let mut two_factor = TwoFactorOptions::default();
        two_factor.challenge = challenge;
        let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Passkey::default()), Box::new(TwoFactor::new(two_factor))];
        let world = World::with_plugins(options(), plugins);
        let mut ada = enrolled(&world);
        let mut device = Authenticator::new("key");
        let asked = ada.browser.get("/passkey/generate-register-options").json;
        let made =
            ada.browser.post("/passkey/verify-registration", json!({"response": device.create(&asked, BASE_URL)}));
        assert_eq!(made.status, 200, "{}", made.text);
        for (flags, held) in [(0x05, false), (0x01, asks)] {
            device.flags = flags;
            let mut browser = world.browser();
            let asked = browser.get("/passkey/generate-authenticate-options").json;
            let signed = json!({"response": device.get(&asked, BASE_URL)});
            let answer = browser.post("/passkey/verify-authentication", signed);
            assert_eq!((answer.status, answer.json["twoFactorRedirect"] == true), (200, held), "{}", answer.text);
            assert_eq!(is_signed_in(&browser), !held);
        }
    }
}

#[test]
fn a_number_waits_with_a_password_and_with_a_code_as_configured() {
    const NUMBER: &str = "+15550100";
    for (challenge, by_code_too) in [(Challenge::Password, false), (Challenge::Every, true)] {
        let (world, told) = with_numbers(challenge);
        let mut ada = enrolled(&world);
        let texted = |more: Json| {
            world.browser().post("/phone-number/send-otp", json!({"phoneNumber": NUMBER}));
            let mut body = json!({"phoneNumber": NUMBER, "code": world.take_message().otp});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let given = ada.browser.post("/phone-number/verify", texted(json!({"updatePhoneNumber": true})));
        assert_eq!(given.status, 200, "{}", given.text);
        let before = sessions(&world);
        let password = json!({"phoneNumber": NUMBER, "password": PASSWORD});
        let held = world.browser().post("/sign-in/phone-number", password);
        assert_eq!((held.status, &held.json["twoFactorRedirect"]), (200, &json!(true)), "{}", held.text);
        assert_eq!(sessions(&world), before);
        let mut browser = world.browser();
        let by_code = browser.post("/phone-number/verify", texted(json!({})));
        assert_eq!((by_code.status, by_code.json["twoFactorRedirect"] == true), (200, by_code_too));
        assert_eq!(is_signed_in(&browser), !by_code_too);
        assert_eq!(*told.lock().unwrap(), [NUMBER, NUMBER], "it is proven all the same");
        if by_code_too {
            let done = browser.post("/two-factor/verify-totp", json!({"code": code(&world, &ada.key)}));
            assert_eq!(done.status, 200, "{}", done.text);
        }
    }
}

#[test]
fn a_code_is_good_for_half_a_minute_before_and_after() {
    for (secs, accepted) in [(-61, false), (-29, true), (29, true), (61, false)] {
        let world = world();
        let ada = enrolled(&world);
        world.advance_secs(120);
        let step = code(&world, &ada.key);
        world.advance_secs(secs);
        let done = waiting(&world).post("/two-factor/verify-totp", json!({"code": step}));
        assert_eq!(done.status == 200, accepted, "{secs}: {}", done.text);
    }
}

#[test]
fn a_code_that_is_sent_opens_once() {
    for store in
        [StoreCode::Plain, StoreCode::Encrypted, StoreCode::Hashed, StoreCode::hasher(|code| format!("x{code}"))]
    {
        let world = changed(|options| options.otp_options.store = store.clone());
        enrolled(&world);
        let mut browser = waiting(&world);
        let nothing = browser.post("/two-factor/verify-otp", json!({"code": "000000"}));
        assert_eq!(told(&nothing), (400, "OTP_HAS_EXPIRED"));
        assert_eq!(browser.post("/two-factor/send-otp", json!({})).json, json!({"status": true}));
        let message = world.take_message();
        assert_eq!((message.kind, message.to.as_str()), ("two-factor-otp", ADA));
        let otp = message.otp.unwrap();
        assert_eq!(otp.len(), 6);
        let wrong = browser.post("/two-factor/verify-otp", json!({"code": format!("{otp}0")}));
        assert_eq!(told(&wrong), (401, "INVALID_CODE"));
        let second = browser.clone();
        assert_eq!(browser.post("/two-factor/verify-otp", json!({"code": otp})).status, 200);
        let again = second.clone().post("/two-factor/verify-otp", json!({"code": otp}));
        assert_eq!(told(&again), (401, "INVALID_TWO_FACTOR_COOKIE"));
    }
}

#[test]
fn a_code_that_is_sent_ends_after_its_time_and_its_guesses() {
    let world = changed(|options| options.otp_options.allowed_attempts = 2);
    enrolled(&world);
    let mut browser = waiting(&world);
    browser.post("/two-factor/send-otp", json!({}));
    let otp = world.take_message().otp.unwrap();
    world.advance_secs(181);
    assert_eq!(told(&browser.post("/two-factor/verify-otp", json!({"code": otp}))), (400, "OTP_HAS_EXPIRED"));
    browser.post("/two-factor/send-otp", json!({}));
    let otp = world.take_message().otp.unwrap();
    for _ in 0..2 {
        assert_eq!(told(&browser.post("/two-factor/verify-otp", json!({"code": "x"}))), (401, "INVALID_CODE"));
    }
    let over = browser.post("/two-factor/verify-otp", json!({"code": otp}));
    assert_eq!(told(&over), (400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE"));
    browser.post("/two-factor/send-otp", json!({}));
    let otp = world.take_message().otp.unwrap();
    assert_eq!(browser.post("/two-factor/verify-otp", json!({"code": otp})).status, 200);
}

#[test]
fn codes_in_messages_are_set_up_at_once_or_by_showing_one() {
    let world = world();
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let made = ada.post("/two-factor/enable", json!({"password": PASSWORD, "method": "otp"}));
    assert_eq!(made.json, json!({"method": "otp"}));
    assert_eq!(sign_in(&mut world.browser()).json["twoFactorMethods"], json!(["otp"]));
    assert_eq!(ada.post("/two-factor/disable", json!({"password": PASSWORD})).json, json!({"status": true}));
    assert!(sign_in(&mut world.browser()).json["token"].is_string());
    let before = ada.get("/get-session").json["session"]["token"].clone();
    ada.post("/two-factor/send-otp", json!({}));
    let otp = world.take_message().otp.unwrap();
    let proven = ada.post("/two-factor/verify-otp", json!({"code": otp}));
    assert_eq!((proven.status, &proven.json["user"]["twoFactorEnabled"]), (200, &json!(true)));
    let now = ada.get("/get-session").json["session"]["token"].clone();
    assert!(now == proven.json["token"] && now != before);
}

#[test]
fn a_backup_code_opens_once() {
    let world = world();
    let ada = enrolled(&world);
    assert!(ada.backup.iter().all(|code| code.len() == 11 && code.as_bytes()[5] == b'-'), "{:?}", ada.backup);
    let give = |code: &str| waiting(&world).post("/two-factor/verify-backup-code", json!({"code": code}));
    assert_eq!(told(&give("nonsense")), (401, "INVALID_BACKUP_CODE"));
    assert_eq!(give(&ada.backup[3]).status, 200);
    assert_eq!(told(&give(&ada.backup[3])), (401, "INVALID_BACKUP_CODE"));
    let only = json!({"code": ada.backup[4], "disableSession": true});
    let used = waiting(&world).post("/two-factor/verify-backup-code", only);
    assert_eq!((used.status, used.json.get("token"), used.cookie(TOKEN).is_none()), (200, None, true));
    assert_eq!(told(&give(&ada.backup[4])), (401, "INVALID_BACKUP_CODE"));
}

#[test]
fn new_backup_codes_replace_the_old_ones() {
    let world = changed(|options| {
        options.backup_code_options.amount = 3;
        options.backup_code_options.length = 6;
    });
    let mut ada = enrolled(&world);
    let made = ada.browser.post("/two-factor/generate-backup-codes", json!({"password": PASSWORD}));
    let codes = texts(&made.json["backupCodes"]);
    assert!(codes.len() == 3 && codes.iter().all(|code| code.len() == 7), "{codes:?}");
    let give = |code: &str| waiting(&world).post("/two-factor/verify-backup-code", json!({"code": code})).status;
    assert_eq!((give(&ada.backup[0]), give(&codes[0])), (401, 200));
}

#[test]
fn backup_codes_are_stored_as_configured() {
    for (store, readable) in [(StoreCode::Plain, true), (StoreCode::Encrypted, false)] {
        let world = changed(|options| options.backup_code_options.store = store);
        let ada = enrolled(&world);
        let stored = enrolment(&world).text("backupCodes").to_owned();
        assert_eq!(stored == serde_json::to_string(&ada.backup).unwrap(), readable);
        let give = |code: &str| waiting(&world).post("/two-factor/verify-backup-code", json!({"code": code})).status;
        assert_eq!((give(&ada.backup[0]), give("x")), (200, 401));
        write(&world, Batch::new().update(TWO_FACTOR, Filter::All, Row::new().with("backupCodes", "?"), Expect::Any));
        assert_eq!(give(&ada.backup[1]), 401, "what cannot be read opens nothing");
    }
}

#[test]
fn a_trusted_device_is_asked_once() {
    let world = world();
    let ada = enrolled(&world);
    let mut browser = waiting(&world);
    let body = json!({"code": code(&world, &ada.key), "trustDevice": true});
    let done = browser.post("/two-factor/verify-totp", body);
    assert_eq!(done.cookie(TRUST).unwrap().attributes.max_age, Some(2_592_000));
    let first = browser.cookies[TRUST].clone();
    world.advance_secs(1);
    let direct = sign_in(&mut browser);
    assert!(direct.json["token"].is_string(), "{}", direct.text);
    assert_ne!(browser.cookies[TRUST], first, "each use replaces it");
    let mut copy = world.browser();
    copy.cookies.insert(TRUST.to_owned(), first);
    let held = sign_in(&mut copy);
    assert_eq!(held.json["twoFactorRedirect"], true, "a copy of the old one is worth nothing");
    assert!(!copy.cookies.contains_key(TRUST));
    world.advance_secs(2_592_001);
    assert_eq!(sign_in(&mut browser).json["twoFactorRedirect"], true);
}

#[test]
fn who_has_no_password_may_do_without_if_configured() {
    for allowed in [false, true] {
        let world = changed(|options| options.allow_passwordless = allowed);
        let mut ada = world.browser();
        ada.login_as(ADA);
        let made = ada.post("/two-factor/enable", json!({}));
        if !allowed {
            let message = "[body.password] Invalid input: expected string, received undefined";
            assert_eq!((told(&made), made.json["message"].as_str()), ((400, "VALIDATION_ERROR"), Some(message)));
            let guessed = ada.post("/two-factor/enable", json!({"password": PASSWORD}));
            assert_eq!(told(&guessed), (400, "INVALID_PASSWORD"));
            continue;
        }
        assert_eq!(made.status, 200, "{}", made.text);
        world.advance_secs(86_400);
        for path in ["enable", "disable", "get-totp-uri"] {
            let old = ada.post(format!("/two-factor/{path}"), json!({}));
            assert_eq!(told(&old), (403, "SESSION_NOT_FRESH"), "{path}");
        }
        let mut grace = world.browser();
        grace.sign_up("grace@example.com");
        assert_eq!(told(&grace.post("/two-factor/enable", json!({}))), (400, "INVALID_PASSWORD"));
    }
}

#[test]
fn a_new_app_can_count_without_a_code() {
    let world = changed(|options| options.skip_verification_on_enable = true);
    let mut ada = world.browser();
    let before = ada.sign_up(ADA).json["token"].clone();
    let made = ada.post("/two-factor/enable", json!({"password": PASSWORD, "issuer": "Elsewhere"}));
    assert!(made.json["totpURI"].as_str().unwrap().contains("/Elsewhere:ada"));
    let now = ada.get("/get-session").json;
    assert_eq!(now["user"]["twoFactorEnabled"], true);
    assert_ne!(now["session"]["token"], before);
    assert_eq!(sign_in(&mut world.browser()).json["twoFactorMethods"], json!(["totp", "otp"]));
}

#[test]
fn what_is_not_there_is_said() {
    let world = changed(|options| {
        options.otp_options.send = false;
        options.totp_options.disable = true;
    });
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let enable = |ada: &mut Browser<'_>, method: &str| {
        ada.post("/two-factor/enable", json!({"password": PASSWORD, "method": method}))
    };
    assert_eq!(told(&enable(&mut ada, "otp")), (400, "OTP_NOT_CONFIGURED"));
    assert_eq!(told(&enable(&mut ada, "totp")), (400, "TOTP_NOT_CONFIGURED"));
    assert_eq!(told(&enable(&mut ada, "sms")), (400, "VALIDATION_ERROR"));
    assert_eq!(told(&ada.post("/two-factor/send-otp", json!({}))), (400, "OTP_NOT_CONFIGURED"));
    for (path, body) in [("get-totp-uri", json!({"password": PASSWORD})), ("verify-totp", json!({"code": "1"}))] {
        assert_eq!(told(&ada.post(format!("/two-factor/{path}"), body)), (400, "TOTP_NOT_CONFIGURED"), "{path}");
    }
    let none = ada.post("/two-factor/generate-backup-codes", json!({"password": PASSWORD}));
    assert_eq!(told(&none), (400, "TWO_FACTOR_NOT_ENABLED"));
    let none = ada.post("/two-factor/verify-backup-code", json!({"code": "x"}));
    assert_eq!(told(&none), (400, "BACKUP_CODES_NOT_ENABLED"));
    let none = world.browser().post("/two-factor/verify-backup-code", json!({"code": "x"}));
    assert_eq!(told(&none), (401, "INVALID_TWO_FACTOR_COOKIE"));
}

#[test]
fn changes_need_the_password() {
    let world = world();
    let mut ada = enrolled(&world);
    for path in ["disable", "enable", "generate-backup-codes", "get-totp-uri"] {
        let path = format!("/two-factor/{path}");
        for (password, error) in [("wrong password", "INVALID_PASSWORD"), ("", "INVALID_PASSWORD")] {
            assert_eq!(told(&ada.browser.post(&path, json!({"password": password}))), (400, error), "{path}");
        }
        let long = ada.browser.post(&path, json!({"password": "x".repeat(129)}));
        assert_eq!(told(&long), (400, "PASSWORD_TOO_LONG"), "{path}");
        let stranger = world.browser().post(&path, json!({"password": PASSWORD}));
        assert_eq!(told(&stranger), (401, "UNAUTHORIZED"), "{path}");
    }
    let shown = ada.browser.post("/two-factor/get-totp-uri", json!({"password": PASSWORD}));
    assert_eq!(key(shown.json["totpURI"].as_str().unwrap()), ada.key);
}

#[test]
fn a_user_with_too_many_wrong_codes_is_locked_for_a_while() {
    let world = changed(|options| {
        options.account_lockout.max_failed_attempts = 3;
        options.account_lockout.duration_seconds = 60;
    });
    let ada = enrolled(&world);
    let totp = |code: &str| waiting(&world).post("/two-factor/verify-totp", json!({"code": code}));
    assert_eq!(told(&totp("x")), (401, "INVALID_CODE"));
    assert_eq!(told(&totp("y")), (401, "INVALID_CODE"));
    assert_eq!(enrolment(&world).get("failedVerificationCount"), &Value::Int(2));
    assert_eq!(totp(&code(&world, &ada.key)).status, 200);
    assert_eq!(enrolment(&world).get("failedVerificationCount"), &Value::Int(0), "only those in a row count");
    let backup = |code: &str| waiting(&world).post("/two-factor/verify-backup-code", json!({"code": code}));
    for _ in 0..3 {
        assert_eq!(backup("x").status, 401);
    }
    world.advance_secs(30);
    assert_eq!(told(&totp(&code(&world, &ada.key))), (429, "ACCOUNT_TEMPORARILY_LOCKED"));
    assert_eq!(told(&backup(&ada.backup[0])), (429, "ACCOUNT_TEMPORARILY_LOCKED"));
    world.advance_secs(30);
    assert_eq!(told(&totp("x")), (401, "INVALID_CODE"));
    assert_eq!(enrolment(&world).get("failedVerificationCount"), &Value::Int(1));
    assert_eq!(totp(&code(&world, &ada.key)).status, 200);
}

#[test]
fn nobody_is_locked_where_that_is_off() {
    let world = changed(|options| options.account_lockout.enabled = false);
    let ada = enrolled(&world);
    for _ in 0..12 {
        let wrong = waiting(&world).post("/two-factor/verify-totp", json!({"code": "x"}));
        assert_eq!(told(&wrong), (401, "INVALID_CODE"));
    }
    let right = waiting(&world).post("/two-factor/verify-totp", json!({"code": code(&world, &ada.key)}));
    assert_eq!(right.status, 200);
}

fn arrive(browser: &mut Browser<'_>) -> TestResponse {
    let url = begin(browser, "/sign-in/social", json!({"provider": "github", "callbackURL": "/in"}));
    browser.get(format!("/callback/github?code=c&state={}", parameter(&url, "state")))
}

#[test]
fn other_ways_ask_if_configured() {
    for (challenge, held) in [(Challenge::Password, false), (Challenge::Every, true)] {
        let world = world_with(|options| options.challenge = challenge, github);
        Fake::at(&world);
        let ada = enrolled(&world);
        let verify = Batch::new().update(
            "user",
            Filter::eq("email", ADA),
            Row::new().with("emailVerified", true),
            Expect::Rows(1),
        );
        write(&world, verify);
        let before = sessions(&world);
        let mut browser = world.browser();
        let back = arrive(&mut browser);
        let page = if held { "/two-factor?methods=totp%2Cotp" } else { "/in" };
        assert_eq!((back.status, back.header("location")), (302, page));
        assert_eq!(sessions(&world) > before, !held);
        if held {
            let done = browser.post("/two-factor/verify-totp", json!({"code": code(&world, &ada.key)}));
            assert_eq!(done.status, 200, "{}", done.text);
        }
    }
}

#[test]
fn a_verified_address_is_no_way_around() {
    let world = world_with(|_| {}, |options| options.email_verification.auto_sign_in_after_verification = true);
    enrolled(&world);
    world.browser().post("/send-verification-email", json!({"email": ADA}));
    let token = world.take_message().token.unwrap();
    let before = sessions(&world);
    let followed = world.browser().get(format!("/verify-email?token={token}"));
    assert_eq!(followed.json, json!({"status": true, "user": null}));
    assert_eq!((sessions(&world), followed.cookie(TOKEN).is_none()), (before, true));
    assert!(world.rows("user")[0].flag("emailVerified"));
}

#[test]
fn the_servers_own_code_can_look() {
    let world = world();
    let ada = enrolled(&world);
    let call = |name: &str, body: Json| {
        let call = kernia::domain::api::ServerCall { body: Some(body), ..Default::default() };
        TestResponse::read(world.outside.finish(world.engine.begin_call(name, call).unwrap()))
    };
    let user_id = world.rows("user")[0].id().to_owned();
    assert_eq!(texts(&call("viewBackupCodes", json!({"userId": user_id})).json["backupCodes"]), ada.backup);
    assert_eq!(told(&call("viewBackupCodes", json!({"userId": "0"}))), (400, "BACKUP_CODES_NOT_ENABLED"));
    let shown = call("generateTOTP", json!({"secret": String::from_utf8(ada.key.clone()).unwrap()}));
    assert_eq!(shown.json["code"], code(&world, &ada.key));
    for path in ["/two-factor/view-backup-codes", "/two-factor/generate-totp"] {
        assert_eq!(world.browser().post(path, json!({})).status, 404);
    }
}

#[test]
fn an_imported_key_is_base32() {
    let world = world();
    let ada = enrolled(&world);
    let installation = world.engine.installation();
    let text = format!("base32:{}", base32::encode(&ada.key).to_lowercase());
    let entropy = kernia::crypto::entropy::SeededEntropy::new(3);
    let sealed = kernia::wire::envelope::seal(&installation.keys, &entropy, &text);
    write(&world, Batch::new().update(TWO_FACTOR, Filter::All, Row::new().with("secret", sealed), Expect::Rows(1)));
    let done = waiting(&world).post("/two-factor/verify-totp", json!({"code": code(&world, &ada.key)}));
    assert_eq!(done.status, 200, "{}", done.text);
}

/// Two requests with the cookies of two browsers whose sign-ins wait.
fn two(world: World, body: impl Fn(&Ada<'_>, &World) -> (&'static str, Json)) -> (World, [Request<Bytes>; 2]) {
    let ada = enrolled(&world);
    let (path, body) = body(&ada, &world);
    let requests = [waiting(&world), waiting(&world)].map(|browser| browser.prepare(&TestRequest::json(path, &body)));
    drop(ada);
    (world, requests)
}

#[test]
fn a_backup_code_opens_one_of_two_at_once() {
    let stage = || two(world(), |ada, _| ("/two-factor/verify-backup-code", json!({"code": ada.backup[0]})));
    each_interleaving(stage, |world, first, second| {
        let opened = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!(opened, 1, "{} {}", first.text, second.text);
        assert_eq!(sessions(world), 2);
    });
}

#[test]
fn wrong_codes_at_once_are_all_counted() {
    let stage = || two(world(), |_, _| ("/two-factor/verify-totp", json!({"code": "x"})));
    each_interleaving(stage, |world, first, second| {
        assert_eq!((told(&first), told(&second)), ((401, "INVALID_CODE"), (401, "INVALID_CODE")));
        assert_eq!(enrolment(world).get("failedVerificationCount"), &Value::Int(2));
    });
}

#[test]
fn one_sign_in_waits_for_one_code() {
    let stage = || {
        let world = world();
        let ada = enrolled(&world);
        let browser = waiting(&world);
        let codes = [0, 1].map(|at| json!({"code": ada.backup[at]}));
        let requests = codes.map(|body| browser.prepare(&TestRequest::json("/two-factor/verify-backup-code", &body)));
        drop(ada);
        drop(browser);
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        let opened = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
        // Two stores have no common transaction: what one request takes may be in vain.
        let at_least = usize::from(place() != Place::Secondary);
        assert!((at_least..=1).contains(&opened), "{} {}", first.text, second.text);
        assert_eq!(sessions(world), 1 + opened);
    });
}

/// A world in which Ada is about to prove her app, and what she does meanwhile.
fn proving(meanwhile: (&str, Json)) -> (World, [Request<Bytes>; 2]) {
    let world = world();
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let made = ada.post("/two-factor/enable", json!({"password": PASSWORD}));
    let code = code(&world, &key(made.json["totpURI"].as_str().unwrap()));
    let prove = ada.prepare(&TestRequest::json("/two-factor/verify-totp", &json!({"code": code})));
    let meanwhile = ada.prepare(&TestRequest::json(meanwhile.0, &meanwhile.1));
    drop(ada);
    (world, [prove, meanwhile])
}

#[test]
fn whoever_is_signed_out_meanwhile_proves_nothing() {
    each_interleaving(
        || proving(("/revoke-sessions", json!({}))),
        |world, proven, revoked| {
            let said = (proven.status, revoked.status);
            assert!([(200, 200), (401, 200), (200, 401)].contains(&said), "{} {}", proven.text, revoked.text);
            if proven.status == 401 {
                assert_eq!(sessions(world), 0);
            }
        },
    );
}

#[test]
fn a_key_that_is_replaced_meanwhile_is_not_proven() {
    each_interleaving(
        || proving(("/two-factor/enable", json!({"password": PASSWORD}))),
        |world, proven, replaced| match (proven.status, replaced.status) {
            // The session was replaced when the app was proven.
            (200, 200 | 401) => {}
            (401, 200) => {
                assert_eq!(told(&proven), (401, "INVALID_CODE"), "nobody says that the session has ended");
                // Two stores have no common transaction: the session that was to be replaced may have gone in vain.
                let at_least = usize::from(place() != Place::Secondary);
                assert!((at_least..=1).contains(&sessions(world)));
            }
            _ => panic!("{} {}", proven.text, replaced.text),
        },
    );
}

#[test]
fn signing_in_and_turning_it_on_at_once_leaves_no_half_session() {
    let stage = || {
        let world = world();
        let mut ada = world.browser();
        ada.sign_up(ADA);
        let enable = json!({"password": PASSWORD, "method": "otp"});
        let enable = ada.prepare(&TestRequest::json("/two-factor/enable", &enable));
        let body = json!({"email": ADA, "password": PASSWORD});
        let sign_in = world.browser().prepare(&TestRequest::json("/sign-in/email", &body));
        drop(ada);
        (world, [sign_in, enable])
    };
    each_interleaving(stage, |world, signed_in, enabled| {
        assert_eq!(enabled.status, 200, "{}", enabled.text);
        assert_eq!(signed_in.status, 200, "{}", signed_in.text);
        let held = signed_in.json["twoFactorRedirect"] == true;
        assert_eq!(sessions(world), if held { 1 } else { 2 });
    });
}
