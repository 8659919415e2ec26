// Numbers as people read them.

const THIN = "\u202f";

export function time(seconds) {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// A time for those who listen: "1 minute 5 seconds".
export function spoken(seconds) {
  if (!Number.isFinite(seconds)) return "unknown";
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor(whole / 60) % 60, "minute"], [whole % 60, "second"]];
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}

function scaled(value, units, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  let index = 0;
  let scaled = value;
  while (scaled >= 999.5 && index < units.length - 1) {
    scaled /= 1000;
    index += 1;
  }
  const places = index === 0 ? 0 : Math.max(0, digits - String(Math.floor(scaled)).length);
  return `${scaled.toFixed(Math.min(places, 2))}${THIN}${units[index]}`;
}

export const rate = (bitsPerSecond) => scaled(bitsPerSecond, ["b/s", "kb/s", "Mb/s", "Gb/s"], 2);
export const bytes = (count) => scaled(count, ["B", "kB", "MB", "GB", "TB"]);
export const size = (width, height) => (width && height ? `${width}${THIN}×${THIN}${height}` : "–");
export const seconds = (value) => (Number.isFinite(value) ? `${value.toFixed(1)}${THIN}s` : "–");

// "30000/1001" as "29.97 fps".
export function frameRate(text) {
  const [over, under = 1] = String(text).split("/").map(Number);
  const value = over / under;
  return Number.isFinite(value) ? `${Number(value.toFixed(3))}${THIN}fps` : "–";
}

// What a rung is called: by the shorter side of its picture.
export const rung = (width, height) => (width && height ? `${Math.min(width, height)}p` : "Audio only");

// A language tag by its name in the reader's own language.
export function language(tag) {
  if (!tag || tag === "und") return "Unknown language";
  try {
    return new Intl.DisplayNames(navigator.languages, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
