/** Fields an application adds, and tables and columns it renames. */
import { PASSWORD, scenario } from "../scenario.mjs";

const BIRTHDAY = "1990-05-01T00:00:00.000Z";

const USER_FIELDS = {
  user: {
    additionalFields: {
      nickname: { type: "string", required: false },
      handle: { type: "string", required: false, unique: true },
      country: { type: "string", required: true },
      role: { type: "string", required: false, defaultValue: "member", input: false },
      level: { type: "number", required: false, defaultValue: 1 },
      newsletter: { type: "boolean", required: false, defaultValue: false },
      birthday: { type: "date", required: false },
      internalNote: { type: "string", required: false, returned: false },
      locked: { type: "boolean", required: false, input: false },
    },
  },
};

const REQUIRED_DEFAULT = {
  user: { additionalFields: { plan: { type: "string", required: true, defaultValue: "free" } } },
};

const ONE_OF = {
  user: { additionalFields: { role: { type: ["reader", "writer"], required: false, defaultValue: "reader" } } },
};

const MENTOR = {
  user: {
    additionalFields: {
      mentor: { type: "string", required: false, references: { model: "user", field: "id", onDelete: "set null" } },
    },
    deleteUser: { enabled: true },
  },
};

const SESSION_FIELDS = {
  session: {
    additionalFields: {
      theme: { type: "string", required: false, defaultValue: "light" },
      device: { type: "string", required: false },
      fingerprint: { type: "string", required: false, returned: false },
      risk: { type: "number", required: false, input: false, defaultValue: 0 },
    },
  },
};

const RENAMED = {
  user: { modelName: "members", fields: { email: "email_address", emailVerified: "email_verified", createdAt: "created_at" } },
  session: { modelName: "member_sessions", fields: { userId: "user_id", expiresAt: "expires_at", token: "session_token" } },
  account: { modelName: "member_accounts", fields: { userId: "user_id", providerId: "provider", accountId: "provider_account" } },
  verification: { modelName: "proofs", fields: { value: "proof_value", expiresAt: "expires_at" } },
  emailAndPassword: { sendResetPassword: true },
};

