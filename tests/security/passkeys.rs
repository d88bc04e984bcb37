//! Passkeys: whose they are, what they sign, and what a server does with bytes that only look like an authenticator's.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernia::{
    domain::Plugin,
    plugins::{Passkey, PasskeyOptions, passkey::PasskeyUser},
    testing::{Authenticator, BASE_URL, Browser, TestResponse, World},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::given::{ADA, EVE, everything, signed_up};

const REGISTRATION: &str = "/passkey/generate-register-options";
const AUTHENTICATION: &str = "/passkey/generate-authenticate-options";
const EVIL: &str = "https://evil.example";

fn world_of(options: PasskeyOptions) -> World {
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Passkey::new(options))];
    let mut core = everything();
    core.session.cookie_cache.enabled = true;
    World::with_plugins(core, plugins)
}

fn world() -> World {
    world_of(PasskeyOptions::default())
}

fn register(browser: &mut Browser<'_>, device: &mut Authenticator, origin: &str) -> TestResponse {
    let asked = browser.get(REGISTRATION).json;
    keep(browser, &device.create(&asked, origin))
}

fn keep(browser: &mut Browser<'_>, response: &Value) -> TestResponse {
    browser.post("/passkey/verify-registration", json!({ "response": response }))
}

fn sign_in(browser: &mut Browser<'_>, device: &mut Authenticator, origin: &str) -> TestResponse {
    let asked = browser.get(AUTHENTICATION).json;
    enter(browser, &device.get(&asked, origin))
}

fn enter(browser: &mut Browser<'_>, response: &Value) -> TestResponse {
    browser.post("/passkey/verify-authentication", json!({ "response": response }))
}

