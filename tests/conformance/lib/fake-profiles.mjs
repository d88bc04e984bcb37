/**
 * What each provider answers about a person, by `METHOD host/path`, in the
 * form its documentation gives. A person is
 * `{ id, email, name, verified, image }`.
 */
const split = ({ name }) => {
  const [first, ...rest] = name.split(" ");
  return [first, rest.join(" ")];
};

/** Claims of an ID token, for every provider that gives one. */
export function claims(person, { iss, aud, nonce }) {
  return {
    iss,
    aud,
    sub: person.id,
    oid: person.id,
    tid: "tenant-of-the-fake",
    email: person.email,
    email_verified: person.verified,
    name: person.name,
    preferred_username: person.name,
    picture: person.image,
    hd: person.hd,
    nonce,
    iat: 1_700_000_000,
    exp: 4_000_000_000,
    ...person.claims,
  };
}

const oidc = (p) => ({
  sub: p.infoSub ?? p.id,
  name: p.name,
  preferred_username: p.name.toLowerCase(),
  email: p.email,
  email_verified: p.verified,
  picture: p.image,
});

/** A discovery document. */
const document = (issuer, more = {}) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/me`,
  end_session_endpoint: `${issuer}/out?from=us`,
  jwks_uri: `${issuer}/keys`,
  id_token_signing_alg_values_supported: ["RS256"],
  ...more,
});

export const TENANT = "11111111-2222-3333-4444-555555555555";
const ENTRA = `https://login.microsoftonline.com/${TENANT}`;
const WELL_KNOWN = ".well-known/openid-configuration";

/** Providers with a whole discovery document. */
const OPENID = ["https://idp.example", "https://corp.auth0.example", "https://okta.example/oauth2/default", "https://keycloak.example/realms/r"];

/** Discovery documents by place. */
export const DOCUMENTS = {
  ...Object.fromEntries(OPENID.map((issuer) => [`${issuer.slice(8)}/${WELL_KNOWN}`, document(issuer)])),
  [`${ENTRA.slice(8)}/v2.0/${WELL_KNOWN}`]: document(`${ENTRA}/v2.0`, {
    authorization_endpoint: `${ENTRA}/oauth2/v2.0/authorize`,
    token_endpoint: `${ENTRA}/oauth2/v2.0/token`,
    userinfo_endpoint: "https://graph.microsoft.com/oidc/userinfo",
    jwks_uri: `${ENTRA}/discovery/v2.0/keys`,
  }),
  "oauth.example/.well-known/oauth-authorization-server": document("https://oauth.example", { id_token_signing_alg_values_supported: undefined }),
  "odd.example/no-token-endpoint": document("https://odd.example", { token_endpoint: undefined }),
  "odd.example/no-keys": document("https://odd.example", { jwks_uri: undefined }),
  "odd.example/bad-issuer": document("no issuer"),
  "odd.example/bad-keys": document("https://odd.example", { jwks_uri: "http://[" }),
};

