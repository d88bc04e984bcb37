//! The application's word on who may become a user, link an account, or come back through a provider.

use std::sync::{Arc, Mutex};

use kernia::{
    EngineBuilder,
    domain::{
        Plugin,
        options::{Options, SocialProvider},
        provider::TrustProviders,
        user_gate::{Candidate, GateStep, Objection, ValidateUser},
        user_import::{ImportedUser, Purpose},
    },
    plugins::{EmailOtp, MagicLink, Siwe, SiweOptions},
    store::{Batch, Expect, Filter, Row},
    testing::{PASSWORD, TestRequest, World, options},
};
use serde_json::json;

use crate::provider::{Fake, Person, ada, begin, come_back, error_of, github, parameter, sign_in};
use crate::stepping::write;

type Seen = Arc<Mutex<Vec<Candidate>>>;

/// A server that takes nobody whose address is not of `example.com`, and what its gate has seen.
fn world() -> (World, Fake, Seen) {
    world_with(|builder| builder, |_| {})
}

fn world_with(
    build: impl FnOnce(EngineBuilder) -> EngineBuilder,
    change: impl FnOnce(&mut Options),
) -> (World, Fake, Seen) {
    let seen = Seen::default();
    let sees = Arc::clone(&seen);
    let gate = ValidateUser::new(move |candidate: Candidate| {
        let email = candidate.user["email"].as_str().unwrap_or_default().to_owned();
        sees.lock().unwrap().push(candidate);
        async move {
            let described = Objection { error: "not_invited", description: Some("Ask for an invitation".to_owned()) };
            if email.ends_with("@example.com") { Ok(()) } else { Err(described) }
        }
    });
    let mut options = options();
    github(&mut options);
    change(&mut options);
    let world = World::built(options, |builder| build(builder).validate_user(gate));
    let fake = Fake::at(&world);
    (world, fake, seen)
}

fn steps(seen: &Seen) -> Vec<(GateStep, String)> {
    seen.lock().unwrap().drain(..).map(|candidate| (candidate.step, candidate.source.method.to_string())).collect()
}

fn elsewhere() -> Person {
    Person { email: Some("ada@elsewhere.test".to_owned()), ..ada() }
}

#[test]
fn nobody_becomes_a_user_against_the_applications_word_on_any_way() {
    let (world, fake, seen) = world();
    let sign_up = |email: &str| {
        let body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
        world.browser().post("/sign-up/email", body)
    };
    let refused = sign_up("ada@elsewhere.test");
    assert_eq!((refused.status, refused.code()), (403, "not_invited"));
    assert_eq!(refused.json["message"], "Ask for an invitation");
    fake.is(elsewhere());
    let page = sign_in(&mut world.browser(), "github");
    assert_eq!(error_of(&page), "not_invited");
    assert_eq!(parameter(page.header("location"), "error_description"), "Ask for an invitation");
    let imported = ImportedUser::new(Row::new().with("email", "ada@elsewhere.test").with("name", "Ada"));
    let fates = world.outside.finish(world.engine.begin_import(vec![imported], Purpose::Import));
    assert!(String::from_utf8_lossy(fates.body()).contains("Ask for an invitation"));
    assert!(world.rows("user").is_empty() && world.rows("session").is_empty());
    let mut told = steps(&seen);
    // An import that is refused is tried again one by one.
    told.dedup();
    let create = |method: &str| (GateStep::CreateUser, method.to_owned());
    assert_eq!(told, [create("email-password"), create("oauth"), create("import")]);
    assert_eq!(sign_up("ada@example.com").status, 200);
}

#[test]
fn plugins_make_nobody_a_user_against_the_applications_word() {
    const EMAIL: &str = "ada@elsewhere.test";
    let (world, _, seen) = world_with(
        |builder| {
            let plugins: [Box<dyn Plugin>; 3] = [
                Box::new(EmailOtp::default()),
                Box::new(MagicLink::default()),
                Box::new(Siwe::new(SiweOptions::new("app.test"))),
            ];
            plugins.into_iter().fold(builder, EngineBuilder::boxed_plugin)
        },
        |_| {},
    );
    let mut browser = world.browser();
    browser.post("/email-otp/send-verification-otp", json!({ "email": EMAIL, "type": "sign-in" }));
    let otp = world.take_message().otp.unwrap();
    let refused = browser.post("/sign-in/email-otp", json!({ "email": EMAIL, "otp": otp }));
    assert_eq!((refused.status, refused.code()), (403, "not_invited"));
    browser.post("/sign-in/magic-link", json!({ "email": EMAIL, "callbackURL": "/in" }));
    let link = world.take_message().url.unwrap();
    let page = browser.get(link.strip_prefix("http://localhost:3000/api/auth").unwrap());
    assert_eq!(
        page.header("location"),
        "http://localhost:3000/in?error=not_invited&error_description=Ask+for+an+invitation"
    );
    let nonce = browser.post("/siwe/nonce", json!({})).json["nonce"].as_str().unwrap().to_owned();
    let (message, signature) = crate::in_database::siwe::signed_message(7, &nonce);
    let refused = browser.post("/siwe/verify", json!({ "message": message, "signature": signature }));
    assert_eq!((refused.status, refused.code()), (403, "not_invited"));
    assert!(world.rows("user").is_empty() && world.rows("session").is_empty());
    let expected = ["email-otp", "magic-link", "siwe"].map(|method| (GateStep::CreateUser, method.to_owned()));
    assert_eq!(steps(&seen), expected);
}

