/** Sign-in with wallets. */
import { siweClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { walletOf } from "../lib/wallet.mjs";
import { scenario } from "../scenario.mjs";

const DOMAIN = "app.example.com";
const options = (plugin = {}, more = {}) => ({ plugins: { siwe: { domain: DOMAIN, ...plugin } }, ...more });

const HEADER = " wants you to sign in with your Ethereum account:";

/** The lines of a message; `null` leaves one out, `after` come behind all. */
function messageOf(address, nonce, { domain = DOMAIN, scheme = "", chain = "1", statement = "Welcome.", more = [] } = {}) {
  const issued = new Date().toISOString();
  const lines = [`${scheme}${domain}${HEADER}`, address, "", statement, "", `URI: https://${DOMAIN}/`, "Version: 1"];
  if (chain !== null) lines.push(`Chain ID: ${chain}`);
  if (nonce !== null) lines.push(`Nonce: ${nonce}`);
  return [...lines, `Issued At: ${issued}`, ...more].join("\n");
}

const nonceOf = async (s) => (await s.post("/siwe/nonce", {}, { label: "nonce" })).json.nonce;

async function signIn(s, wallet, label, { parts = {}, body = {}, jar = label, change = (text) => text, sign = wallet.sign } = {}) {
  const message = change(messageOf(parts.address ?? wallet.address, await nonceOf(s), parts));
  return s.post("/siwe/verify", { message, signature: sign(message), ...body }, { jar, label });
}

const soon = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();

export default [
  scenario("nonces", options(), async (s) => {
    for (const path of ["/siwe/nonce", "/siwe/get-nonce"]) {
      await s.post(path, {}, { label: `${path} by JSON` });
      await s.post(path, undefined, { label: `${path} without a body` });
      await s.post(path, { walletAddress: "0x" }, { label: `${path} with more` });
      await s.get(path, { label: `${path} by GET` });
    }
  }),

  scenario("wallets", options(), async (s) => {
    const wallet = walletOf(s.slug);
    await signIn(s, wallet, "new");
    await s.get("/get-session", { jar: "new", label: "session" });
    await s.get("/list-accounts", { jar: "new" });
    await signIn(s, wallet, "again");
    await signIn(s, wallet, "on another chain", { parts: { chain: "137" } });
    await s.get("/list-accounts", { jar: "on another chain", label: "accounts then" });
    await signIn(s, wallet, "in upper case", { parts: { address: `0x${wallet.address.slice(2).toUpperCase()}` } });
    await signIn(s, walletOf(`${s.slug} other`), "another wallet");
  }),

  scenario("messages", options(), async (s) => {
    const wallet = walletOf(s.slug);
    const changes = {
      "another domain": { domain: "evil.example" },
      "subdomain": { domain: `x.${DOMAIN}` },
      "longer domain": { domain: `${DOMAIN}.evil.example` },
      "port": { domain: `${DOMAIN}:8080` },
      "user information": { domain: `${DOMAIN}@evil.example` },
      "domain in upper case": { domain: DOMAIN.toUpperCase() },
      "scheme": { scheme: "https://" },
      "domain with a path": { domain: `${DOMAIN}/path` },
      "two words": { domain: `${DOMAIN} x` },
      "no chain": { chain: null },
      "chain 0": { chain: "0" },
      "chain -1": { chain: "-1" },
      "chain as text": { chain: "one" },
      "chain with a fraction": { chain: "1.5" },
      "short address": { address: "0x1234" },
      "no address": { address: "" },
      "expired": { more: [`Expiration Time: ${soon(-1)}`] },
      "not expired": { more: [`Expiration Time: ${soon(1)}`] },
      "too early": { more: [`Not Before: ${soon(1)}`] },
      "not too early": { more: [`Not Before: ${soon(-1)}`] },
      "resources": { more: ["Request ID: x", "Resources:", "- https://example.com"] },
      "a nonce in the statement": { statement: "Nonce: 1234567890" },
    };
    for (const [label, parts] of Object.entries(changes)) await signIn(s, wallet, label, { parts });
    await signIn(s, wallet, "line ends", { change: (text) => text.replaceAll("\n", "\r\n") });
    await signIn(s, wallet, "no nonce", { change: (text) => text.replace(/Nonce: .*\n/, "") });
    await signIn(s, wallet, "short nonce", { change: (text) => text.replace(/Nonce: .*\n/, "Nonce: short\n") });
    await signIn(s, wallet, "unknown nonce", { change: (text) => text.replace(/Nonce: .*\n/, "Nonce: 1234567890\n") });
    await signIn(s, wallet, "nonsense", { change: () => "nonsense" });
  }),

  scenario("moments that are none", options(), async (s) => {
    await signIn(s, walletOf(s.slug), "beginning that is none", { parts: { more: ["Not Before: never"] } });
    await signIn(s, walletOf(s.slug), "expiry that is none", { parts: { more: ["Expiration Time: never"] } });
  }),

  scenario("signatures", options(), async (s) => {
    const wallet = walletOf(s.slug);
    const other = walletOf("other");
    const signatures = {
      "another wallet's": other.sign,
      "of another text": () => wallet.sign("x"),
      "without 0x": (text) => wallet.sign(text).slice(2),
      "with a parity of its own": (text) => wallet.sign(text).replace(/1b$/, "00").replace(/1c$/, "01"),
      "cut": (text) => wallet.sign(text).slice(0, 130),
      "longer": (text) => `${wallet.sign(text)}00`,
      "zeros": () => `0x${"00".repeat(65)}`,
      "ones": () => `0x${"ff".repeat(65)}`,
      "nonsense": () => "nonsense",
    };
    for (const [label, sign] of Object.entries(signatures)) await signIn(s, wallet, label, { sign });
    const message = messageOf(wallet.address, await nonceOf(s));
    const body = { message, signature: wallet.sign(message) };
    await s.post("/siwe/verify", { ...body, signature: other.sign(message) }, { label: "wrong first" });
    await s.post("/siwe/verify", body, { label: "right then" });
    const good = messageOf(wallet.address, await nonceOf(s));
    await s.post("/siwe/verify", { message: good, signature: wallet.sign(good) }, { label: "once" });
    await s.post("/siwe/verify", { message: good, signature: wallet.sign(good) }, { label: "twice" });
  }),

  scenario("bodies", options(), async (s) => {
    for (const [label, body] of Object.entries({
      "nothing": {},
      "empty texts": { message: "", signature: "" },
      "wrong types": { message: 5, signature: [] },
      "more": { message: "x", signature: "x", walletAddress: "0x" },
      "bad address": { message: "x", signature: "x", email: "x" },
    })) {
      await s.post("/siwe/verify", body, { label });
    }
  }),

  scenario("with an address", options({ anonymous: false }), async (s) => {
    const wallet = walletOf(s.slug);
    await s.signUp("ada");
    await signIn(s, wallet, "no address");
    await signIn(s, wallet, "taken", { body: { email: s.email("ada") } });
    await s.get("/get-session", { jar: "taken", label: "session of taken" });
    await signIn(s, walletOf(`${s.slug} b`), "free", { body: { email: s.email("Bob") } });
    await s.get("/get-session", { jar: "free", label: "session of free" });
    await signIn(s, walletOf(`${s.slug} b`), "known", { body: { email: s.email("other") } });
    await s.get("/get-session", { jar: "known", label: "session of known" });
  }),

  scenario("made-up addresses", options({ emailDomainName: "wallets.example" }), async (s) => {
    await signIn(s, walletOf(s.slug), "new", { body: { email: s.email("ada") } });
    await s.get("/get-session", { jar: "new", label: "session" });
  }),

  scenario("the official client", options(), async (s) => {
    const client = s.client({ plugins: [siweClient()] });
    const wallet = walletOf(s.slug);
    const { data } = await client.siwe.nonce();
    const message = messageOf(wallet.address, data.nonce);
    const body = { message, signature: wallet.sign(message) };
    s.note("verified", clientResult(await client.siwe.verify(body)));
    s.note("again", clientResult(await client.siwe.verify(body)));
    s.note("session", clientResult(await client.getSession()));
  }),
];
