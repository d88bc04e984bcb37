/**
 * Loaded into the reference's process before anything else: its calls to
 * hosts that the fake plays go to the fake on this machine instead. The
 * reference has their addresses fixed in its code.
 */
const { port, hosts } = JSON.parse(process.env.FAKE_PROVIDERS);
const known = new Set(hosts);
const original = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : String(input));
  if (!known.has(url.host)) return original(input, init);
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  headers.set("x-provider-host", url.host);
  return original(`http://127.0.0.1:${port}${url.pathname}${url.search}`, { ...init, headers });
};
