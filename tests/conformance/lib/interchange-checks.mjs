/**
 * The checks of interchange.mjs. Each is `{ title, run({ reference, kernia,
 * database, secondary }) }`, where `reference` and `kernia` are sessions that act for the
 * same browsers. A check throws when it does not hold.
 */
import assert from "node:assert/strict";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { PASSWORD } from "../scenario.mjs";
import { Authenticator } from "./authenticator.mjs";
import { codeFor } from "./fake.mjs";
import { BASE_URL } from "./options.mjs";
import { person, queryOf } from "./providers.mjs";
import { encodings, secondaryEncodings } from "./storage.mjs";
import { totp, wrongTotp } from "./totp.mjs";
import { walletOf } from "./wallet.mjs";

const NEW = "a brand new password";
const TOKEN = "better-auth.session_token";
const DATA = "better-auth.session_data";

/** Declares a check from maker to taker, in both directions. */
function eachWay(title, run) {
  const direction = (maker, taker) => ({
    title: `${title} (${maker} to ${taker})`,
    run: (at) => run(at[maker], at[taker], at),
  });
  return [direction("reference", "kernia"), direction("kernia", "reference")];
}

/** On MySQL the reference fails to sign an unproven user in by mail, by its own links and codes too (`--reference-only` shows it). */
const failsAlone = (taker, at) => taker === at.reference && at.database.startsWith("mysql:");

function ok(response, status = 200) {
  assert.equal(response.status, status, `${response.path} answered ${response.status}: ${response.text}`);
  return response;
}

/** Addresses must be the same whichever session asks. */
const identity = (s, extra = {}) => ({ name: "Alice", email: s.email("alice"), password: PASSWORD, ...extra });

async function register(s, extra) {
  return ok(await s.post("/sign-up/email", identity(s, extra), { jar: "browser" }));
}

const current = (s) => s.get("/get-session", { jar: "browser" });

const signIn = (s, password = PASSWORD, jar = "other browser") =>
  s.post("/sign-in/email", { email: s.email("alice"), password }, { jar });

/** Sets an authenticator app up. */
async function enrol(s) {
  await register(s);
  const made = ok(await s.post("/two-factor/enable", { password: PASSWORD }, { jar: "browser" })).json;
  ok(await s.post("/two-factor/verify-totp", { code: totp(made.totpURI) }, { jar: "browser" }));
  return made;
}

/** Signs in with the password, which is not enough. */
async function waits(s, jar) {
  const held = await signIn(s, PASSWORD, jar);
  assert.equal(held.json.twoFactorRedirect, true, held.text);
  return held;
}

