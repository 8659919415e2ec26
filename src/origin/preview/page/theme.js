// Dark or light, as the system has it unless the person chose. A plain script in the head, so that no page
// is shown in the wrong one first.

(() => {
  const KEY = "streampack-theme";
  const system = matchMedia("(prefers-color-scheme: light)");
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  const current = () => chosen ?? (system.matches ? "light" : "dark");
  const apply = () => {
    document.documentElement.dataset.theme = current();
    document.dispatchEvent(new CustomEvent("themechange"));
  };
  window.theme = {
    current,
    toggle() {
      chosen = current() === "dark" ? "light" : "dark";
      try {
        localStorage.setItem(KEY, chosen);
      } catch {
        // As above.
      }
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})();
