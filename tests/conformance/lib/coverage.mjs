/**
 * Which routes of the reference the recorded steps exercised.
 */
import { readFileSync } from "node:fs";

const FILE = new URL("../routes.json", import.meta.url);

export class Coverage {
  #routes = JSON.parse(readFileSync(FILE, "utf8")).map((route) => ({ ...route, statuses: new Map() }));

  /** Counts one recorded exchange. */
  add({ method, route, content }) {
    if (method === undefined) return;
    const hit = this.#routes.find((r) => r.method === method && matches(r.path, route));
    if (hit) hit.statuses.set(content.status, (hit.statuses.get(content.status) ?? 0) + 1);
  }

  /** Routes nothing exercised. */
  missing() {
    return this.#routes.filter((r) => r.statuses.size === 0);
  }

  /** One line a route: group, method, path, and how often each status was answered. */
  table() {
    return this.#routes.map(({ group, method, path, statuses }) => {
      const seen = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}×${n}`);
      return `${group.padEnd(9)} ${method.padEnd(5)} ${path.padEnd(28)} ${seen.join(" ") || "NOT COVERED"}`;
    });
  }
}

function matches(pattern, route) {
  const [want, have] = [pattern.split("/"), route.split("/")];
  return want.length === have.length && want.every((part, i) => part.startsWith(":") || part === have[i]);
}
