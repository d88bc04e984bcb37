/** The reference's plugins that kernia has too, by id. */
import { bearer, emailOTP, jwt, magicLink, oAuthProxy, oauthPopup, oneTap, username } from "better-auth/plugins";
import { satellites } from "./satellites.mjs";
import { withSenders } from "./senders.mjs";

export const PLUGINS = {
  bearer,
  "email-otp": emailOTP,
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
