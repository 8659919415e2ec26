// The page of one set: starts a player on it, and keeps everything around the picture true.

import { controls as buttons } from "./controls.js";
import { byId, el } from "./dom.js";
import { MANIFESTS, available, start } from "./engines.js";
import { language, rate, rung, time } from "./format.js";
import { icon } from "./icons.js";
import { keys } from "./keys.js";
import { menu } from "./menus.js";
import { playing as playingOf } from "./playing.js";
import { renditions } from "./renditions.js";
import { scrub as seekBar } from "./scrub.js";
import * as sets from "./set.js";
import { stats as statistics } from "./stats.js";
import { themeButton } from "./theme-button.js";
import { load as loadThumbnails } from "./thumbnails.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

// The video element and the player on it. Each player gets a new element: what one adds to an element, text tracks
// above all, cannot be taken away again. Listeners move along.
const media = {
  video: byId("video"),
  engine: null,
  frameRate: 0,
  listeners: [],
  on(type, listener) {
    this.listeners.push([type, listener]);
    this.video.addEventListener(type, listener);
  },
  renew(poster) {
    const fresh = el("video", { id: "video", playsinline: true, preload: "auto", tabindex: "-1", poster });
    for (const [type, listener] of this.listeners) {
      this.video.removeEventListener(type, listener);
      fresh.addEventListener(type, listener);
    }
    this.video.replaceWith(fresh);
    this.video = fresh;
  },
};

const stage = byId("stage");
const controls = buttons(media);
const scrub = seekBar(media);
const stats = statistics(media);
let table = renditions(null);

const choices = (tracks) => tracks.map(({ id, label, language: tag }) => {
  const detail = tag && tag !== "und" ? tag : "";
  return { id, label: label || language(tag), detail };
});

const menus = {
  audio: menu(byId("menus"), { name: "Audio", picture: "audio", choose: (id) => media.engine.chooseAudio(id) }),
  text: menu(byId("menus"), { name: "Subtitles", picture: "subtitles", choose: (id) => media.engine.chooseText(id) }),
  speed: menu(byId("menus"), { name: "Speed", picture: "speed", choose: (value) => { media.video.playbackRate = value; } }),
  quality: menu(byId("menus"), { name: "Quality", picture: "quality", choose: (id) => media.engine.choose(id) }),
};

function drawMenus() {
  const { engine, video } = media;
  const qualities = [...(engine?.qualities() ?? [])].sort((a, b) => b.bitrate - a.bitrate);
  const audios = engine?.audios() ?? [];
  const texts = engine?.texts() ?? [];
  const playing = playingOf(media);
  const name = (quality) => rung(quality.width, quality.height);
  const chosen = engine?.chosen() ?? "auto";
  const auto = { id: "auto", label: "Auto", detail: playing && chosen === "auto" ? name(playing) : "" };
  const held = qualities.find((quality) => quality.id === chosen);
  menus.quality.update({
    value: chosen === "auto" ? (playing ? `Auto · ${name(playing)}` : "Auto") : held ? name(held) : "–",
    choices: qualities.length > 1 ? [auto, ...qualities.map((q) => ({ id: q.id, label: name(q), detail: rate(q.bitrate) }))] : [],
    chosen,
  });
  const audio = engine?.audio();
  menus.audio.update({
    value: choices(audios).find((choice) => choice.id === audio)?.label ?? "–",
    choices: audios.length > 1 ? choices(audios) : [],
    chosen: audio,
  });
  const text = engine?.text() ?? null;
  menus.text.update({
    value: choices(texts).find((choice) => choice.id === text)?.label ?? "Off",
    choices: texts.length > 0 ? [{ id: null, label: "Off" }, ...choices(texts)] : [],
    chosen: text,
  });
  menus.speed.update({
    value: `${video.playbackRate}×`,
    choices: SPEEDS.map((value) => ({ id: value, label: value === 1 ? "Normal" : `${value}×` })),
    chosen: video.playbackRate,
  });
  table.mark(playing);
}

function changed() {
  drawMenus();
  stats.draw();
}

function fail(message) {
  stage.classList.remove("busy");
  // Addresses as others have them.
  byId("fault-text").textContent = message.replaceAll(location.origin, "").replace(/\/_preview\/at\/[^/]+/g, "");
  byId("fault").hidden = false;
}

// Where Clear Key licences are, when the server gives some.
let licence = null;
let run = 0;
// What one does when the player cannot go on.
let again = () => location.reload();

