//! Links in messages: verification, change of address, deletion.

use kernia::{
    domain::options::{CustomRule, Mode},
    testing::{PASSWORD, World},
};
use serde_json::json;

use crate::{
    given::{
        ADA, DATA, DAY, EVE, TOKEN, call, everywhere, failing, get, is_signed_in, mailed, open, post, reset_token,
        signed_up,
    },
    log::logged,
};

#[test]
fn case_044_what_is_no_token_opens_nothing() {
    for world in everywhere(|options| options.user.delete_user.send_delete_account_verification = true) {
        let mut ada = signed_up(&world, ADA);
        reset_token(&world, ADA);
        ada.post("/delete-user", json!({}));
        let _ = world.take_messages();
        let before = [world.rows("user"), world.rows("account"), world.rows("verification")];
        for blank in [
            json!(""),
            json!(" "),
            json!("\t\n"),
            json!("\0"),
            json!(null),
            json!([]),
            json!([""]),
            json!({}),
            json!(0),
            json!("%"),
            json!("*"),
        ] {
            let body = json!({"newPassword": "another password", "token": blank});
            let answers = [
                call(&world, &post("/reset-password", &body)),
                ada.clone().post("/delete-user", json!({"token": blank, "password": "x"})),
            ];
            for answer in answers {
                assert!((400..500).contains(&answer.status), "{blank}: {} {}", answer.status, answer.text);
            }
        }
        for query in ["?token=", "?token=%20", "?token=%00", "?token=*"] {
            let answer = world.browser().get(format!("/magic-link/verify{query}"));
            assert!(answer.header("location").contains("error=INVALID_TOKEN"), "{query}: {}", answer.text);
        }
        for query in ["", "?token=", "?token=%20", "?token=%00", "?token[]=", "?token=&token=", "?token=*"] {
            for path in ["/verify-email", "/delete-user/callback", "/reset-password/%20", "/reset-password/%00"] {
                let answer = ada.clone().get(format!("{path}{query}"));
                assert!((400..500).contains(&answer.status), "{path}{query}: {} {}", answer.status, answer.text);
            }
        }
        assert_eq!([world.rows("user"), world.rows("account"), world.rows("verification")], before);
    }
}

#[test]
fn case_045_an_account_is_deleted_by_its_owner_only() {
    for world in everywhere(|options| {
        options.user.delete_user.send_delete_account_verification = true;
        options.session.cookie_cache.enabled = true;
    }) {
        let mut ada = signed_up(&world, ADA);
        let mut eve = signed_up(&world, EVE);
        ada.post("/delete-user", json!({}));
        let token = mailed(&world);
        let link = format!("/delete-user/callback?token={token}");
        assert_eq!(world.browser().get(&link).status, 404, "nobody is signed in");
        assert_eq!(eve.get(&link).code(), "INVALID_TOKEN", "it is not hers");
        // A session that was revoked, while its cookie is still believed for other things.
        let mut stolen = ada.clone();
        ada.post("/sign-out", json!({}));
        assert!(is_signed_in(&stolen), "the cookie cache still says so");
        assert_ne!(stolen.get(&link).status, 200);
        assert_ne!(stolen.post("/delete-user", json!({"password": PASSWORD})).status, 200);
        assert_eq!(world.rows("user").len(), 2);
        let mut ada = world.browser();
        ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
        world.advance_secs(DAY);
        // No longer fresh, and without a password.
        assert_eq!(world.rows("user").len(), 2);
        assert_eq!(ada.post("/delete-user", json!({"password": "wrong password"})).code(), "INVALID_PASSWORD");
        assert_eq!(world.rows("user").len(), 2);
        let _ = world.take_messages();
        ada.post("/delete-user", json!({"password": PASSWORD}));
        let token = mailed(&world);
        let link = format!("/delete-user/callback?token={token}");
        assert_eq!(ada.clone().get(&link).status, 200);
        assert_eq!(world.rows("user").len(), 1);
        assert_ne!(ada.get(&link).status, 200, "spent");
    }
}

#[test]
fn case_047_a_message_that_is_not_sent_leaves_all_as_it_was() {
    let world = open(|options| options.email_verification.send_on_sign_up = Some(true));
    let body = json!({"name": "x", "email": ADA, "password": PASSWORD});
    let mut answered = Vec::new();
    for at in 0..20 {
        let world = open(|options| options.email_verification.send_on_sign_up = Some(true));
        let request = world.browser().prepare(&post("/sign-up/email", &body));
        let Some(answer) = failing(&world, request, at) else { break };
        let users = world.rows("user").len();
        assert_eq!(users, world.rows("account").len());
        if answer.status == 200 {
            assert_eq!(users, 1);
            answered.push(at);
            // It is asked for again, and there is no second account.
            assert_eq!(world.browser().post("/sign-up/email", body.clone()).status, 422);
            world.browser().post("/send-verification-email", json!({"email": ADA}));
            assert!(!world.take_messages().is_empty());
        } else {
            assert!(answer.status >= 500 || answer.status == 429, "{} {}", answer.status, answer.text);
        }
    }
    assert!(!answered.is_empty(), "no message was tried");
    signed_up(&world, ADA);
}

