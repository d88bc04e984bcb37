/** The username plugin. */
import { PASSWORD, scenario } from "../scenario.mjs";

const PLUGIN = { plugins: { username: {} } };
const STRICT = { minUsernameLength: 5, maxUsernameLength: 12, immutableUsername: true };
const PLAIN = { usernameNormalization: false, displayUsername: false };

const signInByName = (s, username, extra = {}, step = {}) =>
  s.post("/sign-in/username", { username, password: PASSWORD, ...extra }, step);

const BAD_NAMES = {
  "empty": "", "short": "ab", "long": "x".repeat(31), "space": "a b c", "dash": "a-b-c", "at": "a@b.c", "umlaut": "äöü",
  "tab": "abc\t",
};

export default [
  scenario("sign-up", PLUGIN, async (s) => {
    const name = s.slug;
    await s.signUp("alice", { username: `${name}_Alice` });
    await s.get("/get-session", { jar: "alice" });
    await s.signUp("bob", { username: `${name}_ALICE` }, { label: "taken in another case" });
    await s.signUp("carol", { username: `${name}_c`, displayUsername: "Carol! The 1st" }, { label: "with display name" });
    await s.signUp("dave", { displayUsername: `${name}_Dave` }, { label: "display name becomes the name" });
    await s.signUp("erin", { displayUsername: "not a valid name" }, { label: "display name cannot be the name" });
    await s.signUp("frank", {}, { label: "without a name" });
    await s.signUp("null", { username: null }, { label: "null name" });
    await s.signUp("number", { username: 5 }, { label: "name of wrong type" });
    for (const [label, username] of Object.entries(BAD_NAMES)) {
      await s.signUp(`bad${label}`, { username }, { label: `bad name: ${label}` });
    }
  }),

  scenario("sign-in", PLUGIN, async (s) => {
    const name = `${s.slug}_alice`;
    await s.signUp("alice", { username: name });
    await signInByName(s, name, {}, { jar: "one", label: "right" });
    await s.get("/get-session", { jar: "one" });
    await signInByName(s, name.toUpperCase(), {}, { label: "upper case" });
    await signInByName(s, name, { callbackURL: "/in" }, { label: "with callback" });
    await signInByName(s, name, { rememberMe: false }, { label: "not remembered" });
    await signInByName(s, name, { password: "wrong password" }, { label: "wrong password" });
    await signInByName(s, name, { password: "" }, { label: "empty password" });
    await signInByName(s, name, { password: "x".repeat(129) }, { label: "too long password" });
    await signInByName(s, "nobody_here", {}, { label: "unknown" });
    await signInByName(s, undefined, {}, { label: "no name" });
    await signInByName(s, 5, { password: 5, rememberMe: "x" }, { label: "wrong types" });
    await signInByName(s, name, { callbackURL: "https://evil.example" }, { label: "foreign callback" });
    for (const [label, username] of Object.entries(BAD_NAMES)) {
      await signInByName(s, username, {}, { label: `bad name: ${label}` });
    }
    const form = { username: name, password: PASSWORD };
    await s.post("/sign-in/username", undefined, { form, label: "form" });
    const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    await signInByName(s, name, {}, { headers: navigation, label: "cross-site navigation" });
  }),

  scenario("availability", PLUGIN, async (s) => {
    const name = `${s.slug}_alice`;
    await s.signUp("alice", { username: name });
    await s.post("/is-username-available", { username: name }, { label: "taken" });
    await s.post("/is-username-available", { username: name.toUpperCase() }, { label: "taken, upper case" });
    await s.post("/is-username-available", { username: `${name}2` }, { label: "free" });
    await s.post("/is-username-available", {}, { label: "nothing" });
    await s.post("/is-username-available", { username: 5 }, { label: "wrong type" });
    for (const [label, username] of Object.entries(BAD_NAMES)) {
      await s.post("/is-username-available", { username }, { label: `bad name: ${label}` });
    }
  }),

  scenario("update", PLUGIN, async (s) => {
    const name = s.slug;
    await s.signUp("alice", { username: `${name}_alice` });
    await s.signUp("bob", { username: `${name}_bob` });
    await s.signUp("carol");
    const update = (who, body, label) => s.post("/update-user", body, { jar: who, label });
    await update("alice", { username: `${name}_New` }, "new name");
    await update("alice", { username: `${name}_NEW` }, "own name, other case");
    await update("alice", { username: `${name}_bob` }, "taken");
    await update("alice", { displayUsername: "Any Thing" }, "display name");
    await update("alice", { username: null }, "null");
    await update("carol", { username: `${name}_carol`, displayUsername: "Carol" }, "first name");
    for (const [label, username] of Object.entries(BAD_NAMES)) await update("bob", { username }, `bad name: ${label}`);
    await s.post("/update-user", { username: `${name}_x` }, { label: "no session" });
    await s.post("/update-user", { username: `${name}_bob` }, { label: "no session, taken" });
    await s.get("/get-session", { jar: "alice", label: "alice after" });
    await s.get("/get-session", { jar: "carol", label: "carol after" });
    await signInByName(s, `${name}_alice`, {}, { label: "old name" });
    await signInByName(s, `${name}_new`, {}, { label: "new name signs in" });
  }),

  scenario(
    "verification required",
    {
      ...PLUGIN,
      emailAndPassword: { requireEmailVerification: true },
      emailVerification: { sendVerificationEmail: true, sendOnSignIn: true },
    },
    async (s) => {
      const name = `${s.slug}_alice`;
      await s.signUp("alice", { username: name });
      const { token } = await s.message();
      await s.signUp("alice", { username: `${name}2` }, { label: "existing address" });
      await s.signUp("bob", { username: name }, { label: "existing name" });
      await signInByName(s, name, { callbackURL: "/in" }, { label: "before" });
      await s.message("sent at sign-in");
      await s.get("/verify-email", { query: { token } });
      await signInByName(s, name, {}, { label: "after" });
    },
  ),

  scenario("own limits, name cannot change", { plugins: { username: STRICT } }, async (s) => {
    await s.signUp("short", { username: "abcd" });
    await s.signUp("long", { username: "abcdefghijklm" });
    await s.signUp("alice", { username: "Alice.Fits" });
    await s.signUp("later");
    await s.post("/update-user", { username: "another.one" }, { jar: "alice", label: "change" });
    await s.post("/update-user", { username: "ALICE.FITS" }, { jar: "alice", label: "same" });
    await s.post("/update-user", { username: "first.one" }, { jar: "later", label: "first" });
    await signInByName(s, "abcd", {}, { label: "short at sign-in" });
  }),

  scenario("no normalization, no display name", { plugins: { username: PLAIN } }, async (s) => {
    await s.signUp("alice", { username: "CaseMatters" });
    await s.signUp("bob", { username: "casematters" }, { label: "other case is another name" });
    await signInByName(s, "CASEMATTERS", {}, { label: "third case" });
    await s.signUp("carol", { displayUsername: "Ignored" }, { label: "display name ignored" });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("with bearer", { plugins: { username: {}, bearer: {} } }, async (s) => {
    await s.signUp("alice", { username: "bearer_alice" });
    await signInByName(s, "bearer_alice", {}, { label: "sign in" });
  }),

  scenario("email and password off", { ...PLUGIN, emailAndPassword: { enabled: false } }, async (s) => {
    await signInByName(s, "nobody_here");
    await s.signUp("alice", { username: "ab" }, { label: "name is checked first" });
  }),
];
