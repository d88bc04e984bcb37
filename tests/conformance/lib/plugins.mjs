/** The reference's plugins that kernia has too, by id. */
import { bearer, jwt, oAuthProxy, oauthPopup, oneTap, username } from "better-auth/plugins";

export const PLUGINS = {
  bearer,
  jwt,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  username,
};

/** Those that `options` turn on, made with what they say of them. */
export const pluginsOf = ({ plugins = {} }) => Object.entries(plugins).map(([id, given]) => PLUGINS[id](given));
