//! Coming back from a provider, directly or through production.

use kernia::{
    domain::Plugin,
    domain::options::Options,
    plugins::{OAuthPopup, OAuthProxy, OAuthProxyOptions, OneTap},
    testing::Browser,
};
use serde_json::json;

use super::{Case, EMAIL, Target, World, account_id, case, everything, get, post, redirected_without_error};
use crate::provider::{Fake, begin, github, parameter, sign_in};

pub(super) fn cases() -> Vec<Case> {
    [social_cases(), proxy_cases()].into_iter().flatten().collect()
}

fn with_provider(options: &mut Options) {
    everything(options);
    github(options);
}

/// Comes back from a provider to which the browser was sent from `path`.
fn returning(browser: &mut Browser<'_>, path: &str) -> Target {
    let url = begin(browser, path, json!({"provider": "github", "callbackURL": "/in"}));
    get(format!("/callback/github?code=c&state={}", parameter(&url, "state")))
}

/// A browser that has signed in with a provider whose tokens expire at once.
fn with_account(world: &World, browser: &mut Browser<'_>) -> String {
    Fake::at(world).set(|behaviour| behaviour.expires_in = 1);
    sign_in(browser, "github");
    account_id(world)
}

fn social_cases() -> Vec<Case> {
    let social = |route, prelude| case(route, prelude).with(with_provider);
    vec![
        social("signInSocial", |_, _| post("/sign-in/social", json!({"provider": "github"}))),
        social("signInSocial", |_, _| post("/sign-in/social", json!({"provider": "nobody"})))
            .named("unknown")
            .status(404),
        social("linkSocialAccount", |_, browser| {
            browser.sign_up(EMAIL);
            post("/link-social", json!({"provider": "github"}))
        }),
        social("callbackOAuth", |_, _| get("/callback/github?code=x&state=y")).named("unknown state").status(302),
        social("callbackOAuth", |world, browser| {
            Fake::at(world);
            returning(browser, "/sign-in/social")
        })
        .status(302)
        .spends_first()
        .once_by(redirected_without_error),
        social("callbackOAuth", |world, browser| {
            Fake::at(world);
            sign_in(&mut world.browser(), "github");
            returning(browser, "/sign-in/social")
        })
        .named("known user")
        .status(302)
        .spends_first()
        .once_by(redirected_without_error),
        social("callbackOAuth", |world, browser| {
            Fake::at(world);
            browser.sign_up(EMAIL);
            returning(browser, "/link-social")
        })
        .named("linking")
        .status(302)
        .spends_first()
        .once_by(redirected_without_error),
        social("getAccessToken", |world, browser| {
            let id = with_account(world, browser);
            post("/get-access-token", json!({"accountId": id}))
        })
        .named("renewed"),
        social("refreshToken", |world, browser| {
            let id = with_account(world, browser);
            post("/refresh-token", json!({"accountId": id}))
        })
        .named("of a provider"),
        social("accountInfo", |world, browser| {
            let id = with_account(world, browser);
            get(format!("/account-info?accountId={id}"))
        })
        .named("of a provider"),
    ]
}

/// A server that is both: its own production, and a preview whose production is elsewhere.
fn proxy() -> Vec<Box<dyn Plugin>> {
    let mut options = OAuthProxyOptions::default();
    options.production_url = Some("https://auth.test".to_owned());
    vec![Box::new(OAuthProxy::new(options)), Box::new(OAuthPopup), Box::new(OneTap::default())]
}

/// Where a browser is sent that comes back from the provider to production.
fn relayed(world: &World, browser: &mut Browser<'_>, path: &str) -> String {
    Fake::at(world);
    let Target::Http(request) = returning(browser, path) else { unreachable!("a browser comes back over HTTP") };
    let location = browser.send(&request).header("location").to_owned();
    location.split_once("/api/auth").unwrap().1.to_owned()
}

fn proxy_cases() -> Vec<Case> {
    let proxied = |route, prelude| case(route, prelude).with(with_provider).plugins(proxy);
    vec![
        proxied("signInSocial", |_, _| post("/sign-in/social", json!({"provider": "github"}))).named("proxied"),
        proxied("callbackOAuth", |world, browser| {
            Fake::at(world);
            returning(browser, "/sign-in/social")
        })
        .named("relayed")
        .status(302),
        proxied("oAuthProxyCompletion", |world, browser| get(relayed(world, browser, "/sign-in/social")))
            .status(302)
            .spends_first()
            .once_by(redirected_without_error),
        proxied("oAuthProxyCompletion", |world, browser| {
            browser.sign_up(EMAIL);
            get(relayed(world, browser, "/link-social"))
        })
        .named("linking")
        .status(302)
        .spends_first()
        .once_by(redirected_without_error),
        proxied("oAuthProxy", |world, browser| {
            let path = relayed(world, browser, "/sign-in/social");
            get(path.replace("/callback/github/oauth-proxy", "/oauth-proxy-callback"))
        })
        .status(302)
        .spends_first()
        .once_by(redirected_without_error),
        proxied("oauthPopupStart", |_, _| {
            get("/oauth-popup/start?provider=github&popupOrigin=http%3A%2F%2Flocalhost%3A3000")
        })
        .status(302),
        proxied("callbackOAuth", |world, browser| {
            Fake::at(world);
            let start = "/oauth-popup/start?provider=github&popupOrigin=http%3A%2F%2Flocalhost%3A3000";
            let url = browser.get(start).header("location").to_owned();
            get(format!("/callback/github?code=c&state={}", parameter(&url, "state")))
        })
        .named("in a popup")
        .spends_first(),
        proxied("oneTapCallback", |_, _| post("/one-tap/callback", json!({"idToken": "a.b.c"}))).status(400),
    ]
}
