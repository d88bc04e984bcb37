/**
 * Compares two normalized recordings.
 */

/**
 * Returns `{ differences, notes }`. A difference is `{ step, field, reference,
 * subject }`; a note says that two objects agree in all but key order.
 */
export function compareRecordings(reference, subject) {
  const differences = [];
  const notes = [];
  const labels = numbered(reference);
  const count = Math.max(reference.length, subject.length);
  for (let i = 0; i < count; i += 1) {
    const [a, b] = [reference[i], subject[i]];
    if (a?.label !== b?.label) {
      const step = labels[i] ?? `after ${labels.at(-1)}`;
      differences.push({ step, field: "(step)", reference: a?.label, subject: b?.label });
      break;
    }
    compareValues(a.content, b.content, "", {
      differ: (field, x, y) => differences.push({ step: labels[i], field, reference: x, subject: y }),
      note: (field, x, y) => notes.push({ step: labels[i], field, reference: x, subject: y }),
    });
  }
  return { differences, notes };
}

/** Labels of a recording, repeated ones numbered: `GET /ok`, `GET /ok #2`. */
export function numbered(steps) {
  const seen = new Map();
  return steps.map(({ label }) => {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count === 1 ? label : `${label} #${count}`;
  });
}

function compareValues(a, b, field, report) {
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    for (let i = 0; i < length; i += 1) compareValues(a[i], b[i], `${field}[${i}]`, report);
  } else if (isObject(a) && isObject(b)) {
    const [left, right] = [Object.keys(a), Object.keys(b)];
    for (const key of new Set([...left, ...right])) {
      compareValues(a[key], b[key], field === "" ? key : `${field}.${key}`, report);
    }
    const sameKeys = left.length === right.length && left.every((key) => key in b);
    if (sameKeys && left.join() !== right.join()) report.note(field, left.join(), right.join());
  } else if (!Object.is(a, b)) {
    report.differ(field, a, b);
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
