/** Updating and deleting the own user. */
import { PASSWORD, scenario } from "../scenario.mjs";

const DELETE = { user: { deleteUser: { enabled: true } } };
const CONFIRMED = { user: { deleteUser: { enabled: true, sendDeleteAccountVerification: true } } };

export default [
  scenario("update-user", {}, async (s) => {
    await s.signUp("alice");
    const cases = {
      "name": { name: "Renamed" },
      "image": { image: "https://example.com/b.png" },
      "image removed": { image: null },
      "both": { name: "Both", image: "x" },
      "nothing": {},
      "unknown only": { nickname: "Al" },
      "unknown and known": { nickname: "Al", name: "Al" },
      "email": { email: "new@example.com" },
      "email and name": { email: "new@example.com", name: "N" },
      "empty email": { email: "" },
      "protected": { id: "x", emailVerified: true, createdAt: "2020-01-01T00:00:00.000Z" },
      "empty name": { name: "" },
      "array": ["name"],
      "string": "name",
      "null": null,
    };
    for (const [label, body] of Object.entries(cases)) await s.post("/update-user", body, { jar: "alice", label });
    await s.get("/get-session", { jar: "alice" });
    await s.post("/update-user", { name: "x" }, { label: "no session" });
    await s.post("/update-user", [], { label: "no session, bad body" });
  }),

  scenario("delete-user: switched off", {}, async (s) => {
    await s.signUp("alice");
    await s.post("/delete-user", {}, { jar: "alice" });
    await s.get("/delete-user/callback", { query: { token: "x" }, jar: "alice" });
    await s.post("/delete-user", {}, { label: "no session" });
  }),

  scenario("delete-user: at once", DELETE, async (s) => {
    await s.signUp("alice");
    await s.signIn("alice", "other");
    await s.post("/delete-user", {}, { label: "no session" });
    await s.post("/delete-user", { password: "wrong password" }, { jar: "alice", label: "wrong password" });
    await s.post("/delete-user", { password: "x".repeat(129) }, { jar: "alice", label: "too long password" });
    await s.post("/delete-user", { password: 5 }, { jar: "alice", label: "wrong type" });
    await s.post("/delete-user", { token: "unknown" }, { jar: "alice", label: "unknown token" });
    await s.post("/delete-user", { password: PASSWORD, callbackURL: "/bye" }, { jar: "alice", label: "deleted" });
    await s.get("/get-session", { jar: "alice", label: "own session" });
    await s.get("/get-session", { jar: "other", label: "other session" });
    await s.signIn("alice", "again");
    await s.signUp("alice", {}, { label: "address is free again" });
    await s.post("/delete-user", undefined, { jar: "alice", label: "no body" });
    await s.post("/delete-user", {}, { jar: "alice", label: "fresh session is enough" });
  }),

  scenario("delete-user: by link", CONFIRMED, async (s) => {
    await s.signUp("alice");
    await s.signUp("bob");
    await s.post("/delete-user", { callbackURL: "/bye?x=1" }, { jar: "alice", label: "ask" });
    const { token } = await s.message();
    const link = (extra) => ({ query: { token, ...extra } });
    await s.get("/delete-user/callback", { ...link(), label: "no session" });
    await s.get("/delete-user/callback", { query: { token: "unknown" }, jar: "alice", label: "unknown token" });
    await s.get("/delete-user/callback", { jar: "alice", label: "no token" });
    await s.post("/delete-user", { password: PASSWORD }, { jar: "alice", label: "ask with password" });
    const second = await s.message();
    await s.get("/delete-user/callback", {
      query: { token: second.token, callbackURL: "/bye?x=1" },
      jar: "alice",
      label: "deleted, with callback",
    });
    await s.get("/get-session", { jar: "alice", label: "gone" });
    await s.post("/delete-user", {}, { jar: "bob", label: "ask for bob" });
    const third = await s.message();
    await s.post("/delete-user", { token: third.token }, { jar: "bob", label: "token in the body" });
    await s.get("/get-session", { jar: "bob", label: "bob gone" });
  }),

  scenario("delete-user: link of someone else", CONFIRMED, async (s) => {
    await s.signUp("alice");
    await s.signUp("bob");
    await s.post("/delete-user", {}, { jar: "alice", label: "ask" });
    const { token } = await s.message();
    await s.get("/delete-user/callback", { query: { token }, jar: "bob", label: "opened by bob" });
    await s.get("/get-session", { jar: "bob", label: "bob is still there" });
    await s.get("/delete-user/callback", { query: { token }, jar: "alice", label: "opened by alice" });
  }),

  scenario("delete-user: link without callback", CONFIRMED, async (s) => {
    await s.signUp("alice");
    await s.post("/delete-user", {}, { jar: "alice", label: "ask" });
    const { token } = await s.message();
    await s.get("/delete-user/callback", { query: { token }, jar: "alice", label: "deleted" });
  }),
];
