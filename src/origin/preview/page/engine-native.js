// The browser's own HLS. It chooses the rendition by itself and does not say which.

import { language } from "./format.js";

const list = (tracks) => [...(tracks ?? [])];

const named = (track, index) => ({ id: index, label: track.label || language(track.language), language: track.language });

export async function start(video, url, { changed, failed }) {
  const texts = () => list(video.textTracks).filter((track) => ["subtitles", "captions"].includes(track.kind));
  video.addEventListener("error", () => failed(video.error?.message || "the browser cannot play this"));
  for (const tracks of [video.audioTracks, video.textTracks]) {
    tracks?.addEventListener("addtrack", changed);
    tracks?.addEventListener("change", changed);
  }
  video.src = url;
  return {
    name: "Native",
    version: "",
    qualities: () => [],
    playing: () => null,
    chosen: () => "auto",
    choose() {},
    audios: () => list(video.audioTracks).map(named),
    audio: () => list(video.audioTracks).findIndex((track) => track.enabled),
    chooseAudio(id) {
      list(video.audioTracks).forEach((track, index) => { track.enabled = index === id; });
    },
    texts: () => texts().map(named),
    text() {
      const index = texts().findIndex((track) => track.mode === "showing");
      return index < 0 ? null : index;
    },
    chooseText(id) {
      texts().forEach((track, index) => { track.mode = index === id ? "showing" : "disabled"; });
      changed();
    },
    bandwidth: () => NaN,
    codecs: () => "",
    destroy() {
      video.removeAttribute("src");
      video.load();
    },
  };
}
