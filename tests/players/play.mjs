// Plays an output directory with a real player in a real browser, and prints one line of JSON.
//
//   node play.mjs --player hls|dash|shaka|shaka-hls --set DIRECTORY [--screenshot FILE.png]
//
// Plays from the start, seeks near the end and waits for it. Exit status 0 when all of that worked.

import { createServer } from "node:http";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, extname, join, normalize } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PATIENCE_MS = 60_000;

const PLAYERS = {
  hls: { script: "hls.js/dist/hls.min.js", manifest: "master.m3u8" },
  dash: { script: "dashjs/dist/modern/umd/dash.all.min.js", manifest: "manifest.mpd" },
  shaka: { script: "shaka-player/dist/shaka-player.compiled.js", manifest: "manifest.mpd" },
  "shaka-hls": { script: "shaka-player/dist/shaka-player.compiled.js", manifest: "master.m3u8" },
};

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".mpd": "application/dash+xml",
  ".mp4": "video/mp4",
  ".m4s": "video/iso.segment",
  ".vtt": "text/vtt; charset=utf-8",
  ".jpg": "image/jpeg",
  ".json": "application/json",
};

function findBrowser() {
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

// A small origin: files below `root` with ranges and the right types, the page, and the player.
function serve(root, page, script) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    if (path === "/" || path === "/player.js") {
      const [type, body] = path === "/" ? [TYPES[".html"], page] : [TYPES[".js"], readFileSync(script)];
      response.writeHead(200, { "content-type": type }).end(body);
      return;
    }
    const file = join(root, normalize(path.replace(/^\/set\//, "/")));
    if (path === "/favicon.ico") return response.writeHead(204).end();
    if (!path.startsWith("/set/") || !existsSync(file)) return response.writeHead(404).end();
    const size = statSync(file).size;
    const head = { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "accept-ranges": "bytes" };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = range ? Number(range[1]) : 0;
    const end = range && range[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
    if (range && start >= size) return response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    if (range) head["content-range"] = `bytes ${start}-${end}/${size}`;
    response.writeHead(range ? 206 : 200, { ...head, "content-length": Math.max(0, end - start + 1) });
    if (request.method === "HEAD" || size === 0) return response.end();
    createReadStream(file, { start, end }).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

// What runs in the page. SourceBuffers are watched from the start: their `buffered` is per track,
// which the element's is not.
const PAGE = `<!doctype html><meta charset="utf-8"><title>play</title>
<style>html,body{margin:0;background:#000}video{width:100vw;height:100vh}</style>
<video muted playsinline></video>
<script>
  window.errors = [];
  window.stalls = [];
  window.buffers = [];
  window.addEventListener("error", (e) => errors.push("page: " + e.message));
  window.addEventListener("unhandledrejection", (e) => errors.push("page: " + (e.reason?.message ?? e.reason)));
  const add = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = add.call(this, type);
    const entry = { type, first: null, last: null };
    buffers.push(entry);
    buffer.addEventListener("updateend", () => {
      try {
        if (buffer.buffered.length === 0) return;
        const last = buffer.buffered.end(buffer.buffered.length - 1);
        entry.first ??= buffer.buffered.start(0);
        entry.last = Math.max(entry.last ?? 0, last);
      } catch { /* the buffer was removed */ }
    });
    return buffer;
  };
</script>
<script src="/player.js"></script>
<script>
  const video = document.querySelector("video");
  video.addEventListener("error", () => errors.push("video: " + (video.error?.message || video.error?.code)));
  const start = {
    hls(url) {
      const hls = new Hls({ startPosition: 0 });
      hls.on(Hls.Events.ERROR, (_, data) => {
        // A busy machine starves the decoder for a moment; hls.js then says so and goes on.
        const harmless = !data.fatal && ["bufferStalledError", "bufferNudgeOnStall"].includes(data.details);
        (harmless ? stalls : errors).push("hls.js: " + data.details + " " + (data.error?.message ?? ""));
      });
      hls.loadSource(url);
      hls.attachMedia(video);
      window.version = Hls.version;
    },
    dash(url) {
      const player = dashjs.MediaPlayer().create();
      player.on(dashjs.MediaPlayer.events.ERROR, (e) => errors.push("dash.js: " + e.error?.code + " " + e.error?.message));
      player.initialize(video, url, false);
      window.version = player.getVersion();
    },
    async shaka(url) {
      shaka.polyfill.installAll();
      const player = new shaka.Player();
      player.addEventListener("error", (e) => errors.push("shaka: " + e.detail.code + " " + JSON.stringify(e.detail.data)));
      await player.attach(video);
      window.version = shaka.Player.version;
      await player.load(url).catch((e) => errors.push("shaka: " + e.code + " " + JSON.stringify(e.data)));
      window.thumbnails = (await player.getAllThumbnails(player.getImageTracks()[0]?.id).catch(() => null))?.length ?? 0;
    },
  };
  start["shaka-hls"] = start.shaka;
</script>`;

async function main() {
  const { values } = parseArgs({
    options: { player: { type: "string" }, set: { type: "string" }, screenshot: { type: "string" } },
  });
  const player = PLAYERS[values.player];
  if (!player || !values.set) throw new Error("usage: play.mjs --player hls|dash|shaka|shaka-hls --set DIRECTORY");
  const script = join(HERE, "node_modules", player.script);
  if (!existsSync(script)) throw new Error(`${script} is missing; run \`make test\`, which installs it`);
  if (!existsSync(join(values.set, player.manifest))) throw new Error(`${values.set} has no ${player.manifest}`);
  const profile = mkdtempSync(join(tmpdir(), "streampack-play-"));
  const server = await serve(values.set, PAGE, script);
  const origin = `http://127.0.0.1:${server.address().port}`;
  const result = { player: values.player, ok: false, failures: [] };
  let context;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: findBrowser(),
      headless: true,
      viewport: { width: 640, height: 360 },
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
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const missing = [];
    page.on("response", (r) => r.status() >= 400 && missing.push(`${r.status()} ${new URL(r.url()).pathname}`));
    await page.goto(`${origin}/`);
    await page.evaluate(([name, url]) => start[name](url), [values.player, `${origin}/set/${player.manifest}`]);
    await play(page, values.screenshot, result);
    result.failures.push(...missing.map((m) => `request failed: ${m}`));
  } catch (error) {
    result.failures.push(String(error.message ?? error));
  } finally {
    await context?.close();
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true });
  }
  result.ok = result.failures.length === 0;
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}

// Waits for `condition` in the page, and fails at once when the player reports an error.
async function until(page, what, condition) {
  const handle = await page
    .waitForFunction(`errors.length > 0 ? "error" : (${condition}) ? "yes" : null`, null, { timeout: PATIENCE_MS })
    .catch(() => null);
  if (!handle || (await handle.jsonValue()) === "error") {
    const state = await page.evaluate(() => ({ errors, at: video.currentTime, ready: video.readyState, buffers }));
    throw new Error(`${what} did not happen: ${JSON.stringify(state)}`);
  }
}

async function play(page, screenshot, result) {
  await until(page, "loading", "video.readyState >= 2 && isFinite(video.duration)");
  await page.evaluate(() => video.play());
  await until(page, "playing", "video.currentTime > 0.3");
  if (screenshot) await page.screenshot({ path: screenshot });
  await page.evaluate(() => { video.currentTime = Math.max(0, video.duration - 0.8); });
  await until(page, "seeking", "!video.seeking && video.currentTime >= video.duration - 0.9");
  await until(page, "the end", "video.ended");
  const state = await page.evaluate(() => ({
    version: window.version,
    duration: video.duration,
    width: video.videoWidth,
    height: video.videoHeight,
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    thumbnails: window.thumbnails,
    buffers,
    stalls,
    errors,
  }));
  Object.assign(result, state);
  result.failures.push(...state.errors);
  const types = ["video", "audio"].map((kind) => state.buffers.find((b) => b.type.startsWith(`${kind}/`)));
  if (types.every((b) => !b)) result.failures.push("no SourceBuffer was used");
  for (const buffer of types.filter(Boolean)) {
    // Half a millisecond: players round to their own time scales.
    if (Math.abs(buffer.first) > 0.0005) result.failures.push(`${buffer.type} starts at ${buffer.first}`);
    if (Math.abs(buffer.last - state.duration) > 0.1) {
      result.failures.push(`${buffer.type} ends at ${buffer.last}, the programme at ${state.duration}`);
    }
  }
}

main().catch((error) => {
  console.log(JSON.stringify({ ok: false, failures: [String(error.message ?? error)] }));
  process.exitCode = 1;
});
