/**
 * The services that guard sign-up and the like: those that say whether a
 * captcha was solved, and the one that knows passwords from breaches. The
 * token of a captcha is somebody, as a code is, with what the service says of
 * it: `{ email, says, text, status }`.
 */
import { createHash } from "node:crypto";

const CAPTCHAS = new Set([
  "challenges.cloudflare.com/turnstile/v0/siteverify",
  "www.google.com/recaptcha/api/siteverify",
  "api.hcaptcha.com/siteverify",
  "api.captchafox.com/siteverify",
  "captcha.example/verify",
]);

const RANGES = "api.pwnedpasswords.com/range/";

/** What the service says of a password: how often it was met, or something that is none of its answers. */
const PASSWORDS = {
  "from a breach": "9545824",
  "from a breach, as well": "1",
  "only padding": "0",
  "counted strangely": "007",
  "counted in words": "many",
};

/** A password of which nothing is known, since the service fails when it is asked. */
export const UNKNOWABLE = "while the service is down";

export const GUARD_HOSTS = [...CAPTCHAS, RANGES].map((place) => place.split("/")[0]);

/** The five digits by which the service is asked about a password, and the rest of them. */
export function digits(password) {
  const whole = createHash("sha1").update(password).digest("hex").toUpperCase();
  return { prefix: whole.slice(0, 5), suffix: whole.slice(5) };
}

export const asksAboutCaptcha = (place) => CAPTCHAS.has(place);

/** The answer about a captcha whose token is `personOf`'s. */
export function captcha(request, body, personOf) {
  const json = request.headers["content-type"]?.startsWith("application/json");
  const { response } = json ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
  const person = personOf(response);
  return { status: person.status ?? 200, json: person.says, text: person.text, person };
}

/** The answer about the passwords whose hash begins so; `undefined` when something else is asked. */
export function range(place) {
  if (!place.startsWith(RANGES)) return undefined;
  const prefix = place.slice(RANGES.length);
  if (digits(UNKNOWABLE).prefix === prefix) return { status: 503, text: "", about: prefix };
  const known = Object.entries(PASSWORDS).map(([password, count]) => ({ ...digits(password), count }));
  const lines = known.filter((one) => one.prefix === prefix).map(({ suffix, count }) => `${suffix}:${count}`);
  return { status: 200, text: ["0".repeat(35) + ":3", ...lines, "F".repeat(35) + ":0"].join("\r\n"), about: prefix };
}
