// Plays a set that `streampack serve` serves with a real player in a real browser, and prints one line of JSON.
//
//   node play.mjs --player hls|dash|shaka|shaka-hls|plain --url http://127.0.0.1:PORT/ --expect JSON --shot FILE.png
//     [--licence PATH]
//
// Plays from the start, switches sound, rungs and subtitles, seeks near the end and waits for it. `--expect` says
// what the programme holds: { audio: [[language, hertz], …], tone: [language, hertz], colors: [[r, g, b] of each second], segment, text,
// fails }: with `fails` it is right that the player gives up, and the report has its errors. `--licence` is the path of a
// Clear Key server.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { report, withPage } from "./browser.mjs";

const PATIENCE_MS = 60_000;

const VENDOR = "/_preview/assets/vendor";
const PLAYERS = {
  hls: { driver: "hls", script: "hls.min.js", manifest: "master.m3u8" },
  dash: { driver: "dash", script: "dash.all.min.js", manifest: "manifest.mpd" },
  shaka: { driver: "shaka", script: "shaka-player.min.js", manifest: "manifest.mpd" },
  plain: { driver: "plain", script: "hls.min.js", manifest: "progressive/360p.mp4" },
  "shaka-hls": { driver: "shaka", script: "shaka-player.min.js", manifest: "master.m3u8" },
};

// One AAC frame, and half a millisecond for players that round to time scales of their own.
const ROUNDING = 0.0005;
const AUDIO_FRAME = 1024 / 48_000 + ROUNDING;

const PAGE = (script) => `<!doctype html><meta charset="utf-8"><title>play</title>
<style>html,body{margin:0;background:#000}video{width:100vw;height:100vh}</style>
<video playsinline></video><script src="${VENDOR}/${script}"></script>`;

// Waits for `condition` in the page, and fails at once when something reports an error.
async function until(page, what, condition, argument) {
  const text = `(value) => seen.errors.length > 0 ? "error" : (${condition}) ? "yes" : null`;
  const handle = await page
    .waitForFunction(`(${text})(${JSON.stringify(argument ?? null)})`, null, { timeout: PATIENCE_MS })
    .catch(() => null);
  if (!handle || (await handle.jsonValue()) === "error") {
    const state = await page.evaluate(() => ({
      errors: seen.errors, buffers: seen.buffers, at: video.currentTime, ready: video.readyState, height: video.videoHeight,
      tone: window.tone?.(), lastFrames: seen.frames.slice(-3),
    }));
    throw new Error(`${what} did not happen: ${JSON.stringify(state)}`);
  }
}

async function switchAudio(page, audio) {
  for (const [language, hertz] of audio) {
    await page.evaluate((language) => driver.audio(language), language);
    await until(page, `sound of ${hertz} Hz (${language})`, "Math.abs(tone() - value) < 20", hertz);
  }
}

// Switches to the best rung and back, and sees the picture change where a segment ends.
async function switchRungs(page, segment, result) {
  const rungs = (await page.evaluate(() => driver.rungs())).sort((a, b) => a - b);
  await until(page, "the lowest rung", "video.videoHeight === value", rungs[0]);
  await page.evaluate(() => { seen.frames.length = 0; video.playbackRate = 2; });
  const steps = [rungs.at(-1), rungs[0]];
  for (const height of steps) {
    await page.evaluate((height) => driver.rung(height), height);
    await until(page, `a switch to ${height}p`, "seen.frames.at(-1)?.[1] === value", height);
  }
  await page.evaluate(() => { video.playbackRate = 1; });
  const frames = await page.evaluate(() => seen.frames);
  const changes = frames.slice(1).map((frame, i) => [frames[i], frame]).filter(([before, after]) => before[1] !== after[1]);
  result.switches = changes;
  if (changes.length !== steps.length) result.failures.push(`the picture changed ${changes.length} times for ${steps.length} switches`);
  for (const [[last], [first, height]] of changes) {
    const boundary = Math.round(first / segment) * segment;
    const isThere = last < boundary && boundary <= first + ROUNDING && first - last < segment / 2;
    if (!isThere) result.failures.push(`${height}p begins at ${first} after ${last}, which is no end of a segment of ${segment} s`);
  }
}

async function switchText(page, { language, words }, shot) {
  const cues = "[...video.textTracks].filter((t) => t.mode !== 'disabled').flatMap((t) => [...(t.activeCues ?? [])]).map((c) => c.text)";
  await page.evaluate((language) => driver.text(language), language);
  // What is shown is what belongs to this second.
  await until(page, `the subtitle "${words}"`, `${cues}.includes(value + Math.floor(video.currentTime))`, words);
  if (shot) await page.screenshot({ path: shot });
  await page.evaluate(() => driver.text(null));
  const shown = "[...video.textTracks].filter((t) => t.mode === 'showing').flatMap((t) => [...(t.activeCues ?? [])])";
  await until(page, "no subtitle", `${shown}.length === 0`);
}

