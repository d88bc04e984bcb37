//! One request for each route, and everything that must have happened before it.

mod guards;
#[cfg(feature = "passkey")]
mod passkeys;

use bytes::Bytes;
use http::{Method, Response};
use kernia::{
    crypto::hotp::Totp,
    domain::{Plugin, options::Options},
    plugins::{
        Anonymous, DeviceAuthorization, EmailOtp, EmailOtpOptions, Jwt, MagicLink, MultiSession, OAuthPopup,
        OAuthProxy, OAuthProxyOptions, OneTap, OneTimeToken, OpenApi, PhoneNumber, PhoneNumberOptions, Siwe,
        SiweOptions, TwoFactor, TwoFactorOptions, Username, phone_number::SignUp,
    },
    testing::{Browser, PASSWORD, TestRequest},
    wire::{base32, date::Clock as _},
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
    /// Whether others are asked first, without whose word nothing happens.
    pub(super) guarded: bool,
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
        guarded: false,
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

    fn guarded(mut self) -> Self {
        self.guarded = true;
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
    cases.extend(open_api_cases());
    cases.extend(username_cases());
    cases.extend(anonymous_cases());
    cases.extend(email_otp_cases());
    cases.extend(one_time_token_cases());
    cases.extend(phone_number_cases());
    cases.extend(magic_link_cases());
    cases.extend(proxy_cases());
    cases.extend(guards::cases());
    cases.extend(two_factor_cases());
    cases.extend(multi_session_cases());
    cases.extend(device_cases());
    cases.extend(wallet_cases());
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

fn two_factor() -> Vec<Box<dyn Plugin>> {
    let mut options = TwoFactorOptions::default();
    options.otp_options.send = true;
    vec![Box::new(TwoFactor::new(options))]
}

fn enable(browser: &mut Browser<'_>, method: &str) -> Value {
    browser.sign_up(EMAIL);
    let made = browser.post("/two-factor/enable", json!({"password": PASSWORD, "method": method}));
    assert_eq!(made.status, 200, "{}", made.text);
    made.json
}

/// What an authenticator app shows whose address is in `enabled`.
fn shown(world: &World, enabled: &Value) -> String {
    let uri = enabled["totpURI"].as_str().unwrap();
    let secret = uri.split_once("secret=").unwrap().1.split('&').next().unwrap();
    let totp = Totp::new(&base32::decode(secret).unwrap(), 6, 30);
    totp.code(totp.step(world.clock.now().as_millis()))
}

/// A browser whose sign-in waits for the code of an app, and what it was told when that was set up.
fn waits(world: &World, browser: &mut Browser<'_>) -> Value {
    let enabled = enable(browser, "totp");
    assert_eq!(browser.post("/two-factor/verify-totp", json!({"code": shown(world, &enabled)})).status, 200);
    world.advance_secs(90);
    browser.cookies.clear();
    browser.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}));
    enabled
}

fn two_factor_cases() -> Vec<Case> {
    let second = |route, prelude| case(route, prelude).plugins(two_factor);
    vec![
        second("signInEmail", |_, browser| {
            enable(browser, "otp");
            browser.cookies.clear();
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        })
        .named("held"),
        second("signInEmail", |world, browser| {
            let enabled = waits(world, browser);
            let trust = json!({"code": enabled["backupCodes"][0], "trustDevice": true});
            assert_eq!(browser.post("/two-factor/verify-backup-code", trust).status, 200);
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        })
        .named("trusted")
        .spends_first(),
        second("enableTwoFactor", |_, browser| {
            browser.sign_up(EMAIL);
            post("/two-factor/enable", json!({"password": PASSWORD}))
        }),
        second("enableTwoFactor", |_, browser| {
            browser.sign_up(EMAIL);
            post("/two-factor/enable", json!({"password": PASSWORD, "method": "otp"}))
        })
        .named("by messages")
        .once(),
        second("disableTwoFactor", |_, browser| {
            enable(browser, "otp");
            post("/two-factor/disable", json!({"password": PASSWORD}))
        })
        .once(),
        second("generateBackupCodes", |world, browser| {
            let enabled = enable(browser, "totp");
            browser.post("/two-factor/verify-totp", json!({"code": shown(world, &enabled)}));
            post("/two-factor/generate-backup-codes", json!({"password": PASSWORD}))
        }),
        second("getTOTPURI", |_, browser| {
            enable(browser, "totp");
            post("/two-factor/get-totp-uri", json!({"password": PASSWORD}))
        }),
        second("generateTOTP", |_, _| Target::Call("generateTOTP", json!({"secret": "12345678901234567890"}))),
        second("viewBackupCodes", |world, browser| {
            enable(browser, "totp");
            Target::Call("viewBackupCodes", json!({"userId": world.rows("user")[0].id()}))
        }),
        second("sendTwoFactorOTP", |_, browser| {
            enable(browser, "otp");
            post("/two-factor/send-otp", json!({}))
        }),
        second("verifyTOTP", |world, browser| {
            let enabled = enable(browser, "totp");
            post("/two-factor/verify-totp", json!({"code": shown(world, &enabled)}))
        })
        .named("set up")
        .spends_first()
        .once(),
        second("verifyTOTP", |world, browser| {
            let enabled = waits(world, browser);
            post("/two-factor/verify-totp", json!({"code": shown(world, &enabled), "trustDevice": true}))
        })
        .spends_first(),
        second("verifyTOTP", |world, browser| {
            waits(world, browser);
            post("/two-factor/verify-totp", json!({"code": "wrong"}))
        })
        .named("wrong")
        .status(401)
        .spends_first(),
        second("verifyTwoFactorOTP", |world, browser| {
            enable(browser, "otp");
            browser.cookies.clear();
            browser.post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}));
            browser.post("/two-factor/send-otp", json!({}));
            let otp = world.take_messages().pop().and_then(|message| message.otp).unwrap();
            post("/two-factor/verify-otp", json!({"code": otp}))
        })
        .spends_first()
        .once(),
        second("verifyBackupCode", |world, browser| {
            let enabled = waits(world, browser);
            post("/two-factor/verify-backup-code", json!({"code": enabled["backupCodes"][0]}))
        })
        .spends_first()
        .once(),
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

