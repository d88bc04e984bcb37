//! Cookies: their attributes, their size, and what is made of broken ones.

use kernia::{
    crypto::entropy::SeededEntropy,
    domain::options::BaseUrl,
    testing::{Browser, PASSWORD, World},
    wire::{date::Clock as _, percent::encode_uri_component, session_cache::CacheStrategy},
};
use serde_json::{Value, json};

use crate::{
    given::{ADA, DATA, EVE, TOKEN, call, get, open, post, signed_up},
    stepping::write,
};

fn cached(strategy: CacheStrategy) -> World {
    open(|options| {
        options.session.cookie_cache.enabled = true;
        options.session.cookie_cache.strategy = strategy;
    })
}

/// Ada's browser with a cached session that says `payload`, and no session in the store.
fn with_payload<'w>(world: &'w World, ada: &Browser<'w>, payload: &Value) -> Browser<'w> {
    let installation = world.engine.installation();
    let encoded =
        installation.session_cache.encode(&SeededEntropy::new(1), world.clock.now(), Some(300), &payload.to_string());
    let mut browser = ada.clone();
    browser.cookies.insert(DATA.to_owned(), encode_uri_component(&encoded).into_owned());
    browser
}

#[test]
fn case_057_a_cached_session_that_is_not_whole_is_none_and_is_taken_back() {
    for strategy in [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe] {
        let world = cached(strategy);
        let mut ada = signed_up(&world, ADA);
        let mut eve = signed_up(&world, EVE);
        let seen = ada.get("/get-session").json;
        let other = eve.get("/get-session").json;
        let good = json!({"session": seen["session"], "user": seen["user"], "updatedAt": 1, "version": "1"});
        write(
            &world,
            kernia::store::Batch::new().delete("session", kernia::store::Filter::All, kernia::store::Expect::Rows(2)),
        );
        let believed = with_payload(&world, &ada, &good).get("/get-session").json;
        assert_eq!(believed["user"]["email"], ADA, "the payload itself is fine");

        let mut wrong = Vec::new();
        for part in ["session", "user", "updatedAt"] {
            for value in [json!(null), json!([]), json!("x"), json!(true)] {
                let mut payload = good.clone();
                payload[part] = value;
                wrong.push(payload);
            }
            let mut payload = good.clone();
            payload.as_object_mut().unwrap().remove(part);
            wrong.push(payload);
        }
        for (part, field) in [
            ("session", "token"),
            ("session", "expiresAt"),
            ("session", "userId"),
            ("session", "id"),
            ("user", "id"),
            ("user", "email"),
        ] {
            for value in [json!(null), json!(""), json!({}), json!(false)] {
                let mut payload = good.clone();
                payload[part][field] = value;
                wrong.push(payload);
            }
        }
        let mut with = |field: &str, value: Value| {
            let mut payload = good.clone();
            payload[field] = value;
            wrong.push(payload);
        };
        with("version", json!("2"));
        with("version", json!(1));
        with("session", other["session"].clone());
        with("user", other["user"].clone());
        for payload in wrong {
            let mut browser = with_payload(&world, &ada, &payload);
            let answer = browser.get("/get-session");
            assert_eq!((answer.status, &answer.json), (200, &json!(null)), "{strategy:?} {payload}");
            assert!(!browser.cookies.contains_key(DATA), "{payload}");
            assert_eq!(with_payload(&world, &ada, &payload).get("/list-accounts").status, 401);
        }
    }
}

/// Signs in with so much to remember that the cached session takes several cookies.
fn chunked(world: &World) -> Browser<'_> {
    let mut ada = signed_up(world, ADA);
    let image = format!("https://example.com/{}", "x".repeat(9000));
    assert_eq!(ada.post("/update-user", json!({"image": image})).status, 200);
    ada.get("/get-session");
    ada
}