// The thumbnail of each second has that second's colour.
async function thumbnails(page, colors, result) {
  const found = await page.evaluate(async (seconds) => {
    if (!driver.thumbnail) return null;
    const color = async (at) => {
      const tile = await driver.thumbnail(at + 0.5);
      return tile ? colorOf(tile.url, tile.x, tile.y, tile.width, tile.height) : null;
    };
    const all = [];
    for (let at = 0; at < seconds; at += 1) all.push(await color(at));
    return all;
  }, colors.length);
  if (found === null) return;
  const off = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));
  found.forEach((color, at) => {
    const nearest = color && colors.reduce((best, known, i) => (off(known, color) < off(colors[best], color) ? i : best), 0);
    if (nearest !== at) result.failures.push(`the thumbnail of second ${at} shows second ${nearest} (${color})`);
  });
  result.thumbnails = found.length;
}

async function ends(page, segmented, result) {
  await page.evaluate(() => { video.currentTime = video.duration - 0.8; });
  await until(page, "seeking", "!video.seeking && video.currentTime >= video.duration - 0.9");
  // dash.js does not tell the browser of the end when a buffer is being pruned just then, but says that it is there.
  await until(page, "the end", "video.ended || (seen.ended && video.currentTime >= video.duration)");
  const { buffers, ...state } = await page.evaluate(() => ({
    buffers: seen.buffers, duration: video.duration, stalls: seen.stalls, version: driver.version,
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
  }));
  Object.assign(result, state, { buffers });
  if (!segmented) return;
  const [video, audio] = ["video/", "audio/"].map((kind) => {
    const ofKind = buffers.filter((buffer) => buffer.type.startsWith(kind) && buffer.last !== null);
    return { first: Math.min(...ofKind.map((b) => b.first)), last: Math.max(...ofKind.map((b) => b.last)) };
  });
  for (const [kind, { first }] of Object.entries({ video, audio })) {
    if (!(Math.abs(first) <= ROUNDING)) result.failures.push(`${kind} is buffered from ${first}`);
  }
  if (!(Math.abs(video.last - audio.last) <= AUDIO_FRAME)) {
    result.failures.push(`video ends at ${video.last}, audio at ${audio.last}`);
  }
}

// Waits for the player to say that it cannot decode what it has.
async function fails(page, result) {
  const handle = await page.waitForFunction("seen.errors.length > 0", null, { timeout: PATIENCE_MS }).catch(() => null);
  const { errors, frames } = await page.evaluate(() => ({ errors: seen.errors, frames: seen.frames.length }));
  if (!handle) result.failures.push(`the player does not give up; it showed ${frames} pictures`);
  result.errors = errors;
}

await report(async (result) => {
  const options = Object.fromEntries(["player", "url", "expect", "shot", "licence"].map((name) => [name, { type: "string" }]));
  const { values } = parseArgs({ options });
  const player = PLAYERS[values.player];
  if (!player || !values.url || !values.expect) throw new Error("usage: see the head of play.mjs");
  const expected = JSON.parse(values.expect);
  const here = (name) => new URL(name, import.meta.url).pathname;
  result.player = values.player;
  await withPage({ viewport: { width: 640, height: 360 } }, async (page) => {
    const missing = [];
    page.on("response", (r) => r.status() >= 400 && missing.push(`${r.status()} ${new URL(r.url()).pathname}`));
    await page.addInitScript(readFileSync(here("watch.js"), "utf8"));
    await page.route("**/player.html", (route) => route.fulfill({ contentType: "text/html", body: PAGE(player.script) }));
    await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    await page.goto(new URL("player.html", values.url).href);
    await page.evaluate(readFileSync(here("drivers.js"), "utf8"));
    await page.evaluate(async ([name, url, licence, fails]) => {
      window.video = document.querySelector("video");
      video.addEventListener("error", () => seen.errors.push(`video: ${video.error?.message || video.error?.code}`));
      watchFrames(video);
      window.tone = listen(video);
      const started = drivers[name](video, url, licence);
      if (fails) return void video.play().catch(() => null);
      // What goes wrong before it has started is among the errors.
      const failed = new Promise((resolve) => setInterval(() => seen.errors.length > 0 && resolve(), 100));
      window.driver = await Promise.race([started, failed]);
    }, [player.driver, new URL(player.manifest, values.url).href,
      values.licence && new URL(values.licence, values.url).href, Boolean(expected.fails)]);
    if (expected.fails) return fails(page, result);
    await until(page, "loading", "video.readyState >= 2 && isFinite(video.duration)");
    // It is seen before time runs, for of a running picture the browser may tell a frame late.
    await until(page, "the first picture", "seen.frames.length > 0");
    await page.evaluate(() => video.play());
    await until(page, "playing", "video.currentTime > 0.3");
    const [start] = await page.evaluate(() => seen.frames[0]);
    if (!(start <= ROUNDING)) result.failures.push(`the first picture is that of ${start} s`);
    if (expected.text) await switchText(page, expected.text, values.shot);
    if (expected.tone) {
      const [language, hertz] = expected.tone;
      await until(page, `sound of ${hertz} Hz (${language})`, "Math.abs(tone() - value) < 20", hertz);
    }
    if (expected.audio) await switchAudio(page, expected.audio);
    if (expected.segment) await switchRungs(page, expected.segment, result);
    if (values.shot && !expected.text) await page.screenshot({ path: values.shot });
    if (expected.colors) await thumbnails(page, expected.colors, result);
    await ends(page, player.driver !== "plain", result);
    result.failures.push(...(await page.evaluate(() => seen.errors)), ...missing.map((m) => `request failed: ${m}`));
  });
});
