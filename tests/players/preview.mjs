// Uses the preview page of `streampack serve` as a person does, and prints one line of JSON.
//
//   node preview.mjs --url http://127.0.0.1:PORT/ --expect JSON --shots DIRECTORY
//
// `--expect` says what the programme holds, as for play.mjs.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { report, withPage } from "./browser.mjs";

const PATIENCE_MS = 60_000;
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const { values } = parseArgs({ options: { url: { type: "string" }, expect: { type: "string" }, shots: { type: "string" } } });
const expected = JSON.parse(values.expect);

const until = (page, what, condition, argument) =>
  page.waitForFunction(condition, argument, { timeout: PATIENCE_MS }).catch(async () => {
    const fault = await page.evaluate(() => document.getElementById("fault-text")?.textContent);
    throw new Error(`${what} did not happen; the page says: ${fault || "nothing"}`);
  });

const shot = (page, name) => page.screenshot({ path: join(values.shots, `${name}.png`) });

// Notes what must not happen anywhere: messages of the console, failed requests, requests to somewhere else.
function guard(page, result) {
  const { origin } = new URL(values.url);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) result.failures.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => result.failures.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) result.failures.push(`a request leaves: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) result.failures.push(`${response.status()} ${response.url()}`);
  });
}

// Nothing sticks out, and what axe-core knows of WCAG A and AA holds.
async function check(page, what, result) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) result.failures.push(`${what}: the page is ${wide} pixels too wide`);
  await page.evaluate(AXE);
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  for (const { id, help, nodes } of found.violations) {
    result.failures.push(`${what}: ${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }
}

// Opens a menu and takes a choice by the text it begins with.
async function choose(page, menu, choice) {
  await page.mouse.move(500, 300);
  await page.mouse.move(520, 320);
  await page.locator(`#menus button[aria-label^="${menu}"]`).click();
  await page.getByRole("menuitemradio", { name: choice }).first().click();
}

async function use(page, player, result) {
  await page.getByRole("radio", { name: player }).click();
  await until(page, `${player}: the menus`, () => document.querySelectorAll("#menus [role=menuitemradio]").length > 5);
  // The first player is started; the next ones go on where the last one was.
  if (result.players.push(player) === 1) await page.keyboard.press("k");
  await until(page, `${player}: playing`, () => !document.querySelector("video").paused && document.querySelector("video").currentTime > 0.5);
  for (const [label, height] of [["240p", 240], ["360p", 360]]) {
    await choose(page, "Quality", label);
    await until(page, `${player}: ${label}`, (value) => document.querySelector("video").videoHeight === value, height);
    await until(page, `${player}: ${label} in the table`, (value) => document.querySelector("tr.plays")?.dataset.id.startsWith(value), label);
  }
  await choose(page, "Quality", "Auto");
  for (const label of ["French", "English"]) {
    await choose(page, "Audio", label);
    await until(page, `${player}: ${label}`, (value) => document.querySelector('#menus button[aria-label^="Audio"]').ariaLabel === `Audio: ${value}`, label);
  }
  await choose(page, "Subtitles", "English");
  await until(page, `${player}: a subtitle`, (words) => showing().some((cue) => cue.text.includes(words)), expected.text.words);
  await shot(page, `playing-${player}`);
  await page.keyboard.press("c");
  await until(page, `${player}: no subtitle`, () => showing().length === 0);
  await page.keyboard.press("Home");
  await until(page, `${player}: back at the start`, () => document.querySelector("video").currentTime < 3);
  const numbers = await page.evaluate(() => [...document.querySelectorAll(".stats dd")].map((dd) => dd.textContent));
  if (numbers.some((number) => !number || number === "–")) result.failures.push(`${player}: statistics are missing: ${numbers}`);
}