/// Signs two people in, one after the other, and answers the token of the first.
fn both_signed_in(browser: &mut Browser<'_>) -> Value {
    let first = browser.sign_up(EMAIL).json["token"].clone();
    browser.sign_up("grace@example.com");
    first
}

fn multi_session_cases() -> Vec<Case> {
    let several = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(MultiSession::default())]);
    vec![
        several("listDeviceSessions", |_, browser| {
            both_signed_in(browser);
            get("/multi-session/list-device-sessions")
        }),
        several("setActiveSession", |_, browser| {
            let first = both_signed_in(browser);
            post("/multi-session/set-active", json!({"sessionToken": first}))
        }),
        several("revokeDeviceSession", |_, browser| {
            let first = both_signed_in(browser);
            browser.post("/multi-session/set-active", json!({"sessionToken": first}));
            post("/multi-session/revoke", json!({"sessionToken": first}))
        }),
        several("signInEmail", |_, browser| {
            both_signed_in(browser);
            post("/sign-in/email", json!({"email": EMAIL, "password": PASSWORD}))
        })
        .named("again in one browser"),
        several("signOut", |_, browser| {
            both_signed_in(browser);
            post("/sign-out", json!({}))
        })
        .named("of several"),
    ]
}

/// A device that asks, and the code that it shows.
fn device(browser: &mut Browser<'_>) -> (Value, String) {
    let codes = browser.clone().post("/device/code", json!({"client_id": "tv"})).json;
    let shown = codes["user_code"].as_str().unwrap().to_owned();
    (codes["device_code"].clone(), shown)
}

/// A device that asks, and somebody who has looked at what for.
fn claimed(browser: &mut Browser<'_>) -> (Value, String) {
    browser.sign_up(EMAIL);
    let (code, shown) = device(browser);
    assert_eq!(browser.get(format!("/device?user_code={shown}")).status, 200);
    (code, shown)
}

fn polling(code: &Value) -> Target {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    post("/device/token", json!({"grant_type": grant, "device_code": code, "client_id": "tv"}))
}

fn device_cases() -> Vec<Case> {
    let device_case = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(DeviceAuthorization::default())]);
    vec![
        device_case("deviceCode", |_, _| post("/device/code", json!({"client_id": "tv"}))),
        device_case("deviceVerify", |_, browser| {
            browser.sign_up(EMAIL);
            let (_, shown) = device(browser);
            get(format!("/device?user_code={shown}"))
        }),
        device_case("deviceApprove", |_, browser| {
            let (_, shown) = claimed(browser);
            post("/device/approve", json!({"userCode": shown}))
        })
        .once(),
        device_case("deviceDeny", |_, browser| {
            let (_, shown) = claimed(browser);
            post("/device/deny", json!({"userCode": shown}))
        })
        .once(),
        device_case("deviceToken", |_, browser| polling(&device(browser).0)).named("pending").status(400),
        device_case("deviceToken", |_, browser| {
            let (code, shown) = claimed(browser);
            browser.post("/device/deny", json!({"userCode": shown}));
            polling(&code)
        })
        .named("denied")
        .status(400),
        device_case("deviceToken", |_, browser| {
            let (code, shown) = claimed(browser);
            browser.post("/device/approve", json!({"userCode": shown}));
            polling(&code)
        })
        .once(),
    ]
}

fn signed(browser: &mut Browser<'_>, seed: u8) -> Target {
    let nonce = browser.post("/siwe/nonce", json!({})).json["nonce"].as_str().unwrap().to_owned();
    let (message, signature) = super::super::siwe::signed_message(seed, &nonce);
    post("/siwe/verify", json!({"message": message, "signature": signature}))
}