export const bothWays = [
  ...eachWay("a session is honoured", async (maker, taker) => {
    await register(maker, { level: 3, newsletter: true, birthday: "1990-05-01T00:00:00.000Z", nickname: "Al" });
    const made = ok(await current(maker)).json;
    assert.ok(made?.session, "the maker knows its own session");
    assert.deepEqual(ok(await current(taker)).json, made);
    const listed = ok(await taker.get("/list-sessions", { jar: "browser" })).json;
    assert.deepEqual(listed, [made.session]);
  }),

  ...eachWay("a user signs in", async (maker, taker) => {
    await register(maker);
    ok(await signIn(taker));
    ok(await signIn(taker, "wrong password"), 401);
    // Signing in must not leave a hash behind that the maker cannot read.
    ok(await signIn(maker));
  }),

  ...eachWay("a user cannot be registered twice", async (maker, taker) => {
    await register(maker);
    ok(await taker.post("/sign-up/email", identity(taker)), 422);
  }),

  ...eachWay("a password reset is finished", async (maker, taker) => {
    await register(maker);
    ok(await maker.post("/request-password-reset", { email: maker.email("alice"), redirectTo: "/reset" }));
    const { token } = await maker.message();
    const link = await taker.get(`/reset-password/${token}`, { query: { callbackURL: "/reset" } });
    assert.match(ok(link, 302).headers.location, new RegExp(`token=${token}$`));
    ok(await taker.post("/reset-password", { newPassword: NEW, token }));
    ok(await maker.post("/reset-password", { newPassword: NEW, token }), 400);
    ok(await signIn(maker, NEW));
    ok(await signIn(taker, NEW));
  }),

  ...eachWay("a changed password is honoured", async (maker, taker) => {
    await register(maker);
    const change = { currentPassword: PASSWORD, newPassword: NEW, revokeOtherSessions: true };
    ok(await taker.post("/change-password", change, { jar: "browser" }));
    assert.ok(ok(await current(maker)).json?.session, "the new session works at the maker");
    ok(await signIn(maker, PASSWORD), 401);
    ok(await signIn(maker, NEW));
  }),

  ...eachWay("an email is verified", async (maker, taker) => {
    await register(maker);
    ok(await maker.post("/send-verification-email", { email: maker.email("alice") }, { jar: "browser" }));
    const { token } = await maker.message();
    ok(await taker.get("/verify-email", { query: { token } }));
    assert.equal(ok(await current(maker)).json.user.emailVerified, true);
    assert.equal(ok(await current(taker)).json.user.emailVerified, true);
  }),

  ...eachWay("an email is changed", async (maker, taker) => {
    await register(maker);
    ok(await maker.post("/change-email", { newEmail: maker.email("next") }, { jar: "browser" }));
    const { token } = await maker.message();
    ok(await taker.get("/verify-email", { query: { token }, jar: "browser" }));
    assert.equal(ok(await current(maker)).json.user.email, maker.email("next"));
  }),

  ...eachWay("an account is deleted by link", async (maker, taker) => {
    await register(maker);
    ok(await maker.post("/delete-user", {}, { jar: "browser" }));
    const { token } = await maker.message();
    ok(await taker.get("/delete-user/callback", { query: { token }, jar: "browser" }));
    ok(await signIn(maker), 401);
    ok(await signIn(taker), 401);
  }),

  ...eachWay("sign-out ends the session", async (maker, taker) => {
    await register(maker);
    const cookie = `${TOKEN}=${maker.jar("browser").get(TOKEN)}`;
    ok(await taker.post("/sign-out", {}, { jar: "browser" }));
    assert.equal(ok(await maker.get("/get-session", { headers: { cookie } })).json, null);
  }),

  ...eachWay("revocation is seen", async (maker, taker) => {
    await register(maker);
    ok(await signIn(taker));
    ok(await taker.post("/revoke-other-sessions", {}, { jar: "other browser" }));
    assert.equal(ok(await current(maker)).json, null);
  }),

  ...eachWay("updates are seen", async (maker, taker) => {
    await register(maker);
    ok(await maker.post("/update-user", { name: "Renamed", newsletter: false, level: 9 }, { jar: "browser" }));
    ok(await maker.post("/update-session", { theme: "dark" }, { jar: "browser" }));
    const seen = ok(await current(taker)).json;
    assert.deepEqual(seen, ok(await current(maker)).json);
    assert.equal(seen.user.newsletter, false);
    assert.equal(seen.session.theme, "dark");
  }),

  ...eachWay("a username signs in", async (maker, taker) => {
    const username = `${maker.slug}_Alice`;
    await register(maker, { username });
    ok(await taker.post("/sign-in/username", { username, password: PASSWORD }));
    assert.deepEqual(ok(await taker.post("/is-username-available", { username })).json, { available: false });
  }),

  ...eachWay("a key signs and verifies", async (maker, taker) => {
    await register(maker);
    const token = async (s) => ok(await s.get("/token", { jar: "browser" })).json.token;
    const made = await token(maker);
    const taken = await token(taker);
    assert.equal(decodeProtectedHeader(taken).kid, decodeProtectedHeader(made).kid, "one key for both");
    for (const s of [maker, taker]) {
      const keys = createLocalJWKSet(ok(await s.get("/jwks")).json);
      for (const text of [made, taken]) {
        const { payload } = await jwtVerify(text, keys, { issuer: BASE_URL, audience: BASE_URL });
        assert.equal(payload.email, s.email("alice"));
      }
    }
  }),

  ...eachWay("a magic link is followed once", async (maker, taker, at) => {
    await register(maker);
    ok(await maker.post("/sign-in/magic-link", { email: maker.email("alice") }));
    const { token } = await maker.message();
    const followed = await taker.get("/magic-link/verify", { query: { token } });
    if (failsAlone(taker, at)) return void ok(followed, 500);
    ok(followed);
    ok(await maker.get("/magic-link/verify", { query: { token } }), 302);
  }),

  ...eachWay("guesses at a code are counted together", async (maker, taker, at) => {
    await register(maker);
    const email = maker.email("alice");
    ok(await maker.post("/email-otp/send-verification-otp", { email, type: "sign-in" }));
    const { otp } = await maker.message();
    for (const s of [maker, taker, maker]) ok(await s.post("/sign-in/email-otp", { email, otp: "wrong" }), 400);
    ok(await taker.post("/sign-in/email-otp", { email, otp }), 403);
    ok(await maker.post("/email-otp/send-verification-otp", { email, type: "sign-in" }));
    const next = await maker.message();
    ok(await taker.post("/sign-in/email-otp", { email, otp: "wrong" }), 400);
    ok(await maker.post("/email-otp/check-verification-otp", { email, type: "sign-in", otp: next.otp }));
    const signedIn = await taker.post("/sign-in/email-otp", { email, otp: next.otp });
    if (failsAlone(taker, at)) return void ok(signedIn, 500);
    ok(signedIn);
    ok(await maker.post("/sign-in/email-otp", { email, otp: next.otp }), 400);
  }),

  ...eachWay("a number is one user's", async (maker, taker) => {
    const phoneNumber = maker.phone("alice");
    const texted = async (s, path = "send-otp") => {
      ok(await s.post(`/phone-number/${path}`, { phoneNumber }));
      return (await s.message()).otp;
    };
    const prove = (s, code) => s.post("/phone-number/verify", { phoneNumber, code }, { jar: "browser" });
    const first = await texted(maker);
    ok(await prove(taker, "wrong"), 400);
    const made = ok(await prove(taker, first)).json.user;
    ok(await prove(maker, first), 400);
    assert.equal(ok(await prove(maker, await texted(taker))).json.user.id, made.id);
    const otp = await texted(maker, "request-password-reset");
    ok(await taker.post("/phone-number/reset-password", { phoneNumber, otp, newPassword: NEW }));
    for (const s of [maker, taker]) {
      const signedIn = ok(await s.post("/sign-in/phone-number", { phoneNumber, password: NEW })).json;
      assert.deepEqual([signedIn.user.id, signedIn.user.phoneNumberVerified], [made.id, true]);
    }
  }),

  ...eachWay("guesses at a text are counted together", async (maker, taker) => {
    const phoneNumber = maker.phone("alice");
    ok(await maker.post("/phone-number/send-otp", { phoneNumber }));
    const { otp } = await maker.message();
    for (const s of [maker, taker, maker]) ok(await s.post("/phone-number/verify", { phoneNumber, code: "wrong" }), 400);
    ok(await taker.post("/phone-number/verify", { phoneNumber, code: otp }), 403);
  }),

  ...eachWay("a session is handed on once", async (maker, taker) => {
    const { user } = (await register(maker)).json;
    const { token } = ok(await maker.get("/one-time-token/generate", { jar: "browser" })).json;
    assert.equal(ok(await taker.post("/one-time-token/verify", { token }, { jar: "other" })).json.user.id, user.id);
    ok(await maker.post("/one-time-token/verify", { token }), 400);
    assert.deepEqual(ok(await maker.get("/get-session", { jar: "other" })).json, ok(await current(taker)).json);
  }),

  ...eachWay("an anonymous user becomes somebody", async (maker, taker) => {
    const { user } = ok(await maker.post("/sign-in/anonymous", undefined, { jar: "browser" })).json;
    assert.deepEqual(ok(await current(taker)).json.user, user);
    const cookie = `${TOKEN}=${maker.jar("browser").get(TOKEN)}`;
    await register(taker);
    for (const s of [maker, taker]) {
      assert.equal(ok(await s.get("/get-session", { headers: { cookie } })).json, null);
      assert.equal(ok(await current(s)).json.user.isAnonymous, false);
    }
  }),

  ...eachWay("an app opens", async (maker, taker) => {
    const { totpURI } = await enrol(maker);
    ok(await waits(taker, "at the taker"));
    ok(await taker.post("/two-factor/verify-totp", { code: totp(totpURI) }, { jar: "at the taker" }));
    ok(await waits(maker, "begun"));
    ok(await taker.post("/two-factor/verify-totp", { code: wrongTotp(totpURI) }, { jar: "begun" }), 401);
    ok(await maker.post("/two-factor/verify-totp", { code: totp(totpURI) }, { jar: "begun" }));
    assert.ok(ok(await taker.get("/get-session", { jar: "begun" })).json?.session);
    const shown = await taker.post("/two-factor/get-totp-uri", { password: PASSWORD }, { jar: "browser" });
    assert.equal(ok(shown).json.totpURI, totpURI);
  }),

  ...eachWay("a backup code opens once", async (maker, taker) => {
    const { backupCodes } = await enrol(maker);
    const use = async (s, code, status) => {
      ok(await waits(maker, code));
      ok(await s.post("/two-factor/verify-backup-code", { code: backupCodes[0] }, { jar: code }), status);
    };
    await use(taker, "first", 200);
    await use(maker, "second", 401);
    await use(taker, "third", 401);
  }),

  ...eachWay("a code that is sent opens", async (maker, taker) => {
    await enrol(maker);
    ok(await waits(maker, "other"));
    ok(await maker.post("/two-factor/send-otp", {}, { jar: "other" }));
    const { otp } = await maker.message();
    ok(await taker.post("/two-factor/verify-otp", { code: `${otp}0` }, { jar: "other" }), 401);
    ok(await taker.post("/two-factor/verify-otp", { code: otp }, { jar: "other" }));
  }),

  ...eachWay("a device is trusted", async (maker, taker) => {
    const { totpURI } = await enrol(maker);
    ok(await waits(maker, "home"));
    ok(await maker.post("/two-factor/verify-totp", { code: totp(totpURI), trustDevice: true }, { jar: "home" }));
    for (const s of [taker, maker, taker]) assert.ok(ok(await signIn(s, PASSWORD, "home")).json.token, "not asked");
    ok(await taker.post("/two-factor/disable", { password: PASSWORD }, { jar: "home" }));
    assert.ok(ok(await signIn(maker)).json.token, "it is off");
  }),

  ...eachWay("too many wrong codes lock", async (maker, taker) => {
    const { totpURI } = await enrol(maker);
    for (const [s, jar] of [[maker, "one"], [taker, "two"]]) {
      ok(await waits(s, jar));
      const guess = { code: wrongTotp(totpURI) };
      for (let n = 0; n < 5; n += 1) ok(await s.post("/two-factor/verify-totp", guess, { jar }), 401);
    }
    ok(await waits(maker, "three"));
    for (const s of [maker, taker]) ok(await s.post("/two-factor/verify-totp", { code: totp(totpURI) }, { jar: "three" }), 429);
  }),

  ...eachWay("a session that is not remembered stays so", async (maker, taker) => {
    await register(maker, { rememberMe: false });
    ok(await taker.post("/update-user", { name: "Renamed" }, { jar: "browser" }));
    const { session } = ok(await current(maker)).json;
    const hours = (Date.parse(session.expiresAt) - Date.now()) / 3_600_000;
    assert.ok(hours > 23 && hours <= 24, `expires in ${hours} hours`);
  }),

  ...eachWay("a device is approved", async (maker, taker) => {
    await register(maker);
    const { device_code, user_code: userCode } = ok(await maker.post("/device/code", { client_id: "tv", scope: "read" })).json;
    const seen = ok(await taker.get("/device", { query: { user_code: userCode }, jar: "browser" })).json;
    assert.deepEqual([seen.client_id, seen.scope], ["tv", "read"]);
    ok(await taker.post("/device/approve", { userCode }, { jar: "browser" }));
    const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    const { access_token: token } = ok(await maker.post("/device/token", { grant_type, device_code, client_id: "tv" })).json;
    const sessions = ok(await taker.get("/list-sessions", { jar: "browser" })).json;
    assert.ok(sessions.some((session) => session.token === token), "the taker knows the device's session");
  }),

  ...eachWay("a wallet is one user", async (maker, taker) => {
    const wallet = walletOf(maker.slug);
    const message = (nonce, chain) =>
      `app.example.com wants you to sign in with your Ethereum account:\n${wallet.address}\n\nChain ID: ${chain}\nNonce: ${nonce}`;
    const signIn = async (asked, at, chain = 1) => {
      const { nonce } = ok(await asked.post("/siwe/nonce", {})).json;
      const text = message(nonce, chain);
      return ok(await at.post("/siwe/verify", { message: text, signature: wallet.sign(text) }, { jar: "wallet" })).json.user;
    };
    const made = await signIn(taker, maker);
    assert.deepEqual(await signIn(maker, taker), made);
    assert.equal((await signIn(maker, taker, 137)).id, made.id);
    assert.equal((await signIn(taker, maker, 137)).id, made.id);
  }),
];

