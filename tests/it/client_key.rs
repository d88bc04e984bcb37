//! A key in the place of a client secret: with providers that Kernia knows, and with those of an operator's own.

use kernia::{
    Engine,
    crypto::{entropy::SeededEntropy, secret::Secret},
    domain::options::{PrivateKeyJwt, SecretText, SocialProvider, TokenEndpointAuth},
    plugins::generic_oauth::{ClientAuthentication, GenericOauth, GenericOauthConfig, GenericOauthOptions},
    providers,
    testing::{World, options},
    wire::{
        date::{FixedClock, Timestamp},
        jwk::{Algorithm, JwkSet},
        jws,
        signing::KeyJob,
    },
};
use ring::rand::SystemRandom;
use serde_json::{Value as Json, json};

use crate::{
    apple,
    provider::{CLIENT, Fake, begin, come_back, error_of, parameter, sign_in},
};

/// A key as a JWK with these members besides, and its public half.
fn jwk(algorithm: Algorithm, more: &Json) -> (String, JwkSet) {
    let job = KeyJob { algorithm, rsa_bits: 2048, seed: [9; 32] };
    let pair = job.run(&SystemRandom::new()).unwrap();
    let mut private: Json = serde_json::from_str(pair.private.expose()).unwrap();
    private.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut public = pair.public;
    public["kid"] = "KEY1".into();
    (private.to_string(), JwkSet::read(&json!({ "keys": [public] })).unwrap())
}

fn github_with(key: PrivateKeyJwt) -> SocialProvider {
    let mut github = SocialProvider::default();
    github.client_id = CLIENT.into();
    github.private_key_jwt = Some(key);
    github
}

fn described_with(key: PrivateKeyJwt) -> GenericOauthConfig {
    let mut config = GenericOauthConfig::new("op", CLIENT);
    config.discovery_url = Some("https://op.test/.well-known/openid-configuration".to_owned());
    config.private_key_jwt = Some(key);
    config
}

/// A server that has `key` for GitHub and for a provider of its own, and a fake of both that takes nothing else.
fn world(key: &PrivateKeyJwt, public: JwkSet) -> (World, Fake) {
    let mut options = options();
    options.social_providers.insert("github".to_owned(), github_with(key.clone()));
    let generic = GenericOauth::new(GenericOauthOptions::of([described_with(key.clone())]));
    let world = World::with_plugins(options, vec![Box::new(generic)]);
    let fake = Fake::at(&world);
    fake.set(|behaviour| behaviour.application = Some(public));
    (world, fake)
}

fn keys() -> Vec<(PrivateKeyJwt, JwkSet)> {
    let named = |(key, public): (String, JwkSet), algorithm: Option<&str>| {
        let mut options = PrivateKeyJwt::new(key);
        options.key_id = Some("KEY1".to_owned());
        options.algorithm = algorithm.map(str::to_owned);
        (options, public)
    };
    let (own, public) = jwk(Algorithm::EdDsa, &json!({ "kid": "KEY1", "alg": "EdDSA" }));
    let mut keys = vec![
        (PrivateKeyJwt::new(own), public),
        named(apple::key(), None),
        named(apple::key(), Some("ES256")),
        named(jwk(Algorithm::Es256, &json!({})), None),
    ];
    if KeyJob::can_make(Algorithm::Rs256) {
        keys.push(named(jwk(Algorithm::Rs256, &json!({})), None));
        keys.push(named(jwk(Algorithm::Rs256, &json!({})), Some("PS384")));
    }
    keys
}

#[test]
fn each_request_for_tokens_is_proven_by_an_assertion_of_its_own() {
    for (key, public) in keys() {
        let (world, fake) = world(&key, public);
        let mut browser = world.browser();
        assert_eq!(error_of(&sign_in(&mut browser, "github")), "", "{key:?}");
        let mut other = world.browser();
        other.post("/sign-out", json!({}));
        fake.set(|behaviour| behaviour.person.email = Some("eve@example.com".to_owned()));
        assert_eq!(error_of(&sign_in(&mut other, "op")), "", "{key:?}");
        let accounts = world.rows("account");
        let account = accounts.iter().find(|row| row.text("providerId") == "op").unwrap();
        let renewed = other.post("/refresh-token", json!({ "accountId": account.id() }));
        assert_eq!(renewed.status, 200, "{}", renewed.text);
        fake.set(|behaviour| assert_eq!(behaviour.used.len(), 3));
    }
}

#[test]
fn a_key_that_the_provider_does_not_know_proves_nothing() {
    let (key, _) = keys().remove(1);
    let (world, _) = world(&key, apple::key().1);
    assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "invalid_code");
    assert!(world.rows("user").is_empty());
}

