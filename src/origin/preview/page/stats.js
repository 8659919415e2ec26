// What the player does right now, twice a second.

import { byId } from "./dom.js";
import { chart } from "./chart.js";
import { rate, rung, seconds, size } from "./format.js";
import { playing as playingOf } from "./playing.js";

const EVERY_MS = 500;
const POINTS = 120;

// Seconds that are buffered from here on without a hole.
export function ahead(video) {
  const { buffered, currentTime } = video;
  for (let i = 0; i < buffered.length; i += 1) {
    if (currentTime >= buffered.start(i) - 0.1 && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}

export function stats(media) {
  const bandwidth = chart(byId("bandwidth-chart"), { length: POINTS, top: 1e7, bottom: 1e5 });
  const buffer = chart(byId("buffer-chart"), { length: POINTS, top: 10 });
  const set = (id, text) => {
    const element = byId(id);
    if (element.textContent !== text) element.textContent = text;
  };

  function draw() {
    const { video, engine } = media;
    const playing = playingOf(media);
    const estimate = engine?.bandwidth() ?? NaN;
    const left = ahead(video);
    const frames = video.getVideoPlaybackQuality?.();
    set("stat-bandwidth", rate(estimate > 0 ? estimate : NaN));
    set("stat-buffer", seconds(left));
    set("stat-rendition", playing ? `${rung(playing.width, playing.height)} · ${rate(playing.bitrate)}` : "–");
    set("stat-picture", size(video.videoWidth, video.videoHeight));
    set("stat-dropped", frames ? `${frames.droppedVideoFrames} of ${frames.totalVideoFrames}` : "–");
    set("stat-codecs", engine?.codecs() || "–");
    set("stat-position", Number.isFinite(video.duration) ? `${video.currentTime.toFixed(3)} of ${video.duration.toFixed(3)} s` : "–");
    set("stat-player", engine ? `${engine.name} ${engine.version}`.trim() : "–");
  }

  function sample() {
    const { video, engine } = media;
    draw();
    if (document.hidden) return;
    const playing = playingOf(media);
    const estimate = engine?.bandwidth();
    bandwidth.push(estimate > 0 ? estimate : NaN, playing?.bitrate);
    buffer.push(ahead(video));
  }

  setInterval(sample, EVERY_MS);
  return {
    draw,
    clear() {
      bandwidth.clear();
      buffer.clear();
    },
  };
}
