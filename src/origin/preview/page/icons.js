// The pictures on buttons.

const SHAPES = {
  play: '<path d="M8 5.3v13.4c0 .9 1 1.4 1.7.9l10-6.7a1.1 1.1 0 0 0 0-1.8l-10-6.7c-.7-.5-1.7 0-1.7.9z"/>',
  pause: '<rect x="6" y="5" width="4.2" height="14" rx="1.2"/><rect x="13.8" y="5" width="4.2" height="14" rx="1.2"/>',
  replay: '<path class="line" d="M5 12a7 7 0 1 0 2.3-5.2"/><path class="line" d="M7.5 3v4.2h4.2"/>',
  volume: '<path d="M4 9.5v5c0 .3.2.5.5.5H8l4.2 3.6c.3.3.8.1.8-.4V5.8c0-.5-.5-.7-.8-.4L8 9H4.5c-.3 0-.5.2-.5.5z"/><path class="line" d="M16 9a4.2 4.2 0 0 1 0 6M18.5 6.5a7.8 7.8 0 0 1 0 11"/>',
  muted: '<path d="M4 9.5v5c0 .3.2.5.5.5H8l4.2 3.6c.3.3.8.1.8-.4V5.8c0-.5-.5-.7-.8-.4L8 9H4.5c-.3 0-.5.2-.5.5z"/><path class="line" d="m16.5 9.5 5 5m0-5-5 5"/>',
  quality: '<path class="line" d="M4 7h9m4 0h3M4 12h2m4 0h10M4 17h11m4 0h1"/><circle class="line" cx="15" cy="7" r="2"/><circle class="line" cx="8" cy="12" r="2"/><circle class="line" cx="17" cy="17" r="2"/>',
  audio: '<path class="line" d="M4 10v4M8 6.5v11M12 4v16M16 8v8M20 10.5v3"/>',
  subtitles: '<rect class="line" x="3" y="5" width="18" height="14" rx="2.5"/><path class="line" d="M7 12.5h4m3 0h3M7 15.5h2m3 0h5"/>',
  speed: '<path class="line" d="M5.6 18a9 9 0 1 1 12.8 0"/><path class="line" d="m12 13 4-4"/><circle cx="12" cy="13" r="1.5"/>',
  pip: '<path class="line" d="M10 19H5.5A2.5 2.5 0 0 1 3 16.5v-9A2.5 2.5 0 0 1 5.5 5h13A2.5 2.5 0 0 1 21 7.5V10"/><rect x="13" y="13" width="8.5" height="6.5" rx="1.5"/>',
  fullscreen: '<path class="line" d="M4 9V5.5C4 4.7 4.7 4 5.5 4H9m6 0h3.5c.8 0 1.5.7 1.5 1.5V9m0 6v3.5c0 .8-.7 1.5-1.5 1.5H15m-6 0H5.5c-.8 0-1.5-.7-1.5-1.5V15"/>',
  windowed: '<path class="line" d="M9 4v3.5C9 8.3 8.3 9 7.5 9H4m16 0h-3.5c-.8 0-1.5-.7-1.5-1.5V4m0 16v-3.5c0-.8.7-1.5 1.5-1.5H20M4 15h3.5c.8 0 1.5.7 1.5 1.5V20"/>',
  copy: '<rect class="line" x="9" y="9" width="11" height="11" rx="2"/><path class="line" d="M15 5.5A1.5 1.5 0 0 0 13.5 4h-8A1.5 1.5 0 0 0 4 5.5v8A1.5 1.5 0 0 0 5.5 15"/>',
  check: '<path class="line" d="m5 12.5 4.5 4.5L19 7.5"/>',
  back: '<path class="line" d="m14.5 5-7 7 7 7"/>',
  sun: '<circle class="line" cx="12" cy="12" r="4"/><path class="line" d="M12 3v1.5m0 15V21m9-9h-1.5m-15 0H3m15.4-6.4-1.1 1.1M6.7 17.3l-1.1 1.1m12.8 0-1.1-1.1M6.7 6.7 5.6 5.6"/>',
  moon: '<path class="line" d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>',
  keyboard: '<rect class="line" x="3" y="6" width="18" height="12" rx="2.5"/><path class="line" d="M7 10h.01M10.5 10h.01M14 10h.01M17.5 10h.01M8 14h8"/>',
  warning: '<path class="line" d="M12 4 2.8 19.5h18.4L12 4z"/><path class="line" d="M12 10v4.5m0 2.5v.1"/>',
};

const parser = new DOMParser();

export function icon(name) {
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" class="icon" aria-hidden="true">${SHAPES[name]}</svg>`;
  return document.importNode(parser.parseFromString(text, "image/svg+xml").documentElement, true);
}
