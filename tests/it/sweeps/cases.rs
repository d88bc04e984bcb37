//! One request for each route, and everything that must have happened before it.

#[cfg(feature = "passkey")]
mod passkeys;

use bytes::Bytes;
use http::{Method, Response};
use kernia::{
    domain::{Plugin, options::Options},
    plugins::{EmailOtp, EmailOtpOptions, Jwt, MagicLink, OAuthPopup, OAuthProxy, OAuthProxyOptions, OneTap, Username},
    testing::{Browser, PASSWORD, TestRequest},
};
use serde_json::{Value, json};

use super::super::World;
use crate::provider::{Fake, begin, github, parameter, sign_in};

/// One request.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) route: &'static str,
    /// The status of its answer when all goes well.
    pub(super) status: u16,
    pub(super) options: fn(&mut Options),
    pub(super) plugins: fn() -> Vec<Box<dyn Plugin>>,
    pub(super) prelude: fn(&World, &mut Browser<'_>) -> Target,
    /// Whether two of it at once must not both win.
    pub(super) once: bool,
    /// Whether a response is a win.
    pub(super) won: fn(&Response<Bytes>) -> bool,
    /// Whether what permits it is spent before others are asked, and so before the change that it permits.
    pub(super) spends_first: bool,
}

/// How the request is made.
pub(super) enum Target {
    Http(TestRequest),
    Call(&'static str, Value),
}

const EMAIL: &str = "ada@example.com";

fn everything(options: &mut Options) {
    options.user.change_email.enabled = true;
    options.user.delete_user.enabled = true;
    options.user.delete_user.send_delete_account_verification = true;
    options.session.cookie_cache.enabled = true;
    options.email_and_password.revoke_sessions_on_password_reset = true;
}

fn succeeded(response: &Response<Bytes>) -> bool {
    response.status().as_u16() < 300
}

fn redirected_without_error(response: &Response<Bytes>) -> bool {
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
    response.status().as_u16() == 302 && !location.contains("error")
}

fn case(route: &'static str, prelude: fn(&World, &mut Browser<'_>) -> Target) -> Case {
    Case {
        name: route.to_owned(),
        route,
        status: 200,
        options: everything,
        plugins: Vec::new,
        prelude,
        once: false,
        won: succeeded,
        spends_first: false,
    }
}

impl Case {
    fn named(mut self, name: &str) -> Self {
        self.name = format!("{}: {name}", self.route);
        self
    }

    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn with(mut self, options: fn(&mut Options)) -> Self {
        self.options = options;
        self
    }

    fn plugins(mut self, plugins: fn() -> Vec<Box<dyn Plugin>>) -> Self {
        self.plugins = plugins;
        self
    }

    fn once(mut self) -> Self {
        self.once = true;
        self
    }

    fn spends_first(mut self) -> Self {
        self.spends_first = true;
        self
    }

    fn once_by(mut self, won: fn(&Response<Bytes>) -> bool) -> Self {
        self.once = true;
        self.won = won;
        self
    }
}

fn post(path: &str, body: Value) -> Target {
    Target::Http(TestRequest::json(path, &body))
}

fn get(path: impl Into<String>) -> Target {
    Target::Http(TestRequest::new(Method::GET, path))
}

fn account_id(world: &World) -> String {
    world.rows("account")[0].id().to_owned()
}

/// The path and query of a link that was sent.
fn link(world: &World) -> String {
    let url = world.take_messages().pop().and_then(|message| message.url).unwrap();
    url.split_once("/api/auth").unwrap().1.to_owned()
}

fn token(world: &World) -> String {
    world.take_messages().pop().and_then(|message| message.token).unwrap()
}

pub(super) fn all() -> Vec<Case> {
    let mut cases = password_cases();
    cases.extend(session_cases());
    cases.extend(user_cases());
    cases.extend(account_cases());
    cases.extend(social_cases());
    cases.extend(jwt_cases());
    cases.extend(username_cases());
    cases.extend(email_otp_cases());
    cases.extend(magic_link_cases());
    cases.extend(proxy_cases());
    #[cfg(feature = "passkey")]
    cases.extend(passkeys::cases());
    cases
}

