//! `exchange TIMES`: answers `GET /get-session` that often without any I/O, for counting instructions.

use std::env;

use http::Method;
use kernia::testing::{TestRequest, World};

fn main() {
    let times: usize = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1000);
    let world = World::default();
    let mut browser = world.browser();
    browser.sign_up("ada@example.com");
    browser.origin = None;
    let request = browser.prepare(&TestRequest::new(Method::GET, "/get-session"));
    let expected = world.answer(request.clone()).into_body();
    for _ in 0..times {
        let response = world.answer(request.clone());
        assert_eq!(response.body().len(), expected.len());
    }
}
