/** Passkeys, with a software authenticator in the place of a browser's. */
import { passkeyClient } from "../satellites/client.mjs";
import { Authenticator, cborMap } from "../lib/authenticator.mjs";
import { clientResult } from "../lib/client.mjs";
import { scenario } from "../scenario.mjs";

const ORIGIN = "http://localhost:3000";
const EVIL = "https://evil.example";
const WITH = { plugins: { passkey: {} } };
const ALGORITHMS = { ES256: -7, EdDSA: -8, RS256: -257 };

const device = (s, name, options) => new Authenticator(`${s.slug} ${name}`, options);

/** What the browser in `jar` is told to make. */
const toCreate = async (s, jar, step = {}) =>
  (await s.get("/passkey/generate-register-options", { jar, label: `options for ${jar}`, ...step })).json;

/** Makes a passkey on `made`, and has it kept. */
async function register(s, jar, made, { wrong = {}, body = {}, step = {}, query } = {}) {
  const options = await toCreate(s, jar, { query });
  const response = made.create(options, { origin: ORIGIN, ...wrong });
  return s.post("/passkey/verify-registration", { response, ...body }, { jar, label: `register ${jar}`, ...step });
}

const toGet = async (s, jar, step = {}) =>
  (await s.get("/passkey/generate-authenticate-options", { jar, label: `options at ${jar}`, ...step })).json;

/** Signs in with the passkey on `made`. */
async function signIn(s, jar, made, { wrong = {}, step = {} } = {}) {
  const response = made.get(await toGet(s, jar), { origin: ORIGIN, ...wrong });
  return s.post("/passkey/verify-authentication", { response }, { jar, label: `sign in at ${jar}`, ...step });
}

const list = (s, jar) => s.get("/passkey/list-user-passkeys", { jar, label: `passkeys of ${jar}` });

