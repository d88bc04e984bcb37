//! What the application decides for each request anew.

use kernia::{
    domain::{
        options::{CustomRule, Limit},
        per_request::{LimitRule, TrustOrigins},
    },
    testing::{Browser, PASSWORD, TestRequest, World, options},
};
use serde_json::json;

/// Trusts the site that a request names as its tenant's.
fn tenants() -> TrustOrigins {
    TrustOrigins::new(async |request| {
        let tenant = request.headers.get("x-tenant").and_then(|tenant| tenant.to_str().ok());
        tenant.map(|tenant| format!("https://{tenant}.test")).into_iter().collect()
    })
}

#[test]
fn the_application_says_for_each_request_which_origins_are_trusted() {
    let mut options = options();
    options.trusted_origins = vec!["https://always.test".to_owned()];
    let world = World::built(options, |builder| builder.trusted_origins(tenants()));
    let mut browser = world.browser();
    browser.sign_up("ada@example.com");
    let ask = |browser: &mut Browser<'_>, tenant: &str, origin: &str| {
        let request = TestRequest::json("/sign-out", &json!({})).header("origin", origin).header("x-tenant", tenant);
        let answer = browser.clone().send(&request);
        (answer.status, answer.header("access-control-allow-origin").to_owned())
    };
    assert_eq!(ask(&mut browser, "corp", "https://corp.test"), (200, "https://corp.test".to_owned()));
    assert_eq!(ask(&mut browser, "corp", "https://other.test").0, 403);
    assert_eq!(ask(&mut browser, "other", "https://corp.test").0, 403);
    assert_eq!(ask(&mut browser, "other", "https://always.test").0, 200);
}

#[test]
fn pages_to_go_on_to_are_held_against_the_applications_word_too() {
    let world = World::built(options(), |builder| builder.trusted_origins(tenants()));
    let ask = |tenant: &str| {
        let page = "https://corp.test/welcome";
        let body = json!({ "name": "A", "email": "a@example.com", "password": PASSWORD, "callbackURL": page });
        let request = TestRequest::json("/sign-up/email", &body).header("x-tenant", tenant);
        world.browser().send(&request).code().to_owned()
    };
    assert_eq!(ask("other"), "INVALID_CALLBACK_URL");
    assert_eq!(ask("corp"), "");
}

#[test]
fn the_application_says_how_often_a_request_may_be_made() {
    let mut options = options();
    options.rate_limit.enabled = Some(true);
    options.rate_limit.custom_rules.insert("/sign-up/*", CustomRule::Switch(false));
    let world = World::built(options, |builder| {
        let rule = LimitRule::new(async |asked| match asked.request.headers.get("x-plan") {
            Some(plan) if plan == "unlimited" => None,
            Some(_) => Some(Limit { max: 1, ..asked.usual }),
            None => Some(asked.usual),
        });
        builder.rate_limit_rule("/sign-*/email", rule)
    });
    let statuses = |path: &str, address: &str, plan: Option<&'static str>| {
        let request = TestRequest::json(path, &json!({})).header("x-forwarded-for", address);
        let request = plan.into_iter().fold(request, |request, plan| request.header("x-plan", plan));
        [(); 4].map(|()| world.browser().send(&request).status)
    };
    assert_eq!(statuses("/sign-up/email", "192.0.2.1", None), [400, 400, 400, 429]);
    assert_eq!(statuses("/sign-up/email", "192.0.2.2", Some("small")), [400, 429, 429, 429]);
    assert_eq!(statuses("/sign-in/email", "192.0.2.3", Some("unlimited")), [400; 4]);
    assert_eq!(statuses("/sign-up/nothing", "192.0.2.4", Some("small")), [404; 4]);
}