export const storageChecks = [
  {
    title: "rows are encoded alike",
    async run({ reference, kernia, database, secondary }) {
      const details = { level: 3, newsletter: true, birthday: "1990-05-01T00:00:00.000Z" };
      const rows = [];
      for (const [who, s] of [["r", reference], ["k", kernia]]) {
        const username = `${s.slug}_${who}`;
        const { user } = ok(await s.signUp(who, { ...details, username })).json;
        ok(await s.post("/request-password-reset", { email: s.email(who) }));
        await s.message();
        const row = { user: await encodings(database, "user", "id", user.id) };
        row.account = await encodings(database, "account", "userId", user.id);
        if (secondary) {
          const { session } = ok(await s.get("/get-session", { jar: who })).json;
          row.secondary = await secondaryEncodings(secondary, session);
        } else {
          row.session = await encodings(database, "session", "userId", user.id);
          row.verification = await encodings(database, "verification", "value", user.id);
        }
        rows.push(row);
      }
      assert.deepEqual(rows[1], rows[0]);
    },
  },
];

export const cacheChecks = eachWay("a cached session is believed", async (maker, taker) => {
  await register(maker);
  const { session, user } = ok(await current(maker)).json;
  ok(await signIn(maker));
  ok(await maker.post("/revoke-session", { token: session.token }, { jar: "other browser" }));
  // The row is gone, so only the cookie can answer.
  assert.ok(maker.jar("browser").get(DATA), "the maker set a cache cookie");
  assert.deepEqual(ok(await current(taker)).json, { session, user });
  ok(await taker.post("/verify-password", { password: PASSWORD }, { jar: "browser" }), 401);
});

