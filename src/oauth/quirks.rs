//! What providers do that their rows cannot say. Each does as the reference does.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    profile::{Identity, placeholder, plain_call, text},
    proof,
};
use crate::{
    crypto::secret::Secret,
    domain::{
        Cx,
        outgoing::Call,
        provider::{Provider, Quirk, Tokens, UserInfo},
    },
    wire::{jwk::Algorithm, jws::read_unverified, percent::encode_uri_component, private_jwk::PrivateJwk},
};

/// The largest photo that becomes part of a user, in bytes.
const MAX_PHOTO_BYTES: usize = 256 * 1024;
const MICROSOFT_GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// Completes `profile` in the provider's own way, and answers what of the user does not follow from it. `None` when the profile is
/// not to be believed.
pub(super) async fn complete(
    cx: &mut Cx,
    provider: &Provider,
    tokens: &Tokens,
    beside: Option<&Value>,
    profile: &mut Value,
) -> Option<Map<String, Value>> {
    let Some(quirk) = provider.quirk else { return Some(Map::new()) };
    let known = match quirk {
        Quirk::Apple => apple(beside, profile),
        Quirk::Discord => discord(profile),
        Quirk::Entra => entra(cx, provider, tokens, profile).await?,
        // Only Graph profiles say whether the address is verified.
        Quirk::Facebook if profile.get("sub").is_some() => json!({ "emailVerified": false }),
        Quirk::GitHub => github(cx, provider, tokens, profile).await,
        Quirk::Microsoft => microsoft(cx, provider, tokens, profile).await?,
        Quirk::PayPal => paypal(tokens, profile)?,
        Quirk::Reddit => reddit(profile),
        Quirk::Twitter => twitter(cx, provider, tokens, profile).await,
        Quirk::Vk => vk(profile),
        Quirk::WeChat if profile.get("errcode").is_some_and(crate::wire::json::truthy) => return None,
        Quirk::Yandex => yandex(profile)?,
        Quirk::Cognito | Quirk::Facebook | Quirk::HubSpot | Quirk::TikTok | Quirk::WeChat => json!({}),
    };
    known.as_object().cloned()
}

/// Whether what was put together is enough.
pub(super) fn is_complete(provider: &Provider, identity: &Identity) -> bool {
    provider.quirk != Some(Quirk::Vk) || identity.email().is_some()
}

fn apple(beside: Option<&Value>, profile: &mut Value) -> Value {
    let told = beside.and_then(|person| person.get("name")).filter(|name| crate::wire::json::truthy(name));
    let name = match told {
        Some(told) => {
            let part = |name: &str| text(told, name).unwrap_or_default();
            format!("{} {}", part("/firstName"), part("/lastName")).trim().to_owned()
        }
        None => text(profile, "/name").unwrap_or_default().to_owned(),
    };
    profile["name"] = name.as_str().into();
    json!({ "name": name })
}

/// How long a client secret is good that is made for one request, in seconds. Apple takes up to six months.
const APPLE_SECRET_SECS: i64 = 300;

/// The client secret that Apple wants: a token of the team's, signed with a key of theirs.
pub(super) async fn apple_secret(cx: &mut Cx, provider: &Provider, key: &Secret) -> Option<Secret> {
    let options = &provider.options;
    let header = json!({ "alg": "ES256", "kid": options.key_id });
    let claims = json!({ "iss": options.team_id, "aud": "https://appleid.apple.com", "sub": provider.client_id() });
    match PrivateJwk::read_pem(key, Algorithm::Es256) {
        Ok(key) => proof::signed(cx, provider, key, &header, &claims, APPLE_SECRET_SECS).await.map(Secret::from),
        Err(error) => {
            tracing::error!(provider = %provider.id, %error, "the client secret cannot be made of the private key");
            None
        }
    }
}

