// Viewers of low-latency HLS on loopback: each asks for every part of pictures and sound and for the playlists that
// name them, over a connection for each, as hls.js does. Prints what the server spent, as JSON.
//
//   node benches/live/viewers.mjs --url http://127.0.0.1:PORT/ --pid PID --viewers 200 --seconds 15

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { Client } from "./client.mjs";

const names = ["url", "pid", "viewers", "seconds"];
const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" }])) });
const url = new URL(values.url);
const RENDITIONS = ["video/360p_h264", "audio/und_aac_128k"];

const counts = { answers: 0, bytes: 0, failed: 0, late: [] };
let over = false;
let part = 1;

const client = () => new Client(url, (bytes, good) => {
  counts.answers += 1;
  counts.bytes += bytes;
  counts.failed += good ? 0 : 1;
}, () => { counts.failed += over ? 0 : 1; });

// Follows a rendition to the end: the playlist that names the next part, then the part.
async function follow(rendition, noted) {
  const connection = client();
  let asked = "";
  while (!over) {
    const playlist = (await connection.get(`${rendition}/playlist.m3u8${asked}`)).toString("latin1");
    part = Number(/PART-TARGET=([\d.]+)/.exec(playlist)[1]);
    const tail = playlist.slice(playlist.lastIndexOf("#EXT-X-PROGRAM-DATE-TIME:"));
    const number = Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist)[1]) + playlist.split("#EXTINF").length - 1;
    const parts = tail.includes("#EXTINF") ? [] : [...tail.matchAll(/DURATION=([\d.]+),URI="([^"]+)"/g)];
    if (noted && asked && parts.length > 0) {
      const lasted = parts.reduce((sum, part) => sum + Number(part[1]), 0);
      counts.late.push(Date.now() / 1000 - Date.parse(/TIME:(\S+)/.exec(tail)[1]) / 1000 - lasted);
    }
    if (asked && parts.length > 0) await connection.get(`${rendition}/${parts.at(-1)[2]}`);
    asked = `?_HLS_msn=${number}&_HLS_part=${parts.length}`;
  }
  connection.socket.destroy();
}

// Seconds of processor that a process has taken, and its memory in bytes.
const spent = () => {
  const fields = readFileSync(`/proc/${values.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const threads = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${values.pid}/status`, "utf8"))[1]) * 1024;
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const at = (share) => counts.late.sort((a, b) => a - b)[Math.floor(counts.late.length * share)] ?? null;

const viewers = Number(values.viewers);
const seconds = Number(values.seconds);
const idle = spent();
await pause(seconds);
const before = spent() - idle;
for (let viewer = 0; viewer < viewers; viewer += 1) {
  for (const rendition of RENDITIONS) follow(rendition, viewer < 5);
  if (viewer % 50 === 49) await pause(0.05);
}
await pause(3);
Object.assign(counts, { answers: 0, bytes: 0, late: [] });
const begun = spent();
await pause(seconds);
const after = spent() - begun;
over = true;
console.log(JSON.stringify({
  viewers, seconds, failed: counts.failed, requests_per_second: counts.answers / seconds,
  megabits_per_second: (counts.bytes * 8) / seconds / 1e6,
  cpu_alone: before / seconds, cpu_with_viewers: after / seconds,
  microseconds_per_request: ((after - before) / counts.answers) * 1e6,
  // At the pace of the parts: a busy machine lets viewers fall behind, who then ask for less.
  viewers_per_core: Math.floor(1 / (((after - before) / counts.answers) * ((2 * RENDITIONS.length) / part))),
  memory: threads(), late_p50: at(0.5), late_p99: at(0.99),
}));
process.exit(0);
