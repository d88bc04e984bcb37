/** The open-api plugin: both documents, reduced to what clients are generated from. */
import { scenario } from "../scenario.mjs";

const FIELD = { user: { additionalFields: { plan: { type: "string", required: false } } } };

const DESCRIBED = {
  "open-api": {}, anonymous: {}, bearer: {}, jwt: {}, "one-time-token": {}, "phone-number": {}, username: {},
};

/** The schema of a JSON body or answer, wherever it is. */
const schemaOf = (holder) => holder?.content?.["application/json"]?.schema;

/** Methods by path. */
const routes = ({ paths }) =>
  Object.fromEntries(Object.keys(paths).sort().map((path) => [path, Object.keys(paths[path]).sort()]));

/** Names of parameters and members of bodies, by operation. */
function inputs({ paths }) {
  const result = {};
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(item)) {
      const body = schemaOf(requestBody);
      result[`${method} ${path}`] = {
        parameters: parameters.map((p) => `${p.in} ${p.name}`).sort(),
        body: Object.keys(body?.properties ?? {}).sort(),
        required: [...(body?.required ?? [])].sort(),
      };
    }
  }
  return result;
}

/** Fields by table. */
const tables = ({ components }) =>
  Object.fromEntries(
    Object.entries(components.schemas)
      .filter(([name]) => name !== "Error")
      .map(([name, { properties }]) => [name, Object.keys(properties).sort()]),
  );

export default [
  scenario("document", { plugins: DESCRIBED, ...FIELD }, async (s) => {
    const { json } = await s.get("/open-api/generate-schema", { label: "document" });
    s.note("version", json.openapi);
    s.note("server", json.servers);
    s.note("tags", [...new Set(Object.values(json.paths).flatMap(Object.values).flatMap((o) => o.tags))].sort());
    s.note("routes", routes(json));
    for (const [operation, taken] of Object.entries(inputs(json)).sort()) s.note(`input: ${operation}`, taken);
    for (const [table, fields] of Object.entries(tables(json)).sort()) s.note(`table: ${table}`, fields);
    const { headers, status } = await s.get("/reference", { label: "page" });
    s.note("page", { status, type: headers["content-type"] });
  }),

  scenario("page elsewhere", { plugins: { "open-api": { path: "/docs" } } }, async (s) => {
    await s.get("/reference", { label: "the usual path" });
    s.note("status", (await s.get("/docs", { label: "page" })).status);
  }),

  scenario("no page", { plugins: { "open-api": { disableDefaultReference: true } } }, async (s) => {
    await s.get("/reference");
  }),

  scenario("disabled paths", { plugins: { "open-api": {} }, disabledPaths: ["/sign-up/email"] }, async (s) => {
    const { json } = await s.get("/open-api/generate-schema", { label: "document" });
    s.note("there", Object.keys(json.paths).includes("/sign-up/email"));
  }),
];