export const defaultHashChecks = [
  {
    title: "kernia verifies the reference's hash",
    async run({ reference, kernia }) {
      await register(reference);
      ok(await signIn(kernia));
      ok(await signIn(kernia, "wrong password"), 401);
    },
  },
  {
    title: "kernia verifies its own hash",
    async run({ kernia }) {
      await register(kernia);
      ok(await signIn(kernia));
      ok(await signIn(kernia, "wrong password"), 401);
    },
  },
  {
    title: "a session of a user with kernia's hash works at the reference",
    async run({ reference, kernia }) {
      await register(kernia);
      assert.ok(ok(await current(reference)).json?.session);
    },
  },
];

/** One is production for the other. */
export const proxyChecks = eachWay("a proxied sign-in is relayed", async (maker, taker) => {
  for (const provider of ["github", "google"]) {
    const begun = ok(await maker.post("/sign-in/social", { provider, callbackURL: "/in" }, { jar: "browser" })).json;
    const query = queryOf(begun.url);
    const code = codeFor({ ...person(maker, "ada"), challenge: query.get("code_challenge") });
    const relayed = ok(await taker.get(`/callback/${provider}`, { query: { code, state: query.get("state") } }), 302);
    const absolute = relayed.headers.location.slice(maker.baseUrl.length);
    const arrived = ok(await maker.request({ method: "GET", absolute, jar: "browser" }), 302);
    assert.equal(arrived.headers.location, "/in");
    assert.equal(ok(await current(maker)).json.user.email, maker.email("ada"));
  }
});

