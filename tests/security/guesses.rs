//! Guesses at one account, and messages to one address, from everywhere.

use kernia::{
    domain::options::{CustomRule, Options, RateLimitStorage},
    testing::{Browser, PASSWORD, TestResponse, World, every_plugin},
};
use serde_json::json;

use crate::given::{ADA, each_interleaving, everything, post, signed_up};

const NOBODY: &str = "nobody@example.com";

/// A server for each place where counters can be.
fn limited(change: impl Fn(&mut Options)) -> [World; 3] {
    [RateLimitStorage::Memory, RateLimitStorage::Database, RateLimitStorage::SecondaryStorage].map(|storage| {
        let mut options = everything();
        options.rate_limit.enabled = Some(true);
        options.rate_limit.storage = Some(storage);
        // Only what one account or address bears is of interest here.
        options.rate_limit.custom_rules.insert("/**".to_owned(), CustomRule::Switch(false));
        change(&mut options);
        match storage {
            RateLimitStorage::SecondaryStorage => World::with_secondary_storage(options, every_plugin()),
            _ => World::with_plugins(options, every_plugin()),
        }
    })
}

fn guess(world: &World, number: usize, email: &str, password: &str) -> TestResponse {
    let body = json!({"email": email, "password": password});
    let from = format!("198.51.100.{number}");
    world.browser().send(&post("/sign-in/email", &body).header("x-forwarded-for", from.as_str()))
}

fn statuses(answers: impl Iterator<Item = TestResponse>) -> Vec<u16> {
    answers.map(|answer| answer.status).collect()
}

#[test]
fn case_170_guesses_at_one_account_end_from_wherever_they_come() {
    for world in limited(|_| {}) {
        signed_up(&world, ADA);
        for email in [ADA, NOBODY] {
            let answers = statuses((0..22).map(|number| guess(&world, number, email, "a wrong password")));
            assert_eq!((answers[..20].iter().all(|status| *status == 401), &answers[20..]), (true, &[429, 429][..]));
        }
        let locked = guess(&world, 99, ADA, PASSWORD);
        assert_eq!((locked.status, locked.header("x-retry-after")), (429, "900"), "the right one is not judged either");
        assert_eq!(locked.json["message"], "Too many requests. Please try again later.");
        let capitals = guess(&world, 99, "ADA@example.com", PASSWORD);
        assert_eq!(capitals.status, 429, "one address however it is written");
        let kept = format!("{:?} {:?}", world.rows("rateLimit"), world.outside.cache.snapshot());
        assert!(!kept.contains("guesses|ada") && !kept.contains(NOBODY), "counters tell nobody's address");
        world.advance_secs(900);
        assert_eq!(guess(&world, 99, ADA, PASSWORD).status, 200, "nobody is locked out for long");
    }
}

#[test]
fn case_170_a_right_password_ends_the_row_of_wrong_ones() {
    for world in limited(|options| options.rate_limit.failures_per_account = CustomRule::Limit { window: 60, max: 3 }) {
        signed_up(&world, ADA);
        for _ in 0..4 {
            let answers = statuses(
                [false, false, true]
                    .map(|right| guess(&world, 1, ADA, if right { PASSWORD } else { "wrong one" }))
                    .into_iter(),
            );
            assert_eq!(answers, [401, 401, 200]);
        }
    }
    for world in limited(|options| options.rate_limit.failures_per_account = CustomRule::Switch(false)) {
        assert!((0..30).all(|number| guess(&world, number, ADA, "a wrong password").status == 401), "lifted");
    }
}

#[test]
fn case_170_a_username_does_not_tell_whose_it_is() {
    for world in limited(|options| options.rate_limit.failures_per_account = CustomRule::Limit { window: 60, max: 3 }) {
        let body = json!({"email": ADA, "name": "Ada", "password": PASSWORD, "username": "ada_l"});
        assert_eq!(world.browser().post("/sign-up/email", body).status, 200);
        let by_name = || {
            world.browser().post("/sign-in/username", json!({"username": "ada_l", "password": "a wrong one"})).status
        };
        assert_eq!([by_name(), by_name(), by_name(), by_name()], [401, 401, 401, 429]);
        assert_eq!(guess(&world, 1, ADA, "a wrong one").status, 401);
    }
}

