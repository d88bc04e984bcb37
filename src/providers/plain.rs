//! Providers that data says all about.

use http::Method;
use serde_json::json;

use super::{secret_missing, texts, told};
use crate::domain::{
    options::{SocialProvider, TokenEndpointAuth},
    provider::{MoreScopes, Name, ProfileSource, Provider, UserInfo, Verified},
};

pub(super) fn atlassian(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://auth.atlassian.com/authorize";
    let mut row = Provider::new("atlassian", "Atlassian", AUTHORIZE, "https://auth.atlassian.com/oauth/token");
    row.missing = secret_missing(options);
    row.authorization.scopes = texts(&["read:jira-user", "offline_access"]);
    row.authorization.parameters = told("prompt", &options.prompt);
    row.authorization.fixed = vec![("audience", "api.atlassian.com".to_owned())];
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.atlassian.com/me"));
    row.user.verified = Verified::Never;
    row.subject = vec!["/account_id"];
    row
}

pub(super) fn cloudflare(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://dash.cloudflare.com/oauth2/auth";
    let mut row = Provider::new("cloudflare", "Cloudflare", AUTHORIZE, "https://dash.cloudflare.com/oauth2/token");
    row.authorization.scopes = texts(&["user-details.read"]);
    row.authorization.more_scopes = MoreScopes::Distinct;
    row.authorization.additional = false;
    let usual = secret_missing(options).map_or(TokenEndpointAuth::ClientSecretBasic, |_| TokenEndpointAuth::None);
    row.token.prove_by(options.token_endpoint_auth_method.unwrap_or(usual));
    let mut user = UserInfo::get("https://api.cloudflare.com/client/v4/user");
    user.demands = vec![("/success", json!(true))];
    user.at = "/result";
    row.profile = ProfileSource::Endpoint(user);
    row.user.name = Name::Joined(vec!["/first_name", "/last_name"], "/email");
    row.user.image = Vec::new();
    row.user.verified = Verified::Never;
    row.subject = vec!["/id"];
    row
}

pub(super) fn dropbox(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://www.dropbox.com/oauth2/authorize";
    let mut row = Provider::new("dropbox", "Dropbox", AUTHORIZE, "https://api.dropboxapi.com/oauth2/token");
    row.authorization.scopes = texts(&["account_info.read"]);
    row.authorization.parameters = told("token_access_type", &options.access_type);
    let user = UserInfo::get("https://api.dropboxapi.com/2/users/get_current_account");
    row.profile = ProfileSource::Endpoint(UserInfo { method: Method::POST, ..user });
    row.user.name = Name::First(vec!["/name/display_name"]);
    row.user.image = vec!["/profile_photo_url"];
    row.subject = vec!["/account_id"];
    row
}

