/** The reference's plugins that kernia has too, by id. */
import { randomBytes } from "node:crypto";
import { i18n } from "@better-auth/i18n";
import {
  anonymous, bearer, captcha, deviceAuthorization, emailOTP, haveIBeenPwned, jwt, lastLoginMethod, magicLink, multiSession,
  oAuthProxy, oauthPopup, oneTap, oneTimeToken, openAPI, phoneNumber, siwe, twoFactor, username,
} from "better-auth/plugins";
import * as generic from "better-auth/plugins/generic-oauth";
import { satellites } from "./satellites.mjs";
import { withKey } from "./client-key.mjs";
import { withSenders } from "./senders.mjs";
import { verifyMessage } from "./wallet.mjs";

/** A `preset` of kernia's is a function of the reference's. */
const HELPERS = { ...generic, "microsoft-entra-id": generic.microsoftEntraId };
const described = ({ preset, ...given }) => {
  const config = withKey(given);
  return preset ? { ...HELPERS[preset](config), ...config } : config;
};

export const PLUGINS = {
  anonymous,
  bearer,
  captcha,
  "device-authorization": deviceAuthorization,
  "email-otp": emailOTP,
  "generic-oauth": ({ config = [] }) => generic.genericOAuth({ config: config.map(described) }),
  "have-i-been-pwned": haveIBeenPwned,
  i18n: (given) => i18n({ translations: { en: {} }, ...given }),
  jwt,
  "last-login-method": lastLoginMethod,
  "magic-link": magicLink,
  "multi-session": multiSession,
  "oauth-popup": oauthPopup,
  "oauth-proxy": oAuthProxy,
  "one-tap": oneTap,
  "one-time-token": oneTimeToken,
  "open-api": openAPI,
  "phone-number": phoneNumber,
  // What it leaves to the application is kernia's own.
  siwe: (given) => siwe({ ...given, getNonce: async () => randomBytes(64).toString("base64").replace(/[^A-Za-z0-9]/g, "").slice(0, 32), verifyMessage }),
  "two-factor": twoFactor,
  username,
};

/** Those that `options` turn on, made with what they say of them; `send` is given each message. */
export async function pluginsOf(options, send) {
  const known = { ...PLUGINS, ...(await satellites(options)) };
  return Object.entries(options.plugins ?? {}).map(([id, given]) => known[id](withSenders(id, given, send)));
}
