/** The reference's plugins that kernia has too, by id. */
import { bearer, emailOTP, jwt, magicLink, oAuthProxy, oauthPopup, oneTap, username } from "better-auth/plugins";
import * as generic from "better-auth/plugins/generic-oauth";
import { satellites } from "./satellites.mjs";
import { withSenders } from "./senders.mjs";

/** A `preset` of kernia's is a function of the reference's. */
const HELPERS = { ...generic, "microsoft-entra-id": generic.microsoftEntraId };
const described = ({ preset, ...config }) => (preset ? { ...HELPERS[preset](config), ...config } : config);

export const PLUGINS = {
  bearer,
  "email-otp": emailOTP,
  "generic-oauth": ({ config = [] }) => generic.genericOAuth({ config: config.map(described) }),
  jwt,
  "magic-link": magicLink,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  username,
};

/** Those that `options` turn on, made with what they say of them; `send` is given each message. */
export async function pluginsOf(options, send) {
  const known = { ...PLUGINS, ...(await satellites(options)) };
  return Object.entries(options.plugins ?? {}).map(([id, given]) => known[id](withSenders(id, given, send)));
}
