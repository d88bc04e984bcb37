/** The reference's plugins that kernia has too, by id. */
import {
  bearer, jwt, lastLoginMethod, multiSession, oAuthProxy, oauthPopup, oneTap, twoFactor, username,
} from "better-auth/plugins";

export const PLUGINS = {
  bearer,
  jwt,
  "last-login-method": lastLoginMethod,
  "multi-session": multiSession,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  "two-factor": twoFactor,
  username,
};

/** Those that `options` turn on, made with what they say of them. */
export const pluginsOf = ({ plugins = {} }) => Object.entries(plugins).map(([id, given]) => PLUGINS[id](given));
