// What the server knows of its sets, and what the report of one says.

const PLAY = "/_preview/play/";

export async function library() {
  const response = await fetch("/_preview/sets.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return response.json();
}

// The set of this page: `/_preview/play/film/` and `/film/` show film.
export function ofThisPage({ sets }) {
  const { pathname } = location;
  const inPreview = pathname.startsWith("/_preview/");
  const url = pathname.startsWith(PLAY) ? `/${pathname.slice(PLAY.length)}` : inPreview ? "/" : pathname;
  const wanted = url.endsWith("/") ? url : `${url}/`;
  const same = (a, b) => decodeURIComponent(a) === decodeURIComponent(b);
  return sets.find((set) => same(set.url, wanted));
}

// Where the page itself loads from: a path that changes when the set does, for media is kept for good.
export const base = (set) => `/_preview/at/${set.version}${set.url}`;

// Where everybody else loads from.
export const shared = (set, key) => new URL(set.url + key, location.origin).href;

export const pageOf = (set) => PLAY + set.url.slice(1);

// The last directory of the set, or of the server.
export const title = (set, { name }) => set.path.split("/").pop() || name;

export async function report(set) {
  const response = await fetch(`${base(set)}streampack.json`);
  return response.ok ? response.json() : null;
}
