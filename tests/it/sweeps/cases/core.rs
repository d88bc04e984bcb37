//! Routes of the core: passwords, sessions, users, accounts, and what describes them all.

use kernia::{plugins::OpenApi, testing::PASSWORD};
use serde_json::json;

use super::{Case, EMAIL, Target, account_id, case, get, link, post, redirected_without_error, token};

pub(super) fn cases() -> Vec<Case> {
    [password_cases(), session_cases(), user_cases(), account_cases(), open_api_cases()].into_iter().flatten().collect()
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

fn open_api_cases() -> Vec<Case> {
    let described = |route, prelude| case(route, prelude).plugins(|| vec![Box::new(OpenApi::default())]);
    vec![
        described("generateOpenAPISchema", |_, _| get("/open-api/generate-schema")),
        described("openAPIReference", |_, _| get("/reference")),
    ]
}