fn enrolled<'w>(world: &'w World, email: &str) -> (Browser<'w>, Authenticator) {
    let (mut browser, mut device) = (signed_up(world, email), Authenticator::new(email));
    let answer = register(&mut browser, &mut device, BASE_URL);
    assert_eq!(answer.status, 200, "{}", answer.text);
    (browser, device)
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

const UNFIT: (u16, &str) = (400, "AUTHENTICATION_FAILED");
const NO_CHALLENGE: (u16, &str) = (400, "CHALLENGE_NOT_FOUND");
const NOT_MADE: (u16, &str) = (500, "FAILED_TO_VERIFY_REGISTRATION");

#[test]
fn case_077_a_passkey_is_its_owners() {
    let world = world();
    let (_, _) = enrolled(&world, ADA);
    let before = world.rows("passkey");
    let id = before[0].id();
    let mut eve = signed_up(&world, EVE);
    let rename = eve.post("/passkey/update-passkey", json!({"id": id, "name": "mine"}));
    assert_eq!(told(&rename), (401, "YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY"));
    assert_eq!(eve.post("/passkey/delete-passkey", json!({ "id": id })).status, 401);
    assert_eq!(eve.get("/passkey/list-user-passkeys").json, json!([]));
    assert_eq!(world.rows("passkey"), before);
}

#[test]
fn case_055_passkeys_ask_the_store_and_not_the_cookie_cache() {
    let world = world();
    let (mut ada, _) = enrolled(&world, ADA);
    let id = world.rows("passkey")[0].id().to_owned();
    let mut stolen = ada.clone();
    assert_eq!(ada.post("/sign-out", json!({})).status, 200);
    assert_eq!(stolen.clone().get("/get-session").json["user"]["email"], ADA, "the cache still believes");
    assert_eq!(stolen.clone().get(REGISTRATION).status, 401);
    assert_eq!(stolen.clone().post("/passkey/update-passkey", json!({"id": id, "name": "mine"})).status, 401);
    assert_eq!(stolen.post("/passkey/delete-passkey", json!({ "id": id })).status, 401);
    assert_eq!(world.rows("passkey")[0].text("name"), "");
}

#[test]
fn case_078_a_challenge_is_spent_once_for_one_purpose_by_one_browser() {
    let world = world();
    let (mut ada, mut device) = enrolled(&world, ADA);
    let mut browser = world.browser();
    let asked = browser.get(AUTHENTICATION).json;
    let answer = device.get(&asked, BASE_URL);
    assert_eq!(told(&enter(&mut world.browser(), &answer)), NO_CHALLENGE, "another browser");
    assert_eq!(enter(&mut browser.clone(), &answer).status, 200);
    assert_eq!(told(&enter(&mut browser, &answer)), NO_CHALLENGE, "again");

    // A refused answer has used its challenge up too.
    let asked = browser.get(AUTHENTICATION).json;
    assert_eq!(told(&enter(&mut browser, &device.get(&asked, EVIL))), UNFIT);
    assert_eq!(told(&enter(&mut browser, &device.get(&asked, BASE_URL))), NO_CHALLENGE);

    // The other ceremony, and too late.
    let asked = ada.get(AUTHENTICATION).json;
    let made = Authenticator::new("new")
        .create(&json!({"challenge": asked["challenge"], "rp": {"id": "localhost"}}), BASE_URL);
    assert_eq!(told(&keep(&mut ada, &made)), NO_CHALLENGE);
    let asked = browser.get(AUTHENTICATION).json;
    world.advance_secs(301);
    assert_eq!(told(&enter(&mut browser, &device.get(&asked, BASE_URL))), NO_CHALLENGE);
}

#[test]
fn case_079_an_assertion_is_for_the_account_that_it_is_of() {
    let world = world();
    let (_, mut of_ada) = enrolled(&world, ADA);
    let (mut eve, mut of_eve) = enrolled(&world, EVE);
    // Who is signed in has been offered their own.
    assert_eq!(told(&sign_in(&mut eve, &mut of_ada, BASE_URL)), UNFIT);
    // The name of one credential and the signature of another.
    let mut browser = world.browser();
    let asked = browser.get(AUTHENTICATION).json;
    let mut answer = of_eve.get(&asked, BASE_URL);
    answer["id"] = of_ada.credential_id().into();
    answer["rawId"] = of_ada.credential_id().into();
    assert_eq!(told(&enter(&mut browser, &answer)), (401, "AUTHENTICATION_FAILED"));
    assert_eq!(browser.get("/get-session").json, Value::Null);
    // A credential that is somebody's is not registered for somebody else.
    of_ada.public_key = None;
    assert_eq!(told(&register(&mut eve, &mut of_ada, BASE_URL)), (400, "PREVIOUSLY_REGISTERED"));
}

#[test]
fn case_080_all_that_is_signed_is_verified() {
    let world = world();
    let (mut ada, mut device) = enrolled(&world, ADA);
    let mut browser = world.browser();
    let with = |said: Value| {
        let mut device = Authenticator::new(ADA);
        (device.counter, device.client_data) = (10, said);
        device
    };
    assert_eq!(told(&sign_in(&mut browser, &mut device, EVIL)), UNFIT);
    assert_eq!(
        told(&sign_in(&mut browser, &mut device, "http://localhost:3000/")),
        UNFIT,
        "origins are compared whole"
    );
    for said in [
        json!({"type": "webauthn.create"}),
        json!({"type": "payment.get"}),
        json!({"challenge": "AAAA"}),
        json!({"crossOrigin": true}),
        json!({"origin": null}),
    ] {
        assert_eq!(told(&sign_in(&mut browser, &mut with(said.clone()), BASE_URL)), UNFIT, "{said}");
    }
    let mut absent = with(json!({}));
    absent.flags = 0x04;
    assert_eq!(told(&sign_in(&mut browser, &mut absent, BASE_URL)), UNFIT);
    let mut asked = browser.get(AUTHENTICATION).json;
    asked["rpId"] = "evil.example".into();
    assert_eq!(told(&enter(&mut browser, &device.get(&asked, BASE_URL))), UNFIT);
    // A bit of what was signed, and of the signature itself.
    for part in ["clientDataJSON", "authenticatorData", "signature"] {
        let asked = browser.get(AUTHENTICATION).json;
        let mut answer = device.get(&asked, BASE_URL);
        let text = answer["response"][part].as_str().unwrap().to_owned();
        let at = text.len() - 2;
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        answer["response"][part] = format!("{}{other}{}", &text[..at], &text[at + 1..]).into();
        let refused = enter(&mut browser, &answer);
        assert!(
            [400, 401].contains(&refused.status) && refused.code() == "AUTHENTICATION_FAILED",
            "{part}: {}",
            refused.text
        );
    }
    // A page that nobody trusts, where nothing checks origins before.
    let mut core = everything();
    core.advanced.disable_csrf_check = Some(true);
    let open = World::with_plugins(core, vec![Box::new(Passkey::default())]);
    let (_, mut own) = enrolled(&open, ADA);
    let mut page = open.browser();
    page.origin = Some(EVIL.to_owned());
    assert_eq!(told(&sign_in(&mut page, &mut own, EVIL)), UNFIT);
    // An algorithm that was not offered.
    let mut weak = Authenticator::new("weak");
    weak.public_key = Some(b"\xa4\x01\x02\x03\x38\x22\x20\x02\x21\x41\x00".to_vec());
    assert_eq!(told(&register(&mut ada, &mut weak, BASE_URL)), NOT_MADE);
    assert_eq!(world.rows("passkey").len(), 1);
}

#[test]
fn case_081_a_counter_that_does_not_go_on_is_refused() {
    let world = world();
    let (_, mut device) = enrolled(&world, ADA);
    let mut browser = world.browser();
    for _ in 0..3 {
        assert_eq!(sign_in(&mut browser, &mut device, BASE_URL).status, 200);
        browser.cookies.clear();
    }
    for counter in [u32::MAX, 0, 2, 3] {
        let mut copy = Authenticator::new(ADA);
        // The next answer says one more, or none at all.
        copy.counter = counter.wrapping_sub(1).min(counter);
        if counter == u32::MAX {
            copy.counter = 0;
        }
        assert_eq!(told(&sign_in(&mut browser, &mut copy, BASE_URL)), UNFIT, "{counter}");
    }
    assert_eq!(world.rows("passkey")[0].get("counter").as_int(), Some(4));
    device.counter = 100;
    assert_eq!(sign_in(&mut browser, &mut device, BASE_URL).status, 200);
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn case_082_bytes_that_only_look_like_an_attestation_are_refused_within_bounds() {
    let world = world();
    let (mut ada, _) = enrolled(&world, ADA);
    let deep = [vec![0x81; 100_000], vec![0]].concat();
    let huge_map = b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff".to_vec();
    let huge_bytes = b"\xa1\x68authData\x5b\x00\xff\xff\xff\xff\xff\xff\xff".to_vec();
    let endless = [b"\xbf".to_vec(), b"\x61a\x00".repeat(10_000)].concat();
    let wrong_kind = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x61x".to_vec();
    for bytes in [deep, huge_map, huge_bytes, endless, wrong_kind, Vec::new(), b"\xff".to_vec()] {
        let asked = ada.get(REGISTRATION).json;
        let mut answer = Authenticator::new("new").create(&asked, BASE_URL);
        answer["response"]["attestationObject"] = encoded(&bytes).into();
        let begun = Instant::now();
        assert_eq!(told(&keep(&mut ada, &answer)), NOT_MADE, "{:?}", bytes.get(..20));
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
    for key in [&b"\xa0"[..], b"\x00", b"\xa1\x03\x26", b"\xa3\x01\x02\x03\x26\x20\x01", b"\xbf\x03\x27\xff\x00"] {
        let mut device = Authenticator::new("new");
        device.public_key = Some(key.to_vec());
        let answer = register(&mut ada, &mut device, BASE_URL);
        // What cannot verify anything may be stored, as by the reference, and signs nobody in.
        if answer.status == 200 {
            assert_eq!(told(&sign_in(&mut world.browser(), &mut device, BASE_URL)).1, "AUTHENTICATION_FAILED");
            assert_eq!(ada.post("/passkey/delete-passkey", json!({"id": answer.json["id"]})).status, 200);
        } else {
            assert_eq!(told(&answer), NOT_MADE, "{key:?}");
        }
    }
    assert_eq!(world.rows("passkey").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn case_082_no_bytes_register_or_sign_in(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0..3_usize) {
        let world = world();
        let (mut ada, mut device) = enrolled(&world, ADA);
        let asked = ada.get(REGISTRATION).json;
        let mut made = Authenticator::new("new").create(&asked, BASE_URL);
        made["response"]["attestationObject"] = encoded(&bytes).into();
        let answer = keep(&mut ada, &made);
        prop_assert_eq!(told(&answer), NOT_MADE);
        let mut browser = world.browser();
        let asked = browser.get(AUTHENTICATION).json;
        let mut signed = device.get(&asked, BASE_URL);
        signed["response"][["clientDataJSON", "authenticatorData", "signature"][at]] = encoded(&bytes).into();
        let answer = enter(&mut browser, &signed);
        prop_assert_eq!(answer.code(), "AUTHENTICATION_FAILED");
    }
}

#[test]
fn case_083_nobody_registers_a_passkey_for_somebody_else() {
    let world = world();
    let ada = signed_up(&world, ADA);
    let id = ada.clone().get("/get-session").json["user"]["id"].clone();
    // Nobody without a session, whatever they name.
    let mut eve = world.browser();
    let asked = eve.get(format!("{REGISTRATION}?userId={}&context={}", id.as_str().unwrap(), id.as_str().unwrap()));
    assert_eq!(asked.status, 401);
    // With a session, and the name of somebody else in the body.
    let mut eve = signed_up(&world, EVE);
    let asked = eve.get(REGISTRATION).json;
    let response = Authenticator::new("eve").create(&asked, BASE_URL);
    let body = json!({"response": response, "userId": id, "user": {"id": id}});
    assert_eq!(eve.post("/passkey/verify-registration", body).status, 200);
    assert_ne!(world.rows("passkey")[0].text("userId"), id.as_str().unwrap());
    // With a ceremony that was begun for somebody else.
    let mut ada = ada;
    let asked = ada.get(REGISTRATION).json;
    let ceremony = ada.cookies["better-auth.better-auth-passkey"].clone();
    eve.cookies.insert("better-auth.better-auth-passkey".to_owned(), ceremony);
    let answer = keep(&mut eve, &Authenticator::new("other").create(&asked, BASE_URL));
    assert_eq!(told(&answer), (401, "YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY"));
    // Without a session only whom the application names.
    let mut open = PasskeyOptions::default();
    open.registration.require_session = false;
    let mut nobody = world_of(open.clone());
    assert_eq!(told(&nobody.browser().get(REGISTRATION)), (400, "RESOLVE_USER_REQUIRED"));
    nobody = world_of(open.resolve_user(async |_| Ok(Some(PasskeyUser::default()))));
    assert_eq!(told(&nobody.browser().get(REGISTRATION)), (400, "RESOLVED_USER_INVALID"));
}

#[test]
fn case_084_options_do_not_tell_who_has_a_passkey() {
    let world = world();
    enrolled(&world, ADA);
    signed_up(&world, EVE);
    let of = |query: &str| {
        let mut json = world.browser().get(format!("{AUTHENTICATION}{query}")).json;
        json["challenge"] = Value::Null;
        json
    };
    let nobody = of("");
    assert_eq!(nobody.get("allowCredentials"), None);
    for email in [ADA, EVE, "unknown@example.com"] {
        assert_eq!(of(&format!("?email={email}&username={email}&userId={email}")), nobody);
    }
    // The handle that a browser keeps is no id of anybody.
    let asked = signed_up(&world, "new@example.com").get(REGISTRATION).json;
    let users = world.rows("user");
    assert!(users.iter().all(|user| asked["user"]["id"] != encoded(user.id().as_bytes())));
}
