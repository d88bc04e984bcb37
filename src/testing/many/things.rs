//! What may happen once, and what may be guessed at a few times.

use serde_json::{Value, json};

use super::{
    super::{PASSWORD, TestRequest},
    Many, NOW,
    client::Client,
};
use crate::{crypto::hotp::Totp, wire::base32};

/// Something that one of many gets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Thing {
    Address,
    MagicLink,
    CodeByMail,
    ResetToken,
    ResetCodeByMail,
    DeletionLink,
    Number,
    ResetCodeByText,
    OneTimeToken,
    DeviceApproval,
    DeviceToken,
    SecondFactor,
    BackupCode,
    #[cfg(feature = "passkey")]
    PasskeyChallenge,
}

impl Thing {
    pub(super) const ALL: &'static [Self] = &[
        Self::Address,
        Self::MagicLink,
        Self::CodeByMail,
        Self::ResetToken,
        Self::ResetCodeByMail,
        Self::DeletionLink,
        Self::Number,
        Self::ResetCodeByText,
        Self::OneTimeToken,
        Self::DeviceApproval,
        Self::DeviceToken,
        Self::SecondFactor,
        Self::BackupCode,
        #[cfg(feature = "passkey")]
        Self::PasskeyChallenge,
    ];

    /// Does everything that comes before, and answers the requests of which one may have its way.
    pub(super) async fn prepare(self, many: &Many) -> Vec<TestRequest> {
        let email = format!("{self:?}@example.com").to_lowercase();
        let mut stranger = Client::new(many);
        let request = match self {
            Self::Address => {
                let body = json!({"name": "Test User", "email": email, "password": PASSWORD});
                stranger.posting("/sign-up/email", &body)
            }
            Self::MagicLink => {
                stranger.post("/sign-in/magic-link", json!({"email": email})).await;
                stranger.getting(&format!("/magic-link/verify?token={}&callbackURL=/in", many.sent()))
            }
            Self::CodeByMail => {
                ask_code(&mut stranger, &email, "sign-in").await;
                stranger.posting("/sign-in/email-otp", &json!({"email": email, "otp": many.sent()}))
            }
            Self::ResetToken => {
                Client::signed_up(many, &email).await.post("/request-password-reset", json!({"email": email})).await;
                stranger.posting("/reset-password", &json!({"token": many.sent(), "newPassword": "another password"}))
            }
            Self::ResetCodeByMail => {
                Client::signed_up(many, &email).await;
                ask_code(&mut stranger, &email, "forget-password").await;
                let body = json!({"email": email, "otp": many.sent(), "password": "another password"});
                stranger.posting("/email-otp/reset-password", &body)
            }
            Self::DeletionLink => {
                let mut owner = Client::signed_up(many, &email).await;
                owner.post("/delete-user", json!({})).await;
                owner.getting(&format!("/delete-user/callback?token={}", many.sent()))
            }
            Self::Number => {
                let owner = Client::signed_up(many, &email).await;
                owner.posting("/phone-number/verify", &texted(many, "+15550100").await)
            }
            Self::ResetCodeByText => {
                let mut owner = Client::signed_up(many, &email).await;
                let number = "+15550101";
                let code = texted(many, number).await;
                owner.post("/phone-number/verify", code).await;
                stranger.post("/phone-number/request-password-reset", json!({"phoneNumber": number})).await;
                let body = json!({"phoneNumber": number, "otp": many.sent(), "newPassword": "another password"});
                stranger.posting("/phone-number/reset-password", &body)
            }
            Self::OneTimeToken => {
                let token =
                    Client::signed_up(many, &email).await.get("/one-time-token/generate").await["token"].clone();
                stranger.posting("/one-time-token/verify", &json!({"token": token}))
            }
            Self::DeviceApproval => {
                let (owner, _, shown) = device(many, &email).await;
                owner.posting("/device/approve", &json!({"userCode": shown}))
            }
            Self::DeviceToken => {
                let (mut owner, code, shown) = device(many, &email).await;
                owner.post("/device/approve", json!({"userCode": shown})).await;
                let grant = "urn:ietf:params:oauth:grant-type:device_code";
                let body = json!({"grant_type": grant, "device_code": code, "client_id": "tv"});
                stranger.posting("/device/token", &body)
            }
            Self::SecondFactor => {
                enrolled(many, &email).await;
                let mut waiting = waiting(many, &email).await;
                waiting.post("/two-factor/send-otp", json!({})).await;
                waiting.posting("/two-factor/verify-otp", &json!({"code": many.sent()}))
            }
            Self::BackupCode => {
                let body = json!({"code": enrolled(many, &email).await});
                // Two sign-ins wait, and one of them gets the code.
                let waiting = [waiting(many, &email).await, waiting(many, &email).await];
                return waiting.map(|waiting| waiting.posting("/two-factor/verify-backup-code", &body)).to_vec();
            }
            #[cfg(feature = "passkey")]
            Self::PasskeyChallenge => {
                use super::super::{Authenticator, BASE_URL};
                let (mut owner, mut device) = (Client::signed_up(many, &email).await, Authenticator::new(&email));
                let asked = owner.get("/passkey/generate-register-options").await;
                let made = json!({"response": device.create(&asked, BASE_URL)});
                owner.post("/passkey/verify-registration", made).await;
                let asked = stranger.get("/passkey/generate-authenticate-options").await;
                let body = json!({"response": device.get(&asked, BASE_URL)});
                stranger.posting("/passkey/verify-authentication", &body)
            }
        };
        vec![request]
    }
}

