// Shaka Player plays either manifest.

import { language } from "./format.js";
import { inHex, keysOf } from "./licence.js";

const LABEL = (track) => track.label || language(track.language);

// A rendition by what it looks like: a choice of another audio track makes new numbers of Shaka's tracks.
const idOf = (track) => `${track.width}x${track.height}@${track.bandwidth}`;

// An error's code by its name: "HTTP_ERROR" says more than 1002.
function told(error) {
  const codes = Object.entries(window.shaka.util.Error.Code);
  const name = codes.find(([, code]) => code === error?.code)?.[0];
  const details = (error?.data ?? []).filter((part) => ["string", "number"].includes(typeof part)).slice(0, 2);
  return name ? [name, ...details].join(" ") : String(error?.message ?? error);
}

export async function start(video, url, { changed, failed, licence }) {
  const { shaka } = window;
  shaka.polyfill.installAll();
  if (!shaka.Player.isBrowserSupported()) throw new Error("Shaka Player does not run in this browser");
  const player = new shaka.Player();
  player.addEventListener("error", ({ detail }) => failed(told(detail)));
  for (const event of ["trackschanged", "adaptation", "variantchanged", "audiotrackschanged", "textchanged", "mediaqualitychanged"]) {
    player.addEventListener(event, changed);
  }
  const keys = await keysOf(url, licence);
  if (keys.length) player.configure({ drm: { clearKeys: inHex(keys) } });
  await player.attach(video);
  let auto = true;
  const videos = () => player.getVideoTracks();
  const audios = () => player.getAudioTracks();
  const texts = () => player.getTextTracks();
  const active = (tracks) => tracks.findIndex((track) => track.active);
  const named = (track, id) => ({ id, label: LABEL(track), language: track.language });
  player.load(url).then(changed, (error) => {
    // LOAD_INTERRUPTED: the page went on to another player.
    if (error?.code !== shaka.util.Error.Code.LOAD_INTERRUPTED) failed(told(error));
  });
  return {
    name: "Shaka Player",
    version: shaka.Player.version.replace(/^v/, ""),
    qualities: () => videos().map((track) => ({ id: idOf(track), width: track.width, height: track.height, bitrate: track.bandwidth })),
    playing() {
      const track = videos().find((track) => track.active);
      return track ? idOf(track) : null;
    },
    chosen() {
      return auto ? "auto" : this.playing();
    },
    choose(id) {
      auto = id === "auto";
      player.configure({ abr: { enabled: auto } });
      const track = videos().find((track) => idOf(track) === id);
      // What is buffered is replaced, but for a second that keeps the picture moving.
      if (track) player.selectVideoTrack(track, true, 1);
      changed();
    },
    audios: () => audios().map(named),
    audio: () => active(audios()),
    chooseAudio(id) {
      player.selectAudioTrack(audios()[id]);
      changed();
    },
    texts: () => texts().map(named),
    text() {
      const index = active(texts());
      return index < 0 ? null : index;
    },
    chooseText(id) {
      player.selectTextTrack(id === null ? null : texts()[id]);
      changed();
    },
    bandwidth: () => player.getStats().estimatedBandwidth,
    codecs() {
      const codec = (tracks) => tracks.find((track) => track.active)?.codecs;
      return [codec(videos()), codec(audios())].filter(Boolean).join(", ");
    },
    destroy: () => player.destroy(),
  };
}
