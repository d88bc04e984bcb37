//! `GET /reference`

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, StatusCode, header};

use super::super::{logic::document, options::OpenApiOptions};
use crate::{
    crypto::digest::sha256,
    domain::{Cx, Installation},
    engine::{Answer, ApiError, Body, Endpoint, Exit},
    wire::html::escape,
};

const DISABLED: ApiError = ApiError::bare(StatusCode::NOT_FOUND);
const STYLE: &str = include_str!("reference.css");
const SCRIPT: &str = include_str!("reference.js");

/// Shows the document. The page needs nothing from elsewhere, and its policy allows nothing from elsewhere.
pub struct Reference {
    pub(super) options: Arc<OpenApiOptions>,
}

impl Endpoint<Installation> for Reference {
    type Body = ();
    type Output = ();
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "openAPIReference";
    const PATH: &'static str = "/reference";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<(), Exit> {
        cx.ensure(!self.options.disable_default_reference, DISABLED)?;
        let app = cx.app_arc();
        let document = document(&app, &cx.local.base_url).to_string();
        let nonce = self.options.nonce.as_deref();
        let allowed = |text: &str| match nonce {
            Some(nonce) => format!("'nonce-{nonce}'"),
            None => format!("'sha256-{}'", STANDARD.encode(sha256(text.as_bytes()))),
        };
        let style = format!(":root{{color-scheme:{}}}\n{STYLE}", self.options.theme.color_scheme());
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            allowed(&style),
            allowed(SCRIPT)
        );
        cx.reply.set_header(header::CONTENT_SECURITY_POLICY, &policy);
        cx.reply.set_header(header::REFERRER_POLICY, "no-referrer");
        cx.reply.set_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        cx.reply.set_header(header::X_FRAME_OPTIONS, "DENY");
        let markup = page(&app.options.app_name, &style, &document, nonce);
        Err(Exit::Answer(Answer { status: StatusCode::OK, body: Body::Html(markup.into()) }))
    }
}

fn page(title: &str, style: &str, document: &str, nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" nonce=\"{}\"", escape(nonce))).unwrap_or_default();
    // Within a script nothing is escaped; without `<` the document cannot end it.
    let data = document.replace('<', "\\u003c");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{} API</title><style{nonce}>{style}</style></head>\
         <body><main id=\"routes\"></main><script id=\"document\" type=\"application/json\">{data}</script>\
         <script{nonce}>{SCRIPT}</script></body></html>",
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_end_its_script() {
        let markup = page("<b>", "", r#"{"x":"</script><script>alert(1)</script>"}"#, Some("abc"));
        assert_eq!(markup.matches("</script>").count(), 2);
        assert!(markup.contains("<title>&lt;b&gt; API") && markup.contains("<script nonce=\"abc\">"));
    }
}
