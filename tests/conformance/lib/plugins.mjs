/** The reference's plugins that kernia has too, by id. */
import { i18n } from "@better-auth/i18n";
import { bearer, emailOTP, jwt, magicLink, oAuthProxy, oauthPopup, oneTap, openAPI, username } from "better-auth/plugins";
import { withSenders } from "./senders.mjs";

export const PLUGINS = {
  bearer,
  "email-otp": emailOTP,
  i18n: (given) => i18n({ translations: { en: {} }, ...given }),
  jwt,
  "magic-link": magicLink,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  "open-api": openAPI,
  username,
};

/** Those that `options` turn on, made with what they say of them; `send` is given each message. */
export const pluginsOf = ({ plugins = {} }, send) =>
  Object.entries(plugins).map(([id, given]) => PLUGINS[id](withSenders(id, given, send)));