fn chunks(browser: &Browser<'_>) -> Vec<String> {
    browser.cookies.keys().filter(|name| name.starts_with(DATA)).cloned().collect()
}

#[test]
fn case_058_a_cookie_in_pieces_is_whole_or_nothing() {
    for strategy in [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe] {
        let world = cached(strategy);
        let ada = chunked(&world);
        let names = chunks(&ada);
        assert!(names.len() >= 3, "{names:?}");
        for (name, value) in &ada.cookies {
            assert!(name.len() + value.len() < 4096, "{name} is too large for a browser");
        }
        let stored = world.rows("session");
        write(
            &world,
            kernia::store::Batch::new().delete("session", kernia::store::Filter::All, kernia::store::Expect::Rows(1)),
        );
        let seen = |change: &dyn Fn(&mut Browser<'_>)| {
            let mut browser = ada.clone();
            change(&mut browser);
            !browser.get("/get-session").json.is_null()
        };
        assert!(seen(&|_| {}), "{} of {stored:?}", names.len());
        for name in &names {
            assert!(!seen(&|browser| drop(browser.cookies.remove(name))), "without {name}");
            assert!(!seen(&|browser| browser.cookies.get_mut(name).unwrap().push('A')), "with more in {name}");
            let forged = ada.cookies[name].replacen(|letter: char| letter.is_ascii_lowercase(), "0", 1);
            assert!(!seen(&|browser| drop(browser.cookies.insert(name.clone(), forged.clone()))), "forged {name}");
        }
        let (first, second) = (format!("{DATA}.0"), format!("{DATA}.1"));
        let swapped = [ada.cookies[&second].clone(), ada.cookies[&first].clone()];
        assert!(!seen(&|browser| {
            browser.cookies.insert(first.clone(), swapped[0].clone());
            browser.cookies.insert(second.clone(), swapped[1].clone());
        }));
        assert!(!seen(&|browser| drop(browser.cookies.insert(format!("{DATA}.{}", names.len()), "more".to_owned()))));
        // What is left over goes when the value gets shorter, and when the session ends.
        let mut ada = ada.clone();
        ada.cookies.retain(|name, _| name.starts_with(DATA));
        ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
        assert_eq!(ada.post("/update-user", json!({"image": "https://example.com/x"})).status, 200);
        assert_eq!(chunks(&ada), [DATA.to_owned()]);
        let mut ada = chunked_again(ada);
        ada.post("/sign-out", json!({}));
        assert!(chunks(&ada).is_empty(), "{:?}", chunks(&ada));
    }
}

