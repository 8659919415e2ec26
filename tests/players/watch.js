// Runs in the page before anything else: notes what happens to its media.
//
// SourceBuffers are watched from the start: their `buffered` is per track, which the element's is not.

window.seen = { errors: [], stalls: [], buffers: [], frames: [], ended: false };

window.addEventListener("error", (event) => seen.errors.push(`page: ${event.message}`));
window.addEventListener("unhandledrejection", (event) => seen.errors.push(`page: ${event.reason?.message ?? event.reason}`));

const add = MediaSource.prototype.addSourceBuffer;
MediaSource.prototype.addSourceBuffer = function (type) {
  const buffer = add.call(this, type);
  const entry = { type, first: null, last: null };
  seen.buffers.push(entry);
  buffer.addEventListener("updateend", () => {
    try {
      if (buffer.buffered.length === 0) return;
      entry.first ??= buffer.buffered.start(0);
      entry.last = Math.max(entry.last ?? 0, buffer.buffered.end(buffer.buffered.length - 1));
    } catch {
      // The buffer was removed.
    }
  });
  return buffer;
};

// Notes the time and height of each picture that is shown.
window.watchFrames = (video) => {
  const note = (_, { mediaTime, height }) => {
    seen.frames.push([mediaTime, height]);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
};

// Gives a function that says which frequency is loudest, in Hz.
window.listen = (video) => {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaElementSource(video).connect(analyser);
  analyser.connect(context.destination);
  const bins = new Float32Array(analyser.frequencyBinCount);
  return () => {
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.reduce((best, level, i) => (level > bins[best] ? i : best), 0);
    return bins[loudest] > -60 ? (loudest * context.sampleRate) / analyser.fftSize : 0;
  };
};

// The mean colour of a part of a picture, as [red, green, blue].
window.colorOf = async (url, x, y, width, height) => {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  // The middle, for at its edge a tile mixes with the next one.
  canvas.drawImage(image, x + width / 4, y + height / 4, width / 2, height / 2, 0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
};
