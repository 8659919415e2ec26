// The keys of an encrypted set, from the licence server beside it, when there is one.

// Key ids as manifests write them: `cenc:default_KID="…"` in an MPD, `KEYID=0x…` in playlists.
const IDS = [/default_KID="([0-9a-f-]{36})"/gi, /KEYID=0x([0-9a-f]{32})/gi];

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (digits) => parseInt(digits, 16));
const base64url = (data) => btoa(String.fromCharCode(...data)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const hex = (text) => Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");

// `[{ kid, k }]` in base64url, for all keys that the manifest names; empty when it names none or nobody has them.
export async function keysOf(manifest, licence) {
  if (!licence) return [];
  const text = await (await fetch(manifest)).text();
  const found = IDS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, id]) => id.replace(/-/g, "").toLowerCase()));
  const kids = [...new Set(found)].map((id) => base64url(bytes(id)));
  if (!kids.length) return [];
  const answer = await fetch(licence, { method: "POST", body: JSON.stringify({ kids, type: "temporary" }) });
  return answer.ok ? (await answer.json()).keys : [];
}

// The same as `{ kid: key }` in hexadecimal digits.
export const inHex = (keys) => Object.fromEntries(keys.map(({ kid, k }) => [hex(kid), hex(k)]));
