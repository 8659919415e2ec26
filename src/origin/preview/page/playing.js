// Which rendition is on the screen.

// A player says which one it fetches, some also which one it shows; the picture itself is believed first.
export function playing({ engine, video }) {
  const qualities = engine?.qualities() ?? [];
  const told = qualities.find((quality) => quality.id === engine.playing());
  const shown = qualities.filter(({ width, height }) => width === video.videoWidth && height === video.videoHeight);
  return shown.length === 0 || shown.includes(told) ? told : shown[0];
}
