//! Where a browser is sent that meets an error on its way through this server.

use super::Cx;
use crate::{engine::Exit, wire::redirect::append_query_params};

/// Sends the browser to a page that tells `error` (a code) and, if there is one, `description`. The page is `own` if a request
/// named one (which the gate found trustworthy then), else the installation's, else this server's.
#[must_use]
pub fn redirect(cx: &Cx, own: Option<&str>, error: &str, description: Option<&str>) -> Exit {
    let told = pairs(error, description);
    let configured = cx.app().options.on_api_error.error_url.as_deref();
    let page = [own, configured].into_iter().flatten().find_map(|page| append_query_params(page, &told));
    Exit::Redirect(page.unwrap_or_else(|| default_page(cx, &told)))
}

/// What an error page is told in its query.
#[must_use]
pub fn pairs<'a>(error: &'a str, description: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
    let description = description.filter(|text| !text.is_empty()).map(|text| ("error_description", text));
    [("error", error)].into_iter().chain(description).collect()
}

fn default_page(cx: &Cx, told: &[(&str, &str)]) -> String {
    let page = format!("{}/error", cx.local.base_url);
    append_query_params(&page, told).unwrap_or(page)
}