fn password_cases() -> Vec<Case> {
    vec![
        case("signUpEmail", |_, _| {
            post("/sign-up/email", json!({"name": "Ada", "email": EMAIL, "password": PASSWORD}))
        })
        .once(),
        case("signUpEmail", |_, _| {
            post("/sign-up/email", json!({"name": "Ada", "email": EMAIL, "password": PASSWORD}))
        })
        .named("verification required")
        .with(|options| options.email_and_password.require_email_verification = true),
        case("signInEmail", |_, browser| {
            browser.sign_up(EMAIL);
            browser.cookies.clear();
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        }),
        case("requestPasswordReset", |_, browser| {
            browser.sign_up(EMAIL);
            post("/request-password-reset", json!({"email": EMAIL, "redirectTo": "/new-password"}))
        }),
        case("requestPasswordResetCallback", |world, browser| {
            browser.sign_up(EMAIL);
            browser.post("/request-password-reset", json!({"email": EMAIL, "redirectTo": "/new-password"}));
            get(link(world))
        })
        .status(302),
        case("resetPassword", |world, browser| {
            browser.sign_up(EMAIL);
            browser.post("/request-password-reset", json!({"email": EMAIL, "redirectTo": "/new-password"}));
            post("/reset-password", json!({"newPassword": "another password", "token": token(world)}))
        })
        .once(),
        case("verifyPassword", |_, browser| {
            browser.sign_up(EMAIL);
            post("/verify-password", json!({"password": PASSWORD}))
        }),
        case("changePassword", |_, browser| {
            browser.sign_up(EMAIL);
            let body =
                json!({"newPassword": "another password", "currentPassword": PASSWORD, "revokeOtherSessions": true});
            post("/change-password", body)
        })
        .once(),
        case("setPassword", |_, browser| {
            browser.sign_up(EMAIL);
            Target::Call("setPassword", json!({"newPassword": "another password"}))
        })
        .status(400),
    ]
}

fn session_cases() -> Vec<Case> {
    vec![
        case("signOut", |_, browser| {
            browser.sign_up(EMAIL);
            post("/sign-out", json!({}))
        }),
        case("getSession", |_, browser| {
            browser.sign_up(EMAIL);
            browser.cookies.remove("better-auth.session_data");
            get("/get-session")
        }),
        case("getSession", |world, browser| {
            browser.sign_up(EMAIL);
            world.advance_secs(2 * 86_400);
            get("/get-session")
        })
        .named("renewed"),
        case("getSession", |world, browser| {
            browser.sign_up(EMAIL);
            world.advance_secs(8 * 86_400);
            get("/get-session")
        })
        .named("expired"),
        case("updateSession", |_, browser| {
            browser.sign_up(EMAIL);
            post("/update-session", json!({"theme": "dark"}))
        })
        .status(400),
        case("listSessions", |_, browser| {
            browser.sign_up(EMAIL);
            get("/list-sessions")
        }),
        case("revokeSession", |_, browser| {
            let token = browser.sign_up(EMAIL).json["token"].clone();
            post("/revoke-session", json!({"token": token}))
        }),
        case("revokeSessions", |_, browser| {
            browser.sign_up(EMAIL);
            post("/revoke-sessions", json!({}))
        }),
        case("revokeOtherSessions", |_, browser| {
            browser.sign_up(EMAIL);
            browser.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}));
            post("/revoke-other-sessions", json!({}))
        }),
        case("ok", |_, _| get("/ok")),
        case("error", |_, _| get("/error?error=access_denied")).status(302),
    ]
}

