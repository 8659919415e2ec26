// Plays a live programme near its edge with a real player in a real browser, and prints one line of JSON.
//
//   node live.mjs --player hls|hls-catch-up|dash|shaka|shaka-close|shaka-hls --url http://127.0.0.1:PORT/ --seconds 8 [--warm-up 0] [--plain]
//     [--licence URL] [--pictures] [--page /streampack.json]
//   node live.mjs --player … --url … --played 5
//
// The programme is watched for so many seconds after it was warmed up, or until so much of it was played. How far behind the wall clock it plays is told
// by the player (`said`), and by the pictures themselves where a clock is painted into them (`latency`; see
// benches/live/clock.py). `--plain`: the programme is not offered at low latency. `--licence` is
// a Clear Key server. `--page`: what to begin at where the server is none of a live programme. `--pictures`: when each picture with a clock was shown is told as well, and how far behind it was.

import { parseArgs } from "node:util";
import { report, withPage } from "./browser.mjs";

const options = Object.fromEntries(["player", "url", "seconds", "warm-up", "played", "licence", "page"].map((name) => [name, { type: "string" }]));
const { values } = parseArgs({ options: { ...options, plain: { type: "boolean" }, pictures: { type: "boolean" } } });

const SCRIPTS = { hls: "hls.min.js", dash: "dash.all.min.js", shaka: "shaka-player.min.js" };
const PAGE = `<!doctype html><meta charset="utf-8"><title>live</title><video playsinline muted style="width:640px"></video>`;
const PATIENCE_MS = 45_000;

const [kind, mode] = values.player.split(/-(.*)/);
const script = new URL(`../../src/origin/preview/vendor/${SCRIPTS[kind]}`, import.meta.url).pathname;

await report((result) =>
  withPage({ viewport: { width: 640, height: 360 }, ignoreHTTPSErrors: true }, async (page) => {
    result.streamed = 0;
    page.on("response", (answer) => { result.streamed += answer.url().endsWith(".m4s") && !answer.headers()["content-length"] ? 1 : 0; });
    const here = (name) => new URL(name, import.meta.url).pathname;
    await page.addInitScript({ path: here("watch.js") });
    // Any page of the server will do: one with its origin.
    await page.goto(new URL(values.page ?? "/healthz", values.url).href);
    await page.setContent(PAGE);
    await page.addScriptTag({ path: script });
    await page.addScriptTag({ path: here("live.js") });
    await page.evaluate(async ([kind, mode, url, plain, licence]) => {
      window.video = document.querySelector("video");
      watchClock(video);
      window.player = await live[kind](video, url, { mode, lowLatency: !plain, licence });
    }, [kind, mode, values.url, values.plain ?? false, values.licence]);
    const playing = "seen.errors.length > 0 || (video.currentTime > 0 && !video.paused && video.readyState > 2)";
    await page.waitForFunction(playing, null, { timeout: PATIENCE_MS });
    result.started = await page.evaluate(() => (performance.now() - player.begun) / 1000);
    await page.waitForTimeout(Number(values["warm-up"] ?? 0) * 1000);
    await page.evaluate(() => watchFrom());
    if (values.played) {
      const enough = `seen.errors.length > 0 || playedFrom() >= ${Number(values.played)}`;
      await page.waitForFunction(enough, null, { timeout: PATIENCE_MS }).catch(() => result.failures.push("it stands"));
    } else {
      await page.waitForTimeout(Number(values.seconds) * 1000);
    }
    Object.assign(result, await page.evaluate(() => watched()));
    if (values.pictures) result.pictures = await page.evaluate(() => pictures());
    result.protocols = await page.evaluate(() => [...new Set(performance.getEntriesByType("resource").map((entry) => entry.nextHopProtocol))]);
    result.failures.push(...result.errors);
  }),
);
