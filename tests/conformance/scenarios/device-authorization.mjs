/** The device flow. */
import { deviceAuthorizationClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { scenario } from "../scenario.mjs";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const options = (plugin = {}, more = {}) => ({ plugins: { "device-authorization": plugin, bearer: {} }, ...more });

async function ask(s, body = {}, label = "ask") {
  const { json } = await s.post("/device/code", { client_id: "tv", ...body }, { label });
  return json;
}

const poll = (s, codes, label, body = {}) =>
  s.post("/device/token", { grant_type: GRANT, device_code: codes.device_code, client_id: "tv", ...body }, { jar: "device", label });
const look = (s, codes, label, jar) => s.get("/device", { query: { user_code: codes.user_code }, jar, label });
const decide = (s, decision, codes, label, jar) => s.post(`/device/${decision}`, { userCode: codes.user_code }, { jar, label });

export default [
  scenario("asking", options(), async (s) => {
    const bodies = {
      "everything": { client_id: "tv", scope: "read write", user_id: "somebody" },
      "empty texts": { client_id: "tv", scope: "", user_id: "" },
      "no client": {},
      "empty client": { client_id: "" },
      "client of wrong type": { client_id: 5 },
      "scope of wrong type": { client_id: "tv", scope: ["a"] },
      "null": { client_id: "tv", scope: null },
      "more": { client_id: "tv", more: 1 },
    };
    for (const [label, body] of Object.entries(bodies)) await s.post("/device/code", body, { label });
    await s.post("/device/code", undefined, { label: "no body" });
    await s.post("/device/code", "text", { label: "body of wrong type" });
    await s.request({ method: "POST", path: "/device/code", form: { client_id: "tv", scope: "" }, label: "form" });
    await s.request({ method: "POST", path: "/device/code", form: { scope: "x" }, label: "form without client" });
    await s.request({ method: "POST", path: "/device/code", form: { client_id: "" }, label: "form with empty client" });
    const type = "application/x-www-form-urlencoded";
    await s.request({ method: "POST", path: "/device/code", rawBody: "client_id=tv&client_id=radio", type, label: "repeated client" });
  }),

  scenario("approved", options({ interval: "1s" }), async (s) => {
    const codes = await ask(s, { scope: "read write" });
    await poll(s, codes, "pending");
    await poll(s, codes, "too soon");
    await look(s, codes, "seen by nobody");
    await decide(s, "approve", codes, "approved by nobody");
    await s.signUp("ada");
    await s.signUp("eve");
    await decide(s, "approve", codes, "not looked at", "ada");
    await decide(s, "deny", codes, "not looked at, denied", "ada");
    await look(s, codes, "seen by ada", "ada");
    await look(s, codes, "seen by eve", "eve");
    await decide(s, "approve", codes, "approved by eve", "eve");
    await decide(s, "deny", codes, "denied by eve", "eve");
    await poll(s, codes, "another client", { client_id: "radio" });
    await decide(s, "approve", codes, "approved by ada", "ada");
    await decide(s, "approve", codes, "approved again", "ada");
    await decide(s, "deny", codes, "denied then", "ada");
    await look(s, codes, "seen then", "ada");
    const token = await s.until(
      { method: "POST", path: "/device/token", body: { grant_type: GRANT, device_code: codes.device_code, client_id: "tv" }, jar: "device", label: "token" },
      ({ json }) => json.error !== "slow_down",
    );
    await s.get("/get-session", { headers: { authorization: `Bearer ${token.json.access_token}` }, label: "session of the device" });
    await poll(s, codes, "again");
    await look(s, codes, "seen when it is over", "ada");
  }),

  scenario("denied", options({ interval: "1s" }), async (s) => {
    const codes = await ask(s);
    await s.signUp("ada");
    await look(s, codes, "seen", "ada");
    await decide(s, "deny", codes, "denied", "ada");
    await look(s, codes, "seen then", "ada");
    await poll(s, codes, "told");
    await poll(s, codes, "told again");
  }),

  scenario("for one user", options(), async (s) => {
    const { user } = (await s.signUp("ada")).json;
    await s.signUp("eve");
    const codes = await ask(s, { user_id: user.id });
    await look(s, codes, "seen by eve", "eve");
    await decide(s, "approve", codes, "approved by eve", "eve");
    await decide(s, "approve", codes, "approved by ada", "ada");
  }),

  scenario("codes as they are typed", options(), async (s) => {
    const codes = await ask(s);
    await s.signUp("ada");
    const shown = codes.user_code;
    const typed = { lower: shown.toLowerCase(), dashed: `${shown.slice(0, 4)}-${shown.slice(4)}`, spaced: ` ${shown} `, cut: shown.slice(1), empty: "", odd: "ÄÖ'%", other: "0000OOOO" };
    for (const [label, user_code] of Object.entries(typed)) {
      const { json } = await s.get("/device", { query: { user_code }, jar: "ada", label: `${label} code` });
      // As it was typed, which is random.
      s.note(`${label} code is repeated`, json.user_code === undefined ? json.error : json.user_code === user_code);
    }
    await s.get("/device", { jar: "ada", label: "no code" });
    await s.get("/device?user_code=a&user_code=b", { jar: "ada", label: "two codes" });
    await s.post("/device/approve", {}, { jar: "ada", label: "approve nothing" });
    await s.post("/device/approve", { userCode: "NOSUCH22" }, { jar: "ada", label: "approve an unknown code" });
    await s.post("/device/deny", { userCode: "NOSUCH22" }, { jar: "ada", label: "deny an unknown code" });
    await s.post("/device/approve", { userCode: typed.dashed.toLowerCase() }, { jar: "ada", label: "approve as typed" });
  }),

  scenario("polling with nonsense", options(), async (s) => {
    for (const [label, body] of Object.entries({
      "nothing": {},
      "another grant": { grant_type: "password", device_code: "x", client_id: "tv" },
      "no client": { grant_type: GRANT, device_code: "x" },
      "unknown code": { grant_type: GRANT, device_code: "x", client_id: "tv" },
      "empty code": { grant_type: GRANT, device_code: "", client_id: "tv" },
    })) {
      await s.post("/device/token", body, { label });
    }
    await s.request({ method: "POST", path: "/device/token", form: { grant_type: GRANT, device_code: "x", client_id: "tv" }, label: "form" });
  }),

  scenario("expired", options({ expiresIn: "4s", interval: "0s" }), async (s) => {
    await s.signUp("ada");
    const codes = await ask(s);
    await look(s, codes, "seen", "ada");
    const over = { method: "GET", path: "/device", query: { user_code: codes.user_code }, jar: "ada", label: "seen too late" };
    await s.until(over, ({ status }) => status === 400);
    await decide(s, "approve", codes, "approved too late", "ada");
    await decide(s, "deny", codes, "denied too late", "ada");
    await poll(s, codes, "polled too late");
    await poll(s, codes, "polled again");
  }),

  scenario("other lengths and pages", options({ deviceCodeLength: 24, userCodeLength: 12, verificationUri: "https://app.example.com/go?x=1#y" }), async (s) => {
    const codes = await ask(s);
    s.note("lengths", [codes.device_code.length, codes.user_code.length]);
  }),

  scenario("a page of its own", options({ verificationUri: "/custom" }), async (s) => {
    await ask(s);
  }),

  scenario("guesses", options({ expiresIn: "30m" }, { rateLimit: { enabled: true } }), async (s) => {
    for (let at = 0; at < 7; at += 1) await s.get("/device", { query: { user_code: `GUESS${at}` }, label: `guess ${at}` });
  }),

  scenario("origin", options(), async (s) => {
    const codes = await ask(s);
    await s.signUp("ada");
    await look(s, codes, "seen", "ada");
    for (const decision of ["approve", "deny"]) {
      const headers = { origin: "https://evil.example" };
      await s.post(`/device/${decision}`, { userCode: codes.user_code }, { jar: "ada", headers, label: `${decision} from elsewhere` });
    }
  }),

  scenario("the official client", options(), async (s) => {
    const client = s.client({ plugins: [deviceAuthorizationClient()] }, "ada");
    await s.signUp("ada");
    const asked = await client.device.code({ client_id: "tv", scope: "read" });
    s.note("asked", { keys: Object.keys(asked.data).sort(), error: asked.error });
    const { user_code, device_code } = asked.data;
    const seen = clientResult(await client.device({ query: { user_code } }));
    s.note("seen", { ...seen.data, user_code: seen.data.user_code === user_code });
    s.note("approved", clientResult(await client.device.approve({ userCode: user_code })));
    s.note("denied", clientResult(await client.device.deny({ userCode: user_code })));
    const { data } = await client.device.token({ grant_type: GRANT, device_code, client_id: "tv" });
    s.note("token", { ...data, access_token: data.access_token.length });
    s.note("again", clientResult(await client.device.token({ grant_type: GRANT, device_code, client_id: "tv" })));
  }),
];
