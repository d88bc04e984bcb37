//! Bytes in the place of what an authenticator says: a server takes a passkey or refuses it, and lets nobody in.

use std::cell::RefCell;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::testing::{Authenticator, BASE_URL, Browser, TestResponse, World, every_plugin, options};

const OWNER: &str = "ada@example.com";
/// After so many inputs the world is made anew, so that it stays small.
const INPUTS_A_WORLD: usize = 200;

thread_local! {
    static WORLD: RefCell<Option<(World, usize)>> = const { RefCell::new(None) };
}

/// What the bytes stand for.
const PARTS: &[&str] = &["attestationObject", "publicKey", "clientDataJSON", "authenticatorData", "signature"];

pub(super) fn run(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    WORLD.with_borrow_mut(|slot| {
        let (world, inputs) = slot.get_or_insert_with(|| (enrolled(), 0));
        match PARTS[usize::from(*choice) % PARTS.len()] {
            part @ ("attestationObject" | "publicKey") => register(world, part, bytes),
            part => sign_in(world, part, bytes),
        }
        *inputs += 1;
        if *inputs >= INPUTS_A_WORLD {
            *slot = None;
        }
    });
}

/// A world in which somebody has a passkey.
fn enrolled() -> World {
    let world = World::with_plugins(options(), every_plugin());
    let mut browser = world.browser();
    browser.sign_up(OWNER);
    let asked = browser.get("/passkey/generate-register-options").json;
    let answer = keep(&mut browser, &Authenticator::new(OWNER).create(&asked, BASE_URL));
    assert_eq!(answer.status, 200, "{}", answer.text);
    world
}

fn keep(browser: &mut Browser<'_>, response: &Value) -> TestResponse {
    browser.post("/passkey/verify-registration", json!({ "response": response }))
}

fn register(world: &World, part: &str, bytes: &[u8]) {
    let mut browser = world.browser();
    browser.login_as(OWNER);
    let asked = browser.get("/passkey/generate-register-options").json;
    let mut device = Authenticator::new("made up");
    device.public_key = (part == "publicKey").then(|| bytes.to_vec());
    let mut response = device.create(&asked, BASE_URL);
    if part != "publicKey" {
        response["response"][part] = URL_SAFE_NO_PAD.encode(bytes).into();
    }
    let answer = keep(&mut browser, &response);
    let refused = ["FAILED_TO_VERIFY_REGISTRATION", "PREVIOUSLY_REGISTERED"].contains(&answer.code());
    assert!(refused || answer.status == 200, "{}", answer.text);
    if answer.status == 200 {
        let gone = browser.post("/passkey/delete-passkey", json!({ "id": answer.json["id"] }));
        assert_eq!(gone.status, 200, "{}", gone.text);
    }
}

fn sign_in(world: &World, part: &str, bytes: &[u8]) {
    let mut browser = world.browser();
    let asked = browser.get("/passkey/generate-authenticate-options").json;
    let mut device = Authenticator::new(OWNER);
    device.counter = 1;
    let mut response = device.get(&asked, BASE_URL);
    response["response"][part] = URL_SAFE_NO_PAD.encode(bytes).into();
    let answer = browser.post("/passkey/verify-authentication", json!({ "response": response }));
    assert_eq!(answer.code(), "AUTHENTICATION_FAILED", "{}", answer.text);
}
