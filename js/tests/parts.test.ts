import { describe, expect, it } from "vitest";

import { isDark, watchTheme } from "../src/theme";
import { counted, duration, money, short } from "../src/words";
import { prepare } from "./fake";

prepare();

describe("words", () => {
  it("writes money with the digits it needs, half up", () => {
    expect([null, 0, 0.0003725, 0.0000004, 0.01234, 0.5, 1, 12345.678].map(money)).toEqual([
      "unknown", "$0", "$0.000373", "$0.00", "$0.0123", "$0.50", "$1.00", "$12,345.68",
    ]);
  });

  it("writes times, counts and nouns", () => {
    expect([0.4, 12.9, 65, 3600, 7830].map(duration)).toEqual(["0 s", "12 s", "1 min 05 s", "1 h 00 min", "2 h 10 min"]);
    expect([counted(1, "interviews"), counted(2000, "interviews")]).toEqual(["1 interview", "2,000 interviews"]);
    expect(short(1234567)).toBe("1.23 M");
  });
});

describe("theme", () => {
  it("follows the host while shown", async () => {
    const root = document.createElement("div");
    const end = watchTheme(root);
    expect(root.dataset.scheme).toBe("light");
    document.body.dataset.jpThemeLight = "false";
    await Promise.resolve();
    expect(root.dataset.scheme).toBe("dark");
    end();
    document.body.dataset.jpThemeLight = "true";
    await Promise.resolve();
    expect(root.dataset.scheme).toBe("dark");
    delete document.body.dataset.jpThemeLight;
  });

  it.each([
    ["VS Code", () => { document.body.dataset.vscodeThemeKind = "vscode-dark"; }],
    ["documentation", () => { document.documentElement.dataset.theme = "my-dark"; }],
    ["marimo", () => { document.body.classList.add("dark"); }],
  ])("knows the dark theme of %s", (_host, darken) => {
    expect(isDark()).toBe(false);
    darken();
    expect(isDark()).toBe(true);
    delete document.body.dataset.vscodeThemeKind;
    delete document.documentElement.dataset.theme;
    document.body.classList.remove("dark");
  });
});