export const PROFILES = {
  ...Object.fromEntries(OPENID.map((issuer) => [`GET ${issuer.slice(8)}/me`, oidc])),
  "GET oauth.example/me": (p) => ({ ...oidc(p), id: p.id }),
  "GET odd.example/me": oidc,
  "GET plain.example/me": (p) => ({ ...oidc(p), sub: undefined, id: Number(p.id) }),
  "GET graph.microsoft.com/oidc/userinfo": (p) => ({ sub: p.infoSub ?? p.id, given_name: "Given", family_name: "Name", email: p.email, picture: p.image }),
  "GET api.gumroad.com/v2/user": (p) => ({
    success: true,
    user: { user_id: p.id, name: p.name, email: p.email, profile_url: p.image, bio: "x" },
  }),
  "GET api.hubapi.com/oauth/v1/access-tokens": (p) => ({ user_id: Number(p.id), user: p.email, hub_id: 5 }),
  "GET www.patreon.com/api/oauth2/v2/identity": (p) => ({
    data: { id: p.id, type: "user", attributes: { full_name: p.name, email: p.email, image_url: p.image, is_email_verified: p.verified } },
  }),
  "GET login.yandex.ru/info": (p) => ({
    id: p.id,
    login: p.name.toLowerCase(),
    display_name: p.name,
    default_email: p.email,
    emails: [p.email],
    is_avatar_empty: !p.image,
    default_avatar_id: "131652443",
  }),
  "GET api.atlassian.com/me": (p) => ({ account_id: p.id, email: p.email, name: p.name, picture: p.image }),
  "GET api.cloudflare.com/client/v4/user": (p) => {
    const [first_name, last_name] = split(p);
    return { success: true, errors: [], result: { id: p.id, email: p.email, first_name, last_name } };
  },
  "GET pool.auth.eu-west-1.amazoncognito.com/oauth2/userinfo": oidc,
  "GET discord.com/api/users/@me": (p) => ({
    id: p.id,
    username: p.name.toLowerCase(),
    discriminator: "0",
    global_name: p.name,
    avatar: p.image ? "a_0123" : null,
    verified: p.verified,
    email: p.email,
  }),
  "POST api.dropboxapi.com/2/users/get_current_account": (p) => ({
    account_id: p.id,
    name: { display_name: p.name, given_name: split(p)[0] },
    email: p.email,
    email_verified: p.verified,
    profile_photo_url: p.image,
  }),
  "GET graph.facebook.com/me": (p) => ({
    id: p.id,
    name: p.name,
    email: p.email,
    email_verified: p.verified,
    picture: { data: { url: p.image, height: 50, width: 50, is_silhouette: false } },
  }),
  "GET graph.facebook.com/debug_token": (p, { app }) => ({ data: { app_id: p.app ?? app, is_valid: true, user_id: p.id } }),
  "GET api.figma.com/v1/me": (p) => ({ id: p.id, email: p.email, handle: p.name, img_url: p.image }),
  "GET api.github.com/user": (p) => ({ id: Number(p.id), login: p.name.toLowerCase(), name: p.name, email: null, avatar_url: p.image }),
  "GET api.github.com/user/emails": (p) => [
    { email: `other-${p.email}`, primary: false, verified: true, visibility: null },
    { email: p.email, primary: true, verified: p.verified, visibility: "public" },
  ],
  "GET gitlab.com/api/v4/user": (p) => ({
    id: Number(p.id),
    username: p.name.toLowerCase(),
    name: p.name,
    state: p.state ?? "active",
    locked: false,
    email: p.email,
    email_verified: p.verified,
    avatar_url: p.image,
  }),
  "GET huggingface.co/oauth/userinfo": oidc,
  "GET kapi.kakao.com/v2/user/me": (p) => ({
    id: Number(p.id),
    kakao_account: {
      email: p.email,
      is_email_valid: true,
      is_email_verified: p.verified,
      profile: { nickname: p.name, profile_image_url: p.image },
    },
  }),
  "GET api.kick.com/public/v1/users": (p) => ({
    data: [{ user_id: Number(p.id), name: p.name, email: p.email, profile_picture: p.image }],
    message: "OK",
  }),
  "GET api.line.me/oauth2/v2.1/userinfo": (p) => ({ sub: p.id, name: p.name, picture: p.image }),
  "POST api.linear.app/graphql": (p) => ({
    data: { viewer: { id: p.id, name: p.name, email: p.email, avatarUrl: p.image, active: true } },
  }),
  "GET api.linkedin.com/v2/userinfo": oidc,
  "GET openapi.naver.com/v1/nid/me": (p) => ({
    resultcode: "00",
    message: "success",
    response: { id: p.id, name: p.name, nickname: p.name, email: p.email, profile_image: p.image },
  }),
  "GET api.notion.com/v1/users/me": (p) => ({
    object: "user",
    type: "bot",
    bot: { owner: { type: "user", user: { id: p.id, name: p.name, avatar_url: p.image, person: { email: p.email } } } },
  }),
  "GET api-m.sandbox.paypal.com/v1/identity/oauth2/userinfo": (p) => ({
    user_id: p.id,
    sub: p.id,
    name: p.name,
    email: p.email,
    email_verified: p.verified,
    picture: p.image,
  }),
  "GET api.polar.sh/v1/oauth2/userinfo": (p) => ({
    id: p.id,
    username: p.name.toLowerCase(),
    public_name: p.name,
    email: p.email,
    email_verified: p.verified,
    avatar_url: p.image,
  }),
  "GET backboard.railway.com/oauth/me": oidc,
  "GET oauth.reddit.com/api/v1/me": (p) => ({ id: p.id, name: p.name, icon_img: `${p.image}?width=256` }),
  "GET apis.roblox.com/oauth/v1/userinfo": (p) => ({ ...oidc(p), nickname: p.name }),
  "GET login.salesforce.com/services/oauth2/userinfo": (p) => ({
    sub: `https://login.salesforce.com/id/${p.id}`,
    user_id: p.id,
    name: p.name,
    email: p.email,
    email_verified: p.verified,
    photos: { picture: p.image, thumbnail: `${p.image}-small` },
  }),
  "GET slack.com/api/openid.connect.userInfo": (p) => ({ ok: true, ...oidc(p), "https://slack.com/user_id": p.id }),
  "GET api.spotify.com/v1/me": (p) => ({ id: p.id, display_name: p.name, email: p.email, images: [{ url: p.image }] }),
  "GET open.tiktokapis.com/v2/user/info/": (p) => ({
    data: { user: { open_id: p.id, display_name: p.name, username: p.name.toLowerCase(), avatar_large_url: p.image } },
    error: { code: "ok" },
  }),
  "GET api.x.com/2/users/me": (p, { query }) => ({
    data: {
      id: p.id,
      name: p.name,
      username: p.name.toLowerCase(),
      ...(query.get("user.fields") === "confirmed_email" ? { confirmed_email: p.email } : { profile_image_url: p.image }),
    },
  }),
  "GET api.vercel.com/login/oauth/userinfo": oidc,
  "POST id.vk.com/oauth2/user_info": (p) => {
    const [first_name, last_name] = split(p);
    return { user: { user_id: p.id, first_name, last_name, email: p.email, avatar: p.image, sex: 1, birthday: "1.1.1990" } };
  },
  "GET api.weixin.qq.com/sns/userinfo": (p) => ({ openid: `open-${p.id}`, unionid: p.id, nickname: p.name, headimgurl: p.image }),
  "GET api.zoom.us/v2/users/me": (p) => ({
    id: p.id,
    display_name: p.name,
    email: p.email,
    pic_url: p.image,
    verified: p.verified ? 1 : 0,
  }),
};