#[test]
fn case_170_whoever_took_a_session_cannot_guess_its_password() {
    let routes = [
        ("/verify-password", json!({"password": "a wrong one"})),
        ("/change-password", json!({"currentPassword": "a wrong one", "newPassword": "a good password"})),
        ("/delete-user", json!({"password": "a wrong one"})),
        ("/two-factor/enable", json!({"password": "a wrong one"})),
    ];
    for world in limited(|_| {}) {
        let mut browser = signed_up(&world, ADA);
        let ask =
            |browser: &mut Browser<'_>, at: usize| browser.post(routes[at % 4].0, routes[at % 4].1.clone()).status;
        assert!((0..20).all(|at| ask(&mut browser, at) == 400));
        assert!((0..4).all(|at| ask(&mut browser, at) == 429));
        assert_eq!(browser.post("/verify-password", json!({"password": PASSWORD})).status, 429);
        world.advance_secs(900);
        assert_eq!(browser.post("/verify-password", json!({"password": PASSWORD})).status, 200);
    }
}

#[test]
fn case_170_guesses_that_meet_do_not_pass_together() {
    let stage = || {
        let [_, world, _] =
            limited(|options| options.rate_limit.failures_per_account = CustomRule::Limit { window: 60, max: 2 });
        assert_eq!(guess(&world, 0, ADA, "a wrong one").status, 401);
        let request = |number: usize| {
            let body = json!({"email": ADA, "password": "a wrong one"});
            world
                .browser()
                .prepare(&post("/sign-in/email", &body).header("x-forwarded-for", format!("192.0.2.{number}").as_str()))
        };
        let requests = [request(1), request(2)];
        (world, requests)
    };
    each_interleaving(stage, |_, first, second| {
        let mut both = [first.status, second.status];
        both.sort_unstable();
        assert_eq!(both, [401, 429]);
    });
}

#[test]
fn case_173_an_address_gets_so_many_messages_whoever_asks() {
    for world in limited(|_| {}) {
        signed_up(&world, ADA);
        let ask = |number: usize, path: &str, email: &str| {
            let from = format!("198.51.100.{number}");
            world.browser().send(&post(path, &json!({"email": email})).header("x-forwarded-for", from.as_str()))
        };
        let answers: Vec<_> = (0..15).map(|number| ask(number, "/request-password-reset", ADA)).collect();
        assert_eq!(world.take_messages().len(), 10);
        let of_nobody = ask(1, "/request-password-reset", NOBODY);
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (200, &of_nobody.text), "the answer does not tell");
            assert!(answer.header("x-retry-after").is_empty());
        }
        let (mixed, other) = ("Ada@Example.com", "/sign-in/magic-link");
        ask(1, "/request-password-reset", mixed);
        assert!(world.take_messages().is_empty(), "one address however it is written");
        ask(1, other, ADA);
        assert_eq!(world.take_messages().len(), 1, "what is of another kind still comes");
        world.advance_secs(3600);
        ask(1, "/request-password-reset", ADA);
        assert_eq!(world.take_messages().len(), 1);
    }
}

#[test]
fn case_173_the_last_code_that_was_sent_stays_good_whoever_asks_for_more() {
    let number = json!({"phoneNumber": "+4915112345678"});
    let ways = [
        ("/email-otp/send-verification-otp", json!({"email": ADA, "type": "sign-in"}), "/sign-in/email-otp", "otp"),
        ("/phone-number/send-otp", number, "/phone-number/verify", "code"),
    ];
    for world in limited(|_| {}) {
        let mut ada = signed_up(&world, ADA);
        for (ask, whose, show, field) in &ways {
            let _ = world.take_messages();
            for _ in 0..15 {
                assert_eq!(world.browser().post(*ask, whose.clone()).status, 200);
            }
            let sent = world.take_messages();
            assert_eq!(sent.len(), 10);
            let mut shown = whose.clone();
            shown[*field] = sent[9].otp.clone().unwrap().into();
            shown["updatePhoneNumber"] = true.into();
            let answer = ada.post(*show, shown);
            assert_eq!(answer.status, 200, "{show}: {}", answer.text);
        }
    }
}

#[test]
fn case_173_the_number_is_the_installations() {
    for (rule, expected) in [(CustomRule::Limit { window: 60, max: 2 }, 2), (CustomRule::Switch(false), 15)] {
        for world in limited(|options| options.rate_limit.messages_per_address = rule) {
            signed_up(&world, ADA);
            for _ in 0..15 {
                world.browser().post("/request-password-reset", json!({"email": ADA}));
            }
            assert_eq!(world.take_messages().len(), expected);
        }
    }
}
