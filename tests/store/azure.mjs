// Azure's storage of blobs on a free port of this machine, in memory, until standard input ends. Makes the containers
// that are named; everybody may read them.
//
// The tests hold the other end of standard input: however they end, this ends with them.

import { createHmac } from "node:crypto";

process.stdin.resume().on("end", () => process.exit(0));

// What every storage emulator of Azure is opened with.
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const VERSION = "2021-08-06";

/** Makes a container (Azure Storage REST API, "Create Container", "Authorize with Shared Key"). */
async function make(url, container) {
    const headers = { "x-ms-blob-public-access": "container", "x-ms-date": new Date().toUTCString(), "x-ms-version": VERSION };
    const named = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
    const signed = `PUT${"\n".repeat(12)}${named}/${ACCOUNT}/${ACCOUNT}/${container}\nrestype:container`;
    const signature = createHmac("sha256", Buffer.from(KEY, "base64")).update(signed).digest("base64");
    headers.authorization = `SharedKey ${ACCOUNT}:${signature}`;
    const answer = await fetch(`${url}/${ACCOUNT}/${container}?restype=container`, { method: "PUT", headers });
    if (!answer.ok) throw new Error(await answer.text());
}

const containers = process.argv.splice(2);
process.argv.push("--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent");

const said = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...rest) => {
    const url = /successfully listens on (http:\/\/\S+)/.exec(text)?.[1];
    if (url) Promise.all(containers.map((name) => make(url, name))).then(() => said(`Running on ${url}\n`));
    return said(text, ...rest);
};

await import("azurite/dist/src/blob/main.js");
