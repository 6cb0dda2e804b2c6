// Language and theme. The page reads without them.
const root = document.documentElement;
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
root.classList.add("js");

const speak = (lang) => {
  root.lang = lang;
  for (const button of all("[data-to-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.toLang === lang));
  }
};
for (const button of all("[data-to-lang]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.toLang);
    // The button pressed is hidden now; its twin takes the focus.
    const twin = `article[lang="${root.lang}"] [data-to-lang="${root.lang}"]`;
    document.querySelector(twin)?.focus();
  });
}
speak(root.lang);

const dark = matchMedia("(prefers-color-scheme: dark)");
for (const button of all("[data-theme-switch]")) {
  button.addEventListener("click", () => {
    const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
}
