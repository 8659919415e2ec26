// Chromium of the distribution, with nothing of its own to say on the network.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

function find() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const found = (process.env.PATH ?? "").split(delimiter).flatMap((d) => names.map((n) => join(d, n)));
  const known = [
    "/usr/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  const browser = [...known, ...found].find((path) => existsSync(path));
  if (!browser) throw new Error("no Chromium found; run `make test`, which installs it, or set CHROMIUM");
  return browser;
}

// Gives a page to `work`, and closes the browser afterwards. `options` are those of a Playwright context.
export async function withPage(options, work) {
  const profile = mkdtempSync(join(tmpdir(), "streampack-browser-"));
  let context;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: find(),
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
      ],
      ...options,
    });
    return await work(context.pages()[0] ?? (await context.newPage()));
  } finally {
    await context?.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

// Runs `work` with a report, prints the report as one line of JSON, and sets the exit status.
export async function report(work) {
  const result = { ok: false, failures: [] };
  try {
    await work(result);
  } catch (error) {
    result.failures.push(String(error.message ?? error));
  }
  result.ok = result.failures.length === 0;
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}
