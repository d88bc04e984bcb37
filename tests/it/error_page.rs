//! The page that browsers end on when something went wrong.

use kernia::{
    domain::options::Mode,
    testing::{TestResponse, World},
};

fn visit(world: &World, query: &str) -> TestResponse {
    world.browser().get(format!("/error{query}"))
}

#[test]
fn in_production_the_application_shows_the_error() {
    let world = World::default();
    for (query, expected) in [
        ("", "/?error=UNKNOWN"),
        ("?error=state_mismatch", "/?error=state_mismatch"),
        ("?error=it's-ok_1", "/?error=it%27s-ok_1"),
        ("?error=a%20b", "/?error=UNKNOWN"),
        ("?error=%3Cscript%3E", "/?error=UNKNOWN"),
        ("?error=a&error=b", "/?error=a"),
        ("?error_description=Only%20text", "/?error=UNKNOWN&error_description=Only+text"),
        ("?error=x&error_description=%3Cb%3E%26%22'", "/?error=x&error_description=%3Cb%3E%26%22%27"),
        ("?error=x&error_description=a%0D%0Ab", "/?error=x&error_description=a%0D%0Ab"),
    ] {
        let answer = visit(&world, query);
        assert_eq!((answer.status, answer.header("location")), (302, expected), "{query}");
        assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", ""), "{query}");
    }
}

#[test]
fn an_own_page_is_told_in_its_query() {
    for (page, expected) in [
        ("https://app.example.com/oops?lang=en#top", "https://app.example.com/oops?lang=en&error=x#top"),
        ("/oops", "/oops?error=x"),
        ("not a page", "/?error=x"),
    ] {
        let world = World::changed(|options| options.on_api_error.error_url = Some(page.to_owned()));
        assert_eq!(visit(&world, "?error=x").header("location"), expected);
    }
}

#[test]
fn case_034_in_development_the_page_shows_text_and_runs_nothing() {
    let world = World::changed(|options| options.mode = Mode::Development);
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let answer = visit(&world, &format!("?error={script}&error_description={script}%22%27%26"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html"));
    assert!(answer.text.contains("UNKNOWN") && !answer.text.contains("<script"));
    assert!(answer.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"));
    for (header, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(answer.header(header), value, "{header}");
    }
}
