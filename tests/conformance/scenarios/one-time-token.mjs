/** The one-time token plugin. */
import { oneTimeTokenClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { scenario } from "../scenario.mjs";

const on = (options = {}) => ({ plugins: { "one-time-token": options } });

const generate = (s, jar, label = "generate") => s.get("/one-time-token/generate", { jar, label });
const verify = (s, token, step = {}) => s.post("/one-time-token/verify", { token }, step);

async function whole(s) {
  await s.signUp("alice");
  const { token } = (await generate(s, "alice")).json;
  await verify(s, token, { jar: "other", label: "verify" });
  await s.get("/get-session", { jar: "other", label: "the same session" });
  await verify(s, token, { label: "again" });
  await verify(s, "nonsense", { label: "nonsense" });
}

export default [
  scenario("whole", on(), whole),
  scenario("whole, hashed", on({ storeToken: "hashed" }), whole),
  scenario("whole, no cookie", on({ disableSetSessionCookie: true }), whole),
  scenario("whole, bearer", { plugins: { "one-time-token": {}, bearer: {} } }, whole),
  scenario("whole, cached", { ...on(), session: { cookieCache: { enabled: true } } }, whole),

  scenario("nobody", on(), async (s) => {
    await generate(s, undefined, "nobody");
    await verify(s, undefined, { label: "nothing" });
    await verify(s, 5, { label: "wrong type" });
    await verify(s, "", { label: "empty" });
  }),

  scenario("an ended session", on(), async (s) => {
    await s.signUp("alice");
    const { token } = (await generate(s, "alice")).json;
    await s.post("/sign-out", {}, { jar: "alice" });
    await verify(s, token, { label: "ended" });
    await verify(s, token, { label: "spent all the same" });
  }),

  scenario("a session whose time is over", { ...on({ disableSetSessionCookie: true }), session: { expiresIn: 2 } }, async (s) => {
    await s.signUp("alice");
    const { token } = (await generate(s, "alice")).json;
    const { session } = (await s.get("/get-session", { jar: "alice" })).json;
    // Secondary storage may keep it for a second more.
    const over = Date.parse(session.expiresAt) + 2000;
    await s.until({ method: "GET", path: "/ok" }, () => Date.now() > over);
    await verify(s, token, { label: "too late" });
    await verify(s, token, { label: "spent all the same" });
  }),

  scenario("no tokens for clients", on({ disableClientRequest: true }), async (s) => {
    await s.signUp("alice");
    await generate(s, "alice");
    await generate(s, undefined, "nobody");
  }),

  scenario("in a header", on({ setOttHeaderOnNewSession: true }), async (s) => {
    await s.signUp("alice");
    const { headers } = await s.signIn("alice", "second");
    await verify(s, headers["set-ott"], { jar: "third", label: "by the header" });
    await s.get("/get-session", { jar: "second", label: "no header without a new session" });
    await s.signIn("alice", "fourth", { password: "wrong password" }, { label: "no header on failure" });
  }),

  scenario("not remembered", on(), async (s) => {
    await s.signUp("alice", { rememberMe: false });
    const { token } = (await generate(s, "alice")).json;
    await verify(s, token, { jar: "other", label: "verify" });
  }),

  scenario("client", on(), async (s) => {
    const client = s.client({ plugins: [oneTimeTokenClient()] }, "alice");
    await s.signUp("alice");
    const made = await client.oneTimeToken.generate();
    s.note("generated", clientResult(made));
    s.note("verified", clientResult(await client.oneTimeToken.verify({ token: made.data.token })));
    s.note("refused", clientResult(await client.oneTimeToken.verify({ token: made.data.token })));
  }),
];
