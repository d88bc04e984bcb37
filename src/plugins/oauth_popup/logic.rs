//! The page that tells the opener of a popup what has become of its sign-in.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    crypto::digest::sha256,
    domain::{Cx, cookies::CookieSpec, options::CookieOverride},
    engine::{Answer, Body},
};

/// How long a browser may be at a provider, in seconds.
const LIFETIME_SECS: i64 = 600;
/// What the opener listens for.
const MESSAGE: &str = "better-auth:oauth-popup";
/// Where the page has what it is to tell.
const ELEMENT: &str = "better-auth-oauth-popup";

/// Tells the opener, or the page around, and closes the window. The browser delivers the message to the named origin only.
const SCRIPT: &str = "const told=JSON.parse(document.getElementById(\"better-auth-oauth-popup\").textContent);\
     const{targetOrigin,...message}=told;const listener=window.opener??window.parent;\
     if(listener&&listener!==window)listener.postMessage(message,targetOrigin);window.close();";

/// For whom a popup was opened: what its cookie holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opener {
    /// The origin of the page that opened it.
    pub(super) popup_origin: String,
    /// What tells this popup from others of that page.
    #[serde(default)]
    pub(super) popup_nonce: String,
}

/// What has become of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome<'a> {
    /// A session was made.
    SignedIn {
        /// Its token, as the cookie has it.
        token: &'a str,
        /// Where the browser would go on to.
        redirect_to: &'a str,
    },
    /// Nobody is signed in.
    Failed {
        /// Why.
        code: &'a str,
        /// The same as text.
        description: Option<&'a str>,
    },
}

/// The cookie that says that a flow is one of a popup.
pub(super) fn marker(cx: &Cx) -> CookieSpec {
    cx.app().cookie("oauth_popup", &CookieOverride { max_age: Some(LIFETIME_SECS), ..CookieOverride::default() })
}

/// The page.
pub(super) fn page(cx: &mut Cx, opener: &Opener, outcome: &Outcome<'_>) -> Answer {
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; base-uri 'none'",
        STANDARD.encode(sha256(SCRIPT.as_bytes()))
    );
    let headers: [(HeaderName, &str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::PRAGMA, "no-cache"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        cx.reply.set_header(name, value);
    }
    Answer { status: StatusCode::OK, body: Body::Html(markup(opener, outcome).into()) }
}

fn markup(opener: &Opener, outcome: &Outcome<'_>) -> String {
    let mut told = json!({ "type": MESSAGE, "targetOrigin": opener.popup_origin, "nonce": opener.popup_nonce });
    match outcome {
        Outcome::SignedIn { token, redirect_to } => {
            told["token"] = (*token).into();
            told["redirectTo"] = (*redirect_to).into();
        }
        Outcome::Failed { code, description } => {
            told["error"] = json!({ "code": code });
            if let Some(description) = description {
                told["error"]["description"] = (*description).into();
            }
        }
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Signing in</title></head><body>\
         <script type=\"application/json\" id=\"{ELEMENT}\">{}</script><script>{SCRIPT}</script></body></html>",
        in_script(&told)
    )
}

/// JSON that ends no script element.
fn in_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_reads_what_the_page_has() {
        assert!(SCRIPT.contains(&format!("getElementById(\"{ELEMENT}\")")));
        assert!(!SCRIPT.contains('<'), "it would have to be escaped");
    }

    #[test]
    fn nothing_that_is_told_leaves_its_element() {
        let opener = Opener { popup_origin: "https://app.test".to_owned(), popup_nonce: "</script><b>".to_owned() };
        let outcome = Outcome::Failed { code: "<!--", description: Some("</SCRIPT>\u{2028}") };
        let markup = markup(&opener, &outcome);
        let (_, rest) = markup.split_once("json\" id=\"better-auth-oauth-popup\">").unwrap();
        let (data, rest) = rest.split_once("</script>").unwrap();
        assert!(!data.contains('<') && rest.starts_with("<script>") && rest.matches("</script>").count() == 1);
        let told: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&told["nonce"], &told["error"]["code"]), (&json!("</script><b>"), &json!("<!--")));
        assert_eq!(told["error"]["description"], "</SCRIPT>\u{2028}");
    }
}
