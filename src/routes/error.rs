//! `GET /error`

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, Method, StatusCode, header};
use serde_json::Value;

use crate::{
    crypto::digest::sha256,
    domain::{Cx, Installation, error_page, options::Mode},
    engine::{Answer, Answers, Body, Endpoint, Exit},
    wire::{
        html::{escape, is_safe_error_code},
        redirect::append_query_params,
    },
};

/// Tells a person in a browser that something went wrong: on the application's page, or on one of this server's own while
/// it is developed.
pub struct ErrorPage;

/// Stands for codes that are absent or that no part of this server uses.
const UNKNOWN: &str = "UNKNOWN";

const STYLE: &str = "body{margin:12vh auto;max-width:36rem;padding:0 1.5rem;font:1rem/1.6 system-ui,sans-serif;\
     color:#1c1c1e;background:#fafafa}h1{font-size:1.4rem}code{padding:.15em .4em;border-radius:.3em;background:#ececee}\
     @media(prefers-color-scheme:dark){body{color:#ececee;background:#161618}code{background:#2c2c2e}a{color:#8ab4f8}}";

impl Answers for ErrorPage {
    type Answer = ();
}

impl Endpoint<Installation> for ErrorPage {
    type Body = ();
    type Output = ();
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "error";
    const PATH: &'static str = "/error";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<(), Exit> {
        let code = asked(cx, "error").filter(|code| is_safe_error_code(code)).unwrap_or(UNKNOWN).to_owned();
        let description = asked(cx, "error_description").map(str::to_owned);
        let told = error_page::pairs(&code, description.as_deref());
        let app = cx.app_arc();
        let own = app.options.on_api_error.error_url.as_deref().and_then(|page| append_query_params(page, &told));
        let home = || append_query_params("/", &told).filter(|_| app.options.mode == Mode::Production);
        let answer = match own.or_else(home) {
            Some(page) => {
                cx.reply.set_header(header::LOCATION, &page);
                Answer::empty(StatusCode::FOUND)
            }
            None => page(cx, &code, description.as_deref()),
        };
        Err(Exit::Answer(answer))
    }
}

/// A parameter of the query, the first if there are several. Any text is good: a person is to see some page in any case.
fn asked<'a>(cx: &'a Cx, name: &str) -> Option<&'a str> {
    let value = match cx.request.query.get(name)? {
        Value::Array(values) => values.first()?,
        value => value,
    };
    value.as_str().filter(|text| !text.is_empty())
}

fn page(cx: &mut Cx, code: &str, description: Option<&str>) -> Answer {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        STANDARD.encode(sha256(STYLE.as_bytes()))
    );
    let headers: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in headers {
        cx.reply.set_header(name, value);
    }
    Answer { status: StatusCode::OK, body: Body::Html(markup(code, description).into()) }
}

fn markup(code: &str, description: Option<&str>) -> String {
    let explanation = description.unwrap_or("The request could not be completed. You can go back and try again.");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Error</title><style>{STYLE}</style></head>\
         <body><h1>Something went wrong</h1><p>{}</p><p>Code: <code>{}</code></p><p><a href=\"/\">Home</a></p></body></html>",
        escape(explanation),
        escape(code)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_text_as_text() {
        let markup = markup("it's", Some("<script>alert(1)</script>"));
        assert!(markup.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && markup.contains("it&#39;s"));
        assert!(!markup.contains("<script"));
    }
}
