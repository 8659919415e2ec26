// The table of everything that was made, with the rendition that plays marked.

import { byId, el } from "./dom.js";
import { bytes, frameRate, rate, size } from "./format.js";

function meter(average, peak, most) {
  const bar = el("span", { class: "meter", "aria-hidden": "true" }, el("i"), el("b"));
  bar.children[0].style.width = `${(100 * peak) / most}%`;
  bar.children[1].style.width = `${(100 * average) / most}%`;
  return bar;
}

function row(kind, rendition, most) {
  const { id, codec, average_bps: average, peak_bps: peak, segments, bytes: total } = rendition;
  const facts = rendition.resolution
    ? `${size(rendition.resolution.width, rendition.resolution.height)} · ${frameRate(rendition.frame_rate)}`
    : `${rendition.label} · ${rendition.channels === 2 ? "stereo" : rendition.channels === 1 ? "mono" : `${rendition.channels} channels`} · ${rendition.sample_rate / 1000}\u202fkHz`;
  return el(
    "tr",
    { "data-id": id },
    el("th", { scope: "row" }, el("span", { class: "kind" }, kind), id),
    el("td", {}, facts),
    el("td", { class: "code" }, codec),
    el("td", { class: "number" }, rate(average)),
    el("td", { class: "number" }, rate(peak)),
    el("td", { class: "bars" }, meter(average, peak, most)),
    el("td", { class: "number" }, bytes(total)),
    el("td", { class: "number" }, String(segments)),
  );
}

// Fills the table. `mark(quality, audioLanguage)` shows what plays.
export function renditions(report) {
  const body = byId("renditions-body");
  const { video = [], audio = [] } = report ?? {};
  const most = Math.max(1, ...[...video, ...audio].map((rendition) => rendition.peak_bps));
  byId("renditions").hidden = video.length + audio.length === 0;
  body.replaceChildren(
    ...video.map((rendition) => row("Video", rendition, most)),
    ...audio.map((rendition) => row("Audio", rendition, most)),
  );
  return {
    mark(quality) {
      const fits = video.filter((v) => v.resolution.width === quality?.width && v.resolution.height === quality?.height);
      const off = (rendition) => Math.abs(rendition.peak_bps - quality.bitrate);
      const nearest = fits.sort((a, b) => off(a) - off(b))[0];
      for (const tr of body.rows) {
        const plays = nearest !== undefined && tr.dataset.id === nearest.id;
        tr.classList.toggle("plays", plays);
        if (plays) tr.setAttribute("aria-current", "true");
        else tr.removeAttribute("aria-current");
      }
    },
  };
}
