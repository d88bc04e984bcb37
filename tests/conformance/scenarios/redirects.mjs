/** Every redirect target that a caller can choose. */
import { scenario } from "../scenario.mjs";

const TARGETS = [
  "/", "/path", "/path?x=1&y=%2F", "/path#fragment", "/a/../b", "/path%20space", "/päth", "/?next=//evil.example",
  "", "path", "./path", "../path", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
  "/%2Fevil.example", "/%2fevil.example", "/%5Cevil.example", "/%5cevil", "/a%2Fb", "/?q=%2F%2Fevil", "/#%2F%2Fevil",
  "/\u0000", "/\n", "/\u007f", "/\u0085", " /path", "/path ", "/@evil.example", "/:80", "/.", "/..//evil.example",
  "http://localhost:3000", "http://localhost:3000/deep/path?x#y", "http://localhost:3000@evil.example/",
  "http://localhost:3000.evil.example/", "http://localhost:3001/", "https://localhost:3000/", "http://LOCALHOST:3000/",
  "http://user:pass@localhost:3000/", "http:/localhost:3000/", "http:localhost:3000", "http:\\\\localhost:3000",
  "https://evil.example", "https://evil.example/http://localhost:3000", "javascript:alert(1)",
  "JavaScript://localhost:3000/%0aalert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
  "blob:http://localhost:3000/x", "about:blank", "mailto:a@b.co", "https://app.example.com/ok",
  "https://app.example.com.evil.example", "https://app.example.com@evil.example", "https://app.example.com:444/",
  "myapp://callback", "myapp:callback", "myapp://", "otherapp://callback", "exp://host/path/ok", "exp://host/other",
  "exp://host/path/../other", "exp://host/path/%2e%2e/other", "exp://user@host/path",
];

const OPTIONS = {
  trustedOrigins: ["https://app.example.com", "myapp://", "exp://host/path"],
  emailAndPassword: { sendResetPassword: true },
  emailVerification: { sendVerificationEmail: true },
};

const shown = (target) => JSON.stringify(target).slice(1, -1);

export default [
  scenario("reset link", OPTIONS, async (s) => {
    for (const target of TARGETS) {
      await s.get("/reset-password/unknown", { query: { callbackURL: target }, label: `link to ${shown(target)}` });
    }
    await s.get("/reset-password/unknown?callbackURL=/a&callbackURL=https://evil.example", { label: "repeated key" });
  }),

  scenario("verification link", OPTIONS, async (s) => {
    const { user } = (await s.signUp("alice")).json;
    const token = s.forgeJwt({ email: s.email("alice"), userId: user.id });
    for (const target of TARGETS) {
      await s.get("/verify-email", { query: { token: "bad", callbackURL: target }, label: `error to ${shown(target)}` });
      await s.get("/verify-email", { query: { token, callbackURL: target }, label: `success to ${shown(target)}` });
    }
  }),

  scenario("request bodies", OPTIONS, async (s) => {
    const login = { email: "nobody", password: "x" };
    for (const target of TARGETS) {
      await s.post("/sign-in/email", { ...login, callbackURL: target }, { label: `callbackURL ${shown(target)}` });
      const reset = { email: "nobody@example.com", redirectTo: target };
      await s.post("/request-password-reset", reset, { label: `redirectTo ${shown(target)}` });
    }
    for (const target of ["/", "https://evil.example", "//evil.example", 5, {}, [], true, null]) {
      for (const name of ["callbackURL", "redirectTo", "errorCallbackURL", "newUserCallbackURL"]) {
        const body = { provider: "github", [name]: target };
        await s.post("/sign-in/social", body, { label: `${name} ${JSON.stringify(target)}` });
      }
    }
    await s.post("/sign-in/social?callbackURL=https://evil.example", { provider: "github" }, { label: "in the query" });
    await s.post("/sign-in/social?callbackURL=/a&callbackURL=/b", { provider: "github" }, { label: "repeated in the query" });
  }),

  scenario("deletion link", { ...OPTIONS, user: { deleteUser: { enabled: true } } }, async (s) => {
    for (const target of ["/bye", "https://evil.example", "//evil.example", "https://app.example.com/bye"]) {
      await s.get("/delete-user/callback", { query: { token: "x", callbackURL: target }, label: `link to ${target}` });
    }
  }),
];
