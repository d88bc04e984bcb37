//! `GET /callback/:id`, and `POST` for providers that answer by a form

use http::Method;

use crate::{
    domain::{
        Cx, Installation, error_page,
        oauth_state::{self, Intent},
    },
    engine::{Endpoint, Exit, Media},
    oauth::{self, CallbackParameters, Completion, Wishes},
    wire::{redirect::append_query_params, shape::input},
};

/// Takes a browser back from a provider, and signs in or links whom the provider names.
pub struct CallbackOAuth;

input! {
    /// What the provider answers (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).
    pub struct Params {
        /// Stands for the tokens.
        code: Option<String>,
        /// Why there is no code.
        error: Option<String>,
        /// The device, with one provider.
        device_id: Option<String>,
        /// The same as text.
        error_description: Option<String>,
        /// What this server sent along.
        state: Option<String>,
        /// The user as JSON, with one provider and only once.
        user: Option<String>,
        /// Who answers.
        iss: Option<String>,
    }
}

impl Endpoint<Installation> for CallbackOAuth {
    type Body = Option<Params>;
    type Output = ();
    type Query = Option<Params>;

    const MEDIA: Media = Media::FormOrJson;
    const METHODS: &'static [Method] = &[Method::GET, Method::POST];
    const NAME: &'static str = "callbackOAuth";
    const PATH: &'static str = "/callback/:id";

    async fn call(&self, cx: &mut Cx, body: Option<Params>, query: Option<Params>) -> Result<(), Exit> {
        if cx.request.method == Method::POST {
            return Err(as_get(cx, body.as_ref(), query.as_ref()));
        }
        if query.as_ref().is_some_and(|query| query.state.is_none() && given(query.code.as_deref()).is_some()) {
            begin_anew(cx).await?;
        }
        let Some((query, state)) = query.as_ref().and_then(|query| Some((query, given(query.state.as_deref())?)))
        else {
            return Err(error_page::redirect(cx, None, "state_not_found", None));
        };
        let remembered = match oauth_state::take(cx, state).await? {
            Ok(remembered) => remembered,
            Err(rejection) => {
                return Err(error_page::redirect(cx, rejection.error_url.as_deref(), rejection.code, None));
            }
        };
        let page = remembered.error_url.as_deref();
        let fail = |cx: &Cx, error: &str, description: Option<&str>| error_page::redirect(cx, page, error, description);
        if let Some(error) = given(query.error.as_deref()) {
            return Err(fail(cx, error, query.error_description.as_deref()));
        }
        let Some(code) = given(query.code.as_deref()) else { return Err(fail(cx, "no_code", None)) };
        let id = cx.request.param("id").to_owned();
        let Ok(provider) = oauth::configured(cx, &id).await else {
            return Err(fail(cx, "oauth_provider_not_found", None));
        };
        if !remembered.is_for(&provider.id) {
            return Err(fail(cx, "state_mismatch", None));
        }
        let came = CallbackParameters {
            code,
            code_verifier: &remembered.code_verifier,
            iss: query.iss.as_deref(),
            device_id: query.device_id.as_deref(),
            user: query.user.as_deref(),
            nonce: remembered.id_token_nonce.as_deref(),
        };
        let exchanged = match oauth::exchange(cx, &provider, &came).await? {
            Ok(exchanged) => exchanged,
            Err(error) => return Err(fail(cx, error, None)),
        };
        if remembered.callback_url.is_empty() {
            return Err(fail(cx, "no_callback_url", None));
        }
        let options = &provider.options;
        let completion = Completion {
            provider: &provider,
            exchanged: &exchanged,
            link: remembered.link.as_ref(),
            callback_url: &remembered.callback_url,
            disable_sign_up: options.refuses_sign_up(remembered.request_sign_up),
            override_user_info: options.override_user_info_on_sign_in,
        };
        match oauth::complete(cx, &completion).await? {
            Ok(is_new) => {
                let new_user_url = remembered.new_user_url.as_deref();
                // The gate found the pages trustworthy when the request named them.
                Err(Exit::Redirect(oauth::destination(cx, &remembered.callback_url, new_user_url, is_new)))
            }
            Err(refusal) => Err(fail(cx, &refusal.code, refusal.description.as_deref())),
        }
    }
}

/// Sends the browser to a provider whose own pages lead here, so that what comes back was asked for. The code that it has
/// brought is not looked at: nobody knows whose it is.
async fn begin_anew(cx: &mut Cx) -> Result<(), Exit> {
    let id = cx.request.param("id").to_owned();
    if cx.app().provider(&id).is_none_or(|provider| !provider.allow_idp_initiated) {
        return Ok(());
    }
    let Ok(provider) = oauth::configured(cx, &id).await else { return Ok(()) };
    let wishes = Wishes { disable_redirect: Some(true), ..Wishes::default() };
    let away = oauth::depart(cx, &provider, Intent::default(), &wishes).await?;
    Err(Exit::Redirect(away.url))
}

/// A parameter that is there and not empty.
fn given(parameter: Option<&str>) -> Option<&str> {
    parameter.filter(|text| !text.is_empty())
}

/// The same request as `GET`, so that the browser sends its cookies, which it keeps from a form of another site.
fn as_get(cx: &Cx, body: Option<&Params>, query: Option<&Params>) -> Exit {
    let named = |read: fn(&Params) -> &Option<String>| {
        let of = |params: Option<&Params>| params.and_then(|params| read(params).clone());
        of(query).or_else(|| of(body))
    };
    let params = [
        ("code", named(|params| &params.code)),
        ("error", named(|params| &params.error)),
        ("device_id", named(|params| &params.device_id)),
        ("error_description", named(|params| &params.error_description)),
        ("state", named(|params| &params.state)),
        ("user", named(|params| &params.user)),
        ("iss", named(|params| &params.iss)),
    ];
    let pairs: Vec<_> = params.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    let page = format!("{}/callback/{}?", cx.local.base_url, cx.request.param("id"));
    Exit::Redirect(append_query_params(&page, &pairs).unwrap_or(page))
}
