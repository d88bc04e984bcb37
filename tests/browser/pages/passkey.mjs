/** A page that signs in with passkeys; its field lets the browser offer them. */
import { passkeyClient } from "@better-auth/passkey/client";
import { createAuthClient } from "better-auth/client";

window.client = createAuthClient({ baseURL: window.server, plugins: [passkeyClient()] });
const field = document.createElement("input");
field.autocomplete = "username webauthn";
document.documentElement.append(field);
