const NAMES = ["data-jp-theme-light", "data-vscode-theme-kind", "data-theme", "class", "style"];

/** Whether the page around the widget is dark: what the host says, else what the system prefers. */
export function isDark(): boolean {
  const { body, documentElement: html } = document;
  if (body.dataset.jpThemeLight !== undefined) return body.dataset.jpThemeLight === "false";
  const named = body.dataset.vscodeThemeKind ?? html.dataset.theme ?? body.dataset.theme;
  if (named) return named.includes("dark") || named === "vscode-high-contrast";
  for (const element of [html, body]) {
    if (element.classList.contains("dark")) return true;
    if (element.classList.contains("light")) return false;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Keep `data-scheme` of a widget's root equal to the page's theme. Returns what ends it. */
export function watchTheme(root: HTMLElement): () => void {
  const apply = (): void => {
    root.dataset.scheme = isDark() ? "dark" : "light";
  };
  apply();
  const observer = new MutationObserver(apply);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: NAMES });
  }
  const preference = matchMedia("(prefers-color-scheme: dark)");
  preference.addEventListener("change", apply);
  return () => {
    observer.disconnect();
    preference.removeEventListener("change", apply);
  };
}