/// A code that bears a few wrong guesses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guessed {
    ByMail,
    ByText,
    AtTheSecondFactor,
}

impl Guessed {
    pub(super) const ALL: &'static [Self] = &[Self::ByMail, Self::ByText, Self::AtTheSecondFactor];

    /// How many guesses may be wrong.
    pub(super) fn allowed(self) -> usize {
        match self {
            Self::ByMail | Self::ByText => 3,
            Self::AtTheSecondFactor => 5,
        }
    }

    /// A wrong guess, and the right one.
    pub(super) async fn prepare(self, many: &Many) -> (TestRequest, TestRequest) {
        let email = format!("{self:?}@example.com").to_lowercase();
        let mut stranger = Client::new(many);
        match self {
            Self::ByMail => {
                ask_code(&mut stranger, &email, "sign-in").await;
                let guess = |code: &str| stranger.posting("/sign-in/email-otp", &json!({"email": email, "otp": code}));
                (guess("wrong"), guess(&many.sent()))
            }
            Self::ByText => {
                let owner = Client::signed_up(many, &email).await;
                let right = texted(many, "+15550102").await;
                let mut wrong = right.clone();
                wrong["code"] = "wrong".into();
                let guess = |body: &Value| owner.posting("/phone-number/verify", body);
                (guess(&wrong), guess(&right))
            }
            Self::AtTheSecondFactor => {
                enrolled(many, &email).await;
                let mut waiting = waiting(many, &email).await;
                waiting.post("/two-factor/send-otp", json!({})).await;
                let guess = |code: &str| waiting.posting("/two-factor/verify-otp", &json!({"code": code}));
                (guess("wrong"), guess(&many.sent()))
            }
        }
    }
}

async fn ask_code(client: &mut Client<'_>, email: &str, purpose: &str) {
    client.post("/email-otp/send-verification-otp", json!({"email": email, "type": purpose})).await;
}

/// What proves a number and gives it to whoever is signed in.
async fn texted(many: &Many, number: &str) -> Value {
    Client::new(many).post("/phone-number/send-otp", json!({"phoneNumber": number})).await;
    json!({"phoneNumber": number, "code": many.sent(), "updatePhoneNumber": true})
}

/// Somebody who has looked at what a device asks for, its code, and the one that it shows.
async fn device<'m>(many: &'m Many, email: &str) -> (Client<'m>, Value, String) {
    let mut owner = Client::signed_up(many, email).await;
    let codes = Client::new(many).post("/device/code", json!({"client_id": "tv"})).await;
    let shown = codes["user_code"].as_str().unwrap_or_default().to_owned();
    owner.get(&format!("/device?user_code={shown}")).await;
    (owner, codes["device_code"].clone(), shown)
}

/// Sets an authenticator app up, and answers a backup code.
async fn enrolled(many: &Many, email: &str) -> Value {
    let mut owner = Client::signed_up(many, email).await;
    let made = owner.post("/two-factor/enable", json!({"password": PASSWORD})).await;
    let uri = made["totpURI"].as_str().unwrap_or_default();
    let secret = uri.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
    let totp = Totp::new(&base32::decode(secret).expect("a key"), 6, 30);
    owner.post("/two-factor/verify-totp", json!({"code": totp.code(totp.step(NOW.as_millis()))})).await;
    made["backupCodes"][0].clone()
}

/// A browser whose sign-in waits for the second factor.
async fn waiting<'m>(many: &'m Many, email: &str) -> Client<'m> {
    let mut client = Client::new(many);
    let held = client.post("/sign-in/email", json!({"email": email, "password": PASSWORD})).await;
    assert_eq!(held["twoFactorRedirect"], true, "{held}");
    client
}
