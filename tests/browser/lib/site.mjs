/**
 * A website of its own origin, whose pages hold the official client and nothing else.
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGES = new URL("../pages/", import.meta.url);

/**
 * Bundles `pages/<name>.mjs` with the packages of `modules`, a folder of this repository, and serves it at every path of every
 * name that resolves to this machine: a test chooses the name, and with it the site. `window.server` is where the client finds the
 * server. Resolves to `{ port, stop() }`.
 */
export async function startSite(name, { modules, server }) {
  const script = await bundle(name, modules);
  const html = `<!doctype html><meta charset="utf-8"><title>${name}</title>
<script>window.server = ${JSON.stringify(server)};</script><script>${script}</script>`;
  const listener = createServer((request, response) => {
    const wanted = request.url === "/favicon.ico" ? 404 : 200;
    response.writeHead(wanted, { "content-type": "text/html; charset=utf-8" });
    response.end(wanted === 200 ? html : "");
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise((resolve) => {
      listener.closeAllConnections();
      listener.close(resolve);
    });
  return { port: listener.address().port, stop };
}

async function bundle(name, modules) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${name}.mjs`, PAGES))],
    nodePaths: [fileURLToPath(new URL(`../../../${modules}/node_modules`, import.meta.url))],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  // The text stands inside a script element.
  return outputFiles[0].text.replaceAll("</script", "<\\/script");
}