export default [
  scenario("user fields at sign-up", USER_FIELDS, async (s) => {
    const cases = {
      "required missing": {},
      "required only": { country: "PT" },
      "all": { country: "PT", nickname: "Al", level: 7, newsletter: true, birthday: BIRTHDAY, internalNote: "x" },
      "null": { country: "PT", nickname: null },
      "required empty": { country: "" },
      "not settable, truthy": { country: "PT", role: "admin" },
      "not settable without default": { country: "PT", locked: true },
      "not settable, falsy": { country: "PT", locked: false },
      "unknown field": { country: "PT", unknown: 1 },
    };
    for (const [label, extra] of Object.entries(cases)) {
      const who = label.replace(/[^a-z]/g, "");
      await s.signUp(who, extra, { label });
      await s.get("/get-session", { jar: who, label: `session: ${label}` });
    }
  }),

  scenario("null where there is a default", USER_FIELDS, async (s) => {
    await s.signUp("alice", { country: "PT", level: null });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("null in a required field with a default", REQUIRED_DEFAULT, async (s) => {
    await s.signUp("alice", { plan: null });
    await s.get("/get-session", { jar: "alice" });
    await s.signUp("bob", { plan: "gold" });
  }),

  scenario("null where a value is required", USER_FIELDS, async (s) => {
    await s.signUp("alice", { country: null });
  }),

  scenario("values of other types", USER_FIELDS, async (s) => {
    const cases = {
      "number as text": { level: "7" },
      "text as number": { nickname: 7 },
      "boolean as text": { newsletter: "true" },
      "boolean as number": { newsletter: 1 },
      "date as number": { birthday: 0 },
      "date as other text": { birthday: "yesterday" },
      "text as object": { nickname: { a: 1 } },
      "fraction": { level: 1.5 },
    };
    for (const [label, extra] of Object.entries(cases)) {
      await s.signUp(label.replace(/[^a-z]/g, ""), { country: "PT", ...extra }, { label });
    }
  }),

  scenario("one of several texts", ONE_OF, async (s) => {
    await s.signUp("alice", {}, { label: "default" });
    await s.signUp("bob", { role: "writer" }, { label: "one of them" });
    await s.post("/update-user", { role: "reader" }, { jar: "bob", label: "changed" });
    await s.get("/get-session", { jar: "bob" });
    await s.post("/update-user", { role: "owner" }, { jar: "bob", label: "another" });
  }),

  scenario("a field that points at a user", MENTOR, async (s) => {
    const { user } = (await s.signUp("alice")).json;
    await s.signUp("bob", { mentor: user.id });
    await s.get("/get-session", { jar: "bob", label: "with a mentor" });
    await s.signUp("carol", { mentor: "nobody" }, { label: "a mentor who is not there" });
    await s.post("/delete-user", { password: PASSWORD }, { jar: "alice" });
    await s.get("/get-session", { jar: "bob", label: "without" });
  }),

  scenario("user fields at update", USER_FIELDS, async (s) => {
    await s.signUp("alice", { country: "PT", nickname: "Al" });
    const cases = {
      "one": { nickname: "Ally" },
      "null": { nickname: null },
      "several": { nickname: "A", level: 3, newsletter: true, name: "Alice" },
      "hidden": { internalNote: "secret" },
      "not settable": { role: "admin" },
      "not settable, falsy": { role: "" },
      "not settable, no default": { locked: true },
      "required removed": { country: null },
      "unknown": { unknown: "x" },
    };
    for (const [label, body] of Object.entries(cases)) await s.post("/update-user", body, { jar: "alice", label });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("unique user field", USER_FIELDS, async (s) => {
    await s.signUp("alice", { country: "PT", handle: "taken" });
    await s.signUp("bob", { country: "PT", handle: "taken" }, { label: "taken at sign-up" });
    await s.signUp("carol", { country: "PT", handle: "free" });
    await s.signIn("bob", "bob2", {}, { label: "nothing half-made remains" });
  }),

  scenario("synthetic user has the same shape", { ...USER_FIELDS, emailAndPassword: { autoSignIn: false } }, async (s) => {
    await s.signUp("alice", { country: "PT", nickname: "Al" });
    await s.signUp("alice", { country: "PT", nickname: "Al" }, { label: "existing" });
    await s.signUp("alice", { country: "PT" }, { label: "existing, without optional fields" });
  }),

  scenario("session fields", SESSION_FIELDS, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice", label: "defaults" });
    const cases = {
      "one": { theme: "dark" },
      "several": { theme: "blue", device: "phone", fingerprint: "f00" },
      "null": { device: null },
      "not settable": { risk: 9 },
      "core field": { userId: "x" },
      "core and own": { token: "x", theme: "green" },
      "unknown": { unknown: 1 },
    };
    for (const [label, body] of Object.entries(cases)) await s.post("/update-session", body, { jar: "alice", label });
    await s.get("/get-session", { jar: "alice", label: "after" });
    await s.get("/list-sessions", { jar: "alice" });
    await s.signIn("alice", "second");
    await s.get("/get-session", { jar: "second", label: "second session has defaults" });
  }),

  scenario("session fields, not remembered", SESSION_FIELDS, async (s) => {
    await s.signUp("alice", { rememberMe: false });
    await s.post("/update-session", { theme: "dark" }, { jar: "alice" });
  }),

  scenario("renamed tables and columns", RENAMED, async (s) => {
    await s.signUp("alice");
    await s.signUp("alice", {}, { label: "existing" });
    await s.signIn("alice", "second");
    await s.get("/get-session", { jar: "second" });
    await s.get("/list-sessions", { jar: "alice" });
    await s.get("/list-accounts", { jar: "alice" });
    await s.post("/update-user", { name: "New" }, { jar: "alice" });
    await s.post("/request-password-reset", { email: s.email("alice") });
    const { token } = await s.message();
    await s.post("/reset-password", { newPassword: "another password", token });
    await s.signIn("alice", "third", { password: "another password" });
    await s.post("/revoke-other-sessions", {}, { jar: "third" });
    await s.post("/verify-password", { password: PASSWORD }, { jar: "third", label: "old password" });
  }),
];
