//! Providers with ways of their own.

use super::{id_token::rules, secret_missing, texts, told};
use crate::domain::{
    options::{SocialProvider, TokenEndpointAuth},
    provider::{IdTokenCheck, MoreScopes, Name, ProfileSource, Provider, Quirk, UserInfo, Verified},
};

pub(super) fn discord(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://discord.com/api/oauth2/authorize";
    let mut row = Provider::new("discord", "Discord", AUTHORIZE, "https://discord.com/api/oauth2/token");
    row.authorization.scopes = texts(&["identify", "email"]);
    row.authorization.more_scopes = MoreScopes::RequestedFirst;
    row.authorization.pkce = false;
    row.token.verifier = false;
    let prompt = options.prompt.as_deref().filter(|prompt| !prompt.is_empty()).unwrap_or("none");
    row.authorization.parameters = vec![("prompt", prompt.to_owned())];
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://discord.com/api/users/@me"));
    row.user.name = Name::First(vec!["/global_name", "/username"]);
    row.user.image = vec!["/image_url"];
    row.user.verified = Verified::All(vec!["/verified"]);
    row.subject = vec!["/id"];
    row.quirk = Some(Quirk::Discord);
    row
}

pub(super) fn facebook(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://www.facebook.com/v24.0/dialog/oauth";
    const KEYS: &str = "https://limited.facebook.com/.well-known/oauth/openid/jwks/";
    let mut row =
        Provider::new("facebook", "Facebook", AUTHORIZE, "https://graph.facebook.com/v24.0/oauth/access_token");
    row.missing = secret_missing(options);
    row.authorization.scopes = texts(&["email", "public_profile"]);
    row.authorization.login_hint = true;
    row.authorization.pkce = false;
    row.token.verifier = false;
    row.authorization.parameters = told("config_id", &options.config_id);
    let mut rules = rules(KEYS, &["https://www.facebook.com"], options);
    rules.max_age = None;
    rules.opaque_passes = true;
    row.id_token = Some(IdTokenCheck::Keys(rules));
    let fields = [texts(&["id", "name", "email", "picture"]), options.fields.clone()].concat().join(",");
    let user = UserInfo::get(format!("https://graph.facebook.com/me?fields={fields}"));
    row.profile = ProfileSource::IdTokenOr(user);
    row.user.image = vec!["/picture/data/url", "/picture"];
    row.subject = vec!["/sub", "/id"];
    row.quirk = Some(Quirk::Facebook);
    row
}

pub(super) fn github(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://github.com/login/oauth/authorize";
    let mut row = Provider::new("github", "GitHub", AUTHORIZE, "https://github.com/login/oauth/access_token");
    row.authorization.scopes = texts(&["read:user", "user:email"]);
    row.authorization.login_hint = true;
    row.authorization.parameters = told("prompt", &options.prompt);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.github.com/user"));
    row.user.name = Name::First(vec!["/name", "/login"]);
    row.user.image = vec!["/avatar_url"];
    row.subject = vec!["/id"];
    row.quirk = Some(Quirk::GitHub);
    row
}

pub(super) fn reddit(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://www.reddit.com/api/v1/authorize";
    let mut row = Provider::new("reddit", "Reddit", AUTHORIZE, "https://www.reddit.com/api/v1/access_token");
    row.authorization.scopes = texts(&["identity"]);
    row.authorization.pkce = false;
    row.token.verifier = false;
    row.authorization.parameters = told("duration", &options.duration);
    row.token.prove_by(TokenEndpointAuth::ClientSecretBasic);
    row.token.headers = vec![("accept", "text/plain")];
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://oauth.reddit.com/api/v1/me"));
    row.user.email = Vec::new();
    row.user.image = vec!["/icon_img"];
    row.user.placeholder = Some("reddit");
    row.user.verified = Verified::Never;
    row.subject = vec!["/id"];
    row.quirk = Some(Quirk::Reddit);
    row
}

pub(super) fn tiktok(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://www.tiktok.com/v2/auth/authorize";
    const PROFILE: &str =
        "https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_large_url,display_name,username";
    let mut row = Provider::new("tiktok", "TikTok", AUTHORIZE, "https://open.tiktokapis.com/v2/oauth/token/");
    row.missing = match options.client_key.as_deref() {
        None | Some("") => Some("client_key"),
        Some(_) => secret_missing(options),
    };
    row.authorization.client_parameter = "client_key";
    row.authorization.scopes = texts(&["user.info.profile"]);
    row.authorization.scope_separator = ",";
    row.authorization.pkce = false;
    row.profile = ProfileSource::Endpoint(UserInfo::get(PROFILE));
    row.user.name = Name::First(vec!["/data/user/display_name", "/data/user/username"]);
    row.user.email = vec!["/data/user/email"];
    row.user.image = vec!["/data/user/avatar_large_url"];
    row.user.placeholder = Some("tiktok");
    row.user.verified = Verified::Never;
    row.subject = vec!["/data/user/open_id"];
    row.quirk = Some(Quirk::TikTok);
    row
}

pub(super) fn twitter(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://x.com/i/oauth2/authorize";
    let mut row = Provider::new("twitter", "Twitter", AUTHORIZE, "https://api.x.com/2/oauth2/token");
    row.authorization.scopes = texts(&["users.read", "tweet.read", "offline.access", "users.email"]);
    row.token.prove_by(TokenEndpointAuth::ClientSecretBasic);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.x.com/2/users/me?user.fields=profile_image_url"));
    row.user.name = Name::First(vec!["/data/name"]);
    row.user.email = vec!["/data/email"];
    row.user.image = vec!["/data/profile_image_url"];
    row.user.placeholder = Some("twitter");
    row.user.verified = Verified::Never;
    row.subject = vec!["/data/id"];
    row.quirk = Some(Quirk::Twitter);
    row
}

pub(super) fn vk(_: &SocialProvider) -> Provider {
    let mut row = Provider::new("vk", "VK", "https://id.vk.com/authorize", "https://id.vk.com/oauth2/auth");
    row.authorization.scopes = texts(&["email", "phone"]);
    row.token.device_id = true;
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://id.vk.com/oauth2/user_info"));
    row.user.name = Name::Joined(vec!["/user/first_name", "/user/last_name"], "");
    row.user.email = vec!["/user/email"];
    row.user.image = vec!["/user/avatar"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/user/user_id"];
    row.quirk = Some(Quirk::Vk);
    row
}

pub(super) fn wechat(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://open.weixin.qq.com/connect/qrconnect";
    let mut row = Provider::new("wechat", "WeChat", AUTHORIZE, "https://api.weixin.qq.com/sns/oauth2/access_token");
    row.missing = secret_missing(options);
    row.authorization.client_parameter = "appid";
    row.authorization.scopes = texts(&["snsapi_login"]);
    row.authorization.scope_separator = ",";
    row.authorization.pkce = false;
    row.authorization.parameters = vec![("lang", options.lang.clone().unwrap_or_else(|| "cn".to_owned()))];
    row.authorization.fragment = Some("wechat_redirect");
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.weixin.qq.com/sns/userinfo"));
    row.user.name = Name::First(vec!["/nickname"]);
    row.user.image = vec!["/headimgurl"];
    row.user.placeholder = Some("wechat");
    row.user.verified = Verified::Never;
    row.subject = vec!["/unionid", "/openid"];
    row.quirk = Some(Quirk::WeChat);
    row
}
