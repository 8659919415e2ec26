// The pictures of the seek bar: which part of which sprite sheet to show when.

const seconds = (clock) => clock.trim().split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

// The cues of a WebVTT file whose payloads are `sprite.jpg#xywh=x,y,w,h`.
export function parse(text, url) {
  const cues = [];
  for (const block of text.split(/\r?\n\r?\n/)) {
    const times = /^([\d:.]+) --> ([\d:.]+).*\r?\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/m.exec(block);
    if (!times) continue;
    const [, from, to, name, ...region] = times;
    const [x, y, width, height] = region.map(Number);
    cues.push({ from: seconds(from), to: seconds(to), image: new URL(name, url).href, x, y, width, height });
  }
  return cues;
}

export async function load(url) {
  const response = await fetch(url);
  return response.ok ? parse(await response.text(), new URL(url, location.href)) : [];
}

export const at = (cues, time) => cues.find((cue) => time >= cue.from && time < cue.to) ?? cues.at(-1);

// Shows a cue in an element, no wider than `limit`.
export function show(cue, element, limit) {
  const scale = Math.min(1, limit / cue.width);
  element.style.width = `${cue.width * scale}px`;
  element.style.height = `${cue.height * scale}px`;
  const picture = element.firstElementChild;
  picture.style.width = `${cue.width}px`;
  picture.style.height = `${cue.height}px`;
  picture.style.transform = `scale(${scale})`;
  picture.style.backgroundImage = `url("${cue.image}")`;
  picture.style.backgroundPosition = `-${cue.x}px -${cue.y}px`;
}