/** Where the pages of both servers are. */
const page = (s) => ({ origin: new URL(s.baseUrl).origin });

/** Makes a passkey on `device`, told what by `asking` and kept by `keeping`. */
async function addPasskey(device, asking, keeping = asking) {
  const options = ok(await asking.get("/passkey/generate-register-options", { jar: "browser" })).json;
  const response = device.create(options, page(asking));
  return ok(await keeping.post("/passkey/verify-registration", { response, name: "key" }, { jar: "browser" })).json;
}

/** Signs in with the passkey on `device`, likewise. */
async function usePasskey(device, asking, judging = asking) {
  const options = ok(await asking.get("/passkey/generate-authenticate-options", { jar: "other browser" })).json;
  const response = device.get(options, page(asking));
  return ok(await judging.post("/passkey/verify-authentication", { response }, { jar: "other browser" })).json;
}

const ALGORITHMS = { ES256: -7, EdDSA: -8, RS256: -257 };

export const passkeyChecks = [
  ...Object.entries(ALGORITHMS).flatMap(([name, algorithm]) =>
    eachWay(`a passkey with ${name} signs in`, async (maker, taker) => {
      const device = new Authenticator(`${maker.slug} ${name}`, { algorithm });
      const { user } = (await register(maker)).json;
      const made = await addPasskey(device, maker);
      // Each of them goes on from the counter that the other has left.
      for (const server of [taker, maker, taker]) {
        assert.equal((await usePasskey(device, server)).user.id, user.id);
      }
      const listed = ok(await taker.get("/passkey/list-user-passkeys", { jar: "browser" })).json;
      assert.deepEqual(listed, [{ ...made, counter: 4 }]);
    }),
  ),

  ...eachWay("a ceremony goes on at the other server", async (maker, taker) => {
    const device = new Authenticator(`${maker.slug} both`);
    const { user } = (await register(maker)).json;
    await addPasskey(device, maker, taker);
    assert.equal((await usePasskey(device, maker, taker)).user.id, user.id);
    ok(await maker.get("/passkey/generate-authenticate-options", { jar: "other browser" }));
    const spent = await taker.post("/passkey/verify-authentication", { response: {} }, { jar: "other browser" });
    assert.equal(spent.status, 401, spent.text);
    ok(await maker.post("/passkey/verify-authentication", { response: {} }, { jar: "other browser" }), 400);
  }),

  {
    title: "passkeys are encoded alike",
    async run({ reference, kernia, database }) {
      const rows = [];
      for (const [who, s] of [["r", reference], ["k", kernia]]) {
        const { user } = ok(await s.signUp(who, {}, { jar: "browser" })).json;
        await addPasskey(new Authenticator(`${s.slug} ${who}`), s);
        rows.push(await encodings(database, "passkey", "userId", user.id));
      }
      assert.deepEqual(rows[1], rows[0]);
    },
  },
];
