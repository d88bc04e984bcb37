/** The reference's plugins that kernia has too, by id. */
import { randomBytes } from "node:crypto";
import { bearer, deviceAuthorization, jwt, oAuthProxy, oauthPopup, oneTap, siwe, username } from "better-auth/plugins";
import { verifyMessage } from "./wallet.mjs";

export const PLUGINS = {
  bearer,
  "device-authorization": deviceAuthorization,
  jwt,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  // What it leaves to the application is kernia's own.
  siwe: (given) => siwe({ ...given, getNonce: async () => randomBytes(64).toString("base64").replace(/[^A-Za-z0-9]/g, "").slice(0, 32), verifyMessage }),
  username,
};

/** Those that `options` turn on, made with what they say of them. */
export const pluginsOf = ({ plugins = {} }) => Object.entries(plugins).map(([id, given]) => PLUGINS[id](given));
