// A small chart of the last minute: one line with an area below it, and a second line to compare with.

const NAMESPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [240, 56];

const svg = (tag, attributes) => {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

// `length` points; `top` is the least value that fills the height. With `bottom`, a value is drawn by its magnitude:
// from there to the top every tenfold takes the same height.
export function chart(place, { length, top: least, bottom }) {
  const root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const [area, line, other] = ["area", "line", "other"].map((name) => root.appendChild(svg("path", { class: name })));
  place.append(root);
  const values = [];
  const others = [];

  function path(points, top) {
    const x = (i) => (WIDTH * (length - points.length + i)) / (length - 1);
    const share = (value) => (bottom ? Math.log(Math.max(value, bottom) / bottom) / Math.log(top / bottom) : value / top);
    const y = (value) => HEIGHT - 2 - (HEIGHT - 6) * share(value);
    let text = "";
    points.forEach((value, i) => {
      const isThere = Number.isFinite(value);
      const before = Number.isFinite(points[i - 1]);
      if (isThere) text += `${before ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    return { text, from: x(Math.max(0, points.findIndex(Number.isFinite))), to: x(points.length - 1) };
  }

  return {
    push(value, compared = NaN) {
      values.push(value);
      others.push(compared);
      if (values.length > length) values.shift();
      if (others.length > length) others.shift();
      const top = Math.max(least, ...values.filter(Number.isFinite), ...others.filter(Number.isFinite));
      const main = path(values, top);
      line.setAttribute("d", main.text);
      area.setAttribute("d", main.text ? `${main.text}L${main.to.toFixed(1)} ${HEIGHT}L${main.from.toFixed(1)} ${HEIGHT}Z` : "");
      other.setAttribute("d", path(others, top).text);
    },
    clear() {
      values.length = 0;
      others.length = 0;
      for (const shape of [area, line, other]) shape.setAttribute("d", "");
    },
  };
}