/// Users without an image have one of a few that Discord makes, by their number.
fn discord(profile: &mut Value) -> Value {
    let id = text(profile, "/id").unwrap_or_default();
    let url = match text(profile, "/avatar") {
        Some(avatar) => {
            let format = if avatar.starts_with("a_") { "gif" } else { "png" };
            format!("https://cdn.discordapp.com/avatars/{id}/{avatar}.{format}")
        }
        None => {
            let discriminator = text(profile, "/discriminator").unwrap_or("0");
            let number = match discriminator {
                "0" => id.parse::<u64>().unwrap_or_default().wrapping_shr(22) % 6,
                old => old.parse::<u64>().unwrap_or_default() % 5,
            };
            format!("https://cdn.discordapp.com/embed/avatars/{number}.png")
        }
    };
    profile["image_url"] = url.as_str().into();
    json!({ "image": url })
}

async fn github(cx: &mut Cx, provider: &Provider, tokens: &Tokens, profile: &mut Value) -> Value {
    let token = tokens.access_token.as_deref().unwrap_or_default();
    let emails = Call::get("https://api.github.com/user/emails").bearer(token).json(cx, provider).await;
    let emails = emails.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if text(profile, "/email").is_none() {
        let primary = emails.iter().find(|email| email["primary"] == true).or(emails.first());
        if let Some(email) = primary.and_then(|email| email["email"].as_str()) {
            profile["email"] = email.into();
        }
    }
    let own = emails.iter().find(|email| email["email"] == profile["email"]);
    let verified = own.is_some_and(|email| email["verified"] == true);
    json!({ "email": profile["email"], "emailVerified": verified })
}

