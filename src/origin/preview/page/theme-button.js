// The button that switches between dark and light.

import { byId } from "./dom.js";
import { icon } from "./icons.js";

export function themeButton() {
  const button = byId("theme");
  const draw = () => {
    const dark = window.theme.current() === "dark";
    button.replaceChildren(icon(dark ? "sun" : "moon"));
    button.setAttribute("aria-label", dark ? "Light colours" : "Dark colours");
    button.title = button.ariaLabel;
  };
  button.addEventListener("click", () => window.theme.toggle());
  document.addEventListener("themechange", draw);
  draw();
}