export default [
  scenario("registration and sign-in", WITH, async (s) => {
    await s.signUp("ada");
    for (const [name, algorithm] of Object.entries(ALGORITHMS)) {
      const made = device(s, name, { algorithm });
      await register(s, "ada", made, { body: { name: ` ${name} ` }, query: { name } });
      await signIn(s, `new ${name}`, made);
      await s.get("/get-session", { jar: `new ${name}` });
      await signIn(s, `again ${name}`, made);
    }
    await list(s, "ada");
    await toCreate(s, "ada", { label: "what is excluded" });
    await toGet(s, "ada", { label: "what is allowed" });
    await signIn(s, "ada", device(s, "EdDSA", { algorithm: -8, counter: 10 }));
    await s.get("/list-sessions", { jar: "ada" });
  }),

  scenario("what authenticators say", WITH, async (s) => {
    await s.signUp("ada");
    await register(s, "ada", device(s, "synced", { synced: true, counter: null }));
    await signIn(s, "synced", device(s, "synced", { synced: true, counter: null }));
    await signIn(s, "synced again", device(s, "synced", { synced: true, counter: null }));
    await register(s, "ada", device(s, "anonymous", { aaguid: "00000000-0000-0000-0000-000000000000" }));
    await register(s, "ada", device(s, "packed"), { wrong: { attestation: "packed" } });
    await register(s, "ada", device(s, "extensions"), { wrong: { extensions: { credProtect: 2, hmac: true } } });
    await signIn(s, "extensions", device(s, "extensions", { counter: 2 }), { wrong: { extensions: { x: 1 } } });
    await register(s, "ada", device(s, "unverified"), { wrong: { flags: 0x01 } });
    await signIn(s, "unverified", device(s, "unverified", { counter: 2 }), { wrong: { flags: 0x01 } });
    await register(s, "ada", device(s, "no ways"), { wrong: { transports: null } });
    await register(s, "ada", device(s, "new ways"), { wrong: { transports: ["cable", "telepathy"] } });
    await list(s, "ada");
    await toCreate(s, "ada", { label: "what is excluded" });
  }),

  scenario("names and sessions", WITH, async (s) => {
    await s.signUp("ada");
    await register(s, "ada", device(s, "spaces"), { body: { name: "  " } });
    await register(s, "ada", device(s, "number"), { body: { name: 5 } });
    await register(s, "ada", device(s, "flag"), { body: { createSession: "yes" } });
    await register(s, "ada", device(s, "session"), { body: { name: "one", createSession: true } });
    await register(s, "ada", device(s, "no session"), { body: { createSession: false } });
    await s.get("/list-sessions", { jar: "ada" });
    await toCreate(s, "ada", { query: { authenticatorAttachment: "cross-platform", context: "c" } });
    await toCreate(s, "ada", { query: { authenticatorAttachment: "elsewhere" }, label: "elsewhere" });
  }),

  scenario("refused registrations", WITH, async (s) => {
    await s.signUp("ada");
    const refused = (name, wrong, more = {}) =>
      register(s, "ada", device(s, name), { wrong, step: { label: name }, ...more });
    await refused("another origin", { origin: EVIL });
    await refused("another relying party", { rpId: "evil.example" });
    await refused("another challenge", { clientData: { challenge: "AAAA" } });
    await refused("another ceremony", { clientData: { type: "webauthn.get" } });
    await refused("nobody there", { flags: 0 });
    await refused("backed up alone", { flags: 0x15 });
    await refused("bytes too many", { afterData: Buffer.from([0]) });
    await refused("unknown statement", { attestation: "telepathy" });
    await refused("ways as text", { transports: "usb" });
    await refused("key of another kind", { publicKey: cborMap([[1, 2], [3, -46], [-1, 1]]) });
    await refused("no algorithm", { publicKey: cborMap([[1, 2], [-1, 1]]) });
    await refused("id twice", { response: { rawId: "AAAA" } });
    await refused("type", { response: { type: "password" } });
    await refused("no JSON", { response: { response: { clientDataJSON: "AAAA" } } });
    await refused("no CBOR", { response: { response: { attestationObject: "AAAA" } } });
    await refused("no object", { response: { response: { attestationObject: 5 } } });
    await refused("replaced", {}, { body: { response: "x" } });
    await s.post("/passkey/verify-registration", {}, { jar: "ada", label: "no body" });
    await list(s, "ada");
  }),

  scenario("challenges are good once", WITH, async (s) => {
    await s.signUp("ada");
    const made = device(s, "device");
    const post = (path, response, jar, label) => s.post(`/passkey/${path}`, { response }, { jar, label });
    const first = made.create(await toCreate(s, "ada"), { origin: ORIGIN });
    await post("verify-registration", first, "ada", "register");
    await post("verify-registration", first, "ada", "register again");
    const answer = made.get(await toGet(s, "browser"), { origin: ORIGIN });
    await post("verify-authentication", answer, "browser", "sign in");
    await post("verify-authentication", answer, "browser", "sign in again");
    const wrong = made.get(await toGet(s, "browser"), { origin: EVIL });
    await post("verify-authentication", wrong, "browser", "refused");
    const late = made.get({ challenge: "AAAA", rpId: "localhost" }, { origin: ORIGIN });
    await post("verify-authentication", late, "browser", "after a refusal");
    const [one, other] = [await toGet(s, "browser"), await toGet(s, "browser")];
    await post("verify-authentication", made.get(one, { origin: ORIGIN }), "browser", "the challenge before");
    await post("verify-authentication", made.get(other, { origin: ORIGIN }), "browser", "spent with that");
    await toGet(s, "ada");
    await post("verify-registration", first, "ada", "of the other ceremony");
    await toCreate(s, "ada");
    await post("verify-authentication", answer, "ada", "of the other ceremony, too");
    await s.post("/passkey/verify-authentication", { response: answer }, { headers: { origin: ORIGIN }, label: "no cookie" });
    await s.post("/passkey/verify-authentication", { response: answer }, { label: "no origin" });
    s.jar("forged").set("better-auth.better-auth-passkey", "forged");
    await post("verify-authentication", answer, "forged", "forged cookie");
  }),

  scenario("refused sign-ins", WITH, async (s) => {
    await s.signUp("ada");
    const made = device(s, "device", { counter: 5 });
    await register(s, "ada", made);
    const refused = (label, wrong, step = {}) =>
      signIn(s, "browser", made, { wrong: { counter: 50, ...wrong }, step: { label, ...step } });
    await refused("cloned", { counter: 4 });
    await refused("counter stands still", { counter: 5 });
    await refused("counter is gone", { counter: 0 });
    await refused("another origin", { origin: EVIL });
    await refused("another relying party", { rpId: "evil.example" });
    await refused("another challenge", { clientData: { challenge: "AAAA" } });
    await refused("another ceremony", { clientData: { type: "webauthn.create" } });
    await refused("nobody there", { flags: 0 });
    await refused("backed up alone", { flags: 0x15 });
    await refused("bytes too many", { afterData: Buffer.from([0]) });
    await refused("another's signature", {
      signature: Buffer.from(device(s, "other").get({ challenge: "AAAA", rpId: "x" }, { origin: ORIGIN }).response.signature, "base64url"),
    });
    await refused("id twice", { response: { rawId: "AAAA" } });
    await refused("type", { response: { type: "password" } });
    await refused("handle", { response: { response: { userHandle: 5 } } });
    await refused("no signature", { response: { response: { signature: undefined } } });
    await refused("no data", { response: { response: { authenticatorData: "AAAA" } } });
    await refused("unknown credential", { response: { id: "AAAA", rawId: "AAAA" } });
    await refused("no credential", { response: { id: undefined } });
    await refused("not trusted", {}, { headers: { origin: EVIL } });
    for (const response of [undefined, null, [], "x"]) {
      const label = `response ${JSON.stringify(response)}`;
      await s.post("/passkey/verify-authentication", { response }, { jar: "browser", label });
    }
    await s.get("/get-session", { jar: "browser" });
    await signIn(s, "browser", made, { step: { label: "and the right one" } });
  }),

  scenario("a credential of somebody", WITH, async (s) => {
    await s.signUp("ada");
    await s.signUp("eve");
    const made = device(s, "device");
    await register(s, "ada", made);
    await register(s, "eve", device(s, "copy"), { wrong: { credentialId: made.id }, step: { label: "made anew" } });
  }),

  scenario("an algorithm that was not offered", WITH, async (s) => {
    await s.signUp("ada");
    const key = cborMap([[1, 3], [3, -65535], [-1, Buffer.alloc(256, 1)], [-2, Buffer.from([1, 0, 1])]]);
    await register(s, "ada", device(s, "sha1"), { wrong: { publicKey: key }, step: { label: "RSA with SHA-1" } });
  }),

  scenario("in a frame", WITH, async (s) => {
    const framed = { clientData: { crossOrigin: true, topOrigin: EVIL } };
    await s.signUp("ada");
    const made = device(s, "device");
    await register(s, "ada", made);
    await signIn(s, "browser", made, { wrong: framed, step: { label: "used in a frame" } });
    await register(s, "ada", device(s, "framed"), { wrong: framed, step: { label: "made in a frame" } });
  }),

  scenario("a credential that was not offered", WITH, async (s) => {
    await s.signUp("ada");
    await s.signUp("eve");
    const made = device(s, "device");
    await register(s, "ada", made);
    await register(s, "eve", device(s, "own"));
    await signIn(s, "eve", made, { step: { label: "another's" } });
  }),

  scenario("management", WITH, async (s) => {
    await s.signUp("ada");
    await s.signUp("eve");
    await register(s, "ada", device(s, "one"), { body: { name: "one" } });
    await register(s, "ada", device(s, "two"));
    const { id } = (await list(s, "ada")).json[0];
    const post = (path, body, jar, label) => s.post(`/passkey/${path}`, body, { jar, label });
    await post("update-passkey", { id, name: " first " }, "ada", "renamed");
    await post("update-passkey", { id, name: "  " }, "ada", "no name");
    await post("update-passkey", {}, "ada", "nothing");
    await post("update-passkey", { id: "nothing", name: "x" }, "ada", "rename nothing");
    await post("update-passkey", { id, name: "mine" }, "eve", "rename of another");
    await s.post("/passkey/update-passkey", { id, name: "x" }, { label: "rename signed out" });
    await post("delete-passkey", {}, "ada", "delete without id");
    await post("delete-passkey", { id: "nothing" }, "ada", "delete nothing");
    await post("delete-passkey", { id }, "eve", "delete of another");
    await s.post("/passkey/delete-passkey", { id }, { label: "delete signed out" });
    await list(s, "ada");
    await post("delete-passkey", { id }, "ada", "deleted");
    await post("delete-passkey", { id }, "ada", "deleted again");
    await list(s, "ada");
    await list(s, "eve");
    await s.get("/passkey/list-user-passkeys", { label: "list signed out" });
    await signIn(s, "browser", device(s, "one", { counter: 2 }));
    await signIn(s, "browser", device(s, "two", { counter: 2 }));
  }),

  scenario("guards", { ...WITH, session: { freshAge: 1 } }, async (s) => {
    await s.get("/passkey/generate-register-options", { label: "options signed out" });
    await s.post("/passkey/verify-registration", { response: {} }, { label: "verify signed out" });
    await s.signUp("ada");
    const options = { method: "GET", path: "/passkey/generate-register-options", jar: "ada", label: "stale" };
    await s.until(options, ({ status }) => status === 403);
    await s.post("/passkey/verify-registration", { response: {} }, { jar: "ada", label: "stale, too" });
    await list(s, "ada");
    await toGet(s, "ada");
  }),

  scenario(
    "options",
    {
      plugins: {
        passkey: {
          rpID: "example.com",
          rpName: "The Example",
          origin: ["https://www.example.com", "android:apk-key-hash:abc"],
          authenticatorSelection: { authenticatorAttachment: "platform", residentKey: "required", userVerification: "required" },
          registration: { extensions: { largeBlob: { support: "preferred" } } },
          authentication: { extensions: { uvm: true } },
          advanced: { webAuthnChallengeCookie: "own-passkey" },
        },
      },
    },
    async (s) => {
      await s.signUp("ada");
      const made = device(s, "device");
      await register(s, "ada", made, { wrong: { origin: "https://www.example.com" }, query: { authenticatorAttachment: "cross-platform" } });
      await signIn(s, "web", made, { wrong: { origin: "https://www.example.com" } });
      await signIn(s, "app", made, { wrong: { origin: "android:apk-key-hash:abc" } });
      await signIn(s, "own", made, { wrong: { origin: ORIGIN } });
      await s.post("/passkey/verify-authentication", { response: {} }, { label: "no origin needed" });
      await register(s, "ada", device(s, "unverified"), {
        wrong: { origin: "https://www.example.com", flags: 0x01 },
        step: { label: "not verified" },
      });
      await signIn(s, "device", made, {
        wrong: { origin: "https://www.example.com", flags: 0x01 },
        step: { label: "signed in, not verified" },
      });
    },
  ),

  scenario("without a session", { plugins: { passkey: { registration: { requireSession: false } } } }, async (s) => {
    await s.get("/passkey/generate-register-options", { label: "nobody" });
    await s.post("/passkey/verify-registration", { response: {} }, { headers: { origin: ORIGIN }, label: "no challenge" });
    await s.post("/passkey/verify-registration", { response: {} }, { label: "no origin" });
    await s.signUp("ada");
    await s.signUp("eve");
    await register(s, "ada", device(s, "device"), { body: { createSession: true } });
    const other = device(s, "other");
    const options = await toCreate(s, "ada");
    s.jar("eve").set("better-auth.better-auth-passkey", s.jar("ada").get("better-auth.better-auth-passkey"));
    const response = other.create(options, { origin: ORIGIN });
    await s.post("/passkey/verify-registration", { response }, { jar: "eve", label: "of another" });
    const alone = device(s, "alone");
    const begun = await toCreate(s, "ada");
    s.jar("nobody").set("better-auth.better-auth-passkey", s.jar("ada").get("better-auth.better-auth-passkey"));
    const body = { response: alone.create(begun, { origin: ORIGIN }), createSession: true };
    await s.post("/passkey/verify-registration", body, { jar: "nobody", label: "signed out meanwhile" });
  }),

  scenario("prefixed and secure", { ...WITH, baseURL: "https://auth.example.com", advanced: { cookiePrefix: "shop" } }, async (s) => {
    await s.signUp("ada");
    const made = device(s, "device");
    const origin = "https://auth.example.com";
    await register(s, "ada", made, { wrong: { origin } });
    await signIn(s, "browser", made, { wrong: { origin } });
  }),

  scenario("the official client", WITH, async (s) => {
    const client = s.client({ plugins: [passkeyClient()] }, "ada");
    const call = async (label, promise) => s.note(`returned by ${label}`, clientResult(await promise));
    await call("listUserPasskeys, nobody", client.passkey.listUserPasskeys());
    await s.signUp("ada");
    await register(s, "ada", device(s, "device"));
    await call("listUserPasskeys", client.passkey.listUserPasskeys());
    const { id } = (await list(s, "ada")).json[0];
    await call("updatePasskey", client.passkey.updatePasskey({ id, name: "key" }));
    await call("updatePasskey, refused", client.passkey.updatePasskey({ id: "nothing", name: "key" }));
    await call("addPasskey, without WebAuthn", client.passkey.addPasskey({ name: "key" }));
    await call("signIn.passkey, without WebAuthn", client.signIn.passkey());
    await call("deletePasskey", client.passkey.deletePasskey({ id }));
    await call("deletePasskey, again", client.passkey.deletePasskey({ id }));
  }),
];