async fn microsoft(cx: &mut Cx, provider: &Provider, tokens: &Tokens, profile: &mut Value) -> Option<Value> {
    text(profile, "/oid").filter(|oid| !oid.trim().is_empty())?;
    let mut known = Map::new();
    let token = tokens.access_token.as_deref().filter(|_| !provider.options.disable_profile_photo);
    if let Some(token) = token {
        let size = provider.options.profile_photo_size.unwrap_or(48);
        let url = format!("{MICROSOFT_GRAPH}/me/photos/{size}x{size}/$value");
        let photo = Call::get(url).bearer(token).send(cx, provider).await;
        if let Some(photo) = photo.filter(|photo| photo.status.is_success() && photo.body.len() <= MAX_PHOTO_BYTES) {
            profile["picture"] = format!("data:image/jpeg;base64, {}", STANDARD.encode(&photo.body)).into();
            known.insert("image".to_owned(), profile["picture"].clone());
        }
    }
    if profile.get("email_verified").is_none() {
        let email = text(profile, "/email");
        let listed = |name: &str| profile.pointer(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut lists = listed("/verified_primary_email").iter().chain(listed("/verified_secondary_email"));
        let verified = email.is_some() && lists.any(|verified| verified.as_str() == email);
        known.insert("emailVerified".to_owned(), verified.into());
    }
    Some(Value::Object(known))
}

/// An access token of somebody else must not come with the ID token of one.
fn paypal(tokens: &Tokens, profile: &Value) -> Option<Value> {
    if let Some(token) = &tokens.id_token {
        let claims = Value::Object(read_unverified(token).ok()?);
        let subject = text(&claims, "/sub")?;
        let own = text(profile, "/sub").or_else(|| text(profile, "/user_id"));
        if own != Some(subject) {
            return None;
        }
    }
    Some(json!({}))
}

fn reddit(profile: &Value) -> Value {
    match text(profile, "/icon_img") {
        Some(image) => json!({ "image": image.split('?').next() }),
        None => json!({}),
    }
}

async fn twitter(cx: &mut Cx, provider: &Provider, tokens: &Tokens, profile: &mut Value) -> Value {
    let token = tokens.access_token.as_deref().unwrap_or_default();
    let call = Call::get("https://api.x.com/2/users/me?user.fields=confirmed_email").bearer(token);
    let answer = call.json(cx, provider).await.unwrap_or_default();
    match text(&answer, "/data/confirmed_email") {
        Some(email) => {
            if let Some(data) = profile.get_mut("data").and_then(Value::as_object_mut) {
                data.insert("email".to_owned(), email.into());
            }
            json!({ "email": email, "emailVerified": true })
        }
        None => json!({}),
    }
}

fn vk(profile: &Value) -> Value {
    let kept = ["first_name", "last_name", "birthday", "sex"];
    let user = profile.get("user").cloned().unwrap_or_default();
    let members = kept.iter().filter_map(|name| Some(((*name).to_owned(), user.get(*name)?.clone())));
    Value::Object(members.collect())
}

/// The profile takes the id that came with the tokens.
pub(super) fn wechat_profile(endpoint: &UserInfo, tokens: &Tokens, token: &str) -> Option<Call> {
    let openid = tokens.answered("openid")?;
    Some(Call::query(&endpoint.url, &[("access_token", token), ("openid", openid), ("lang", "zh_CN")]))
}

/// Any application's access token opens profiles, so it is first asked whom this one was made for.
pub(super) async fn facebook_profile(
    cx: &mut Cx,
    provider: &Provider,
    endpoint: &UserInfo,
    token: &str,
) -> Option<Value> {
    let own = format!("{}|{}", provider.client_id(), provider.client_secret());
    let debug =
        Call::query("https://graph.facebook.com/debug_token", &[("input_token", token), ("access_token", &own)]);
    let answer = debug.json(cx, provider).await?;
    let made_for = text(&answer, "/data/app_id").map(str::to_owned);
    let ours = made_for.is_some_and(|app| provider.options.client_id.0.contains(&app));
    let valid = answer.pointer("/data/is_valid") == Some(&Value::Bool(true));
    let user = text(&answer, "/data/user_id").filter(|_| ours && valid)?.to_owned();
    let profile = plain_call(endpoint, token).json(cx, provider).await?;
    (text(&profile, "/id") == Some(&user)).then_some(profile)
}

/// What the ID token says counts; the profile, if it is the same person's, says the rest.
async fn entra(cx: &mut Cx, provider: &Provider, tokens: &Tokens, profile: &mut Value) -> Option<Value> {
    let oid = text(profile, "/oid").filter(|oid| !oid.trim().is_empty())?.to_owned();
    let claims = profile.clone();
    let mut told = json!({});
    if let Some(token) = &tokens.access_token {
        let answer = Call::get("https://graph.microsoft.com/oidc/userinfo").bearer(token).json(cx, provider).await;
        let same = |told: &Value| text(&claims, "/sub").is_some_and(|subject| text(told, "/sub") == Some(subject));
        told = answer.filter(|told| told.is_object() && same(told)).unwrap_or(told);
    }
    let either = |name: &str| claims.get(name).or(told.get(name)).filter(|value| !value.is_null()).cloned();
    let email = either("email");
    let verified = either("email_verified").filter(|_| email.is_some()).unwrap_or(Value::Bool(false));
    let made_up = || placeholder(&oid, "microsoft-entra-id").map(Value::from);
    let mut members = told.as_object().cloned().unwrap_or_default();
    members.extend(claims.as_object().cloned().unwrap_or_default());
    let own = [
        ("name", full_name(&claims).or_else(|| full_name(&told)).map(Value::from)),
        ("email", email.or_else(made_up)),
        ("image", either("picture")),
        ("emailVerified", Some(verified)),
    ];
    for (name, value) in own {
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
    }
    *profile = Value::Object(members);
    Some(json!({}))
}

fn full_name(profile: &Value) -> Option<String> {
    let either = |places: [&str; 2]| places.iter().find_map(|at| text(profile, at)).unwrap_or_default();
    let (given, family) = (either(["/given_name", "/givenname"]), either(["/family_name", "/familyname"]));
    let joined = || Some(format!("{given} {family}").trim().to_owned()).filter(|name| !name.is_empty());
    text(profile, "/name").map(str::to_owned).or_else(joined)
}

/// An access token is asked about by its address, and nothing else proves that it may be.
pub(super) fn hubspot_profile(endpoint: &UserInfo, token: &str) -> Call {
    Call::get(format!("{}{}", endpoint.url, encode_uri_component(token))).header("content-type", "application/json")
}

fn yandex(profile: &mut Value) -> Option<Value> {
    text(profile, "/default_email").or_else(|| text(profile, "/emails/0"))?;
    let empty = profile.get("is_avatar_empty").is_some_and(crate::wire::json::truthy);
    if let Some(avatar) = text(profile, "/default_avatar_id").filter(|_| !empty) {
        profile["image"] = format!("https://avatars.yandex.net/get-yapic/{avatar}/islands-200").into();
    }
    Some(json!({}))
}
