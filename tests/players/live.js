// The players at the live edge, in the page, each with what its own documentation says about low latency.
//
// A player has: begun, when it was started; said(), how far behind it says that it is, in seconds; parts(), how many
// responses brought less than a segment, where it tells; told(), the messages that it was told: [name, text, time]; cues,
// what of it the source has marked: [scheme or ID, begin in seconds, length].

const begin = (player) => ({ begun: performance.now(), parts: () => null, told: () => [], cues: [], ...player });

const MARKED = ["urn:scte:scte35:2014:xml+bin", "urn:streampack:amf:2026"];

const ID3 = "https://aomedia.org/emsg/ID3";

window.live = {
  // `catch-up`: it plays faster to come back to the edge, which it does not of its own accord.
  async hls(video, url, { mode, lowLatency, licence }) {
    const hls = new Hls({
      lowLatencyMode: lowLatency, enableWorker: false, maxLiveSyncPlaybackRate: mode === "catch-up" ? 1.1 : 1,
      emeEnabled: Boolean(licence), drmSystems: licence ? { "org.w3.clearkey": { licenseUrl: licence } } : {},
    });
    let parts = 0;
    hls.on(Hls.Events.ERROR, (_, data) => (data.fatal ? seen.errors : seen.stalls).push(`hls.js: ${data.details}`));
    hls.on(Hls.Events.FRAG_LOADED, (_, data) => { parts += data.part ? 1 : 0; });
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
    // It makes a track of them; a track forgets what is no longer in the buffer.
    const told = [];
    hls.on(Hls.Events.FRAG_PARSING_METADATA, () => setTimeout(() => {
      const track = [...video.textTracks].find(({ label }) => label === "id3");
      const cues = [...track?.cues ?? []].map((cue) => [cue.value.info, cue.value.data, cue.startTime]);
      told.push(...cues.filter(([, data]) => !told.some(([, known]) => known === data)));
    }));
    const cues = [];
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
      const ranges = Object.values(details.dateRanges).map(({ id, startTime, duration }) => [id, startTime, duration]);
      cues.splice(0, Infinity, ...ranges);
    });
    const said = () => (Date.now() - hls.playingDate?.getTime()) / 1000;
    const player = begin({ said, parts: () => parts, told: () => told, cues });
    hls.loadSource(`${url}master.m3u8`);
    hls.attachMedia(video);
    return player;
  },

  async dash(video, url, { licence }) {
    const player = dashjs.MediaPlayer().create();
    const { events } = dashjs.MediaPlayer;
    player.on(events.ERROR, ({ error }) => seen.errors.push(`dash.js: ${error?.code} ${error?.message}`));
    player.updateSettings({ debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE } });
    const told = [];
    player.on(ID3, ({ event }) => told.push(...event.parsedMessageData.map(({ info, data }) => [info, data, event.calculatedPresentationTime])));
    const cues = [];
    const cue = ({ event }) => cues.push([event.eventStream.schemeIdUri, event.calculatedPresentationTime, event.duration]);
    MARKED.forEach((scheme) => player.on(scheme, cue, null, { mode: events.EVENT_MODE_ON_RECEIVE }));
    const started = begin({ cues, said: () => player.getCurrentLiveLatency(), target: () => player.getTargetLiveDelay(), told: () => told });
    if (licence) player.setProtectionData({ "org.w3.clearkey": { serverURL: licence } });
    player.initialize(video, `${url}manifest.mpd`, true);
    return started;
  },

  async shaka(video, url, { mode }) {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    const tell = (error) => seen.errors.push(`shaka: ${error.code} ${JSON.stringify(error.data)}`);
    player.addEventListener("error", ({ detail }) => (detail.severity === shaka.util.Error.Severity.CRITICAL ? tell(detail) : seen.stalls.push(`shaka: ${detail.code}`)));
    // Else it takes the end of what the MPD announces for the live edge, and its own latency to be behind the delay that is
    // suggested to others (PresentationTimeline, Player.onTimeUpdate_).
    if (mode === "close") player.configure({ manifest: { dash: { autoCorrectDrift: false, ignoreSuggestedPresentationDelay: true } } });
    const told = [];
    player.addEventListener("metadata", ({ startTime, payload }) => told.push([payload.description, payload.data, startTime]));
    const cues = [];
    player.addEventListener("timelineregionadded", ({ detail }) =>
      cues.push([detail.schemeIdUri, detail.startTime, detail.endTime - detail.startTime]));
    // No playlist of HLS announces messages.
    if (mode === "hls") player.configure("mediaSource.dispatchAllEmsgBoxes", true);
    await player.attach(video);
    const started = begin({ said: () => (Date.now() - player.getPlayheadTimeAsDate()?.getTime()) / 1000, player, told: () => told, cues });
    await player.load(`${url}${mode === "hls" ? "master.m3u8" : "manifest.mpd"}`).catch(tell);
    video.play();
    return started;
  },
};

