//! How often, and by whom.

use std::net::IpAddr;

use kernia::{
    domain::options::{Options, RateLimitStorage},
    engine::{Effect, Step},
    testing::{Outside, TestResponse, World, every_plugin},
};
use serde_json::json;

use crate::given::{ADA, each_interleaving, everything, get, open, post};

fn limited(change: impl FnOnce(&mut Options)) -> World {
    open(|options| {
        options.rate_limit.enabled = Some(true);
        change(options);
    })
}

/// Tries to sign up from where `headers` say, and answers the status: 400 when it was let through, 429 when not.
fn attempt(world: &World, headers: &[(&'static str, &str)]) -> u16 {
    let request =
        headers.iter().fold(post("/sign-up/email", &json!({})), |request, (name, value)| request.header(name, *value));
    world.browser().send(&request).status
}

fn let_through(world: &World, tries: usize, headers: impl Fn(usize) -> Vec<(&'static str, String)>) -> usize {
    let passed = |number: &usize| {
        let headers = headers(*number);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        attempt(world, &headers) == 400
    };
    (0..tries).filter(passed).count()
}

#[test]
fn case_166_a_client_does_not_choose_its_address() {
    let forwarded = |value: String| vec![("x-forwarded-for", value)];
    // Behind a proxy that appends, whatever the client wrote before is to the left.
    let world = limited(|options| options.advanced.ip_address.trusted_proxies = vec!["10.0.0.0/8".to_owned()]);
    assert_eq!(let_through(&world, 8, |number| forwarded(format!("203.0.113.{number}, 198.51.100.7, 10.0.0.1"))), 3);
    let world = limited(|options| options.advanced.ip_address.trusted_proxies = vec!["10.0.0.0/8".to_owned()]);
    assert_eq!(
        let_through(&world, 8, |number| forwarded(format!(
            "203.0.113.{number}, 10.0.0.{number}, 198.51.100.7, 10.0.0.1"
        ))),
        3
    );
    // Without a proxy that is known, several hops are nobody's word.
    let world = limited(|_| {});
    assert_eq!(let_through(&world, 8, |number| forwarded(format!("203.0.113.{number}, 198.51.100.7"))), 3);
    // Headers that are not the configured ones are not looked at.
    let world = limited(|options| options.advanced.ip_address.ip_address_headers = vec!["x-real".to_owned()]);
    assert_eq!(
        let_through(&world, 8, |number| {
            ["x-forwarded-for", "x-client-ip", "cf-connecting-ip", "x-real-ip", "true-client-ip", "forwarded"]
                .map(|name| (name, format!("203.0.113.{number}")))
                .to_vec()
        }),
        3
    );
    // What is no address is none.
    let world = limited(|_| {});
    assert_eq!(let_through(&world, 8, |number| forwarded(format!("client-{number}"))), 3);
    let world = limited(|_| {});
    assert_eq!(let_through(&world, 8, |number| forwarded(format!("203.0.113.7:{}", 1000 + number))), 3);
}

#[test]
fn case_166_whoever_connects_without_a_proxy_does_not_choose_an_address() {
    let tried = |proxies: &[&str], peer: [u8; 4]| {
        let world = limited(|options| {
            options.advanced.ip_address.use_peer_address = true;
            options.advanced.ip_address.trusted_proxies = proxies.iter().map(|&proxy| proxy.to_owned()).collect();
        });
        let passed = |number: &usize| {
            let body = json!({"email": "nobody@example.com", "password": "wrong password"});
            let request = post("/sign-in/email", &body).header("x-forwarded-for", format!("203.0.113.{number}"));
            let mut request = world.browser().prepare(&request);
            request.extensions_mut().insert(IpAddr::from(peer));
            TestResponse::read(world.answer(request)).status != 429
        };
        (0..8).filter(passed).count()
    };
    assert_eq!(tried(&[], [198, 51, 100, 7]), 3);
    assert_eq!(tried(&["10.0.0.0/8"], [198, 51, 100, 7]), 3);
    // A proxy's word is taken: these are eight clients.
    assert_eq!(tried(&["10.0.0.0/8"], [10, 0, 0, 1]), 8);
}

#[test]
fn case_167_a_client_without_an_address_is_limited_with_the_others() {
    for storage in [RateLimitStorage::Memory, RateLimitStorage::Database] {
        let world = limited(|options| options.rate_limit.storage = Some(storage));
        let statuses: Vec<_> = (0..5).map(|_| attempt(&world, &[])).collect();
        assert_eq!(statuses, [400, 400, 400, 429, 429]);
        assert_eq!(attempt(&world, &[("x-forwarded-for", "192.0.2.1")]), 400, "whoever has one has a counter");
    }
}

#[test]
fn case_168_every_form_of_an_address_is_one_client() {
    let world = limited(|_| {});
    let forms = [
        "2001:db8::1",
        "2001:0DB8:0:0:0:0:0:1",
        "2001:db8:0000:0000::1",
        "2001:db8::ffff:ffff:ffff:ffff",
        "2001:db8::0.0.0.9",
        "2001:db8:0:0:dead:beef::",
    ];
    let statuses: Vec<_> = forms.iter().map(|form| attempt(&world, &[("x-forwarded-for", form)])).collect();
    assert_eq!(statuses, [400, 400, 400, 429, 429, 429]);
    assert_eq!(attempt(&world, &[("x-forwarded-for", "2001:db8:0:1::1")]), 400, "another /64");
    let mapped = ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:FFFF:192.0.2.1"];
    let statuses: Vec<_> = mapped.iter().map(|form| attempt(&world, &[("x-forwarded-for", form)])).collect();
    assert_eq!(statuses, [400, 400, 400, 429]);
    let wide = limited(|options| options.advanced.ip_address.ipv6_subnet = Some(48));
    let statuses: Vec<_> =
        (0..4).map(|at| attempt(&wide, &[("x-forwarded-for", &format!("2001:db8:0:{at}::1"))])).collect();
    assert_eq!(statuses, [400, 400, 400, 429]);
}

#[test]
fn case_169_sensitive_paths_are_limited_more_strictly() {
    for (path, window) in [
        ("/sign-in/email", 10),
        ("/sign-in/username", 10),
        ("/sign-in/social", 10),
        ("/sign-up/email", 10),
        ("/change-password", 10),
        ("/change-email", 10),
        ("/request-password-reset", 60),
        ("/send-verification-email", 60),
    ] {
        let world = limited(|_| {});
        let ask = || world.browser().post(path, json!({}));
        assert!((0..3).all(|_| ask().status != 429), "{path}");
        let refused = ask();
        assert_eq!((refused.status, refused.header("x-retry-after")), (429, window.to_string().as_str()), "{path}");
        world.advance_secs(window);
        assert_ne!(ask().status, 429, "{path}");
    }
    let world = limited(|_| {});
    assert!((0..100).all(|_| world.browser().get("/get-session").status == 200), "what is harmless is not");
}

#[test]
fn case_171_being_refused_does_not_prolong_a_limit() {
    for (secondary, storage) in [
        (false, RateLimitStorage::Memory),
        (false, RateLimitStorage::Database),
        (true, RateLimitStorage::SecondaryStorage),
    ] {
        let mut options = everything();
        options.rate_limit.enabled = Some(true);
        options.rate_limit.storage = Some(storage);
        let world = if secondary {
            World::with_secondary_storage(options, every_plugin())
        } else {
            World::with_plugins(options, every_plugin())
        };
        for _ in 0..3 {
            assert_eq!(attempt(&world, &[]), 400);
        }
        for second in 0..10 {
            assert_eq!(attempt(&world, &[]), 429, "{storage:?} after {second} s");
            world.advance_secs(1);
        }
        assert_eq!(attempt(&world, &[]), 400, "{storage:?}: the window is over, however often it was tried");
        world.advance_secs(86_500);
        let _ = world.outside.perform_now(Effect::Write(world.engine.janitor(100)));
        assert!(world.rows("rateLimit").is_empty());
        assert!(world.outside.cache.snapshot().is_empty());
    }
}

#[test]
fn case_172_a_limited_request_learns_when_to_come_again_and_does_nothing() {
    let world = limited(|_| {});
    let body = json!({"email": ADA, "password": "x"});
    for _ in 0..3 {
        world.browser().post("/sign-in/email", body.clone());
    }
    let mut browser = world.browser();
    browser.cookies.insert("better-auth.session_token".to_owned(), "x".to_owned());
    let answer = browser.post("/sign-in/email", body);
    assert_eq!(
        (answer.status, answer.header("x-retry-after"), answer.header("content-type")),
        (429, "10", "application/json")
    );
    assert_eq!(answer.json["message"], "Too many requests. Please try again later.");
    assert!(answer.cookies.is_empty());
}

#[test]
fn case_174_while_counters_are_down_nobody_is_let_through() {
    for (secondary, storage, kind) in
        [(false, RateLimitStorage::Database, "Read"), (true, RateLimitStorage::SecondaryStorage, "Cache")]
    {
        let mut options = everything();
        options.rate_limit.enabled = Some(true);
        options.rate_limit.storage = Some(storage);
        let world = if secondary {
            World::with_secondary_storage(options, every_plugin())
        } else {
            World::with_plugins(options, every_plugin())
        };
        let body = json!({"email": ADA, "name": "x", "password": "a good password"});
        let mut exchange = world.begin(world.browser().prepare(&post("/sign-up/email", &body)));
        let Step::Perform(effect) = exchange.step() else { panic!("it asks the counter first") };
        assert_eq!(effect.name(), kind);
        exchange.supply(Outside::outage(&effect));
        let answer = TestResponse::read(world.outside.finish(exchange));
        assert_eq!((answer.status, answer.code()), (503, "SERVICE_UNAVAILABLE"));
        assert!(world.rows("user").is_empty());
        assert_eq!(world.browser().post("/sign-up/email", body).status, 200, "and afterwards all is well");
    }
}

#[test]
fn case_204_requests_at_once_do_not_pass_a_limit_together() {
    // On a counter that is not there yet, on one that is nearly full, and on one whose window is over.
    for (before, wait, expected) in [(0, 0, 2), (2, 0, 1), (3, 11, 2)] {
        let stage = || {
            let world = limited(|options| options.rate_limit.storage = Some(RateLimitStorage::Database));
            for _ in 0..before {
                attempt(&world, &[]);
            }
            world.advance_secs(wait);
            let request = || world.browser().prepare(&post("/sign-up/email", &json!({})));
            let requests = [request(), request()];
            (world, requests)
        };
        each_interleaving(stage, |world, first, second| {
            let passed = [first.status, second.status].iter().filter(|status| **status == 400).count();
            assert_eq!(passed, expected, "{before} before: {} {}", first.text, second.text);
            let more = (0..3).filter(|_| attempt(world, &[]) == 400).count();
            let spent = if wait > 0 { 0 } else { before };
            assert_eq!(spent + passed + more, 3);
        });
    }
    let world = limited(|options| options.rate_limit.storage = Some(RateLimitStorage::Database));
    let passed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| (0..25).filter(|_| attempt(&world, &[]) == 400).count())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(passed, 3, "of two hundred");
    assert_eq!(world.browser().send(&get("/ok")).status, 200);
}