#[test]
fn every_provider_takes_a_key_whose_own_way_is_no_other() {
    let own_ways = ["apple", "tiktok", "wechat"];
    for (name, _) in providers::TABLE.iter().filter(|(name, _)| !own_ways.contains(name)) {
        let (pem, public) = apple::key();
        let mut key = PrivateKeyJwt::new(pem);
        key.key_id = Some("KEY1".to_owned());
        let mut provider = github_with(key);
        (provider.domain, provider.region) = (Some("pool.test".to_owned()), Some("eu-west-1".to_owned()));
        provider.user_pool_id = Some("pool".to_owned());
        let mut options = options();
        options.social_providers.insert((*name).to_owned(), provider);
        let world = World::new(options);
        let mut browser = world.browser();
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": name }));
        assert_eq!(parameter(&url, "client_assertion"), "");
        come_back(&mut browser, name, &url);
        let asked = world.outside.take_fetches().remove(0).request;
        let form: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(asked.body()).into_owned().collect();
        assert!(!form.contains_key("client_secret") && !asked.headers().contains_key("authorization"), "{name}");
        let now = kernia::wire::date::Clock::now(&*world.clock);
        let verified = jws::verify(&form["client_assertion"], &[Algorithm::Es256], &public, now, 0).unwrap();
        let claims: Json = verified.read().unwrap();
        assert_eq!((claims["aud"].as_str(), claims["iss"].as_str()), (Some(&*asked.uri().to_string()), Some(CLIENT)));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    }
}

fn refusal(name: &str, provider: SocialProvider) -> String {
    let mut options = options();
    options.social_providers.insert(name.to_owned(), provider);
    let clock = FixedClock::new(Timestamp::from_secs(1_767_225_600));
    let engine = Engine::builder(options, std::sync::Arc::new(clock), std::sync::Arc::new(SeededEntropy::new(7)));
    engine.build().map(|_| ()).unwrap_err().to_string()
}

#[test]
fn what_cannot_prove_anything_stops_the_server_from_starting() {
    const EXCLUDED: &str = "private_key_jwt excludes a client_secret";
    const UNUSABLE: &str = "private_key_jwt.key is no private key";
    let sound = || PrivateKeyJwt::new(apple::key().0);
    let with = |change: &dyn Fn(&mut PrivateKeyJwt)| {
        let mut key = sound();
        change(&mut key);
        refusal("github", github_with(key))
    };
    let contradicting = jwk(Algorithm::EdDsa, &json!({ "alg": "EdDSA" })).0;
    let strange = jwk(Algorithm::EdDsa, &json!({ "alg": "HS256" })).0;
    for name in ["apple", "tiktok", "wechat"] {
        assert!(refusal(name, github_with(sound())).contains("takes no private_key_jwt"), "{name}");
    }
    let mut both = github_with(sound());
    both.client_secret = Some("secret".into());
    assert!(refusal("github", both).contains(EXCLUDED));
    for nonsense in ["", "{}", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
        let said = with(&|key| key.key = SecretText::from(Secret::from(nonsense)));
        assert!(said.contains(UNUSABLE), "{nonsense}: {said}");
    }
    assert!(with(&|key| key.algorithm = Some("RS256".to_owned())).contains(UNUSABLE), "a key of another kind");
    assert!(with(&|key| key.algorithm = Some("HS256".to_owned())).contains("none of RS256"));
    assert!(with(&|key| key.key = SecretText::from(Secret::from(strange.as_str()))).contains("none of RS256"));
    let said = with(&|key| {
        key.key = SecretText::from(Secret::from(contradicting.as_str()));
        key.algorithm = Some("ES256".to_owned());
    });
    assert!(said.contains("for another algorithm"), "{said}");
    for secs in [0, -1, 3601] {
        assert!(with(&|key| key.expires_in = secs).contains("between 1 and 3600"));
    }
}

#[test]
fn a_key_beside_another_way_stops_a_provider_of_ones_own() {
    let refused = |change: &dyn Fn(&mut GenericOauthConfig)| {
        let mut config = described_with(PrivateKeyJwt::new(apple::key().0));
        change(&mut config);
        let clock = FixedClock::new(Timestamp::from_secs(1_767_225_600));
        let builder =
            Engine::builder(options(), std::sync::Arc::new(clock), std::sync::Arc::new(SeededEntropy::new(7)));
        let plugin = GenericOauth::new(GenericOauthOptions::of([config]));
        builder.plugin(plugin).build().map(|_| ()).unwrap_err().to_string()
    };
    let basic = ClientAuthentication { method: TokenEndpointAuth::ClientSecretBasic };
    assert!(refused(&|config| config.token_endpoint_auth = Some(basic)).contains("another way"));
    let said = refused(&|config| config.client_secret = Some("secret".into()));
    assert!(said.contains("private_key_jwt excludes a client_secret"), "{said}");
}

#[test]
fn the_key_does_not_print() {
    let (pem, _) = apple::key();
    let secret: String = pem.lines().nth(1).unwrap().to_owned();
    let options = PrivateKeyJwt::new(pem);
    let shown = format!("{options:?} {}", serde_json::to_string(&options).unwrap());
    assert!(!shown.contains(&secret), "{shown}");
    assert!(shown.contains("[secret]"), "{shown}");
}
