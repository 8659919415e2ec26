// Asks a server for one object again and again over some connections, and prints the microseconds of processor that an
// answer costs it, as JSON.
//
//   node benches/live/requests.mjs --url http://127.0.0.1:PORT/ --path OBJECT --pid PID [--pid PID] --answers 20000 [--alone CPU]
//
// `--alone` is what the server takes by itself, in processors.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { Client } from "./client.mjs";

const text = { type: "string" };
const { values } = parseArgs({
  options: { url: text, path: text, pid: { type: "string", multiple: true }, answers: text, alone: text },
});
const CONNECTIONS = 16;
const url = new URL(values.url);
const counts = { answers: 0, bytes: 0, failed: 0 };

// Seconds of processor that the processes have taken; the kernel's share for them is in it.
const spent = () => values.pid.reduce((sum, pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return sum + (Number(fields[11]) + Number(fields[12])) / 100;
}, 0);

async function ask(answers) {
  let left = answers;
  const connection = async () => {
    const noted = (bytes, good) => {
      counts.answers += 1;
      counts.bytes += bytes;
      counts.failed += good ? 0 : 1;
    };
    const client = new Client(url, noted, (error) => { throw error; });
    while (left > 0) {
      left -= 1;
      await client.get(values.path);
    }
    client.socket.destroy();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

await ask(500);
Object.assign(counts, { answers: 0, bytes: 0, failed: 0 });
const [begun, cpu] = [process.hrtime.bigint(), spent()];
await ask(Number(values.answers));
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const taken = spent() - cpu - seconds * Number(values.alone ?? 0);
console.log(JSON.stringify({
  failed: counts.failed, bytes: Math.round(counts.bytes / counts.answers), per_second: Math.round(counts.answers / seconds),
  microseconds: (taken / counts.answers) * 1e6,
}));
process.exit(0);
