// The buttons over the picture, and when they are seen.

import { byId } from "./dom.js";
import { icon } from "./icons.js";
import { isOpen } from "./menus.js";

// Controls go away when nothing moved for so long while the programme plays.
const IDLE_MS = 2600;

const VOLUME = "streampack-volume";

function face(button, picture, label) {
  if (button.dataset.face === picture) return;
  button.dataset.face = picture;
  button.replaceChildren(icon(picture));
  button.setAttribute("aria-label", label);
  button.title = label;
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(VOLUME)) ?? {};
  } catch {
    return {};
  }
}

export function controls(media) {
  const stage = byId("stage");
  const [play, mute, volume, full, pip, start] =
    ["play", "mute", "volume", "fullscreen", "pip", "start"].map(byId);
  let idle = 0;
  let wasIdle = false;
  let { volume: level = 1, muted = false } = remembered();

  function wake() {
    stage.classList.remove("idle");
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (!media.video.paused && !isOpen() && !stage.querySelector(":focus-visible")) stage.classList.add("idle");
    }, IDLE_MS);
  }

  function draw() {
    const { video } = media;
    const ended = video.ended;
    face(play, ended ? "replay" : video.paused ? "play" : "pause", ended ? "Play again" : video.paused ? "Play" : "Pause");
    face(mute, video.muted || video.volume === 0 ? "muted" : "volume", video.muted ? "Sound on" : "Sound off");
    volume.value = video.muted ? 0 : video.volume;
    volume.style.setProperty("--level", `${100 * volume.value}%`);
    stage.classList.toggle("paused", video.paused);
    if (!video.paused) stage.classList.add("started");
    wake();
  }

  // A browser refuses to start by itself with sound; that is no fault.
  const begin = () => media.video.play().catch(() => {});
  const toggle = () => (media.video.paused || media.video.ended ? begin() : media.video.pause());
  const isFull = () => (document.fullscreenElement ?? document.webkitFullscreenElement) === stage;

  function fullscreen() {
    if (isFull()) return (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
    const enter = stage.requestFullscreen ?? stage.webkitRequestFullscreen;
    // A phone of Apple shows only the picture itself on the whole screen.
    return enter ? enter.call(stage) : media.video.webkitEnterFullscreen?.();
  }

  function loudness(value) {
    media.video.volume = Math.min(Math.max(0, value), 1);
    media.video.muted = media.video.volume === 0;
  }

  play.addEventListener("click", toggle);
  start.addEventListener("click", toggle);
  mute.addEventListener("click", () => { media.video.muted = !media.video.muted; });
  volume.addEventListener("input", () => loudness(volume.valueAsNumber));
  full.addEventListener("click", fullscreen);
  pip.hidden = !document.pictureInPictureEnabled;
  face(pip, "pip", "Picture in picture");
  pip.addEventListener("click", () => {
    const leave = document.pictureInPictureElement;
    (leave ? document.exitPictureInPicture() : media.video.requestPictureInPicture()).catch(() => {});
  });
  face(full, "fullscreen", "Full screen");
  for (const type of ["fullscreenchange", "webkitfullscreenchange"]) {
    document.addEventListener(type, () => {
      face(full, isFull() ? "windowed" : "fullscreen", isFull() ? "Leave full screen" : "Full screen");
    });
  }
  stage.addEventListener("pointerdown", () => { wasIdle = stage.classList.contains("idle"); }, true);
  for (const type of ["pointermove", "pointerdown", "keydown", "focusin"]) stage.addEventListener(type, wake);
  // A finger that is lifted leaves too, and wants to see what it asked for.
  stage.addEventListener("pointerleave", ({ pointerType }) => {
    if (pointerType === "mouse" && !media.video.paused && !isOpen()) stage.classList.add("idle");
  });
  // A click on the picture plays; on a touch screen it shows the controls first.
  media.on("click", ({ pointerType }) => {
    if (pointerType !== "touch" || !wasIdle) toggle();
  });
  media.on("dblclick", fullscreen);
  for (const type of ["play", "pause", "ended", "volumechange", "seeked", "emptied"]) media.on(type, draw);
  media.on("volumechange", () => {
    ({ volume: level, muted } = media.video);
    try {
      localStorage.setItem(VOLUME, JSON.stringify({ volume: level, muted }));
    } catch {
      // Without storage the next page starts at full volume.
    }
  });
  const busy = (on) => () => stage.classList.toggle("busy", on);
  for (const type of ["waiting", "seeking", "loadstart"]) media.on(type, busy(true));
  for (const type of ["playing", "canplay", "seeked", "error", "emptied"]) media.on(type, busy(false));

  return {
    draw, toggle, fullscreen,
    mute: () => { media.video.muted = !media.video.muted; },
    louder: (by) => loudness((media.video.muted ? 0 : media.video.volume) + by),
    // A new video element starts as the last one was left.
    adopt(video) {
      video.volume = level;
      video.muted = muted;
    },
  };
}
