//! The endpoints of the OAuth proxy, one file each.

pub mod callback;
pub mod completion;

use std::sync::Arc;

use super::logic::{Passport, Proxy, Purpose, read};
use crate::{
    domain::{Cx, Route, api::typed_calls, error_page, oauth_state},
    engine::Exit,
    gate,
    oauth::{self, Completion},
    wire::{origin::Relative, shape::input},
};

typed_calls! {
    /// `GET /oauth-proxy-callback`.
    oauth_proxy_callback: callback::OAuthProxyCallback, query => ();
    /// `GET /callback/:id/oauth-proxy`. The path's parameter is `id`, the provider.
    oauth_proxy_completion: completion::OAuthProxyCompletion, query => ();
}

pub(super) fn all(proxy: &Arc<Proxy>) -> Vec<Route> {
    vec![
        Route::new(callback::OAuthProxyCallback { proxy: Arc::clone(proxy) }),
        Route::new(completion::OAuthProxyCompletion { proxy: Arc::clone(proxy) }),
    ]
}

input! {
    /// What production sends a browser back with.
    pub struct Query {
        /// Where the browser goes on to.
        callback_url "callbackURL": String,
        /// Who it is, sealed.
        profile: Option<String>,
    }
}

/// Signs in or links whoever the sealed profile names, if this browser began the flow here. With `provider`, only if they were there.
async fn arrive(cx: &mut Cx, proxy: &Proxy, query: &Query, provider: Option<&str>) -> Result<(), Exit> {
    gate::check_callback(cx, Some(&query.callback_url))?;
    let Some(sealed) = query.profile.as_deref().filter(|sealed| !sealed.is_empty()) else {
        return Err(error_page::redirect(cx, None, "missing_profile", None));
    };
    let Some(opened) = proxy.open(cx, Purpose::Profile, sealed) else {
        return Err(error_page::redirect(cx, None, "invalid_profile", None));
    };
    let passport = read::<Passport>(&opened).filter(|passport| !passport.state.is_empty());
    let read = passport.and_then(|passport| passport.exchanged().map(|exchanged| (passport, exchanged)));
    let Some((passport, exchanged)) = read.filter(|(passport, _)| !passport.callback_url.is_empty()) else {
        return Err(error_page::redirect(cx, None, "invalid_payload", None));
    };
    gate::check_callback(cx, Some(&passport.callback_url))?;
    let page = trusted(cx, passport.error_url.as_deref());
    let fail = |cx: &Cx, code: &str| error_page::redirect(cx, page.as_deref(), code, None);
    if provider.is_some_and(|provider| provider != passport.provider()) {
        return Err(fail(cx, "provider_mismatch"));
    }
    if !proxy.is_fresh(passport.timestamp, cx.now()) {
        return Err(fail(cx, "payload_expired"));
    }
    let Ok(provider) = oauth::configured(cx, passport.provider()).await else {
        return Err(fail(cx, "oauth_provider_not_found"));
    };
    let remembered = oauth_state::take(cx, &passport.state).await?;
    let Some(remembered) = remembered.ok().filter(|remembered| remembered.is_for(&provider.id)) else {
        return Err(fail(cx, "state_mismatch"));
    };
    let completion = Completion {
        provider: &provider,
        exchanged: &exchanged,
        link: remembered.link.as_ref(),
        callback_url: &passport.callback_url,
        disable_sign_up: passport.disable_sign_up || provider.options.refuses_sign_up(remembered.request_sign_up),
        override_user_info: false,
    };
    Err(match oauth::complete(cx, &completion).await? {
        Ok(is_new) => {
            let new_user_url = trusted(cx, passport.new_user_url.as_deref());
            Exit::Redirect(oauth::destination(cx, &passport.callback_url, new_user_url.as_deref(), is_new))
        }
        Err(refusal) => error_page::redirect(cx, page.as_deref(), &refusal.code, refusal.description.as_deref()),
    })
}

fn trusted(cx: &Cx, page: Option<&str>) -> Option<String> {
    page.filter(|page| gate::is_trusted(cx, page, Relative::Allowed)).map(str::to_owned)
}
