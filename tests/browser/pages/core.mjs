/** A page that signs in with what the core has. */
import { createAuthClient } from "better-auth/client";

window.client = createAuthClient({ baseURL: window.server });
