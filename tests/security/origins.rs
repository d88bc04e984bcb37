//! Which pages may use this server, and which host it takes itself for.

use http::Method;
use kernia::{
    domain::options::{AllowedHosts, BaseUrl, OriginCheck, Protocol},
    engine::Media,
    testing::{BASE_URL, PASSWORD, TestRequest, TestResponse, World},
};
use serde_json::{Value, json};

use crate::{
    given::{ADA, changes, get, open, post, signed_up},
    stepping::steps,
};

fn trusting(origins: &[&str]) -> World {
    open(|options| options.trusted_origins = origins.iter().map(|origin| (*origin).to_owned()).collect())
}

/// The answer to a change asked for by a signed-in browser on a page of `origin`.
fn from(world: &World, origin: &str) -> TestResponse {
    let mut ada = world.browser();
    ada.cookies.insert("theme".to_owned(), "dark".to_owned());
    let body = json!({"email": ADA, "password": PASSWORD});
    ada.send(&post("/sign-in/email", &body).header("origin", origin))
}

fn trusted_as_page_and_as_target(world: &World, origin: &str) -> (u16, u16) {
    let body = json!({"email": ADA, "password": PASSWORD, "callbackURL": format!("{origin}/x")});
    (from(world, origin).status, world.browser().post("/sign-in/email", body).status)
}

#[test]
fn case_023_an_origin_that_is_listed_is_compared_as_a_whole() {
    let world = trusting(&["https://app.test"]);
    signed_up(&world, ADA);
    assert_eq!(trusted_as_page_and_as_target(&world, "https://app.test"), (200, 200));
    for other in [
        "https://app.test.evil.test",
        "https://app.tested",
        "https://evil-app.test",
        "https://www.app.test",
        "http://app.test",
        "https://app.test:8443",
        "https://app.test@evil.test",
        "https://evil.test/https://app.test",
        "https://evil.test#https://app.test",
        "https://app.te",
    ] {
        assert_eq!(trusted_as_page_and_as_target(&world, other), (403, 403), "{other}");
    }
}

#[test]
fn case_024_a_wildcard_stands_for_labels_of_the_host_only() {
    let world = trusting(&["https://*.app.test", "exp://*.host.test"]);
    signed_up(&world, ADA);
    for inside in ["https://a.app.test", "https://a.b.app.test"] {
        assert_eq!(trusted_as_page_and_as_target(&world, inside), (200, 200), "{inside}");
    }
    for outside in [
        "https://app.test",
        "http://a.app.test",
        "https://evil.test/.app.test",
        "https://evil.test?.app.test",
        "https://evil.test#.app.test",
        "https://.app.test@evil.test",
        "https://x.app.test@evil.test",
        "https://evil.test\\.app.test",
        "https://a.app.test.evil.test",
        "https://a.app.test:99999",
        "https://a.host.test",
    ] {
        assert_eq!(trusted_as_page_and_as_target(&world, outside), (403, 403), "{outside}");
    }
}