fn user_cases() -> Vec<Case> {
    vec![
        case("sendVerificationEmail", |_, browser| {
            browser.sign_up(EMAIL);
            post("/send-verification-email", json!({"email": EMAIL}))
        }),
        case("verifyEmail", |world, browser| {
            browser.sign_up(EMAIL);
            browser.post("/send-verification-email", json!({"email": EMAIL}));
            get(link(world))
        })
        .status(302),
        case("changeEmail", |_, browser| {
            browser.sign_up(EMAIL);
            post("/change-email", json!({"newEmail": "countess@example.com"}))
        }),
        case("verifyEmail", |world, browser| {
            browser.sign_up(EMAIL);
            browser.post("/change-email", json!({"newEmail": "countess@example.com"}));
            get(link(world))
        })
        .named("changed")
        .status(302)
        .once_by(redirected_without_error),
        case("updateUser", |_, browser| {
            browser.sign_up(EMAIL);
            post("/update-user", json!({"name": "Countess"}))
        }),
        case("deleteUser", |_, browser| {
            browser.sign_up(EMAIL);
            post("/delete-user", json!({}))
        }),
        case("deleteUser", |world, browser| {
            browser.sign_up(EMAIL);
            browser.post("/delete-user", json!({}));
            post("/delete-user", json!({"token": token(world)}))
        })
        .named("with the token")
        .once(),
        case("deleteUserCallback", |world, browser| {
            browser.sign_up(EMAIL);
            browser.post("/delete-user", json!({"callbackURL": "/bye"}));
            get(link(world))
        })
        .status(302)
        .once_by(redirected_without_error),
    ]
}

fn account_cases() -> Vec<Case> {
    vec![
        case("listUserAccounts", |_, browser| {
            browser.sign_up(EMAIL);
            get("/list-accounts")
        }),
        case("unlinkAccount", |world, browser| {
            browser.sign_up(EMAIL);
            post("/unlink-account", json!({"accountId": account_id(world)}))
        })
        .status(400),
        case("accountInfo", |world, browser| {
            browser.sign_up(EMAIL);
            get(format!("/account-info?accountId={}", account_id(world)))
        })
        .status(400),
        case("refreshToken", |world, browser| {
            browser.sign_up(EMAIL);
            post("/refresh-token", json!({"accountId": account_id(world)}))
        })
        .status(400),
        case("getAccessToken", |world, browser| {
            browser.sign_up(EMAIL);
            post("/get-access-token", json!({"accountId": account_id(world)}))
        })
        .status(400),
    ]
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

fn username_cases() -> Vec<Case> {
    let named = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(Username::default())]);
    vec![
        named("isUsernameAvailable", |_, _| post("/is-username-available", json!({"username": "ada"}))),
        named("signInUsername", |_, browser| {
            let person = json!({"name": "Ada", "email": EMAIL, "password": PASSWORD, "username": "ada"});
            assert_eq!(browser.post("/sign-up/email", person).status, 200);
            browser.cookies.clear();
            post("/sign-in/username", json!({"username": "ada", "password": PASSWORD}))
        }),
        named("signUpEmail", |_, _| {
            let person = json!({"name": "Ada", "email": EMAIL, "password": PASSWORD, "username": "ada"});
            post("/sign-up/email", person)
        })
        .named("with a name")
        .once(),
    ]
}

/// Links and codes in mail.
fn mail() -> Vec<Box<dyn Plugin>> {
    let mut email_otp = EmailOtpOptions::default();
    email_otp.change_email.enabled = true;
    vec![Box::new(EmailOtp::new(email_otp)), Box::new(MagicLink::default())]
}

/// Asks for a code and answers it.
fn code(world: &World, browser: &mut Browser<'_>, purpose: &str) -> String {
    let _ = world.take_messages();
    browser.post("/email-otp/send-verification-otp", json!({"email": EMAIL, "type": purpose}));
    world.take_messages().pop().and_then(|message| message.otp).unwrap()
}

