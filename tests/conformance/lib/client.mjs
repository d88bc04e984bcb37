/**
 * The official client, talking through a recording transport.
 */
import { createAuthClient } from "better-auth/client";

/**
 * A client whose every HTTP call is a recorded step of `session`, with cookies
 * kept in the named jar.
 */
export function boundClient(session, config, jarName) {
  return createAuthClient({
    baseURL: session.baseUrl,
    basePath: session.basePath,
    ...config,
    fetchOptions: { ...config.fetchOptions, customFetchImpl: (url, init) => recordedFetch(session, jarName, url, init) },
  });
}

async function recordedFetch(session, jar, url, init = {}) {
  const { pathname, search } = new URL(url);
  const method = (init.method ?? "GET").toUpperCase();
  const headers = Object.fromEntries(new Headers(init.headers));
  const rawBody = init.body === undefined || init.body === null ? undefined : String(init.body);
  const label = `client ${method} ${pathname.slice(session.basePath.length)}`;
  const { status, statusText, text, headers: received, setCookies } = await session.request({
    method,
    absolute: pathname + search,
    headers,
    rawBody,
    jar,
    label,
  });
  const answer = new Headers();
  for (const [name, value] of Object.entries(received)) if (name !== "set-cookie") answer.set(name, String(value));
  for (const cookie of setCookies) answer.append("set-cookie", cookie);
  const bodyless = status === 204 || status === 304;
  return new Response(bodyless ? null : text, { status, statusText, headers: answer });
}

/** What a client call returned, in a shape that can be compared. */
export function clientResult({ data, error }) {
  return { data: plain(data), error: plain(error) };
}

/** The client revives dates; they must not pass for strings. */
function plain(value) {
  if (value instanceof Date) return { revivedDate: value.toISOString() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
