// A connection to a server of HTTP/1.1 that asks for one thing at a time. Only heads and lengths are looked at: who asks
// must be cheaper than who answers.

import { connect } from "node:net";

export class Client {
  // `noted` is called with each answer's size and whether it was 200, and `failed` when the connection breaks.
  constructor(url, noted, failed) {
    this.url = url;
    this.noted = noted;
    this.socket = connect({ host: url.hostname, port: url.port, noDelay: true });
    this.chunks = [];
    this.held = 0;
    this.whole = Infinity;
    this.socket.on("data", (data) => this.take(data));
    this.socket.on("error", failed);
  }

  // Gives the body.
  get(path) {
    this.socket.write(`GET /${path} HTTP/1.1\r\nhost: ${this.url.host}\r\n\r\n`);
    return new Promise((resolve) => { this.answer = resolve; });
  }

  take(data) {
    this.chunks.push(data);
    this.held += data.length;
    if (this.whole === Infinity) {
      const all = this.chunks.length === 1 ? data : Buffer.concat(this.chunks);
      this.chunks = [all];
      const end = all.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.head = all.toString("latin1", 0, end);
      this.body = end + 4;
      this.whole = this.body + Number(/content-length: (\d+)/i.exec(this.head)[1]);
    }
    if (this.held < this.whole) return;
    const [body, whole] = [Buffer.concat(this.chunks).subarray(this.body, this.whole), this.whole];
    [this.chunks, this.held, this.whole] = [[], 0, Infinity];
    this.noted(whole, this.head.startsWith("HTTP/1.1 200"));
    this.answer(body);
  }
}
