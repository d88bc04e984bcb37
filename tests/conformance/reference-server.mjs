/**
 * Child process: the reference behind a plain HTTP listener.
 *
 * argv[2] is a JSON file `{ options, port, database, secondary, outbox, bridge }`. Options
 * that are functions in the reference are written as `true` and become
 * functions that append one JSON line to the outbox file.
 */
import { redisStorage } from "@better-auth/redis-storage";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import Redis from "ioredis";
import { withKey } from "./lib/client-key.mjs";
import { pluginsOf } from "./lib/plugins.mjs";
import { openForReference } from "./lib/storage.mjs";

const { options, port, database, secondary, outbox, bridge } = JSON.parse(readFileSync(process.argv[2], "utf8"));

const providers = Object.entries(options.socialProviders ?? {}).map(([id, given]) => [id, withKey(given, id)]);
const config = {
  ...options,
  ...(options.socialProviders && { socialProviders: Object.fromEntries(providers) }),
  secret: process.env.BETTER_AUTH_SECRET,
  // SQL, not the reference's memory adapter: that one omits unset nullable
  // columns, while every SQL store (and kernia, on any store) returns null.
  database: openForReference(database ?? ":memory:"),
  plugins: await pluginsOf(options, write),
  logger: { disabled: true },
  telemetry: { enabled: false },
};
if (secondary) {
  config.secondaryStorage = redisStorage({ client: new Redis(secondary.url), keyPrefix: secondary.prefix });
}
capture(config, ["emailAndPassword", "sendResetPassword"], "reset-password", (m) => m.user.email);
capture(config, ["emailVerification", "sendVerificationEmail"], "verify-email", (m) => m.user.email);
capture(config, ["user", "changeEmail", "sendChangeEmailConfirmation"], "change-email-confirmation", (m) => m.user.email);
capture(config, ["user", "deleteUser", "sendDeleteAccountVerification"], "delete-account", (m) => m.user.email);

await (await getMigrations(config)).runMigrations();
const auth = betterAuth(config);
const server = createServer(bridge === "fetch" ? fetchBridge(auth.handler) : toNodeHandler(auth));
server.keepAliveTimeout = 60_000;
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));

/** Puts a message into the outbox. */
function write(message) {
  appendFileSync(outbox, `${JSON.stringify(message)}\n`);
}

/** Replaces the value `true` at `path` with a function that writes to the outbox. */
function capture(root, path, kind, recipient) {
  const parents = path.slice(0, -1);
  let table = root;
  for (const key of parents) table = table?.[key];
  const last = path.at(-1);
  if (table?.[last] !== true) return;
  table[last] = async (message) => {
    const { url, token } = message;
    write({ kind, to: recipient(message), url, token });
  };
}

/**
 * Hands the exact bytes to the handler. The reference's own Node bridge drops
 * a body that has no content type before the handler can judge it.
 */
function fetchBridge(handler) {
  return async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const hasBody = chunks.length > 0 && req.method !== "GET" && req.method !== "HEAD";
    const request = new Request(`http://${req.headers.host}${req.url}`, {
      method: req.method,
      headers: Object.entries(req.headers).map(([k, v]) => [k, String(v)]),
      body: hasBody ? new Blob([Buffer.concat(chunks)]).stream() : undefined,
      duplex: "half",
    });
    const response = await handler(request);
    res.writeHead(response.status, [...response.headers].flat());
    res.end(Buffer.from(await response.arrayBuffer()));
  };
}
