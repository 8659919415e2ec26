// Keyboard shortcuts, those that players on the web agree on.

import { byId } from "./dom.js";

const FIELDS = "input:not([type=range]), textarea, select, [role=menu] *, dialog *";

export function keys({ controls, scrub, media, subtitles }) {
  const help = byId("help");
  byId("help-button").addEventListener("click", () => help.showModal());
  help.addEventListener("click", (event) => {
    if (event.target === help || event.target.closest("[data-close]")) help.close();
  });
  const frame = (by) => {
    media.video.pause();
    scrub.by(by / (media.frameRate || 25));
  };
  const actions = {
    k: controls.toggle,
    " ": controls.toggle,
    j: () => scrub.by(-10),
    l: () => scrub.by(10),
    ArrowLeft: () => scrub.by(-5),
    ArrowRight: () => scrub.by(5),
    ArrowUp: () => controls.louder(0.05),
    ArrowDown: () => controls.louder(-0.05),
    ",": () => frame(-1),
    ".": () => frame(1),
    m: controls.mute,
    f: controls.fullscreen,
    c: subtitles,
    Home: () => scrub.to(0),
    End: () => scrub.to(1),
    "?": () => help.showModal(),
  };
  for (let digit = 0; digit <= 9; digit += 1) actions[digit] = () => scrub.to(digit / 10);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target.matches(FIELDS) || help.open) return;
    // Space and Enter press what has the focus; arrows of a slider or a choice move it.
    const presses = event.key === " " && target.matches("button, a, summary");
    const moves = event.key.startsWith("Arrow") && target.matches("input, [role=radio]");
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || presses || moves) return;
    event.preventDefault();
    action();
  });
}