#[test]
fn case_048_an_address_is_one_recipient_and_nothing_else() {
    let world = open(|_| {});
    let mut eve = signed_up(&world, EVE);
    let hostile = [
        "a@b.co,c@d.co",
        "a@b.co;c@d.co",
        "a@b.co c@d.co",
        "a@b.co\r\nBcc: c@d.co",
        "a@b.co\nc@d.co",
        "<a@b.co>",
        "Ada <a@b.co>",
        "\"a@b.co\"@c.co",
        "\"a b\"@c.co",
        "a@b.co\0",
        "a@[127.0.0.1]",
        "a@b.co>c@d.co",
        "a(comment)@b.co",
        "<script>@b.co",
        "a@b.co?cc=c@d.co",
        "mailto:a@b.co",
        "a%40b.co",
        "a@@b.co",
    ];
    for email in hostile {
        let users = world.rows("user").len();
        let body = json!({"name": "x", "email": email, "password": PASSWORD});
        let answers = [
            world.browser().post("/sign-up/email", body),
            world.browser().post("/request-password-reset", json!({"email": email})),
            world.browser().post("/send-verification-email", json!({"email": email})),
            eve.post("/change-email", json!({"newEmail": email})),
        ];
        for answer in answers {
            assert_eq!(answer.status, 400, "{email:?}: {}", answer.text);
        }
        assert_eq!(world.rows("user").len(), users);
    }
    assert!(world.take_messages().is_empty());
    // A name may be anything, and is no recipient.
    let body = json!({"name": "<b>x</b>\r\nBcc: c@d.co", "email": ADA, "password": PASSWORD});
    world.browser().post("/sign-up/email", body);
    world.browser().post("/request-password-reset", json!({"email": ADA}));
    assert_eq!(world.take_message().to, ADA);
}

#[test]
fn case_049_letters_that_look_alike_are_no_second_mailbox() {
    let world = open(|_| {});
    signed_up(&world, "mike@example.com");
    signed_up(&world, "kim@example.com");
    for email in [
        "m\u{131}ke@example.com",
        "mi\u{212a}e@example.com",
        "\u{212a}im@example.com",
        "mike\u{ff20}example.com",
        "mike@ex\u{430}mple.com",
        "mike@example\u{3002}com",
        "mike@\u{ff45}xample.com",
        "m\u{ed}ke@example.com",
        "mike\u{200b}@example.com",
        "mi\u{301}ke@example.com",
    ] {
        let body = json!({"name": "x", "email": email, "password": PASSWORD});
        assert_eq!(world.browser().post("/sign-up/email", body).status, 400, "{email:?}");
        assert_eq!(world.browser().post("/request-password-reset", json!({"email": email})).status, 400, "{email:?}");
        assert_ne!(world.browser().post("/sign-in/email", json!({"email": email, "password": PASSWORD})).status, 200);
    }
    assert!(world.take_messages().is_empty());
    assert_eq!(world.rows("user").len(), 2);
    for same in ["MIKE@example.com", "Mike@EXAMPLE.com"] {
        let body = json!({"name": "x", "email": same, "password": PASSWORD});
        assert_eq!(world.browser().post("/sign-up/email", body).status, 422, "{same}");
    }
}

#[test]
fn case_050_no_token_is_logged_or_handed_on() {
    let world = open(|options| {
        options.mode = Mode::Development;
        options.rate_limit.enabled = Some(true);
        for paths in ["/sign-*", "/send-*", "/request-*"] {
            options.rate_limit.custom_rules.insert(paths, CustomRule::Switch(false));
        }
        options.user.delete_user.send_delete_account_verification = true;
        options.session.cookie_cache.enabled = true;
    });
    let whole = |world: &World| {
        let mut ada = world.browser();
        let mut secrets = vec![ada.sign_up(ADA).json["token"].as_str().unwrap().to_owned()];
        ada.post("/send-verification-email", json!({"email": ADA}));
        ada.post("/request-password-reset", json!({"email": ADA}));
        ada.post("/delete-user", json!({}));
        secrets.extend(world.take_messages().into_iter().filter_map(|message| message.token));
        // A link is opened so often that it is limited, which is an event.
        let reset = secrets[2].clone();
        let opened =
            (0..101).fold(0, |_, _| world.browser().get(format!("/reset-password/{reset}?callbackURL=/x")).status);
        assert_eq!(opened, 429);
        world.advance_secs(100);
        assert!(!format!("{:?}", world.take_events()).contains(&reset));
        secrets.extend([ada.cookies[TOKEN].clone(), ada.cookies[DATA].clone(), PASSWORD.to_owned()]);
        let tokens = secrets.clone();
        for token in &tokens {
            for path in [
                "/verify-email?token=",
                "/reset-password/x?token=",
                "/delete-user/callback?token=",
                "/callback/x?state=",
            ] {
                let evil = "&callbackURL=https://evil.test";
                let encoded = kernia::wire::percent::encode_uri_component(token);
                for path in [
                    format!("{path}{encoded}"),
                    format!("{path}{encoded}{evil}"),
                    format!("/reset-password/{encoded}?x{evil}"),
                ] {
                    let answer = world.browser().get(path.as_str());
                    assert!(!answer.text.contains(token.as_str()), "{path}: {}", answer.text);
                }
            }
            for at in 0..4 {
                let body = json!({"newPassword": "another password", "token": token});
                let _ = failing(world, world.browser().prepare(&post("/reset-password", &body)), at);
                let _ = failing(
                    world,
                    world.browser().prepare(&get(format!(
                        "/reset-password/{}?callbackURL=/x",
                        kernia::wire::percent::encode_uri_component(token)
                    ))),
                    at,
                );
            }
        }
        secrets
    };
    let (text, secrets) = logged(|| whole(&world));
    assert!(text.contains("request failed"), "something is logged: {text}");
    assert!(secrets.len() >= 7);
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
    // The only page of ours tells other sites nothing of the address it was reached under.
    let page = world.browser().get("/error?error=x&token=secret");
    assert_eq!((page.status, page.header("referrer-policy")), (200, "no-referrer"));
}
