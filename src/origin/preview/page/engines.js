// The players that can play a set here, and how each is started.

const PLAYERS = [
  { id: "hls.js", label: "hls.js", detail: "HLS", manifest: "hls", module: "/_preview/assets/page/engine-hls.js", script: "/_preview/assets/vendor/hls.min.js" },
  { id: "dash.js", label: "dash.js", detail: "DASH", manifest: "dash", module: "/_preview/assets/page/engine-dash.js", script: "/_preview/assets/vendor/dash.all.min.js" },
  { id: "shaka-dash", label: "Shaka", detail: "DASH", manifest: "dash", module: "/_preview/assets/page/engine-shaka.js", script: "/_preview/assets/vendor/shaka-player.min.js" },
  { id: "shaka-hls", label: "Shaka", detail: "HLS", manifest: "hls", module: "/_preview/assets/page/engine-shaka.js", script: "/_preview/assets/vendor/shaka-player.min.js" },
  { id: "native", label: "Native", detail: "HLS", manifest: "hls", module: "/_preview/assets/page/engine-native.js", native: true },
];

export const MANIFESTS = { hls: "master.m3u8", dash: "manifest.mpd" };

// The players that have a manifest of the set to play. All but the browser's own need Media Source Extensions.
export function available(set) {
  const mse = "MediaSource" in window || "ManagedMediaSource" in window;
  const native = document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
  return PLAYERS.filter((player) => set[player.manifest] && (player.native ? native : mse));
}

const scripts = new Map();

function load(url) {
  if (!scripts.has(url)) {
    const loaded = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`cannot load ${url}; is the server still running?`));
      document.head.append(script);
    });
    loaded.catch(() => scripts.delete(url));
    scripts.set(url, loaded);
  }
  return scripts.get(url);
}

// Starts a player on a video element. `hooks.changed()` is called when tracks or the playing rendition change,
// `hooks.failed(message)` when it cannot go on. Every engine has the members of `engine-native.js`.
export async function start(player, video, url, hooks) {
  const [{ start: begin }] = await Promise.all([import(player.module), player.script && load(player.script)]);
  return begin(video, url, hooks);
}
