// Buttons that open a list of choices, by the pattern of WAI-ARIA for menu buttons.

import { el } from "./dom.js";
import { icon } from "./icons.js";

let open = null;

function close(focus = false) {
  if (!open) return;
  const { button, list } = open;
  open = null;
  list.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.root.contains(event.target)) close();
});

export const isOpen = () => open !== null;

// A menu in `place`. `update({ value, choices, chosen })` says what the button shows, the choices
// ({ id, label, detail }) and which of them holds; without choices to choose from the button goes.
export function menu(place, { name, picture, choose }) {
  const value = el("span", { class: "value" });
  const list = el("div", { class: "menu", role: "menu", "aria-label": name, hidden: true });
  const button = el("button", { type: "button", class: "control wide", "aria-haspopup": "menu", "aria-expanded": "false" }, icon(picture), value);
  const root = el("div", { class: "menu-root", hidden: true }, button, list);
  let shown = "";
  place.append(root);

  const items = () => [...list.querySelectorAll("[role=menuitemradio]")];

  function show() {
    close();
    open = { root, button, list };
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (list.querySelector('[aria-checked="true"]') ?? items()[0])?.focus({ preventScroll: false });
  }

  button.addEventListener("click", () => (open?.root === root ? close() : show()));
  root.addEventListener("keydown", (event) => {
    if (open?.root !== root) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        event.stopPropagation();
        show();
      }
      return;
    }
    const all = items();
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all[(next + all.length) % all.length]?.focus();
    } else if (event.key === "Escape") {
      close(true);
    } else if (event.key === "Tab") {
      close();
      return;
    }
    event.stopPropagation();
  });
  root.addEventListener("focusout", (event) => {
    if (open?.root === root && event.relatedTarget && !root.contains(event.relatedTarget)) close();
  });

  return {
    update({ value: text, choices, chosen }) {
      root.hidden = choices.length === 0;
      value.textContent = text;
      button.setAttribute("aria-label", `${name}: ${text}`);
      button.title = name;
      const now = JSON.stringify([choices, chosen]);
      if (now === shown) return;
      shown = now;
      const focused = items().indexOf(document.activeElement);
      list.replaceChildren(el("div", { class: "menu-title", "aria-hidden": "true" }, name));
      for (const choice of choices) {
        const held = choice.id === chosen;
        list.append(el(
          "button",
          {
            type: "button", role: "menuitemradio", "aria-checked": String(held), tabindex: "-1",
            onclick: () => {
              close(true);
              choose(choice.id);
            },
          },
          el("span", { class: "tick" }, held ? icon("check") : null),
          el("span", { class: "choice" }, choice.label),
          choice.detail ? el("span", { class: "detail" }, choice.detail) : null,
        ));
      }
      if (focused >= 0) items()[focused]?.focus();
    },
  };
}
