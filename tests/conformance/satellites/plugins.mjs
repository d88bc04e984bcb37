/**
 * The plugins that have packages of their own. Importing this loads them, and with them the reference's release that they belong to.
 */
import { passkey } from "@better-auth/passkey";

export const SATELLITES = { passkey };
