// The seek bar: what was played, what is buffered, and a picture of where the pointer is.

import { byId } from "./dom.js";
import { spoken, time } from "./format.js";
import * as thumbnails from "./thumbnails.js";

const STEP = 5;
const PAGE = 30;
// A picture above the bar takes at most this much of its width.
const SHARE = 0.45;

export function scrub(media) {
  const bar = byId("scrub");
  const [played, buffered, hint] = [byId("played"), byId("buffered"), byId("hint")];
  const [picture, stamp, mark] = [byId("hint-picture"), byId("hint-time"), byId("mark")];
  let cues = [];
  let dragging = null;

  const duration = () => (Number.isFinite(media.video.duration) ? media.video.duration : 0);
  const percent = (seconds) => `${duration() > 0 ? (100 * seconds) / duration() : 0}%`;

  function draw() {
    const now = dragging ?? media.video.currentTime;
    played.style.width = percent(now);
    mark.style.left = percent(now);
    bar.setAttribute("aria-valuemax", Math.floor(duration()));
    bar.setAttribute("aria-valuenow", Math.floor(now));
    bar.setAttribute("aria-valuetext", `${spoken(now)} of ${spoken(duration())}`);
    byId("now").textContent = time(now);
    byId("end").textContent = time(media.video.duration);
    const ranges = media.video.buffered;
    const pieces = Array.from(ranges, (_, i) => i).map((i) => [ranges.start(i), ranges.end(i)]);
    while (buffered.children.length > pieces.length) buffered.lastChild.remove();
    pieces.forEach(([from, to], i) => {
      const piece = buffered.children[i] ?? buffered.appendChild(document.createElement("i"));
      piece.style.left = percent(from);
      piece.style.width = percent(to - from);
    });
  }

  function seek(seconds) {
    if (duration() > 0) media.video.currentTime = Math.min(Math.max(0, seconds), duration());
    draw();
  }

  function timeAt(event) {
    const { left, width } = bar.getBoundingClientRect();
    return Math.min(Math.max(0, (event.clientX - left) / width), 1) * duration();
  }

  function point(event) {
    if (duration() === 0) return;
    const at = timeAt(event);
    const cue = thumbnails.at(cues, at);
    const { left, width } = bar.getBoundingClientRect();
    picture.hidden = !cue;
    if (cue) thumbnails.show(cue, picture, width * SHARE);
    stamp.textContent = time(at);
    hint.hidden = false;
    const half = hint.offsetWidth / 2;
    hint.style.left = `${Math.min(Math.max(half, event.clientX - left), width - half)}px`;
  }

  bar.addEventListener("pointermove", (event) => {
    point(event);
    if (dragging !== null) {
      dragging = timeAt(event);
      draw();
    }
  });
  bar.addEventListener("pointerleave", () => { hint.hidden = true; });
  bar.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    bar.setPointerCapture(event.pointerId);
    dragging = timeAt(event);
    point(event);
    draw();
  });
  bar.addEventListener("pointerup", (event) => {
    if (dragging === null) return;
    dragging = null;
    if (event.pointerType !== "mouse") hint.hidden = true;
    seek(timeAt(event));
  });
  bar.addEventListener("pointercancel", () => {
    dragging = null;
    hint.hidden = true;
    draw();
  });
  bar.addEventListener("keydown", (event) => {
    const now = media.video.currentTime;
    const to = {
      ArrowLeft: now - STEP, ArrowDown: now - STEP, ArrowRight: now + STEP, ArrowUp: now + STEP,
      PageUp: now + PAGE, PageDown: now - PAGE, Home: 0, End: duration(),
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    seek(to);
  });
  for (const type of ["timeupdate", "durationchange", "progress", "seeking", "seeked", "emptied"]) media.on(type, draw);

  return {
    draw,
    seek,
    by: (seconds) => seek(media.video.currentTime + seconds),
    to: (share) => seek(share * duration()),
    pictures(list) { cues = list; },
  };
}
