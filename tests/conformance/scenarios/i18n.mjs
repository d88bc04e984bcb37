/** The i18n plugin. */
import { PASSWORD, scenario } from "../scenario.mjs";

const TRANSLATIONS = {
  en: { PASSWORD_TOO_SHORT: "Too short!" },
  fr: { INVALID_EMAIL_OR_PASSWORD: "Adresse ou mot de passe inconnu", UNAUTHORIZED: "Qui va là ?" },
  de: { INVALID_EMAIL_OR_PASSWORD: "Adresse oder Passwort ist falsch", INVALID_PASSWORD: "Falsch" },
};
const plugin = (options) => ({ plugins: { i18n: { translations: TRANSLATIONS, ...options } } });
const wrong = (s, label, headers) =>
  s.post("/sign-in/email", { email: s.email("nobody"), password: "wrong password" }, { headers, label });

export default [
  scenario("header", plugin({}), async (s) => {
    const wishes = {
      "one": "fr", "region": "fr-CA", "weights": "es, de;q=0.4, fr;q=0.8", "spaces": "de; q=0.9,fr ; q=0.95",
      "unknown": "es", "default": "en", "any": "*", "upper case": "FR", "empty": "", "weight zero": "fr;q=0",
    };
    for (const [label, language] of Object.entries(wishes)) await wrong(s, label, { "accept-language": language });
    await wrong(s, "no header", {});
    await s.get("/list-sessions", { headers: { "accept-language": "fr" }, label: "a guard" });
    await s.get("/nowhere", { headers: { "accept-language": "fr" }, label: "no route" });
    await s.post("/sign-in/email", { email: 1 }, { headers: { "accept-language": "fr" }, label: "invalid input" });
    await s.signUp("alice", {}, { headers: { "accept-language": "fr" } });
    await s.signUp("bob", { password: "x" }, { headers: { "accept-language": "es" }, label: "the default language" });
  }),

  scenario("another default", plugin({ defaultLocale: "de" }), async (s) => {
    await wrong(s, "unknown language", { "accept-language": "es" });
    await wrong(s, "known language", { "accept-language": "fr" });
  }),

  scenario("a default without texts", plugin({ defaultLocale: "xx" }), async (s) => {
    await wrong(s, "unknown language", { "accept-language": "es" });
  }),

  scenario("cookie", plugin({ detection: ["cookie", "header"], localeCookie: "language" }), async (s) => {
    const origin = s.baseUrl;
    for (const cookie of ["language=fr", "a=b; language=de", "language=xx", "locale=fr", "language="]) {
      await wrong(s, cookie, { cookie, origin, "accept-language": "de" });
    }
  }),

  scenario("session", {
    ...plugin({ detection: ["session"], userLocaleField: "language" }),
    user: { additionalFields: { language: { type: "string", required: false } } },
  }, async (s) => {
    await s.signUp("alice", { language: "de" });
    const change = { currentPassword: "wrong password", newPassword: "another password" };
    await s.post("/change-password", change, { jar: "alice", label: "signed in" });
    await wrong(s, "nobody signed in", {});
    await s.signUp("bob");
    await s.post("/change-password", change, { jar: "bob", label: "without a language" });
    await s.post("/sign-in/email", { email: s.email("alice"), password: PASSWORD }, { label: "success" });
  }),
];
