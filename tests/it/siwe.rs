//! Sign-in with wallets.

use k256::ecdsa::SigningKey;
use kernia::{
    domain::{Plugin, options::Options},
    plugins::{
        MagicLink,
        siwe::{EnsName, Siwe, SiweMessage, SiweOptions},
    },
    store::{Batch, Expect, Filter},
    testing::{self, Browser, TestRequest, TestResponse},
};
use serde_json::{Value as Json, json};
use sha3::{Digest, Keccak256};

use super::{Place, World, place, race::each_interleaving, stepping::write};

const DOMAIN: &str = "app.test";

fn world_with(options: SiweOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut all = testing::options();
    change(&mut all);
    World::with_plugins(all, vec![Box::new(Siwe::new(options))])
}

fn world() -> World {
    world_with(SiweOptions::new(DOMAIN), |_| {})
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// A wallet for tests.
struct Wallet(SigningKey);

impl Wallet {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    fn address(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        format!("0x{}", hex(&keccak(&point.as_bytes()[1..])[12..]))
    }

    fn sign(&self, text: &str) -> String {
        let signed = format!("\u{19}Ethereum Signed Message:\n{}{text}", text.len());
        let (signature, id) = self.0.sign_prehash_recoverable(&keccak(signed.as_bytes()));
        format!("0x{}{:02x}", hex(&signature.to_bytes()), id.to_byte() + 27)
    }
}

/// A message with this nonce, and its signature.
pub(crate) fn signed_message(seed: u8, nonce: &str) -> (String, String) {
    let wallet = Wallet::new(seed);
    let message = message(&wallet.address(), nonce);
    let signature = wallet.sign(&message);
    (message, signature)
}

fn nonce(world: &World) -> String {
    let answer = world.browser().post("/siwe/nonce", json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["nonce"].as_str().unwrap().to_owned()
}

fn message(address: &str, nonce: &str) -> String {
    format!(
        "{DOMAIN} wants you to sign in with your Ethereum account:\n{address}\n\nWelcome.\n\nURI: https://{DOMAIN}/\n\
         Version: 1\nChain ID: 1\nNonce: {nonce}\nIssued At: 2026-01-01T00:00:00.000Z"
    )
}

fn verify(browser: &mut Browser<'_>, message: &str, signature: &str, more: Json) -> TestResponse {
    let mut body = json!({ "message": message, "signature": signature });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    browser.post("/siwe/verify", body)
}

/// Signs in with a fresh nonce, with `change` to the message before it is signed.
fn sign_in_with(world: &World, wallet: &Wallet, change: impl Fn(String) -> String, more: Json) -> TestResponse {
    let message = change(message(&wallet.address(), &nonce(world)));
    verify(&mut world.browser(), &message, &wallet.sign(&message), more)
}

fn sign_in(world: &World, wallet: &Wallet) -> TestResponse {
    sign_in_with(world, wallet, |message| message, json!({}))
}

const MISMATCH: (u16, &str) = (401, "UNAUTHORIZED_SIWE_MESSAGE_MISMATCH");
const SPENT: (u16, &str) = (401, "UNAUTHORIZED_INVALID_OR_EXPIRED_NONCE");

fn refused(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

#[test]
fn a_wallet_signs_in_and_makes_its_user() {
    let world = world();
    let wallet = Wallet::new(7);
    let mut browser = world.browser();
    let message = message(&wallet.address(), &nonce(&world));
    let answer = verify(&mut browser, &message, &wallet.sign(&message), json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (users, wallets, accounts) = (world.rows("user"), world.rows("walletAddress"), world.rows("account"));
    assert_eq!((users.len(), wallets.len(), accounts.len()), (1, 1, 1));
    let address = wallets[0].text("address").to_owned();
    assert!(address != wallet.address() && address.eq_ignore_ascii_case(&wallet.address()), "mixed case");
    let expected = json!({ "id": users[0].id(), "walletAddress": address, "chainId": 1 });
    assert_eq!((&answer.json["user"], &answer.json["success"]), (&expected, &json!(true)));
    assert_eq!((users[0].text("name"), users[0].text("image")), (&*address, ""));
    assert_eq!(users[0].text("email"), format!("{}@siwe.placeholder.invalid", wallet.address()));
    assert!(!users[0].flag("emailVerified") && wallets[0].flag("isPrimary"));
    assert_eq!((accounts[0].text("providerId"), accounts[0].text("accountId")), ("siwe", &*format!("{address}:1")));
    assert_eq!(browser.get("/get-session").json["user"]["id"], users[0].id());
    assert!(world.rows("verification").is_empty());
    assert_eq!(sign_in(&world, &wallet).json["user"], expected);
    let on_polygon =
        sign_in_with(&world, &wallet, |message| message.replace("Chain ID: 1", "Chain ID: 137"), json!({}));
    assert_eq!(on_polygon.json["user"], json!({ "id": users[0].id(), "walletAddress": address, "chainId": 137 }));
    let wallets = world.rows("walletAddress");
    assert_eq!((world.rows("user").len(), wallets.len()), (1, 2));
    assert!(!wallets[1].flag("isPrimary"));
    assert_eq!(world.rows("account").len(), 2);
}

#[test]
fn case_159_a_message_is_for_this_site() {
    let world = world();
    let wallet = Wallet::new(7);
    for other in
        ["evil.test", "app.test.evil.test", "app.test:8080", "app.test@evil.test", "https://evil.test", "xapp.test"]
    {
        let change = |message: String| message.replacen(DOMAIN, other, 1);
        assert_eq!(refused(&sign_in_with(&world, &wallet, change, json!({}))), MISMATCH, "{other}");
    }
    for (from, to) in [
        ("Chain ID: 1", "Chain ID: 0"),
        ("Chain ID: 1", "Chain ID: -1"),
        ("Chain ID: 1", "Chain ID: one"),
        ("0x", "0X"),
        ("account:\n", "account:\n\n"),
        ("Nonce: ", "Nonce:"),
        ("Nonce: ", "Nonce: -"),
        ("wants you", "wants  you"),
    ] {
        let change = |message: String| message.replacen(from, to, 1);
        assert_eq!(refused(&sign_in_with(&world, &wallet, change, json!({}))), MISMATCH, "{to}");
    }
    for odd in ["x", "\n\n\n", "Nonce: 12345678"] {
        let status = verify(&mut world.browser(), odd, "0x00", json!({})).status;
        assert_eq!(status, 401, "{odd:?}");
    }
    assert!(world.rows("user").is_empty() && world.rows("session").is_empty());
    let local = |message: String| message.replacen(DOMAIN, "https://APP.test", 1);
    assert_eq!(sign_in_with(&world, &wallet, local, json!({})).status, 200);
}

#[test]
fn case_159_a_nonce_is_this_servers_and_good_for_one_try() {
    let world = world();
    let wallet = Wallet::new(7);
    let made_up = message(&wallet.address(), "madeup12345678");
    assert_eq!(refused(&verify(&mut world.browser(), &made_up, &wallet.sign(&made_up), json!({}))), SPENT);
    let good = message(&wallet.address(), &nonce(&world));
    let signature = wallet.sign(&good);
    let wrong = verify(&mut world.browser(), &good, &Wallet::new(8).sign(&good), json!({}));
    assert_eq!(
        (wrong.status, &wrong.json),
        (401, &json!({ "message": "Unauthorized: Invalid SIWE signature", "status": 401 }))
    );
    assert_eq!(refused(&verify(&mut world.browser(), &good, &signature, json!({}))), SPENT);
    let good = message(&wallet.address(), &nonce(&world));
    let signature = wallet.sign(&good);
    assert_eq!(verify(&mut world.browser(), &good, &signature, json!({})).status, 200);
    assert_eq!(refused(&verify(&mut world.browser(), &good, &signature, json!({}))), SPENT);
    let late = message(&wallet.address(), &nonce(&world));
    world.advance_secs(901);
    assert_eq!(refused(&verify(&mut world.browser(), &late, &wallet.sign(&late), json!({}))), SPENT);
    assert_eq!(world.rows("session").len(), 1);
}

#[test]
fn case_201_of_two_requests_with_one_signature_one_signs_in() {
    let stage = || {
        let world = world();
        let wallet = Wallet::new(7);
        let message = message(&wallet.address(), &nonce(&world));
        let body = json!({ "message": message, "signature": wallet.sign(&message) });
        let request = || TestRequest::json("/siwe/verify", &body).build("/api/auth");
        let both = [request(), request()];
        (world, both)
    };
    each_interleaving(stage, |world, first, second| {
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{} / {}", first.text, second.text);
        assert_eq!((world.rows("user").len(), world.rows("walletAddress").len()), (1, 1));
        assert_eq!(world.rows("session").len(), 1);
    });
}

#[test]
fn two_signatures_of_one_wallet_at_once_make_one_user() {
    let stage = || {
        let world = world();
        let wallet = Wallet::new(7);
        let request = |chain: &str| {
            let message = message(&wallet.address(), &nonce(&world)).replace("Chain ID: 1", chain);
            let body = json!({ "message": message, "signature": wallet.sign(&message) });
            TestRequest::json("/siwe/verify", &body).build("/api/auth")
        };
        let both = [request("Chain ID: 1"), request("Chain ID: 10")];
        (world, both)
    };
    each_interleaving(stage, |world, first, second| {
        // In secondary storage the nonce is gone before the database says that the wallet has an owner by now.
        let both = [first.status, second.status].iter().filter(|status| **status == 200).count();
        assert!(both == 2 || place() == Place::Secondary && both == 1, "{} / {}", first.text, second.text);
        assert_eq!((world.rows("user").len(), world.rows("walletAddress").len()), (1, both));
    });
}

#[test]
fn case_159_a_message_counts_in_its_time_only() {
    let world = world();
    let wallet = Wallet::new(7);
    let with = |line: &'static str| move |message: String| format!("{message}\n{line}");
    for (line, code) in [
        ("Expiration Time: 2025-12-31T23:59:59Z", "UNAUTHORIZED_SIWE_MESSAGE_EXPIRED"),
        ("Expiration Time: 2026-01-01T00:00:00.000Z", "UNAUTHORIZED_SIWE_MESSAGE_EXPIRED"),
        ("Not Before: 2026-01-01T00:00:01Z", "UNAUTHORIZED_SIWE_MESSAGE_NOT_YET_VALID"),
        ("Expiration Time: never", "UNAUTHORIZED_SIWE_MESSAGE_MISMATCH"),
        ("Not Before: never", "UNAUTHORIZED_SIWE_MESSAGE_MISMATCH"),
    ] {
        assert_eq!(refused(&sign_in_with(&world, &wallet, with(line), json!({}))), (401, code), "{line}");
    }
    let good = "Expiration Time: 2026-01-01T00:00:01Z\nNot Before: 2026-01-01T00:00:00Z";
    assert_eq!(sign_in_with(&world, &wallet, with(good), json!({})).status, 200);
}

#[test]
fn case_159_a_malformed_signature_is_refused() {
    let world = world();
    let wallet = Wallet::new(7);
    for signature in ["0x", "x", "é", &"00".repeat(65), &"ff".repeat(65), &"0x".repeat(100), &"a".repeat(100_000)] {
        let message = message(&wallet.address(), &nonce(&world));
        assert_eq!(verify(&mut world.browser(), &message, signature, json!({})).status, 401);
    }
    assert!(world.rows("session").is_empty());
}

#[test]
fn case_090_a_supplied_address_links_nobody() {
    let mut options = SiweOptions::new(DOMAIN);
    options.anonymous = false;
    let world = world_with(options, |_| {});
    let wallet = Wallet::new(7);
    let missing = sign_in(&world, &wallet);
    assert_eq!((missing.status, missing.code()), (400, "VALIDATION_ERROR"));
    assert!(missing.json["message"].as_str().unwrap().starts_with("[body.email] Email is required"));
    world.browser().login_as("ada@example.com");
    let taken = sign_in_with(&world, &wallet, |message| message, json!({ "email": "ADA@example.com" }));
    assert_eq!(taken.status, 200);
    let users = world.rows("user");
    assert_eq!((users.len(), users[1].text("email")), (2, &*format!("{}@siwe.placeholder.invalid", wallet.address())));
    let free = sign_in_with(&world, &Wallet::new(8), |message| message, json!({ "email": "BOB@example.com" }));
    assert_eq!(free.status, 200);
    let users = world.rows("user");
    assert_eq!((users[2].text("email"), users[2].flag("emailVerified")), ("bob@example.com", false));
    let again = sign_in_with(&world, &Wallet::new(8), |message| message, json!({ "email": "other@example.com" }));
    assert_eq!(again.json["user"]["id"], users[2].id());
    assert_eq!(world.rows("user")[2].text("email"), "bob@example.com");
}

#[test]
fn case_046_a_wallet_does_not_outlive_the_proof_of_an_address_that_it_only_named() {
    const ADA: &str = "ada@example.com";
    let mut siwe = SiweOptions::new(DOMAIN);
    siwe.anonymous = false;
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Siwe::new(siwe)), Box::new(MagicLink::default())];
    let world = World::with_plugins(testing::options(), plugins);
    let eve = Wallet::new(6);
    let hers = |world: &World| sign_in_with(world, &eve, |message| message, json!({ "email": ADA }));
    assert_eq!(hers(&world).status, 200);
    let ada = world.rows("user")[0].id().to_owned();
    world.browser().post("/sign-in/magic-link", json!({ "email": ADA }));
    let link = world.take_message().url.unwrap();
    let mut browser = world.browser();
    browser.get(link.strip_prefix("http://localhost:3000/api/auth").unwrap());
    assert_eq!(browser.get("/get-session").json["user"]["id"], ada.as_str());
    assert!(world.rows("walletAddress").is_empty());
    let answer = hers(&world);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_ne!(answer.json["user"]["id"], ada.as_str(), "the wallet is somebody else's now");
}

#[test]
fn an_address_is_not_looked_at_where_wallets_need_none() {
    let world = world();
    let wallet = Wallet::new(7);
    assert_eq!(sign_in_with(&world, &wallet, |message| message, json!({ "email": "ada@example.com" })).status, 200);
    assert!(world.rows("user")[0].text("email").ends_with("@siwe.placeholder.invalid"));
    let odd = sign_in_with(&world, &wallet, |message| message, json!({ "email": "x" }));
    assert_eq!((odd.status, odd.code()), (400, "VALIDATION_ERROR"));
    let more = sign_in_with(&world, &wallet, |message| message, json!({ "walletAddress": "0x" }));
    assert_eq!(more.json["message"], "[body] Unrecognized key: \"walletAddress\"");
}

#[test]
fn names_and_made_up_addresses_are_the_applications() {
    let look_up = async |address: String| EnsName {
        name: Some(format!("{}.eth", &address[2..6])),
        avatar: Some("https://a.test/x.png".to_owned()),
    };
    let mut options = SiweOptions::new("https://app.test/path").ens_lookup(look_up);
    options.email_domain_name = Some("wallets.test".to_owned());
    let world = world_with(options, |_| {});
    let wallet = Wallet::new(7);
    assert_eq!(sign_in(&world, &wallet).status, 200);
    let user = &world.rows("user")[0];
    assert!(user.text("name").ends_with(".eth") && user.text("image") == "https://a.test/x.png");
    assert_eq!(user.text("email"), format!("{}@wallets.test", wallet.address()));
}

#[test]
fn a_contract_is_asked_about_signatures_that_are_no_keys() {
    let options = SiweOptions::new(DOMAIN).contract_wallets(async |asked| {
        let known = SiweMessage::parse(&asked.message).chain_id == Some(asked.chain_id);
        known && asked.signature == "0xc0ffee" && asked.hash != [0; 32]
    });
    let world = world_with(options, |_| {});
    let wallet = Wallet::new(7);
    let message_of = || message(&wallet.address(), &nonce(&world));
    assert_eq!(verify(&mut world.browser(), &message_of(), "0xbad", json!({})).status, 401);
    assert_eq!(verify(&mut world.browser(), &message_of(), "0xc0ffee", json!({})).status, 200);
    assert_eq!(sign_in(&world, &wallet).status, 200);
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn case_159_a_contract_on_another_chain_is_another_wallet() {
    let options = SiweOptions::new(DOMAIN)
        .contract_wallets(async |asked| asked.signature == format!("0x{}", asked.chain_id) && asked.chain_id > 0);
    let world = world_with(options, |_| {});
    let (contract, key) = (Wallet::new(7), Wallet::new(8));
    let on = |chain: i64, wallet: &Wallet, signature: Option<String>| {
        let message = message(&wallet.address(), &nonce(&world)).replace("Chain ID: 1", &format!("Chain ID: {chain}"));
        let signature = signature.unwrap_or_else(|| wallet.sign(&message));
        let answer = verify(&mut world.browser(), &message, &signature, json!({}));
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["user"]["id"].clone()
    };
    let by_contract = |chain: i64| on(chain, &contract, Some(format!("0x{chain}")));
    let owners = [1, 10, 137].map(by_contract);
    assert!(owners[0] != owners[1] && owners[1] != owners[2] && owners[0] != owners[2]);
    assert_eq!([1, 10, 137].map(by_contract), owners);
    // A key is its owner's on every chain.
    assert_eq!(on(1, &key, None), on(10, &key, None));
    assert_eq!(world.rows("user").len(), 4);
}

#[test]
fn nonces_may_be_the_applications_own() {
    let world = world_with(SiweOptions::new(DOMAIN).generate_nonce(async || "0123456789abcdef".to_owned()), |_| {});
    assert_eq!(nonce(&world), "0123456789abcdef");
    for odd in ["short", "with space", "", &"x".repeat(251)] {
        let odd = odd.to_owned();
        let world = world_with(
            SiweOptions::new(DOMAIN).generate_nonce(move || {
                let odd = odd.clone();
                async { odd }
            }),
            |_| {},
        );
        let answer = world.browser().post("/siwe/get-nonce", json!({}));
        assert_eq!((answer.status, answer.code()), (500, "SIWE_INVALID_NONCE"));
    }
}

#[test]
fn a_nonce_takes_no_input() {
    let world = world();
    for path in ["/siwe/nonce", "/siwe/get-nonce"] {
        let answer = world.browser().send(&TestRequest::new(http::Method::POST, path));
        assert_eq!(answer.json["nonce"].as_str().unwrap().len(), 32);
        let answer = world.browser().post(path, json!({ "walletAddress": "0x" }));
        assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
    }
}

#[test]
fn a_wallet_whose_user_is_gone_begins_anew() {
    let world = world();
    let wallet = Wallet::new(7);
    assert_eq!(sign_in(&world, &wallet).status, 200);
    let gone = Batch::new()
        .delete("session", Filter::All, Expect::Any)
        .delete("account", Filter::All, Expect::Any)
        .delete("user", Filter::All, Expect::Rows(1));
    write(&world, gone);
    assert!(world.rows("walletAddress").is_empty());
    assert_eq!(sign_in(&world, &wallet).status, 200);
    assert_eq!(world.rows("user").len(), 1);
}
