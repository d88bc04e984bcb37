/**
 * One HTTP exchange, exactly as asked: no header is added, no path is
 * normalized, no redirect is followed. (The built-in fetch adds fetch metadata
 * of its own and cleans paths, which is what several scenarios are about.)
 */
import { Agent, request as httpRequest } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** `headers` is a plain object; `body` is a string or absent. */
export function exchange({ port, method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const framing = bytes === undefined ? {} : { "content-length": String(bytes.length) };
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path, headers: { ...headers, ...framing }, agent, timeout: 30_000 },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            statusText: response.statusMessage,
            headers: response.headers,
            setCookies: response.headers["set-cookie"] ?? [],
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    request.on("timeout", () => request.destroy(new Error(`no answer within 30 s: ${method} ${path}`)));
    request.on("error", (error) => {
      // A server may end a connection between two requests, and Actix does not always announce it (RFC 9112 section 9.3.1).
      if (request.reusedSocket && error.code === "ECONNRESET") resolve(exchange({ port, method, path, headers, body }));
      else reject(error);
    });
    request.end(bytes);
  });
}
