// Plays a live programme near its edge with hls.js in a real browser, and prints one line of JSON.
//
//   node live.mjs --url http://127.0.0.1:PORT/ --script hls.min.js --seconds 8
//
// Measures how far behind the wall clock it plays, by the dates of the playlists, and how much came in parts.

import { parseArgs } from "node:util";
import { report, withPage } from "./browser.mjs";

const { values } = parseArgs({ options: { url: { type: "string" }, script: { type: "string" }, seconds: { type: "string" } } });

const PAGE = `<!doctype html><meta charset="utf-8"><title>live</title><video playsinline muted></video>`;
const PATIENCE_MS = 30_000;

await report((result) =>
  withPage({ viewport: { width: 640, height: 360 } }, async (page) => {
    await page.addInitScript({ path: new URL("watch.js", import.meta.url).pathname });
    // Any page of the server will do: one with its origin.
    await page.goto(`${values.url}healthz`);
    await page.setContent(PAGE);
    await page.addScriptTag({ path: values.script });
    await page.evaluate((url) => {
      window.video = document.querySelector("video");
      window.parts = 0;
      const hls = new Hls({ lowLatencyMode: true, enableWorker: false, maxLiveSyncPlaybackRate: 1.5 });
      window.hls = hls;
      hls.on(Hls.Events.ERROR, (_, data) => (data.fatal ? seen.errors : seen.stalls).push(`hls.js: ${data.details}`));
      hls.on(Hls.Events.FRAG_LOADED, (_, data) => { window.parts += data.part ? 1 : 0; });
      hls.loadSource(`${url}master.m3u8`);
      hls.attachMedia(video);
      hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
    }, values.url);
    await page.waitForFunction("seen.errors.length > 0 || video.currentTime > 0 && !video.paused && video.readyState > 2", null, { timeout: PATIENCE_MS });
    const begun = await page.evaluate(() => [Date.now(), video.currentTime]);
    await page.waitForTimeout(Number(values.seconds) * 1000);
    Object.assign(result, await page.evaluate(([at, time]) => ({
      errors: seen.errors,
      stalls: seen.stalls,
      parts: window.parts,
      played: video.currentTime - time,
      waited: (Date.now() - at) / 1000,
      behind: (Date.now() - hls.playingDate?.getTime()) / 1000,
      rate: video.playbackRate,
    }), begun));
    result.failures.push(...result.errors);
  }),
);