#[test]
fn case_026_a_page_elsewhere_changes_nothing_for_whoever_is_signed_in() {
    let world = open(|_| {});
    let mut ada = signed_up(&world, ADA);
    // A server makes its first signing key when it is first asked for one.
    ada.get("/jwks");
    let before = world.outside.store.snapshot();
    let foreign: [&[(&'static str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
        &[("origin", "")],
        &[("referer", "https://evil.test/http://localhost:3000")],
        &[("origin", "null"), ("referer", "http://localhost:3000/")],
    ];
    let mut bodies = changes();
    bodies.extend([
        ("/sign-out", json!({})),
        ("/update-session", json!({"x": 1})),
        ("/link-social", json!({"provider": "x"})),
    ]);
    for ((path, body), headers) in bodies.iter().flat_map(|case| foreign.iter().map(move |headers| (case, headers))) {
        let mut page = ada.clone();
        page.origin = None;
        let request = headers.iter().fold(post(path, body), |request, (name, value)| request.header(name, *value));
        let answer = page.send(&request);
        assert_eq!(answer.status, 403, "{path} {headers:?}: {}", answer.text);
        assert!(["INVALID_ORIGIN", "MISSING_OR_NULL_ORIGIN"].contains(&answer.code()), "{}", answer.text);
        assert_eq!(world.outside.store.snapshot(), before, "{path} {headers:?}");
    }
    // Looking changes nothing, whichever page asks for it. What is asked of a passkey is kept, and what a session is handed on by,
    // and does nothing by itself: the page cannot read it.
    for route in world.engine.routes().iter().filter(|route| route.methods.contains(&Method::GET)) {
        if route.path.starts_with("/passkey/generate-") || route.path == "/one-time-token/generate" {
            continue;
        }
        let mut page = ada.clone();
        page.origin = Some("https://evil.test".to_owned());
        let path = route.path.replace(":id", "github").replace(":token", "x");
        let answer = page.send(&get(format!("{path}?token=x&code=c&state=s&accountId=a&userId=u&email=e&newEmail=n")));
        assert!(answer.status < 500, "{path}");
        assert_eq!(world.outside.store.snapshot(), before, "{path}");
    }
}

#[test]
fn case_027_another_site_signs_no_browser_in() {
    let world = open(|options| options.trusted_origins = vec!["https://app.test".to_owned()]);
    let mut ada = signed_up(&world, ADA);
    ada.post("/update-user", json!({"username": "ada_1"}));
    let sessions = world.rows("session").len();
    let credentials = json!({"email": ADA, "password": PASSWORD});
    let forms = [
        ("/sign-in/email", credentials.clone()),
        ("/sign-up/email", json!({"email": "new@example.com", "name": "x", "password": PASSWORD})),
    ];
    let hostile: [&[(&'static str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("origin", "https://app.test")],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
        &[("referer", "https://evil.test/")],
        &[("sec-fetch-site", "same-origin")],
    ];
    for ((path, body), headers) in forms.iter().flat_map(|form| hostile.iter().map(move |headers| (form, headers))) {
        let mut page = world.browser();
        page.origin = None;
        let request = headers.iter().fold(post(path, body), |request, (name, value)| request.header(name, *value));
        let answer = page.send(&request);
        assert_eq!((answer.status, answer.cookies.len()), (403, 0), "{path} {headers:?}: {}", answer.text);
        assert_eq!((world.rows("session").len(), world.rows("user").len()), (sessions, 1));
    }
    let mut program = world.browser();
    program.origin = None;
    assert_eq!(program.post("/sign-in/email", credentials).status, 200, "a program sends none of these headers");
}

fn link(answer: &World) -> String {
    answer.take_message().url.unwrap()
}

#[test]
fn case_028_links_and_cookies_are_those_of_the_configured_address() {
    let forged = |request: TestRequest| {
        let forwarded = [
            ("x-forwarded-host", "evil.test"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "81"),
            ("forwarded", "host=evil.test;proto=https"),
            ("x-original-host", "evil.test"),
        ];
        forwarded.iter().fold(request, |request, (name, value)| request.header(name, *value))
    };
    let with_host = |mut request: http::Request<bytes::Bytes>, host: &'static str| {
        request.headers_mut().insert("host", http::HeaderValue::from_static(host));
        request
    };
    for trusted_proxy in [false, true] {
        let world = open(|options| options.advanced.trusted_proxy_headers = trusted_proxy);
        // The first request of all comes under a foreign name.
        let first = with_host(forged(get("/ok")).build("/api/auth"), "evil.test");
        assert_eq!(TestResponse::read(world.answer(first)).status, 200);
        signed_up(&world, ADA);
        let request = forged(post("/request-password-reset", &json!({"email": ADA, "redirectTo": "/x"})));
        let answer = world.answer(with_host(world.browser().prepare(&request), "evil.test"));
        assert_eq!(answer.status(), 200);
        let link = link(&world);
        assert!(link.starts_with(&format!("{BASE_URL}/api/auth/reset-password/")), "{link}");
        let page = with_host(forged(get("/error?error=x")).build("/api/auth"), "evil.test");
        assert!(!TestResponse::read(world.answer(page)).header("location").contains("evil"));
        let foreign =
            post("/sign-in/email", &json!({"email": ADA, "password": PASSWORD, "callbackURL": "http://evil.test"}));
        let answer =
            TestResponse::read(world.answer(with_host(world.browser().prepare(&forged(foreign)), "evil.test")));
        assert_eq!(answer.code(), "INVALID_CALLBACK_URL");
    }
    let hosts =
        AllowedHosts { allowed_hosts: vec!["*.app.test".to_owned()], fallback: None, protocol: Some(Protocol::Https) };
    let world = open(|options| options.base_url = Some(BaseUrl::PerHost(hosts)));
    for (host, status) in
        [("a.app.test", 200), ("evil.test", 400), ("a.app.test.evil.test", 400), ("a.app.test@evil.test", 400)]
    {
        let answer = world.answer(with_host(get("/ok").build("/api/auth"), host));
        assert_eq!(answer.status(), status, "{host}");
    }
    // Nobody but a trusted proxy may say another one.
    let answer = world.answer(with_host(forged(get("/ok")).build("/api/auth"), "a.app.test"));
    assert_eq!(answer.status(), 200);
}

#[test]
fn case_029_what_one_request_trusts_is_nothing_to_another_at_the_same_time() {
    let hosts = || AllowedHosts {
        allowed_hosts: vec!["*.app.test".to_owned()],
        fallback: None,
        protocol: Some(Protocol::Https),
    };
    let request = |host: &'static str| {
        let body = json!({"email": ADA, "redirectTo": "/x"});
        let mut request = post("/request-password-reset", &body).build("/api/auth");
        request.headers_mut().insert("host", http::HeaderValue::from_static(host));
        request
    };
    for effects in 0..6 {
        let world = open(|options| options.base_url = Some(BaseUrl::PerHost(hosts())));
        let mut sign_up =
            post("/sign-up/email", &json!({"email": ADA, "name": "x", "password": PASSWORD})).build("/api/auth");
        sign_up.headers_mut().insert("host", http::HeaderValue::from_static("a.app.test"));
        assert_eq!(world.answer(sign_up).status(), 200);
        let mut first = world.begin(request("a.app.test"));
        let over = steps(&world, &mut first, effects);
        assert_eq!(world.answer(request("b.app.test")).status(), 200);
        let first = over.unwrap_or_else(|| world.outside.finish(first));
        assert_eq!(first.status(), 200);
        let mut hosts: Vec<_> = world.take_messages().into_iter().map(|message| message.url.unwrap()).collect();
        hosts.sort();
        let begins = |at: usize, host: &str| hosts[at].starts_with(&format!("https://{host}/api/auth/"));
        assert!(hosts.len() == 2 && begins(0, "a.app.test") && begins(1, "b.app.test"), "{hosts:?}");
    }
}

/// Spellings of `/sign-up/email` that are either that path or none.
pub(crate) const SPELLINGS: &[&str] = &[
    "//sign-up/email",
    "/sign-up//email",
    "/sign-up/email/",
    "/sign-up/email//",
    "/./sign-up/email",
    "/sign-up/./email",
    "/sign-up/x/../email",
    "/x/../sign-up/email",
    "/sign-up%2Femail",
    "/%73ign-up/email",
    "/sign-up/%2e/email",
    "/x/%2e%2e/sign-up/email",
    "/x/.%2E/sign-up/email",
    "/sign-up/email;x=1",
    "/sign-up;x=1/email",
    "/Sign-Up/Email",
    "/SIGN-UP/EMAIL",
    "/sign-up/email%00",
    "/sign-up/email%20",
    "/sign-up/email%252f",
    "/sign-up%252Femail",
    "/sign-up/email.",
    "/sign-up/email?/ok",
    "/sign-up\\email",
    "/sign-up/email%5C",
    "/../auth/sign-up/email",
    "/ok/../sign-up/email",
];

#[test]
fn case_030_rules_and_routes_see_the_same_path() {
    for skip_slashes in [false, true] {
        for spelling in SPELLINGS {
            let body = json!({"email": "new@example.com", "name": "x", "password": PASSWORD});
            // Where the path is disabled, no spelling reaches it.
            let disabled = open(|options| {
                options.disabled_paths = vec!["/sign-up/email".to_owned()];
                options.advanced.skip_trailing_slashes = skip_slashes;
            });
            let answer = disabled.browser().post(*spelling, body.clone());
            assert_eq!((answer.status, disabled.rows("user").len()), (404, 0), "{spelling}: {}", answer.text);
            // Where it is limited, every spelling that reaches it counts with the others.
            let limited = open(|options| {
                options.rate_limit.enabled = Some(true);
                options.advanced.skip_trailing_slashes = skip_slashes;
            });
            for _ in 0..3 {
                limited.browser().post("/sign-up/email", json!({}));
            }
            let answer = limited.browser().post(*spelling, body.clone());
            assert!([404, 429].contains(&answer.status), "{spelling}: {} {}", answer.status, answer.text);
            assert_eq!(limited.rows("user").len(), 0, "{spelling}");
        }
    }
}

#[test]
fn case_031_an_exemption_ends_where_its_path_does() {
    let world = open(|options| {
        let paths = ["/update", "/revoke-session", "/sign-in/email-link", "/delete-user/callback"];
        options.advanced.disable_origin_check = Some(OriginCheck::Paths(paths.map(str::to_owned).to_vec()));
    });
    let ada = signed_up(&world, ADA);
    let foreign = |path: &str, body: Value| {
        let mut page = ada.clone();
        page.origin = Some("https://evil.test".to_owned());
        page.post(path, body).code().to_owned()
    };
    assert_ne!(foreign("/revoke-session", json!({"token": "x"})), "INVALID_ORIGIN", "this one is exempt");
    for (path, body) in changes() {
        if path != "/revoke-session" {
            assert_eq!(foreign(path, body), "INVALID_ORIGIN", "{path}");
        }
    }
    assert_eq!(foreign("/sign-in/email", json!({"email": ADA, "password": PASSWORD})), "INVALID_ORIGIN");
}

#[test]
fn case_032_only_the_method_and_the_form_of_a_route_reach_it() {
    let world = open(|_| {});
    let ada = signed_up(&world, ADA);
    let before = world.outside.store.snapshot();
    for route in world.engine.routes() {
        let path = route.path.replace(":id", "github").replace(":token", "x");
        for method in [Method::HEAD, Method::OPTIONS, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            let answer = ada.clone().send(&TestRequest::new(method.clone(), path.clone()));
            assert_eq!(answer.status, 404, "{method} {path}");
        }
        for overriding in ["x-http-method-override", "x-method-override", "x-http-method"] {
            let answer = ada.clone().send(&get("/ok").header(overriding, "POST"));
            assert_eq!(answer.json, json!({"ok": true}));
        }
        if route.media == Media::Ignored || !route.methods.contains(&Method::POST) {
            continue;
        }
        let mut kinds = vec![
            "text/plain",
            "text/plain; charset=application/json",
            "application/jsonx",
            "multipart/form-data; boundary=x",
        ];
        if route.media == Media::Json {
            kinds.push("application/x-www-form-urlencoded");
        }
        for kind in kinds {
            let request = TestRequest::new(Method::POST, path.clone()).header("content-type", kind).body("{}");
            let answer = ada.clone().send(&request);
            let server_only = route.exposure == kernia::engine::Exposure::ServerOnly;
            assert_eq!(answer.status, if server_only { 404 } else { 415 }, "{path} {kind}: {}", answer.text);
        }
    }
    assert_eq!(world.outside.store.snapshot(), before);
}

#[test]
fn case_033_no_origin_that_is_not_trusted_may_read_an_answer() {
    let world = trusting(&["https://app.test", "https://*.wild.test"]);
    let ada = signed_up(&world, ADA);
    let granted = |origin: &str, method: Method| {
        let request = TestRequest::new(method, "/get-session")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let answer = ada.clone().send(&request);
        answer.header("access-control-allow-origin").to_owned() + answer.header("access-control-allow-credentials")
    };
    for method in [Method::GET, Method::OPTIONS] {
        assert_eq!(granted("https://app.test", method.clone()), "https://app.testtrue");
        for foreign in [
            "https://evil.test",
            "https://app.test.evil.test",
            "https://app.testx",
            "http://app.test",
            "https://app.test:444",
            "https://wild.test",
            "https://evil.test/.wild.test",
            "https://APP.test@evil.test",
            "null",
            "*",
            "file://",
            "https://app.test https://evil.test",
        ] {
            assert_eq!(granted(foreign, method.clone()), "", "{foreign}");
        }
    }
}