fn wallet_cases() -> Vec<Case> {
    let siwe = || -> Vec<Box<dyn Plugin>> { vec![Box::new(Siwe::new(SiweOptions::new("app.test")))] };
    let wallet = |route, prelude| case(route, prelude).plugins(siwe);
    vec![
        wallet("getSiweNonce", |_, _| post("/siwe/nonce", json!({}))),
        wallet("getNonce", |_, _| post("/siwe/get-nonce", json!({}))),
        wallet("verifySiweMessage", |_, browser| signed(browser, 7)).named("new").once(),
        wallet("verifySiweMessage", |_, browser| {
            let Target::Http(request) = signed(browser, 7) else { unreachable!("it is posted") };
            assert_eq!(browser.send(&request).status, 200);
            signed(browser, 7)
        })
        .once(),
        wallet("verifySiweMessage", |_, browser| {
            let Target::Http(request) = signed(browser, 7) else { unreachable!("it is posted") };
            let Target::Http(other) = signed(browser, 8) else { unreachable!("it is posted") };
            let signature =
                |request: &TestRequest| -> Value { serde_json::from_slice(request.body.as_ref().unwrap()).unwrap() };
            let body = json!({"message": signature(&request)["message"], "signature": signature(&other)["signature"]});
            post("/siwe/verify", body)
        })
        .named("signed by another")
        .status(401),
    ]
}

fn open_api_cases() -> Vec<Case> {
    let described = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(OpenApi::default())]);
    vec![
        described("generateOpenAPISchema", |_, _| get("/open-api/generate-schema")),
        described("openAPIReference", |_, _| get("/reference")),
    ]
}

fn anonymous_cases() -> Vec<Case> {
    let nobody = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(Anonymous::default())]);
    vec![
        nobody("signInAnonymous", |_, _| post("/sign-in/anonymous", json!({}))),
        nobody("deleteAnonymousUser", |_, browser| {
            browser.post("/sign-in/anonymous", json!({}));
            post("/delete-anonymous-user", json!({}))
        })
        .once(),
    ]
}

fn one_time_token_cases() -> Vec<Case> {
    let token = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(OneTimeToken::default())]);
    vec![
        token("generateOneTimeToken", |_, browser| {
            browser.sign_up(EMAIL);
            get("/one-time-token/generate")
        }),
        token("verifyOneTimeToken", |_, browser| {
            browser.sign_up(EMAIL);
            let token = browser.get("/one-time-token/generate").json["token"].clone();
            browser.cookies.clear();
            post("/one-time-token/verify", json!({"token": token}))
        })
        .once(),
    ]
}

const NUMBER: &str = "+15550100";

fn by_text() -> Vec<Box<dyn Plugin>> {
    let mut options = PhoneNumberOptions::default();
    options.sign_up_on_verification = Some(SignUp::default());
    vec![Box::new(PhoneNumber::new(options))]
}

/// Asks for a code and answers it.
fn texted(world: &World, browser: &mut Browser<'_>) -> String {
    let _ = world.take_messages();
    browser.post("/phone-number/send-otp", json!({"phoneNumber": NUMBER}));
    world.take_message().otp.unwrap()
}

/// Signs up, and has a number.
fn with_number(world: &World, browser: &mut Browser<'_>) {
    browser.sign_up(EMAIL);
    let code = texted(world, browser);
    let body = json!({"phoneNumber": NUMBER, "code": code, "updatePhoneNumber": true});
    assert_eq!(browser.post("/phone-number/verify", body).status, 200);
}

fn phone_number_cases() -> Vec<Case> {
    let by_text = |route, prelude| case(route, prelude).plugins(by_text);
    vec![
        by_text("sendPhoneNumberOTP", |_, _| post("/phone-number/send-otp", json!({"phoneNumber": NUMBER}))),
        by_text("consumePhoneNumberOTP", |world, browser| {
            let code = texted(world, browser);
            Target::Call("consumePhoneNumberOTP", json!({"phoneNumber": NUMBER, "code": code}))
        })
        .once(),
        by_text("verifyPhoneNumber", |world, browser| {
            let code = texted(world, browser);
            post("/phone-number/verify", json!({"phoneNumber": NUMBER, "code": code}))
        })
        .once(),
        by_text("verifyPhoneNumber", |world, browser| {
            browser.sign_up(EMAIL);
            let code = texted(world, browser);
            post("/phone-number/verify", json!({"phoneNumber": NUMBER, "code": code, "updatePhoneNumber": true}))
        })
        .named("for whoever is signed in")
        .once(),
        by_text("signInPhoneNumber", |world, browser| {
            with_number(world, browser);
            browser.cookies.clear();
            post("/sign-in/phone-number", json!({"phoneNumber": NUMBER, "password": PASSWORD}))
        }),
        by_text("requestPasswordResetPhoneNumber", |world, browser| {
            with_number(world, browser);
            post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}))
        }),
        by_text("resetPasswordPhoneNumber", |world, browser| {
            with_number(world, browser);
            browser.post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}));
            let otp = world.take_message().otp;
            post(
                "/phone-number/reset-password",
                json!({"phoneNumber": NUMBER, "otp": otp, "newPassword": "another password"}),
            )
        })
        .once(),
    ]
}
