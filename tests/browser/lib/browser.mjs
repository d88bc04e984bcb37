/**
 * Chromium, and what a test does in it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

// Tests run as root in containers, where Chromium has no sandbox.
const LAUNCH = { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] };

/** Starts a browser without a window. Each of its contexts is a person with cookies of their own. */
export function startBrowser() {
  return chromium.launch(LAUNCH);
}

/** Opens `url` as `openPage` does, in a browser of its own whose person has allowed cookies for parts of other sites. */
export async function openTolerantPage(url) {
  const profile = mkdtempSync(join(tmpdir(), "kernia-profile-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
  // The browser still writes to it while it ends.
  process.on("exit", () => rmSync(profile, { recursive: true, force: true }));
  return openIn(await chromium.launchPersistentContext(profile, LAUNCH), url);
}

/**
 * Opens `url` in a fresh browser context. Resolves to `{ context, page, call, failures }`: `call(path, ...args)` calls a method of the
 * page's client and resolves to `{ data, error }`; `failures` are the errors that the page has thrown.
 */
export async function openPage(browser, url) {
  return openIn(await browser.newContext(), url);
}

async function openIn(context, url) {
  const page = await context.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.goto(url);
  return { context, page, call: (path, ...args) => callClient(page, path, args), failures };
}

function callClient(page, path, args) {
  return page.evaluate(
    async ({ names, given }) => {
      let method = window.client;
      for (const name of names) method = method[name];
      const { data, error } = await method(...given);
      return JSON.parse(JSON.stringify({ data: data ?? null, error: error ?? null }));
    },
    { names: path.split("."), given: args },
  );
}