// A clock that is painted into the pictures: 40 bits in the topmost sixteenth of their width, the milliseconds since 1970
// modulo 2^32 and a sum of their bytes. Gives the milliseconds, or nothing where there is no clock.
function readClock(context, video) {
  const [bits, size] = [40, 4];
  context.drawImage(video, 0, 0, video.videoWidth, video.videoWidth / bits, 0, 0, bits * size, size);
  const { data } = context.getImageData(0, 0, bits * size, size);
  const bytes = new Uint8Array(5);
  for (let bit = 0; bit < bits; bit += 1) {
    const at = 4 * (bits * size * (size / 2) + bit * size + size / 2);
    if (data[at + 1] > 127) bytes[bit >> 3] |= 0x80 >> (bit & 7);
  }
  const sum = (bytes[0] + bytes[1] + bytes[2] + bytes[3] + 0x5a) & 0xff;
  return sum === bytes[4] ? new DataView(bytes.buffer).getUint32(0) : null;
}

// Without a new picture for so long a player stands.
const STANDS_MS = 500;

// The pictures are so much nearer to the wall clock than those before them: something was left out.
const SKIPS_S = 0.3;

// So much of the beginning and of the end is told by itself.
const ENDS_S = 10;

const shown = { stands: [], skips: [], behind: null, frameAt: 0, latency: [], latencyAt: [], said: [], frames: 0, unread: 0, waiting: 0, since: Infinity, at: 0, dropped: 0 };

window.watchClock = (video) => {
  const context = new OffscreenCanvas(160, 4).getContext("2d", { willReadFrequently: true });
  const note = () => {
    shown.frames += 1;
    const now = Date.now();
    if (now - shown.frameAt > STANDS_MS) shown.stands.push([shown.frameAt, now]);
    shown.frameAt = now;
    const clock = readClock(context, video);
    const behind = clock === null ? null : (Date.now() % 2 ** 32) - clock;
    if (behind === null || behind < -1000 || behind > 3_600_000) shown.unread += 1;
    else {
      if (shown.behind !== null && shown.behind - behind / 1000 > SKIPS_S) shown.skips.push([now, shown.behind - behind / 1000]);
      shown.behind = behind / 1000;
      shown.latency.push(shown.behind);
      shown.latencyAt.push(now);
    }
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  video.addEventListener("waiting", () => { shown.waiting += 1; });
  setInterval(() => shown.said.push([player?.said(), video.playbackRate]), 250);
};

window.watchFrom = () => {
  const { droppedVideoFrames: dropped } = video.getVideoPlaybackQuality();
  Object.assign(shown, {
    stands: [], skips: [], frameAt: Date.now(), latency: [], latencyAt: [], said: [], frames: 0, unread: 0, waiting: 0, since: performance.now(), at: video.currentTime, dropped,
  });
};

window.playedFrom = () => video.currentTime - shown.at;

const spread = (all) => {
  const sorted = all.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95), max: sorted.at(-1), min: sorted[0] };
};

// How far behind it was between these two instants.
const between = (from, to) => spread(shown.latency.filter((_, at) => shown.latencyAt[at] >= from && shown.latencyAt[at] <= to));

window.pictures = () => shown.latencyAt.map((at, index) => [at, shown.latency[index]]);

window.watched = () => ({
  errors: seen.errors,
  notes: seen.stalls,
  parts: player.parts(),
  told: player.told(),
  cues: player.cues,
  target: player.target?.() ?? null,
  played: video.currentTime - shown.at,
  waited: (performance.now() - shown.since) / 1000,
  // When it stood, in milliseconds since 1970; to the end where nothing ends it.
  stands: Date.now() - shown.frameAt > STANDS_MS ? [...shown.stands, [shown.frameAt, null]] : shown.stands,
  playedLast: video.played.length > 0 ? video.played.end(video.played.length - 1) - video.played.start(video.played.length - 1) : 0,
  now: shown.said.at(-1),
  stalls: shown.waiting,
  frames: shown.frames,
  unread: shown.unread,
  dropped: video.getVideoPlaybackQuality().droppedVideoFrames - shown.dropped,
  // What was left out between two pictures: when, and how many seconds.
  skips: shown.skips,
  latency: spread(shown.latency),
  latencyFirst: between(shown.latencyAt[0], shown.latencyAt[0] + ENDS_S * 1000),
  latencyLast: between(shown.latencyAt.at(-1) - ENDS_S * 1000, shown.latencyAt.at(-1)),
  said: spread(shown.said.map(([said]) => said)),
  rate: spread(shown.said.map(([, rate]) => rate)),
});
