/**
 * The list of accepted differences: the table rows of docs/differences.md.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../../../docs/differences.md", import.meta.url));
const COLUMNS = ["id", "scenario", "step", "field", "reason"];

/** Rows as `{ id, scenario, step, field, reason, used }`; globs use `*`. */
export function readAccepted(text = readFileSync(FILE, "utf8")) {
  const rows = text.split("\n").filter((line) => line.trim().startsWith("|")).map(cells);
  const start = rows.findIndex((row) => row.join() === COLUMNS.join());
  if (start < 0) throw new Error(`docs/differences.md has no table with the columns ${COLUMNS.join(", ")}`);
  const accepted = rows.slice(start + 2).map((row) => {
    if (row.length !== COLUMNS.length) throw new Error(`bad row in docs/differences.md: ${row.join(" | ")}`);
    return { ...Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]])), used: 0 };
  });
  const ids = new Set(accepted.map((row) => row.id));
  if (ids.size !== accepted.length) throw new Error("docs/differences.md repeats an id");
  return accepted;
}

function cells(line) {
  return line.trim().slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/^`(.*)`$/, "$1").replaceAll("\\|", "|"));
}

/** The row that explains a difference, now marked as used; `undefined` when none does. */
export function explain(accepted, scenario, { step, field }) {
  const row = accepted.find((r) => glob(r.scenario, scenario) && glob(r.step, step) && glob(r.field, field));
  if (row) row.used += 1;
  return row;
}

/** `*` matches any run of characters; everything else matches itself. */
export function glob(pattern, text) {
  const source = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${source}$`, "s").test(text);
}
