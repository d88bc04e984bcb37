/** Options for every provider of the reference, and people who sign in with them. */
import { codeFor } from "./fake.mjs";

const NEEDS = {
  cognito: { domain: "pool.auth.eu-west-1.amazoncognito.com", region: "eu-west-1", userPoolId: "pool" },
  tiktok: { clientKey: "tiktok-key" },
};

export const PROVIDERS = [
  "apple", "atlassian", "cloudflare", "cognito", "discord", "dropbox", "facebook", "figma", "github", "gitlab", "google",
  "huggingface", "kakao", "kick", "line", "linear", "linkedin", "microsoft", "naver", "notion", "paybin", "paypal", "polar",
  "railway", "reddit", "roblox", "salesforce", "slack", "spotify", "tiktok", "twitch", "twitter", "vercel", "vk", "wechat", "zoom",
];

/** `socialProviders` with all of them. `more` are options that each gets besides. */
export function everyProvider(more = {}) {
  const options = (id) => ({ clientId: `${id}-client`, clientSecret: `${id}: s+cret`, ...NEEDS[id], ...more[id], ...more["*"] });
  return Object.fromEntries(PROVIDERS.map((id) => [id, options(id)]));
}

/** Only these. */
export function someProviders(ids, more = {}) {
  const all = everyProvider(more);
  return Object.fromEntries(ids.map((id) => [id, all[id]]));
}

/** Somebody of this scenario; their id at providers follows from their name. */
export function person(s, who, more = {}) {
  const digits = [...`${s.slug}${who}`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_000_000_000, 7);
  const name = `${who[0].toUpperCase()}${who.slice(1)} Lovelace`;
  return { id: String(100_000 + digits), email: s.email(who), name, verified: true, image: "https://img.example/a.png", ...more };
}

/** The query of a URL that a step has answered. */
export const queryOf = (url) => new URL(url).searchParams;

/**
 * Begins with `provider` in the jar `jar` and comes back as `who`; the code carries the challenge, which the fake holds
 * the verifier to.
 */
export async function signInWith(s, provider, who, { jar = provider, body = {}, callback = {}, begin = "/sign-in/social" } = {}) {
  const step = { jar, label: `${provider}: begin` };
  const begun = await s.post(begin, { provider, callbackURL: "/in", ...body }, step);
  const query = queryOf(begun.json.url);
  const challenge = query.get("code_challenge") ?? undefined;
  const nonce = query.get("nonce") ?? undefined;
  const parameters = { code: codeFor({ nonce, ...who, challenge }), state: query.get("state"), ...callback };
  return s.get(`/callback/${provider}`, { query: parameters, jar, label: `${provider}: callback` });
}
