"use strict";
const api = JSON.parse(document.getElementById("document").textContent);
const main = document.getElementById("routes");

const element = (name, text, ...children) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};
const schema = (title, value) => [element("h3", title), element("pre", JSON.stringify(value, null, 2))];
const resolve = (value) =>
  value.$ref ? value.$ref.slice(2).split("/").reduce((found, part) => found[part], api) : value;

function details(method, path, operation) {
  const summary = element("summary", "", element("b", method.toUpperCase()), path + " ", element("small", operation.operationId));
  const inside = [];
  for (const { name, in: place, required, description = "" } of operation.parameters ?? []) {
    inside.push(element("p", `${name} (${place}${required ? ", required" : ""}) ${description}`));
  }
  for (const [media, { schema: body }] of Object.entries(operation.requestBody?.content ?? {})) {
    inside.push(...schema(`Body, ${media}`, body));
  }
  for (const [status, given] of Object.entries(operation.responses)) {
    const response = resolve(given);
    const answer = status < 300 && response.content?.["application/json"]?.schema;
    if (answer) inside.push(...schema(`${status}: ${response.description}`, answer));
    else inside.push(element("p", `${status}: ${response.description}`));
  }
  const made = element("details", "", summary, ...inside);
  made.dataset.text = `${method} ${path} ${operation.operationId}`.toLowerCase();
  return made;
}

const search = element("input");
search.type = "search";
search.placeholder = "Find a route";
search.addEventListener("input", () => {
  for (const one of main.querySelectorAll("details[data-text]")) {
    one.hidden = !one.dataset.text.includes(search.value.toLowerCase());
  }
});
main.append(element("h1", api.info.title), element("p", api.servers[0].url), search);
for (const { name } of api.tags) {
  main.append(element("h2", name));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (operation.tags.includes(name)) main.append(details(method, path, operation));
    }
  }
}
main.append(element("h2", "Schemas"));
for (const [name, value] of Object.entries(api.components.schemas)) {
  main.append(element("details", "", element("summary", name), element("pre", JSON.stringify(value, null, 2))));
}
