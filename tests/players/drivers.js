// The players behind one interface, in the page. Each buffers a few seconds only, so that a choice of another
// rendition is seen soon, and starts with the lowest rendition.
//
// A driver has: rungs(), heights of the renditions; rung(height), plays this one from the next segment on;
// audio(language); text(language or null); thumbnail(seconds), a tile when the player finds them itself.
//
// Keys of encrypted media come from the Clear Key server at `licence`, asked by the player itself where it can.

const BUFFER = 3;

const by = (list, key, value) => list.find((item) => item[key]?.startsWith(value));

window.drivers = {
  async hls(video, url, licence) {
    const drmSystems = licence ? { "org.w3.clearkey": { licenseUrl: licence } } : {};
    const hls = new Hls({
      startPosition: 0, startLevel: 0, enableWorker: false, maxBufferLength: BUFFER, maxMaxBufferLength: BUFFER,
      emeEnabled: Boolean(licence), drmSystems,
    });
    hls.on(Hls.Events.ERROR, (_, data) => {
      // A busy machine starves the decoder for a moment; hls.js then says so and goes on.
      const stalled = ["bufferStalledError", "bufferNudgeOnStall"].includes(data.details);
      // So it does when it takes back a request of its own: at a seek, or when subtitles are switched off.
      const dropped = data.details === "aborted";
      const harmless = !data.fatal && (stalled || dropped);
      (harmless ? seen.stalls : seen.errors).push(`hls.js: ${data.details} ${data.error?.message ?? ""}`);
    });
    const parsed = new Promise((resolve) => hls.once(Hls.Events.MANIFEST_PARSED, resolve));
    hls.loadSource(url);
    hls.attachMedia(video);
    await parsed;
    hls.loadLevel = 0;
    return {
      version: Hls.version,
      rungs: () => hls.levels.map((level) => level.height),
      rung(height) { hls.nextLevel = hls.levels.findIndex((level) => level.height === height); },
      audio(language) { hls.audioTrack = hls.audioTracks.indexOf(by(hls.audioTracks, "lang", language)); },
      text(language) { hls.subtitleTrack = language === null ? -1 : hls.subtitleTracks.indexOf(by(hls.subtitleTracks, "lang", language)); },
    };
  },

  // The browser itself, with a plain file.
  async plain(video, url) {
    video.src = url;
    return { version: navigator.userAgent };
  },

  async dash(video, url, licence) {
    const player = dashjs.MediaPlayer().create();
    const { events } = dashjs.MediaPlayer;
    player.on(events.ERROR, ({ error }) => seen.errors.push(`dash.js: ${error?.code} ${error?.message}`));
    player.on(events.PLAYBACK_ENDED, () => { seen.ended = true; });
    const started = new Promise((resolve) => player.on(events.STREAM_INITIALIZED, resolve));
    player.updateSettings({
      debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
      streaming: {
        abr: { autoSwitchBitrate: { video: false }, initialBitrate: { video: 1 } },
        buffer: { bufferTimeDefault: BUFFER, bufferTimeAtTopQuality: BUFFER, bufferTimeAtTopQualityLongForm: BUFFER },
        text: { defaultEnabled: false },
      },
    });
    if (licence) player.setProtectionData({ "org.w3.clearkey": { serverURL: licence } });
    player.initialize(video, url, false);
    await started;
    const rungs = () => player.getRepresentationsByType("video");
    return {
      version: player.getVersion(),
      rungs: () => rungs().map((rung) => rung.height),
      rung(height) { player.setRepresentationForTypeById("video", rungs().find((rung) => rung.height === height).id); },
      audio(language) { player.setCurrentTrack(by(player.getTracksFor("audio"), "lang", language)); },
      text(language) {
        const tracks = player.getTracksFor("text");
        player.enableText(language !== null);
        player.setTextTrack(language === null ? -1 : tracks.indexOf(by(tracks, "lang", language)));
      },
    };
  },

  async shaka(video, url, licence) {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    const tell = (error) => seen.errors.push(`shaka: ${error.code} ${JSON.stringify(error.data)}`);
    player.addEventListener("error", ({ detail }) => tell(detail));
    await player.attach(video);
    player.configure({ abr: { enabled: false, defaultBandwidthEstimate: 1 }, streaming: { bufferingGoal: BUFFER } });
    // Playlists do not lead Shaka Player to a Clear Key server; it takes keys that the page has asked for.
    if (licence && url.endsWith(".m3u8")) {
      const { inHex, keysOf } = await import("/_preview/assets/page/licence.js");
      player.configure({ drm: { clearKeys: inHex(await keysOf(url, licence)) } });
    } else if (licence) {
      player.configure({ drm: { servers: { "org.w3.clearkey": licence } } });
    }
    await player.load(url).catch(tell);
    const lowest = player.getVideoTracks().sort((a, b) => a.bandwidth - b.bandwidth)[0];
    player.selectVideoTrack(lowest, true);
    return {
      version: shaka.Player.version,
      rungs: () => player.getVideoTracks().map((track) => track.height),
      rung(height) { player.selectVideoTrack(player.getVideoTracks().find((track) => track.height === height)); },
      audio(language) { player.selectAudioTrack(by(player.getAudioTracks(), "language", language)); },
      text(language) { player.selectTextTrack(language === null ? null : by(player.getTextTracks(), "language", language)); },
      async thumbnail(seconds) {
        const track = player.getImageTracks()[0];
        const found = track && (await player.getThumbnails(track.id, seconds));
        return found && { url: found.uris[0], x: found.positionX, y: found.positionY, width: found.width, height: found.height };
      },
    };
  },
};