#[cfg(feature = "passkey")]
#[test]
fn a_passkey_makes_nobody_a_user_against_the_applications_word() {
    use kernia::{
        plugins::{
            Passkey, PasskeyOptions,
            passkey::{PasskeyUser, Registration},
        },
        testing::Authenticator,
    };
    let mut options = PasskeyOptions::default()
        .resolve_user(async |newcomer| {
            let email = newcomer.context.unwrap_or_default();
            Ok(Some(PasskeyUser { id: email.clone(), name: email, display_name: None }))
        })
        .after_registration(async |registered| {
            let mut registration = Registration::default();
            let row = Row::new().with("name", "Ada").with("email", registered.user.name);
            registration.new_user = Some(row);
            Ok(registration)
        });
    options.registration.require_session = false;
    let passkey = Passkey::new(options);
    let (world, _, seen) = world_with(|builder| builder.plugin(passkey), |_| {});
    let mut browser = world.browser();
    for (email, status) in [("ada@elsewhere.test", 403), ("ada@example.com", 200)] {
        let asked = browser.get(format!("/passkey/generate-register-options?context={email}")).json;
        let response = Authenticator::new("phone").create(&asked, "http://localhost:3000");
        let answer = browser.post("/passkey/verify-registration", json!({ "response": response }));
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert_eq!((world.rows("user").len(), world.rows("passkey").len()), (1, 1));
    assert_eq!(steps(&seen), vec![(GateStep::CreateUser, "passkey".to_owned()); 2]);
}

#[test]
fn an_objection_does_not_tell_that_an_address_is_free() {
    let (world, _, _) = world_with(|builder| builder, |options| options.email_and_password.auto_sign_in = false);
    let sign_up = |email: &str| {
        let body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
        let answer = world.browser().post("/sign-up/email", body);
        let mut members: Vec<_> = answer.json["user"].as_object().unwrap().keys().cloned().collect();
        members.sort();
        (answer.status, answer.json["token"].clone(), members)
    };
    let welcome = sign_up("ada@example.com");
    assert_eq!(welcome.0, 200);
    assert_eq!(sign_up("ada@elsewhere.test"), welcome);
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn a_provider_that_says_something_else_now_signs_nobody_in() {
    let (world, fake, seen) = world();
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "github")), "");
    let created = seen.lock().unwrap().remove(0);
    assert_eq!((created.source.provider.as_deref(), created.user.get("id")), (Some("github"), None));
    assert_eq!(created.source.profile.unwrap()["login"], "x");
    assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "");
    fake.is(elsewhere());
    assert_eq!(error_of(&sign_in(&mut world.browser(), "github")), "not_invited");
    assert_eq!(world.rows("session").len(), 2);
    let again = seen.lock().unwrap().remove(1);
    assert_eq!((again.step, again.user["email"].as_str()), (GateStep::SignIn, Some("ada@elsewhere.test")));
    assert_eq!(again.user["id"].as_str(), Some(world.rows("user")[0].id()));
}

#[test]
fn an_account_is_linked_only_where_the_application_agrees() {
    let (world, fake, seen) = world();
    let mut browser = world.browser();
    browser.sign_up("ada@example.com");
    seen.lock().unwrap().clear();
    fake.is(elsewhere());
    let link = |browser: &mut kernia::testing::Browser<'_>| {
        let url = begin(browser, "/link-social", json!({ "provider": "github", "callbackURL": "/linked" }));
        error_of(&come_back(browser, "github", &url))
    };
    assert_eq!(link(&mut browser), "not_invited");
    assert_eq!(world.rows("account").len(), 1);
    fake.is(ada());
    assert_eq!(link(&mut browser), "");
    assert_eq!(steps(&seen), vec![(GateStep::LinkAccount, "oauth".to_owned()); 2]);
    assert_eq!(world.rows("account").len(), 2);
}

#[test]
fn the_application_says_for_each_request_which_providers_are_trusted() {
    let trust = TrustProviders::new(async |request| {
        let tenant = request.headers.get("x-tenant").map(|tenant| tenant.to_str().unwrap().to_owned());
        if tenant.as_deref() == Some("corp") { vec!["github".to_owned()] } else { Vec::new() }
    });
    let (world, fake, _) = world_with(|builder| builder.trusted_providers(trust), |_| {});
    world.browser().sign_up("ada@example.com");
    let user = Filter::eq("email", "ada@example.com");
    write(&world, Batch::new().update("user", user, Row::new().with("emailVerified", true), Expect::Rows(1)));
    fake.is(Person { verified: false, ..ada() });
    let come_back_of = |tenant: &str| {
        let mut browser = world.browser();
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
        let path = format!("/callback/github?code=code&state={}", parameter(&url, "state"));
        error_of(&browser.send(&TestRequest::new(http::Method::GET, path).header("x-tenant", tenant)))
    };
    assert_eq!(come_back_of("other"), "account_not_linked");
    assert_eq!(world.rows("account").len(), 1);
    assert_eq!(come_back_of("corp"), "");
    assert_eq!(world.rows("account").len(), 2);
}

#[test]
fn anybody_may_know_which_providers_there_are_and_which_lack_something() {
    let mut options = options();
    github(&mut options);
    options.social_providers.insert("google".to_owned(), SocialProvider::default());
    let world = World::new(options);
    let listed = serde_json::to_value(world.engine.installation().public_providers()).unwrap();
    let expected = json!([
        { "id": "github", "name": "GitHub", "configured": true },
        { "id": "google", "name": "Google", "configured": false },
    ]);
    assert_eq!(listed, expected);
    let answer = world.browser().post("/sign-in/social", json!({ "provider": "google" }));
    assert_eq!((answer.status, answer.code()), (400, "PROVIDER_NOT_CONFIGURED"));
}
