// dash.js plays the MPD.

import { language } from "./format.js";
import { keysOf } from "./licence.js";

const LABEL = (track) => track.labels?.[0]?.text || language(track.lang);

export async function start(video, url, { changed, failed, licence }) {
  const { dashjs } = window;
  const player = dashjs.MediaPlayer().create();
  const { events } = dashjs.MediaPlayer;
  let playing = null;
  let auto = true;
  let wanted = null;
  player.on(events.QUALITY_CHANGE_RENDERED, ({ mediaType, newRepresentation }) => {
    if (mediaType === "video") playing = newRepresentation?.id ?? playing;
    changed();
  });
  for (const event of ["STREAM_INITIALIZED", "TRACK_CHANGE_RENDERED", "TEXT_TRACKS_ADDED", "QUALITY_CHANGE_REQUESTED"]) {
    player.on(events[event], changed);
  }
  player.on(events.ERROR, ({ error }) => failed(`${error?.message ?? error} (${error?.code ?? "unknown"})`));
  player.updateSettings({
    debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
    streaming: { text: { defaultEnabled: false } },
  });
  const keys = await keysOf(url, licence);
  if (keys.length) {
    const clearkeys = Object.fromEntries(keys.map(({ kid, k }) => [kid, k]));
    player.setProtectionData({ "org.w3.clearkey": { clearkeys } });
  }
  player.initialize(video, url, false);
  const ready = () => player.isReady() && player.getActiveStream();
  const tracks = (type) => (ready() ? player.getTracksFor(type) : []);
  const named = (track, index) => ({ id: index, label: LABEL(track), language: track.lang });
  const current = (type) => (ready() ? player.getCurrentRepresentationForType(type) : null);
  return {
    name: "dash.js",
    version: player.getVersion(),
    qualities() {
      const representations = ready() ? player.getRepresentationsByType("video") : [];
      return representations.map(({ id, width, height, bandwidth }) => ({ id, width, height, bitrate: bandwidth }));
    },
    playing: () => playing ?? current("video")?.id ?? null,
    chosen: () => (auto ? "auto" : wanted),
    choose(id) {
      auto = id === "auto";
      wanted = id;
      player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: auto } } } });
      // What is buffered is replaced, so that one sees the choice soon.
      if (!auto) player.setRepresentationForTypeById("video", id, true);
      changed();
    },
    audios: () => tracks("audio").map(named),
    audio() {
      const now = ready() ? player.getCurrentTrackFor("audio") : null;
      return tracks("audio").findIndex((track) => track.index === now?.index);
    },
    chooseAudio(id) {
      player.setCurrentTrack(tracks("audio")[id]);
      changed();
    },
    texts: () => tracks("text").map(named),
    text() {
      const index = ready() && player.isTextEnabled() ? player.getCurrentTextTrackIndex() : -1;
      return index < 0 ? null : index;
    },
    chooseText(id) {
      player.enableText(id !== null);
      player.setTextTrack(id ?? -1);
      changed();
    },
    bandwidth: () => (ready() ? player.getAverageThroughput("video") * 1000 : NaN),
    codecs() {
      const codec = (type) => current(type)?.codecs?.replace(/^.*codecs="|"$/g, "");
      return [codec("video"), codec("audio")].filter(Boolean).join(", ");
    },
    destroy: () => player.destroy(),
  };
}