// Over each point of the seek bar stands the picture of the time that is written below it.
async function hover(page, result) {
  const bar = await page.locator("#scrub").boundingBox();
  for (const share of [0.02, 0.3, 0.55, 0.98]) {
    await page.mouse.move(bar.x + bar.width / 2, bar.y - 100);
    await page.mouse.move(bar.x + bar.width * share, bar.y + bar.height / 2, { steps: 4 });
    const seen = await page.evaluate(async () => {
      const picture = document.querySelector("#hint-picture div");
      const { backgroundImage, backgroundPosition, width, height } = getComputedStyle(picture);
      const [x, y] = backgroundPosition.split(" ").map((value) => -parseFloat(value));
      const url = /url\("(.*)"\)/.exec(backgroundImage)?.[1];
      const color = url ? await colorOf(url, x, y, parseFloat(width), parseFloat(height)) : null;
      return { shown: !document.querySelector("#hint").hidden, time: document.querySelector("#hint-time").textContent, color };
    });
    const second = Number(seen.time.split(":").at(-1));
    const off = seen.color && Math.hypot(...seen.color.map((value, i) => value - expected.colors[second]?.[i]));
    if (!seen.shown || !(off < 40)) result.failures.push(`over ${share} of the bar: ${JSON.stringify(seen)}`);
    if (share === 0.3) await shot(page, "thumbnail");
  }
}

async function keyboard(page, result) {
  await page.locator('#menus button[aria-label^="Quality"]').focus();
  await page.keyboard.press("ArrowDown");
  const checked = () => document.activeElement.getAttribute("aria-checked");
  if ((await page.evaluate(checked)) !== "true") result.failures.push("an opened menu does not focus its choice");
  await shot(page, "menu");
  await check(page, "an open menu", result);
  await page.keyboard.press("Escape");
  const focused = await page.evaluate(() => document.activeElement.ariaLabel);
  if (!focused?.startsWith("Quality")) result.failures.push(`Escape leaves the focus on ${focused}`);
  await page.keyboard.press("?");
  await until(page, "help", () => document.querySelector("#help").open);
  await shot(page, "shortcuts");
  await page.keyboard.press("Escape");
}

// A set whose manifest cannot be had is told to the person; so is what helps.
async function faults(page) {
  await page.route("**/master.m3u8", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("radio", { name: "hls.js" }).click();
  await until(page, "an error on the page", () => !document.querySelector("#fault").hidden && document.querySelector("#fault-text").textContent.includes("master.m3u8"));
  await shot(page, "error");
  await page.unroute("**/master.m3u8");
  await page.getByRole("button", { name: "Try again" }).click();
  await until(page, "playing again", () => document.querySelector("#fault").hidden && document.querySelector("video").readyState >= 2);
}

await report(async (result) => {
  await withPage({ viewport: DESKTOP, colorScheme: "dark" }, async (page) => {
    await page.addInitScript(readFileSync(new URL("watch.js", import.meta.url), "utf8"));
    await page.addInitScript(() => {
      const tracks = () => [...document.querySelector("video").textTracks].filter((track) => track.mode === "showing");
      window.showing = () => tracks().flatMap((track) => [...(track.activeCues ?? [])]);
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    guard(page, result);
    await page.goto(values.url);
    await until(page, "loading", () => document.querySelector("video").readyState >= 2);
    await shot(page, "start");
    await check(page, "dark", result);
    result.shift = await page.evaluate(() => window.shift);
    if (result.shift > 0.02) result.failures.push(`the layout shifts by ${result.shift}`);
    result.players = [];
    for (const player of ["hls.js", "dash.js", "Shaka DASH", "Shaka HLS"]) await use(page, player, result);
    await hover(page, result);
    await keyboard(page, result);
    result.failures.push(...(await page.evaluate(() => seen.errors)));
    await page.getByRole("button", { name: "Light colours" }).click();
    await shot(page, "light");
    await check(page, "light", result);
    await page.setViewportSize(PHONE);
    await shot(page, "phone");
    await check(page, "a phone", result);
    await page.setViewportSize(DESKTOP);
    const before = result.failures.length;
    await faults(page);
    // The one request that was made to fail, and what browser and player say of it.
    const made = result.failures.splice(before).filter((failure) => !/404|Failed to load resource/.test(failure));
    result.failures.push(...made);
  });
});