fn chunked_again(mut ada: Browser<'_>) -> Browser<'_> {
    let image = format!("https://example.com/{}", "x".repeat(9000));
    assert_eq!(ada.post("/update-user", json!({"image": image})).status, 200);
    assert!(chunks(&ada).len() >= 3);
    ada
}

#[test]
fn case_059_cookies_are_as_strict_as_the_address_allows() {
    let world = open(|options| {
        options.base_url = Some(BaseUrl::Fixed("https://auth.example.com".to_owned()));
        options.session.cookie_cache.enabled = true;
    });
    let mut ada = world.browser();
    ada.origin = Some("https://auth.example.com".to_owned());
    let answer = ada.sign_up(ADA);
    assert!(answer.cookies.len() >= 2);
    for cookie in &answer.cookies {
        let attributes = &cookie.attributes;
        assert!(cookie.name.starts_with("__Secure-better-auth."), "{}", cookie.name);
        assert!(attributes.secure && attributes.http_only, "{cookie:?}");
        assert_eq!(format!("{:?}", attributes.same_site), "Some(Lax)");
        assert_eq!((attributes.path.as_deref(), attributes.domain.as_deref()), (Some("/"), None));
    }
    // A cookie that a plain page could have set is not taken for the secure one.
    let secure = ada.cookies[&format!("__Secure-{TOKEN}")].clone();
    let seen = |header: String| call(&world, &get("/get-session").header("cookie", header)).json;
    assert!(seen(format!("{TOKEN}={secure}")).is_null());
    assert!(!seen(format!("__Secure-{TOKEN}={secure}")).is_null());
    // Of several with one name the first counts, wherever it is read.
    assert!(!seen(format!("__Secure-{TOKEN}={secure}; __Secure-{TOKEN}=x")).is_null());
    assert!(seen(format!("__Secure-{TOKEN}=x; __Secure-{TOKEN}={secure}")).is_null());
    for (value, expected) in [
        (format!("__Secure-{TOKEN}=x; __Secure-{TOKEN}={secure}"), 401),
        (format!("__Secure-{TOKEN}={secure}; __Secure-{TOKEN}=x"), 200),
    ] {
        let request = post("/update-user", &json!({"name": "x"}))
            .header("cookie", value)
            .header("origin", "https://auth.example.com");
        assert_eq!(call(&world, &request).status, expected);
    }
}

#[test]
fn case_059_no_cookie_of_others_makes_ours_unreadable() {
    let world = open(|_| {});
    let ada = signed_up(&world, ADA);
    let own = format!("{TOKEN}={}", ada.cookies[TOKEN]);
    for header in
        [format!("theme=caf\u{e9}; {own}"), format!("{own}; \u{540d}\u{524d}=x"), format!("a=\u{2000}b;{own};c=\u{e9}")]
    {
        let seen = call(&world, &get("/get-session").header("cookie", header.clone())).json;
        assert_eq!(seen["user"]["email"], ADA, "{header}");
    }
    // No spelling of the name passes for ours, and a page elsewhere is one whatever cookies come along.
    let close = format!("\u{2000}{own}");
    assert!(call(&world, &get("/get-session").header("cookie", close)).json.is_null());
    let elsewhere =
        post("/sign-out", &json!({})).header("cookie", "theme=caf\u{e9}").header("origin", "https://evil.example");
    assert_eq!(call(&world, &elsewhere).status, 403);
}

#[test]
fn case_065_no_answer_sets_a_cookie_twice_and_no_failure_sets_one() {
    for (cache, remember) in [(true, true), (true, false), (false, true), (false, false)] {
        let world = open(|options| options.session.cookie_cache.enabled = cache);
        let mut ada = signed_up(&world, ADA);
        let credentials = json!({"email": ADA, "password": PASSWORD, "rememberMe": remember});
        let change =
            json!({"currentPassword": PASSWORD, "newPassword": "another password", "revokeOtherSessions": true});
        let answers = [
            ada.post("/sign-in/email", credentials),
            ada.get("/get-session"),
            ada.post("/update-user", json!({"name": "Ada L"})),
            ada.post("/change-password", change),
            ada.clone().post("/revoke-sessions", json!({})),
            ada.post("/sign-out", json!({})),
        ];
        for answer in answers {
            assert_eq!(answer.status, 200, "{}", answer.text);
            // The cached copy may be written twice; the reference does so, and the last one counts.
            let mut names: Vec<_> =
                answer.cookies.iter().map(|cookie| cookie.name.clone()).filter(|name| name != DATA).collect();
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{:?}", answer.headers);
        }
        let failures = [
            ("/sign-in/email", json!({"email": ADA, "password": "wrong password"})),
            ("/sign-in/email", json!({"email": "nobody@example.com", "password": PASSWORD})),
            ("/sign-in/username", json!({"username": "nobody", "password": PASSWORD})),
            ("/sign-up/email", json!({"email": ADA, "name": "x", "password": PASSWORD})),
            ("/reset-password", json!({"newPassword": PASSWORD, "token": "x"})),
        ];
        for (path, body) in failures {
            let answer = world.browser().post(path, body);
            assert!(answer.status >= 400 && answer.cookies.is_empty(), "{path}: {:?}", answer.headers);
        }
    }
}