pub(super) fn figma(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://www.figma.com/oauth";
    let mut row = Provider::new("figma", "Figma", AUTHORIZE, "https://api.figma.com/v1/oauth/token");
    row.missing = secret_missing(options);
    row.authorization.scopes = texts(&["current_user:read"]);
    row.token.prove_by(TokenEndpointAuth::ClientSecretBasic);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.figma.com/v1/me"));
    row.user.name = Name::First(vec!["/handle"]);
    row.user.image = vec!["/img_url"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/id"];
    row
}

pub(super) fn huggingface(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://huggingface.co/oauth/authorize";
    let mut row = Provider::new("huggingface", "Hugging Face", AUTHORIZE, "https://huggingface.co/oauth/token");
    row.authorization.scopes = texts(&["openid", "profile", "email"]);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://huggingface.co/oauth/userinfo"));
    row.user.name = Name::First(vec!["/name", "/preferred_username"]);
    row
}

pub(super) fn kakao(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://kauth.kakao.com/oauth/authorize";
    let mut row = Provider::new("kakao", "Kakao", AUTHORIZE, "https://kauth.kakao.com/oauth/token");
    row.authorization.scopes = texts(&["account_email", "profile_image", "profile_nickname"]);
    row.authorization.login_hint = true;
    without_pkce(&mut row);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://kapi.kakao.com/v2/user/me"));
    row.user.name = Name::First(vec!["/kakao_account/profile/nickname", "/kakao_account/name"]);
    row.user.email = vec!["/kakao_account/email"];
    row.user.image = vec!["/kakao_account/profile/profile_image_url", "/kakao_account/profile/thumbnail_image_url"];
    row.user.verified = Verified::All(vec!["/kakao_account/is_email_valid", "/kakao_account/is_email_verified"]);
    row.subject = vec!["/id"];
    row
}

pub(super) fn kick(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://id.kick.com/oauth/authorize";
    let mut row = Provider::new("kick", "Kick", AUTHORIZE, "https://id.kick.com/oauth/token");
    row.authorization.scopes = texts(&["user:read"]);
    let user = UserInfo::get("https://api.kick.com/public/v1/users");
    row.profile = ProfileSource::Endpoint(UserInfo { at: "/data/0", ..user });
    row.user.image = vec!["/profile_picture"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/user_id"];
    row
}

pub(super) fn linear(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://linear.app/oauth/authorize";
    const VIEWER: &str = "query { viewer { id name email avatarUrl active createdAt updatedAt } }";
    let mut row = Provider::new("linear", "Linear", AUTHORIZE, "https://api.linear.app/oauth/token");
    row.authorization.scopes = texts(&["read"]);
    row.authorization.login_hint = true;
    without_pkce(&mut row);
    let mut user = UserInfo::get("https://api.linear.app/graphql");
    user.method = Method::POST;
    user.body = Some(("application/json", json!({ "query": VIEWER }).to_string()));
    user.at = "/data/viewer";
    row.profile = ProfileSource::Endpoint(user);
    row.user.image = vec!["/avatarUrl"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/id"];
    row
}

pub(super) fn linkedin(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://www.linkedin.com/oauth/v2/authorization";
    let mut row = Provider::new("linkedin", "Linkedin", AUTHORIZE, "https://www.linkedin.com/oauth/v2/accessToken");
    row.authorization.scopes = texts(&["profile", "email", "openid"]);
    row.authorization.login_hint = true;
    without_pkce(&mut row);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.linkedin.com/v2/userinfo"));
    row
}

pub(super) fn naver(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://nid.naver.com/oauth2.0/authorize";
    let mut row = Provider::new("naver", "Naver", AUTHORIZE, "https://nid.naver.com/oauth2.0/token");
    row.authorization.scopes = texts(&["profile", "email"]);
    without_pkce(&mut row);
    let mut user = UserInfo::get("https://openapi.naver.com/v1/nid/me");
    user.demands = vec![("/resultcode", json!("00"))];
    row.profile = ProfileSource::Endpoint(user);
    row.user.name = Name::First(vec!["/response/name", "/response/nickname"]);
    row.user.email = vec!["/response/email"];
    row.user.image = vec!["/response/profile_image"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/response/id"];
    row
}

pub(super) fn notion(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://api.notion.com/v1/oauth/authorize";
    let mut row = Provider::new("notion", "Notion", AUTHORIZE, "https://api.notion.com/v1/oauth/token");
    row.authorization.login_hint = true;
    row.authorization.fixed = vec![("owner", "user".to_owned())];
    without_pkce(&mut row);
    row.token.auth = Some(TokenEndpointAuth::ClientSecretBasic);
    let mut user = UserInfo::get("https://api.notion.com/v1/users/me");
    user.headers = vec![("notion-version", "2022-06-28")];
    user.at = "/bot/owner/user";
    row.profile = ProfileSource::Endpoint(user);
    row.user.email = vec!["/person/email"];
    row.user.image = vec!["/avatar_url"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/id"];
    row
}

pub(super) fn polar(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://polar.sh/oauth2/authorize";
    let mut row = Provider::new("polar", "Polar", AUTHORIZE, "https://api.polar.sh/v1/oauth2/token");
    row.authorization.scopes = texts(&["openid", "profile", "email"]);
    row.authorization.parameters = told("prompt", &options.prompt);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.polar.sh/v1/oauth2/userinfo"));
    row.user.name = Name::First(vec!["/public_name", "/username"]);
    row.user.image = vec!["/avatar_url"];
    row.subject = vec!["/id"];
    row
}

pub(super) fn railway(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://backboard.railway.com/oauth/auth";
    let mut row = Provider::new("railway", "Railway", AUTHORIZE, "https://backboard.railway.com/oauth/token");
    row.authorization.scopes = texts(&["openid", "email", "profile"]);
    row.token.prove_by(TokenEndpointAuth::ClientSecretBasic);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://backboard.railway.com/oauth/me"));
    row.user.verified = Verified::Never;
    row
}

pub(super) fn roblox(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://apis.roblox.com/oauth/v1/authorize";
    let mut row = Provider::new("roblox", "Roblox", AUTHORIZE, "https://apis.roblox.com/oauth/v1/token");
    row.authorization.scopes = texts(&["openid", "profile"]);
    let prompt = options.prompt.as_deref().filter(|prompt| !prompt.is_empty());
    row.authorization.parameters = vec![("prompt", prompt.unwrap_or("select_account consent").to_owned())];
    without_pkce(&mut row);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://apis.roblox.com/oauth/v1/userinfo"));
    row.user.name = Name::First(vec!["/nickname", "/preferred_username"]);
    row.user.email = Vec::new();
    row.user.placeholder = Some("roblox");
    row.user.verified = Verified::Never;
    row
}

pub(super) fn slack(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://slack.com/openid/connect/authorize";
    let mut row = Provider::new("slack", "Slack", AUTHORIZE, "https://slack.com/api/openid.connect.token");
    row.authorization.scopes = texts(&["openid", "profile", "email"]);
    row.authorization.more_scopes = MoreScopes::RequestedFirst;
    without_pkce(&mut row);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://slack.com/api/openid.connect.userInfo"));
    row.user.image = vec!["/picture", "/https:~1~1slack.com~1user_image_512"];
    row.subject = vec!["/https:~1~1slack.com~1user_id"];
    row
}

pub(super) fn spotify(_: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://accounts.spotify.com/authorize";
    let mut row = Provider::new("spotify", "Spotify", AUTHORIZE, "https://accounts.spotify.com/api/token");
    row.authorization.scopes = texts(&["user-read-email"]);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.spotify.com/v1/me"));
    row.user.name = Name::First(vec!["/display_name"]);
    row.user.image = vec!["/images/0/url"];
    row.user.verified = Verified::Never;
    row.subject = vec!["/id"];
    row
}

pub(super) fn vercel(options: &SocialProvider) -> Provider {
    const AUTHORIZE: &str = "https://vercel.com/oauth/authorize";
    let mut row = Provider::new("vercel", "Vercel", AUTHORIZE, "https://api.vercel.com/login/oauth/token");
    row.token.auth = options.token_endpoint_auth_method;
    row.token.refreshes = false;
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.vercel.com/login/oauth/userinfo"));
    row.user.name = Name::First(vec!["/name", "/preferred_username"]);
    row
}

pub(super) fn zoom(options: &SocialProvider) -> Provider {
    let mut row = Provider::new("zoom", "Zoom", "https://zoom.us/oauth/authorize", "https://zoom.us/oauth/token");
    row.authorization.more_scopes = MoreScopes::Nothing;
    row.authorization.pkce = options.pkce.unwrap_or(true);
    row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.zoom.us/v2/users/me"));
    row.user.name = Name::First(vec!["/display_name"]);
    row.user.image = vec!["/pic_url"];
    row.user.verified = Verified::Counted("/verified");
    row.subject = vec!["/id"];
    row
}

/// For providers that do not take PKCE.
fn without_pkce(row: &mut Provider) {
    row.authorization.pkce = false;
    row.token.verifier = false;
}
