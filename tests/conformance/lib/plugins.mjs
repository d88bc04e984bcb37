/** The reference's plugins that kernia has too, by id. */
import {
  bearer, emailOTP, jwt, lastLoginMethod, magicLink, multiSession, oAuthProxy, oauthPopup, oneTap, twoFactor, username,
} from "better-auth/plugins";
import { withSenders } from "./senders.mjs";

export const PLUGINS = {
  bearer,
  "email-otp": emailOTP,
  jwt,
  "magic-link": magicLink,
  "last-login-method": lastLoginMethod,
  "multi-session": multiSession,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  "two-factor": twoFactor,
  username,
};

/** Those that `options` turn on, made with what they say of them; `send` is given each message. */
export const pluginsOf = ({ plugins = {} }, send) =>
  Object.entries(plugins).map(([id, given]) => PLUGINS[id](withSenders(id, given, send)));