fn email_otp_cases() -> Vec<Case> {
    let by_mail = |route, prelude| case(route, prelude).plugins(mail);
    vec![
        by_mail("requestPasswordResetEmailOTP", |_, browser| {
            browser.sign_up(EMAIL);
            post("/email-otp/request-password-reset", json!({"email": EMAIL}))
        }),
        by_mail("forgetPasswordEmailOTP", |_, browser| {
            browser.sign_up(EMAIL);
            post("/forget-password/email-otp", json!({"email": EMAIL}))
        }),
        by_mail("sendVerificationOTP", |_, _| {
            post("/email-otp/send-verification-otp", json!({"email": EMAIL, "type": "sign-in"}))
        }),
        by_mail("createVerificationOTP", |_, _| {
            Target::Call("createVerificationOTP", json!({"email": EMAIL, "type": "sign-in"}))
        }),
        by_mail("getVerificationOTP", |_, _| Target::Call("getVerificationOTP", json!({}))).status(400),
        by_mail("checkVerificationOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let otp = code(world, browser, "sign-in");
            post("/email-otp/check-verification-otp", json!({"email": EMAIL, "type": "sign-in", "otp": otp}))
        }),
        by_mail("checkVerificationOTP", |world, browser| {
            browser.sign_up(EMAIL);
            code(world, browser, "sign-in");
            post("/email-otp/check-verification-otp", json!({"email": EMAIL, "type": "sign-in", "otp": "x"}))
        })
        .named("wrong")
        .status(400),
        by_mail("verifyEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let otp = code(world, browser, "email-verification");
            post("/email-otp/verify-email", json!({"email": EMAIL, "otp": otp}))
        })
        .once(),
        by_mail("signInEmailOTP", |world, browser| {
            let otp = code(world, browser, "sign-in");
            post("/sign-in/email-otp", json!({"email": EMAIL, "otp": otp}))
        })
        .once(),
        by_mail("signInEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            browser.cookies.clear();
            let otp = code(world, browser, "sign-in");
            post("/sign-in/email-otp", json!({"email": EMAIL, "otp": otp}))
        })
        .named("unproven user")
        .once(),
        by_mail("resetPasswordEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let otp = code(world, browser, "forget-password");
            post("/email-otp/reset-password", json!({"email": EMAIL, "otp": otp, "password": "another password"}))
        })
        .once(),
        by_mail("requestEmailChangeEmailOTP", |_, browser| {
            browser.sign_up(EMAIL);
            post("/email-otp/request-email-change", json!({"newEmail": "countess@example.com"}))
        }),
        by_mail("changeEmailEmailOTP", |world, browser| {
            browser.sign_up(EMAIL);
            let _ = world.take_messages();
            browser.post("/email-otp/request-email-change", json!({"newEmail": "countess@example.com"}));
            let otp = world.take_message().otp;
            post("/email-otp/change-email", json!({"newEmail": "countess@example.com", "otp": otp}))
        })
        .once(),
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

fn jwt_cases() -> Vec<Case> {
    let signed = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(Jwt::default())]);
    vec![
        signed("getJwks", |_, _| get("/jwks")),
        signed("getToken", |_, browser| {
            browser.sign_up(EMAIL);
            get("/token")
        }),
        signed("getToken", |_, browser| {
            browser.sign_up(EMAIL);
            browser.get("/token");
            get("/token")
        })
        .named("with a key"),
        signed("signJWT", |_, _| Target::Call("signJWT", json!({"payload": {"sub": "job"}}))),
        signed("verifyJWT", |_, browser| {
            browser.sign_up(EMAIL);
            let token = browser.get("/token").json["token"].clone();
            Target::Call("verifyJWT", json!({ "token": token }))
        }),
        signed("getSession", |_, browser| {
            browser.sign_up(EMAIL);
            browser.get("/token");
            get("/get-session")
        })
        .named("with a token"),
    ]
}

fn magic_link_cases() -> Vec<Case> {
    let by_mail = |route, prelude| case(route, prelude).plugins(mail);
    vec![
        by_mail("signInMagicLink", |_, _| post("/sign-in/magic-link", json!({"email": EMAIL}))),
        by_mail("magicLinkVerify", |world, browser| {
            browser.post("/sign-in/magic-link", json!({"email": EMAIL, "callbackURL": "/in"}));
            get(link(world))
        })
        .status(302)
        .once_by(redirected_without_error),
        by_mail("magicLinkVerify", |world, browser| {
            browser.sign_up(EMAIL);
            browser.cookies.clear();
            let _ = world.take_messages();
            browser.post("/sign-in/magic-link", json!({"email": EMAIL, "callbackURL": "/in"}));
            get(link(world))
        })
        .named("unproven user")
        .status(302)
        .once_by(redirected_without_error),
    ]
}