// Starts `player`, from where the last one was.
async function use(player, set) {
  run += 1;
  const mine = run;
  again = () => use(player, set);
  const current = (action) => (...values) => { if (mine === run) action(...values); };
  const { engine } = media;
  const failed = (message) => fail(`${player.label}: ${message}`);
  // Before the last player goes: it takes its time and all else along.
  const { currentTime, paused, playbackRate } = media.video;
  media.engine = null;
  byId("fault").hidden = true;
  for (const radio of byId("players").children) {
    const held = radio.dataset.id === player.id;
    radio.setAttribute("aria-checked", String(held));
    radio.tabIndex = held ? 0 : -1;
  }
  await engine?.destroy();
  if (mine !== run) return;
  media.renew(set.poster ? `${sets.base(set)}poster.jpg` : null);
  const { video } = media;
  controls.adopt(video);
  controls.draw();
  scrub.draw();
  stats.clear();
  stage.classList.add("busy");
  video.addEventListener("loadedmetadata", () => {
    if (currentTime > 0) video.currentTime = Math.min(currentTime, video.duration);
    video.playbackRate = playbackRate;
    if (!paused) video.play().catch(() => {});
    changed();
  }, { once: true });
  try {
    const engine = await start(player, video, sets.base(set) + MANIFESTS[player.manifest], {
      changed: current(() => media.engine && changed()),
      failed: current(failed),
      licence,
    });
    if (mine !== run) return void engine.destroy();
    media.engine = engine;
    changed();
  } catch (error) {
    current(failed)(error.message);
  }
}

// The choice of players, as radio buttons that arrow keys move between.
function offer(players, set) {
  const group = byId("players");
  const choose = (player) => {
    const url = new URL(location.href);
    url.searchParams.set("player", player.id);
    history.replaceState(null, "", url);
    use(player, set);
  };
  players.forEach((player, index) => {
    group.append(el("button", {
      type: "button", role: "radio", "data-id": player.id, "aria-checked": "false",
      onclick: () => choose(player),
      onkeydown(event) {
        const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        const next = (index + by + players.length) % players.length;
        group.children[next].focus();
        choose(players[next]);
      },
    }, player.label, el("small", {}, player.detail)));
  });
}

function link(label, url) {
  const button = el("button", { type: "button", class: "icon-button", "aria-label": `Copy the ${label} URL`, title: "Copy" }, icon("copy"));
  const field = el("input", { type: "text", readonly: true, value: url, "aria-label": `${label} URL`, spellcheck: "false" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      // Without a secure origin there is no clipboard but this one.
      field.select();
      document.execCommand("copy");
    }
    button.replaceChildren(icon("check"));
    byId("said").textContent = `${label} URL copied`;
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  });
  return el("div", { class: "link" }, el("h2", {}, label), field, button);
}

function describe(set, server, report) {
  const title = sets.title(set, server);
  document.title = `${title} · streampack`;
  byId("title").textContent = title;
  byId("back").hidden = server.sets.length < 2;
  byId("tool").textContent = `streampack ${server.version}`;
  const video = report?.video ?? [];
  const languages = [...new Set((report?.audio ?? []).map((audio) => audio.language))];
  const facts = [
    time(set.duration_s ?? NaN),
    video.length > 0 ? `${video.length} ${video.length === 1 ? "rendition" : "renditions"}` : "sound only",
    languages.length > 1 ? `${languages.length} languages` : null,
    [set.hls && "HLS", set.dash && "DASH"].filter(Boolean).join(" + "),
  ];
  byId("chips").replaceChildren(...facts.filter(Boolean).map((fact) => el("span", { class: "chip" }, fact)));
  const links = [];
  if (set.hls) links.push(link("HLS", sets.shared(set, "master.m3u8")));
  if (set.dash) links.push(link("DASH", sets.shared(set, "manifest.mpd")));
  byId("links").replaceChildren(...links);
  byId("report-link").href = `${set.url}streampack.json`;
  byId("report-link").hidden = !report;
  const [over, under = 1] = (video[0]?.frame_rate ?? "25").split("/").map(Number);
  media.frameRate = over / under;
  stage.classList.toggle("sound-only", Boolean(report) && video.length === 0);
}

async function main() {
  themeButton();
  byId("retry").addEventListener("click", () => again());
  byId("start").prepend(icon("play"));
  byId("help-button").prepend(icon("keyboard"));
  byId("fault").prepend(icon("warning"));
  byId("back").prepend(icon("back"));
  byId("sound-mark").append(icon("audio"));
  const server = await sets.library();
  const token = new URLSearchParams(location.search).get("token");
  licence = server.licence && token ? `${server.licence}?token=${encodeURIComponent(token)}` : server.licence;
  const set = sets.ofThisPage(server);
  if (!set) throw new Error("There is no set here any more.");
  const report = await sets.report(set).catch(() => null);
  describe(set, server, report);
  table = renditions(report);
  if (set.thumbnails) loadThumbnails(`${sets.base(set)}thumbnails/thumbnails.vtt`).then(scrub.pictures, () => {});
  media.on("ratechange", drawMenus);
  media.on("loadeddata", changed);
  media.on("resize", changed);
  const subtitles = () => {
    const texts = media.engine?.texts() ?? [];
    if (texts.length > 0) media.engine.chooseText(media.engine.text() === null ? texts[0].id : null);
  };
  keys({ controls, scrub, media, subtitles });
  const players = available(set);
  if (players.length === 0) throw new Error("This browser has no Media Source Extensions, which players in pages need.");
  offer(players, set);
  const asked = new URLSearchParams(location.search).get("player");
  const first = players.find((player) => player.id === asked) ?? players[0];
  await use(first, set);
}

main().catch((error) => fail(error.message));
