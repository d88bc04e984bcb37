//! Where a flow that began in a popup ends: the page for its opener instead of the redirect.

use http::header;
use url::Url;

use super::logic::{Opener, Outcome, marker, page};
use crate::{
    domain::{Cx, Hooks, cookies},
    engine::{AfterHook, Answer, PathMatch},
};

pub(super) fn all() -> Hooks {
    let tell = AfterHook::new(PathMatch::Prefix("/callback/"), |cx, answer| {
        Box::pin(async move {
            tell_opener(cx, answer);
            Ok(())
        })
    });
    Hooks { after: vec![tell], ..Hooks::default() }
}

/// Replaces a redirect of a browser that came back in a popup. What is neither a session nor an error is left, as a linked account is.
fn tell_opener(cx: &mut Cx, answer: &mut Answer) {
    let location = cx.reply.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let Some(location) = location.map(str::to_owned) else { return };
    let spec = marker(cx);
    let Some(marked) = cookies::read_signed(cx, &spec) else { return };
    cookies::expire(cx, &spec);
    let Ok(opener) = serde_json::from_str::<Opener>(&marked) else { return };
    let name = &cx.app_arc().cookies.session_token.name;
    let token = cx.reply.cookies().iter().find(|cookie| cookie.name == *name).map(|cookie| cookie.decoded_value());
    if let Some(token) = token.filter(|token| !token.is_empty()).map(std::borrow::Cow::into_owned) {
        *answer = page(cx, &opener, &Outcome::SignedIn { token: &token, redirect_to: &location });
        return;
    }
    let Some(target) = Url::parse(&cx.local.base_url).ok().and_then(|base| base.join(&location).ok()) else { return };
    let said = |name: &str| target.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    if let Some(code) = said("error").filter(|code| !code.is_empty()) {
        let description = said("error_description");
        *answer = page(cx, &opener, &Outcome::Failed { code: &code, description: description.as_deref() });
    }
}
