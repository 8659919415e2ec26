// The page of several sets: a poster for each.

import { byId, el } from "./dom.js";
import { time } from "./format.js";
import { icon } from "./icons.js";
import * as sets from "./set.js";
import { themeButton } from "./theme-button.js";

function card(set, server) {
  const title = sets.title(set, server);
  const poster = set.poster
    ? el("img", { src: `${sets.base(set)}poster.jpg`, alt: "", loading: "lazy", decoding: "async" })
    : el("span", { class: "none" }, icon("audio"));
  const length = set.duration_s === null ? null : el("span", { class: "length" }, time(set.duration_s));
  const folder = set.path.split("/").slice(0, -1).join(" / ");
  const [width, height] = (set.resolution ?? "").split("x").map(Number);
  const facts = [set.resolution ? `${Math.min(width, height)}p` : null, set.hls && "HLS", set.dash && "DASH"];
  return el("li", {}, el(
    "a",
    { class: "set", href: sets.pageOf(set) },
    el("span", { class: "poster" }, poster, length),
    el("strong", {}, title),
    el("span", { class: "facts" }, [folder, ...facts].filter(Boolean).join(" · ")),
  ));
}

function tell(text) {
  byId("nothing").textContent = text;
  byId("nothing").hidden = false;
}

async function main() {
  themeButton();
  const server = await sets.library();
  const count = server.sets.length;
  document.title = `${server.name} · streampack`;
  byId("title").textContent = server.name;
  byId("count").textContent = `${count} ${count === 1 ? "set" : "sets"}`;
  byId("tool").textContent = `streampack ${server.version}`;
  byId("sets").append(...server.sets.map((set) => card(set, server)));
  if (count === 0) tell("There are no sets here any more.");
}

main().catch((error) => tell(`The list cannot be loaded: ${error.message}.`));
