/** Accounts, and what the social routes answer while no provider is configured. */
import { PASSWORD, scenario } from "../scenario.mjs";

const STATE = "better-auth.state";

export default [
  scenario("list-accounts", {}, async (s) => {
    await s.get("/list-accounts", { label: "no session" });
    await s.signUp("alice");
    await s.get("/list-accounts", { jar: "alice" });
  }),

  scenario("unlink-account", {}, async (s) => {
    await s.post("/unlink-account", { accountId: "x" }, { label: "no session" });
    await s.signUp("alice");
    const [account] = (await s.get("/list-accounts", { jar: "alice" })).json;
    await s.post("/unlink-account", {}, { jar: "alice", label: "no id" });
    await s.post("/unlink-account", { accountId: account.id }, { jar: "alice", label: "last account" });
    await s.post("/unlink-account", { accountId: "unknown" }, { jar: "alice", label: "unknown, still the last" });
  }),

  scenario("unlink-account: all allowed", { account: { accountLinking: { allowUnlinkingAll: true } } }, async (s) => {
    await s.signUp("alice");
    const [account] = (await s.get("/list-accounts", { jar: "alice" })).json;
    await s.post("/unlink-account", { accountId: "unknown" }, { jar: "alice", label: "unknown" });
    await s.post("/unlink-account", { accountId: account.accountId }, { jar: "alice", label: "provider's id, not the row's" });
    await s.post("/unlink-account", { accountId: account.id }, { jar: "alice", label: "unlinked" });
    await s.get("/list-accounts", { jar: "alice", label: "none left" });
    await s.post("/unlink-account", { accountId: account.id }, { jar: "alice", label: "again" });
    await s.signIn("alice", "later");
    const change = { currentPassword: PASSWORD, newPassword: "another password" };
    await s.post("/change-password", change, { jar: "alice", label: "change-password without account" });
    await s.post("/verify-password", { password: PASSWORD }, { jar: "alice", label: "verify-password without account" });
  }),

  scenario("provider tokens of a password account", {}, async (s) => {
    await s.signUp("alice");
    const [account] = (await s.get("/list-accounts", { jar: "alice" })).json;
    const bodies = {
      "own account": { accountId: account.id },
      "own account, user named": { accountId: account.id, userId: account.userId },
      "unknown account": { accountId: "unknown" },
      "account cookie": { useAccountCookie: true },
      "account cookie false": { useAccountCookie: false },
      "both selectors": { accountId: account.id, useAccountCookie: true },
      "extra member": { accountId: account.id, providerId: "credential" },
      "nothing": {},
      "wrong type": { accountId: 5 },
    };
    for (const path of ["/get-access-token", "/refresh-token"]) {
      for (const [label, body] of Object.entries(bodies)) {
        await s.post(path, body, { jar: "alice", label: `${path}: ${label}` });
      }
      await s.post(path, { accountId: account.id }, { label: `${path}: no session` });
      await s.post(path, {}, { label: `${path}: no session, bad body` });
    }
    const queries = {
      "own account": { accountId: account.id },
      "unknown account": { accountId: "unknown" },
      "account cookie as text": { useAccountCookie: "true" },
      "extra member": { accountId: account.id, providerId: "credential" },
      "nothing": undefined,
    };
    for (const [label, query] of Object.entries(queries)) {
      await s.get("/account-info", { query, jar: "alice", label: `account-info: ${label}` });
    }
    await s.get("/account-info", { query: { accountId: account.id }, label: "account-info: no session" });
  }),

  scenario("sign-in/social without providers", {}, async (s) => {
    const bodies = {
      "known, not configured": { provider: "github" },
      "unknown": { provider: "nobody" },
      "empty": { provider: "" },
      "missing": {},
      "wrong type": { provider: 5 },
      "id token": { provider: "google", idToken: { token: "x" } },
      "bad id token": { provider: "google", idToken: "x" },
      "id token without token": { provider: "google", idToken: {} },
      "bad scopes": { provider: "github", scopes: "email" },
      "bad scope": { provider: "github", scopes: ["email", 5] },
      "reserved parameter": { provider: "github", additionalParams: { state: "mine" } },
      "bad parameters": { provider: "github", additionalParams: { prompt: 5 } },
      "bad data": { provider: "github", additionalData: "x" },
      "many mistakes": { provider: 1, callbackURL: 2, disableRedirect: "x", requestSignUp: "y", loginHint: 3 },
    };
    await s.signUp("alice");
    for (const [label, body] of Object.entries(bodies)) {
      await s.post("/sign-in/social", body, { label: `sign-in: ${label}` });
      await s.post("/link-social", body, { jar: "alice", label: `link: ${label}` });
    }
    await s.post("/link-social", { provider: "github" }, { label: "link: no session" });
    await s.post("/link-social", {}, { label: "link: no session, bad body" });
  }),

  scenario("callback without providers", {}, async (s) => {
    const queries = {
      "nothing": undefined,
      "code only": { code: "c" },
      "state only": { state: "s" },
      "code and state": { code: "c", state: "s" },
      "provider error": { error: "access_denied", error_description: "no thanks", state: "s" },
      "provider error, no state": { error: "access_denied" },
      "empty state": { code: "c", state: "" },
    };
    for (const [label, query] of Object.entries(queries)) {
      await s.get("/callback/github", { query, label: `GET ${label}` });
      await s.post("/callback/github", undefined, { query, label: `POST, in the query: ${label}` });
      await s.post("/callback/github", undefined, { form: query ?? {}, label: `POST, form: ${label}` });
    }
    await s.get("/callback/unknown-provider", { query: { code: "c", state: "s" }, label: "unknown provider" });
    await s.get("/callback/github?state=a&state=b&code=c", { label: "repeated state" });
    await s.post("/callback/github?code=q", { code: "b", state: "b" }, { label: "query wins" });
    await s.post("/callback/github", { code: 5 }, { label: "wrong type" });
    await s.post("/callback/github", { code: "c d&e=f", state: "ä" }, { label: "escaping" });
    const cookie = `${STATE}=${s.sign("mine")}`;
    await s.get("/callback/github", { query: { code: "c", state: "mine" }, headers: { cookie }, label: "signed state cookie" });
    await s.get("/callback", { label: "no provider" });
    await s.get("/callback/a/b", { label: "too deep" });
  }),

  scenario("callback errors at an own page", { onAPIError: { errorURL: "https://app.example.com/oops?a=b" } }, async (s) => {
    await s.get("/callback/github", { query: { code: "c", state: "s" } });
    await s.get("/callback/github", { label: "no state" });
  }),
];
