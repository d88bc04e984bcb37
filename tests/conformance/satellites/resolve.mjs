/** How `use.mjs` finds packages. */
const HERE = new URL("./plugins.mjs", import.meta.url).href;
const OURS = /^(@better-auth\/(?!redis-storage)|better-auth($|\/))/;

export function resolve(specifier, context, next) {
  return next(specifier, OURS.test(specifier) ? { ...context, parentURL: HERE } : context);
}
