// hls.js plays the HLS playlists.

import { language } from "./format.js";

const named = (track) => ({ id: track.id, label: track.name || language(track.lang), language: track.lang });

// What went wrong in words: what hls.js calls it, and the address when there is one.
function told(data) {
  const url = data.url ?? data.frag?.url ?? data.context?.url;
  const status = data.response?.code ? ` (${data.response.code})` : "";
  const where = url ? `: ${new URL(url, location.href).pathname}${status}` : "";
  return `${data.details}${where || (data.error?.message ? `: ${data.error.message}` : "")}`;
}

export async function start(video, url, { changed, failed }) {
  const { Hls } = window;
  // Fragmented MP4 needs no work that would be worth a thread.
  const hls = new Hls({ enableWorker: false });
  const { Events } = Hls;
  let playing = null;
  hls.on(Events.LEVEL_SWITCHED, (_, { level }) => {
    playing = level;
    changed();
  });
  for (const event of ["MANIFEST_PARSED", "LEVELS_UPDATED", "AUDIO_TRACKS_UPDATED", "AUDIO_TRACK_SWITCHED",
    "SUBTITLE_TRACKS_UPDATED", "SUBTITLE_TRACK_SWITCH"]) {
    hls.on(Events[event], changed);
  }
  hls.on(Events.ERROR, (_, data) => {
    if (data.fatal) failed(told(data));
  });
  hls.subtitleDisplay = true;
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    name: "hls.js",
    version: Hls.version,
    qualities: () => hls.levels.map(({ width, height, bitrate }, id) => ({ id, width, height, bitrate })),
    playing: () => playing,
    chosen: () => (hls.autoLevelEnabled ? "auto" : hls.loadLevel),
    choose(id) {
      // From the next segment on, what is buffered beyond it is fetched again.
      hls.nextLevel = id === "auto" ? -1 : id;
      changed();
    },
    audios: () => hls.audioTracks.map(named),
    audio: () => hls.audioTrack,
    chooseAudio(id) { hls.audioTrack = id; },
    texts: () => hls.subtitleTracks.map(named),
    text: () => (hls.subtitleTrack < 0 ? null : hls.subtitleTrack),
    chooseText(id) { hls.subtitleTrack = id ?? -1; },
    bandwidth: () => hls.bandwidthEstimate,
    codecs() {
      const level = hls.levels[playing ?? 0];
      return [level?.videoCodec, level?.audioCodec].filter(Boolean).join(", ");
    },
    destroy: () => hls.destroy(),
  };
}