/** Token endpoints, and the issuer of the ID token that comes from there. */
export const TOKEN_ENDPOINTS = {
  ...Object.fromEntries(OPENID.map((issuer) => [`${issuer.slice(8)}/token`, issuer])),
  [`${ENTRA.slice(8)}/oauth2/v2.0/token`]: `${ENTRA}/v2.0`,
  "oauth.example/token": null,
  "odd.example/token": "https://odd.example",
  "plain.example/token": null,
  "api.gumroad.com/oauth/token": null,
  "api.hubapi.com/oauth/v1/token": null,
  "www.patreon.com/api/oauth2/token": null,
  "oauth.yandex.com/token": null,
  "appleid.apple.com/auth/token": "https://appleid.apple.com",
  "auth.atlassian.com/oauth/token": null,
  "dash.cloudflare.com/oauth2/token": null,
  "pool.auth.eu-west-1.amazoncognito.com/oauth2/token": "https://cognito-idp.eu-west-1.amazonaws.com/pool",
  "discord.com/api/oauth2/token": null,
  "api.dropboxapi.com/oauth2/token": null,
  "graph.facebook.com/v24.0/oauth/access_token": null,
  "api.figma.com/v1/oauth/token": null,
  "github.com/login/oauth/access_token": null,
  "gitlab.com/oauth/token": "https://gitlab.com",
  "oauth2.googleapis.com/token": "https://accounts.google.com",
  "huggingface.co/oauth/token": "https://huggingface.co",
  "kauth.kakao.com/oauth/token": null,
  "id.kick.com/oauth/token": null,
  "api.line.me/oauth2/v2.1/token": "https://access.line.me",
  "api.linear.app/oauth/token": null,
  "www.linkedin.com/oauth/v2/accessToken": "https://www.linkedin.com",
  "login.microsoftonline.com/common/oauth2/v2.0/token": "https://login.microsoftonline.com/tenant-of-the-fake/v2.0",
  "nid.naver.com/oauth2.0/token": null,
  "api.notion.com/v1/oauth/token": null,
  "idp.paybin.io/oauth2/token": "https://idp.paybin.io",
  "api-m.sandbox.paypal.com/v1/oauth2/token": "https://www.paypal.com",
  "api.polar.sh/v1/oauth2/token": "https://polar.sh",
  "backboard.railway.com/oauth/token": "https://backboard.railway.com",
  "www.reddit.com/api/v1/access_token": null,
  "apis.roblox.com/oauth/v1/token": "https://apis.roblox.com",
  "login.salesforce.com/services/oauth2/token": "https://login.salesforce.com",
  "slack.com/api/openid.connect.token": "https://slack.com",
  "accounts.spotify.com/api/token": null,
  "open.tiktokapis.com/v2/oauth/token/": null,
  "id.twitch.tv/oauth2/token": "https://id.twitch.tv/oauth2",
  "api.x.com/2/oauth2/token": null,
  "api.vercel.com/login/oauth/token": "https://vercel.com",
  "id.vk.com/oauth2/auth": null,
  "api.weixin.qq.com/sns/oauth2/access_token": null,
  "api.weixin.qq.com/sns/oauth2/refresh_token": null,
  "zoom.us/oauth/token": null,
};

/** Where the keys of ID tokens are. */
export const KEYS = new Set([
  ...OPENID.map((issuer) => `${issuer.slice(8)}/keys`),
  `${ENTRA.slice(8)}/discovery/v2.0/keys`,
  "oauth.example/keys",
  "appleid.apple.com/auth/keys",
  "cognito-idp.eu-west-1.amazonaws.com/pool/.well-known/jwks.json",
  "limited.facebook.com/.well-known/oauth/openid/jwks/",
  "login.microsoftonline.com/common/discovery/v2.0/keys",
  "www.googleapis.com/oauth2/v3/certs",
]);

/** Every host of providers that the fake plays. */
export const PROVIDER_HOSTS = [
  ...new Set(
    [...Object.keys(PROFILES).map((key) => key.split(" ")[1]), ...Object.keys(TOKEN_ENDPOINTS), ...KEYS, "graph.microsoft.com/"].map(
      (place) => place.split("/")[0],
    ),
  ),
];
