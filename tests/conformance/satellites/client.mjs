/** The official client's parts for the plugins that have packages of their own. */
export { passkeyClient } from "@better-auth/passkey/client";
