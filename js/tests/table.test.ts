import { describe, expect, it, vi } from "vitest";

import { DEBOUNCE } from "../src/grid/resting";
import { SILENCE } from "../src/latest";
import table_widget, { type TableTraits } from "../src/table";
import { FakeModel, button, cells, click, find, page, prepare, press, row, show, table, takeDown, type, wait } from "./fake";

prepare();

async function shown(change: Parameters<typeof table>[0] = {}): Promise<[FakeModel<TableTraits>, HTMLElement]> {
  const model = new FakeModel<TableTraits>({ table: table(change) });
  const el = await show(table_widget, model);
  return [model, el];
}

async function ready(change: Parameters<typeof table>[0] = {}): Promise<[FakeModel<TableTraits>, HTMLElement]> {
  const [model, el] = await shown(change);
  await model.answer();
  return [model, el];
}

describe("pages", () => {
  it("asks for the first page when shown, and shows what comes", async () => {
    const [model, el] = await shown({ page_size: 25 });
    expect(model.pages()).toMatchObject([{ offset: 0, limit: 25, search: "", sort: null }]);
    await model.answer({ rows: [row(0), row(1)], total: 2, has_next: false });
    expect(cells(el)).toEqual([["a0", "0"], ["a1", "1"]]);
    expect(find(el, ".en-extent").textContent).toBe("1–2 of 2");
  });

  it("turns pages and goes to the last one", async () => {
    const [model, el] = await ready();
    await click(button(el, "Next page"));
    expect(model.pages().at(-1)).toMatchObject({ offset: 10 });
    await model.answer();
    expect(find(el, ".en-extent").textContent).toBe("11–20 of 35");
    await click(button(el, "Last page"));
    expect(model.pages().at(-1)).toMatchObject({ offset: 30 });
    await model.answer();
    expect(find(el, ".en-extent").textContent).toBe("31–35 of 35");
    const asked = model.pages().length;
    await click(button(el, "Next page"));
    expect(model.pages().length).toBe(asked);
    await click(button(el, "First page"));
    expect(model.pages().at(-1)).toMatchObject({ offset: 0 });
  });

  it("says 'many' and offers no last page while the total is unknown", async () => {
    const [model, el] = await shown();
    await model.answer({ total: null, has_next: true });
    expect(find(el, ".en-extent").textContent).toBe("1–10 of many");
    expect(el.querySelector('[aria-label="Last page"]')).toBeNull();
  });

  it("keeps the first row in sight when the page size changes", async () => {
    const [model, el] = await ready();
    await click(button(el, "Last page"));
    await model.answer();
    const select = find(el, "select") as HTMLSelectElement;
    select.value = "25";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    expect(model.pages().at(-1)).toMatchObject({ offset: 25, limit: 25 });
  });

  it("never lets an older reply overwrite a newer one", async () => {
    const [model, el] = await ready();
    await click(button(el, "Next page"));
    const older = model.pages().at(-1);
    await click(button(el, "Last page"));
    await model.answer({ rows: [row(33)] });
    expect(cells(el)).toEqual([["a33", "33"]]);
    if (older) await model.reply(page(older));
    expect(cells(el)).toEqual([["a33", "33"]]);
  });

  it("does not listen to replies for another view", async () => {
    const [model, el] = await ready();
    const asked = model.pages()[0];
    if (asked) await model.reply(page({ ...asked, view: "other" }, { rows: [row(9)] }));
    expect(cells(el)[0]).toEqual(["a0", "0"]);
  });

  it("goes back to the last page there is when rows have gone", async () => {
    const [model, el] = await ready();
    await click(button(el, "Last page"));
    await model.answer({ rows: [], total: 12, has_next: false });
    expect(model.pages().at(-1)).toMatchObject({ offset: 10 });
    await model.answer({ rows: [row(10)], total: 11, has_next: false });
    expect(cells(el)).toEqual([["a10", "10"]]);
  });

  it("asks again when the version changes, once for many changes, with focus and rows in place", async () => {
    const [model, el] = await ready();
    const second = find(el, "tbody tr:nth-child(2)");
    second.focus();
    for (const version of [1, 2, 3]) await model.set("table", table({ version }));
    expect(model.pages().length).toBe(2);
    await model.answer({ rows: [row(5), row(6), row(7)] });
    expect(model.pages().length).toBe(3);
    expect(document.activeElement).toBe(second);
    expect(second.textContent).toContain("a6");
  });

  it("lets two views of one model turn their own pages", async () => {
    const model = new FakeModel<TableTraits>({ table: table() });
    const one = await show(table_widget, model);
    const two = await show(table_widget, model);
    const [first, second] = model.pages();
    if (!first || !second) throw new Error("two pages are wanted");
    expect(first.view).not.toBe(second.view);
    await model.reply(page(first, { rows: [row(1)] }));
    await model.reply(page(second, { rows: [row(2)] }));
    expect(cells(one)).toEqual([["a1", "1"]]);
    expect(cells(two)).toEqual([["a2", "2"]]);
  });

  it("stops listening when taken down", async () => {
    const [model] = await ready();
    await takeDown();
    expect(model.listeners()).toBe(0);
  });
});

describe("search and order", () => {
  it("searches once after the last key, from the first page", async () => {
    const [model, el] = await ready();
    await click(button(el, "Next page"));
    await model.answer();
    const input = find(el, "input[type=search]");
    for (const text of ["l", "li", "lis"]) {
      await type(input, text);
      await wait(DEBOUNCE - 50);
    }
    expect(model.pages().length).toBe(2);
    await wait(DEBOUNCE);
    expect(model.pages().length).toBe(3);
    expect(model.pages().at(-1)).toMatchObject({ search: "lis", offset: 0 });
  });

  it("shows how far a search has come, and that typing on replaces it", async () => {
    const [model, el] = await ready();
    const input = find(el, "input[type=search]");
    await type(input, "x");
    await wait(DEBOUNCE);
    const asked = model.pages().at(-1);
    if (!asked) throw new Error("a search is wanted");
    await model.reply({ type: "scan", view: asked.view, id: asked.id, done: 500, total: 2000 });
    expect(find(el, ".en-extent").textContent).toBe("Searching: 500 of 2,000 rows");
    await type(input, "xy");
    await wait(DEBOUNCE);
    await model.reply({ type: "scan", view: asked.view, id: asked.id, done: 900, total: 2000 });
    expect(el.textContent).not.toContain("900");
  });

  it("offers to clear a search without rows", async () => {
    const [model, el] = await ready();
    await type(find(el, "input[type=search]"), "zzz");
    await wait(DEBOUNCE);
    await model.answer({ rows: [], total: 0, has_next: false });
    expect(find(el, ".en-nothing").textContent).toContain("No row contains “zzz”");
    await click(button(el, "Clear the search"));
    await wait(DEBOUNCE);
    expect(model.pages().at(-1)).toMatchObject({ search: "" });
  });

  it("sorts up, down and not at all, and only where the source can", async () => {
    const [model, el] = await ready();
    const head = (): HTMLElement => find(el, "th[aria-sort]");
    expect(el.querySelectorAll("th button").length).toBe(1);
    for (const [order, sort] of [
      ["ascending", { column: "number", descending: false }],
      ["descending", { column: "number", descending: true }],
      ["none", null],
    ] as const) {
      await click(find(head(), "button"));
      expect(model.pages().at(-1)).toMatchObject({ sort, offset: 0 });
      await model.answer();
      expect(head().getAttribute("aria-sort")).toBe(order);
    }
  });

  it("has no search box where the source cannot search", async () => {
    const [, el] = await ready({ searchable: false });
    expect(el.querySelector("input[type=search]")).toBeNull();
  });
});

describe("columns", () => {
  it("closes the picker with Escape and gives the focus back", async () => {
    const [, el] = await ready();
    const opener = button(el, "2 of 3 columns");
    await click(opener);
    await press(find(el, ".en-picker input"), "Escape");
    expect(el.querySelector(".en-picker")).toBeNull();
    expect(document.activeElement).toBe(opener);
  });

  it("shows the main ones first and the rest a click away", async () => {
    const [, el] = await ready();
    const heads = (): (string | null)[] => [...el.querySelectorAll("thead th")].map((th) => th.textContent);
    expect(heads()).toEqual(["text", "number"]);
    await click(button(el, "2 of 3 columns"));
    await click(button(el, "All columns"));
    expect(heads()).toEqual(["text", "number", "more"]);
    expect(cells(el)[0]).toEqual(["a0", "0", "secret0"]);
    await click(button(el, "Main columns"));
    expect(heads()).toEqual(["text", "number"]);
  });

  it("keeps the last column", async () => {
    const [, el] = await ready();
    await click(button(el, "2 of 3 columns"));
    const boxes = [...el.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
    if (boxes[0]) await click(boxes[0]);
    expect(boxes[1]?.disabled).toBe(true);
  });
});

describe("the row in full", () => {
  it("opens on click with line breaks kept, asking for what was cut", async () => {
    const [model, el] = await shown();
    await model.answer({ rows: [row(4, { cells: ["begin", 1, "x"], cut: [true, false, false] })] });
    await click(find(el, "tbody tr"));
    const asked = model.sent.at(-1);
    expect(asked).toMatchObject({ type: "row", key: 4 });
    expect(find(el, "aside").textContent).toContain("loading the rest");
    if (asked?.type !== "row") throw new Error("a row is wanted");
    await model.reply({ type: "row", view: asked.view, id: asked.id, key: 4, cells: ["begin\n  and end", 1, "x"] });
    expect(find(el, "aside pre").textContent).toBe("begin\n  and end");
    expect(find(el, "aside").textContent).toContain("more");
  });

  it("asks for nothing when the page has it all", async () => {
    const [model, el] = await ready();
    await click(find(el, "tbody tr"));
    expect(model.sent.filter((message) => message.type === "row")).toEqual([]);
    expect(find(el, "aside").textContent).toContain("secret0");
  });

  it("says why when the row does not come", async () => {
    const [model, el] = await shown();
    await model.answer({ rows: [row(0, { cut: [true, false, false] })] });
    await click(find(el, "tbody tr"));
    const asked = model.sent.at(-1);
    if (asked?.type !== "row") throw new Error("a row is wanted");
    await model.reply({ type: "error", view: asked.view, id: asked.id, message: "it is gone" });
    expect(find(el, "aside [role=alert]").textContent).toContain("it is gone");
  });

  it("goes from row to row over the end of the page", async () => {
    const [model, el] = await shown();
    await model.answer({ rows: [row(0), row(1)], has_next: true });
    await click(find(el, "tbody tr:nth-child(2)"));
    expect(find(el, "aside strong").textContent).toBe("Row 2");
    await click(button(el, "Next row"));
    expect(model.pages().at(-1)).toMatchObject({ offset: 10 });
    await model.answer();
    expect(find(el, "aside strong").textContent).toBe("Row 11");
    await click(button(el, "Previous row"));
    await model.answer();
    expect(find(el, "aside strong").textContent).toBe("Row 10");
  });

  it("copies a cell and the row", async () => {
    const writeText = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const [, el] = await ready();
    await click(find(el, "tbody tr"));
    await click(button(el, "Copy text"));
    await click(button(el, "Copy row"));
    expect(writeText.mock.calls.map(([text]) => text)).toEqual([
      "a0",
      JSON.stringify({ text: "a0", number: 0, more: "secret0" }, null, 2),
    ]);
  });
});

describe("keys", () => {
  it("moves between rows, opens and closes, with one row in the tab order", async () => {
    const [, el] = await ready();
    const at = (n: number): HTMLElement => find(el, `tbody tr:nth-child(${n})`);
    at(1).focus();
    await press(at(1), "ArrowDown");
    expect(document.activeElement).toBe(at(2));
    expect([...el.querySelectorAll("tbody tr")].filter((tr) => (tr as HTMLElement).tabIndex === 0)).toEqual([at(2)]);
    await press(at(2), "Enter");
    expect(find(el, "aside strong").textContent).toBe("Row 2");
    await press(at(2), "ArrowDown");
    expect(find(el, "aside strong").textContent).toBe("Row 3");
    await press(at(3), "End");
    expect(document.activeElement).toBe(at(10));
    await press(at(10), "Escape");
    expect(el.querySelector("aside")).toBeNull();
    expect(document.activeElement).toBe(at(10));
  });

  it("gives the focus back to the row when the panel with the focus closes", async () => {
    const [, el] = await ready();
    await click(find(el, "tbody tr:nth-child(3)"));
    const close = button(el, "Close (Escape)");
    close.focus();
    await press(close, "Escape");
    expect(document.activeElement).toBe(find(el, "tbody tr:nth-child(3)"));
  });

  it("turns pages with PageDown and keeps the focus on its line", async () => {
    const [model, el] = await ready();
    const second = find(el, "tbody tr:nth-child(2)");
    second.focus();
    await press(second, "PageDown");
    await model.answer();
    expect(document.activeElement).toBe(second);
    expect(second.textContent).toContain("a11");
  });

  it("keeps keys from the notebook, except Escape and combinations", async () => {
    const [, el] = await ready();
    const first = find(el, "tbody tr");
    for (const key of ["x", "b", "Enter", "ArrowDown", "d"]) expect(await press(first, key)).toBe(false);
    await press(first, "Escape");
    expect(await press(first, "Escape")).toBe(true);
    expect(await press(first, "s", { ctrlKey: true })).toBe(true);
    expect(await press(first, "s", { metaKey: true })).toBe(true);
    expect(await press(button(el, "Next page"), "x")).toBe(false);
  });
});

describe("states in words", () => {
  it("shows an error of Python with a way to try again", async () => {
    const [model, el] = await shown();
    const asked = model.pages()[0];
    if (!asked) throw new Error("a page is wanted");
    await model.reply({ type: "error", view: asked.view, id: asked.id, message: "city: not in scenario 3." });
    expect(find(el, "[role=alert]").textContent).toContain("city: not in scenario 3.");
    await click(button(el, "Try again"));
    await model.answer();
    expect(el.querySelector("[role=alert]")).toBeNull();
    expect(cells(el).length).toBe(10);
  });

  it("says when Python is silent, and still takes the late answer", async () => {
    const [model, el] = await shown();
    await wait(SILENCE);
    expect(el.textContent).toContain("Python has not answered yet");
    await model.answer();
    expect(el.textContent).not.toContain("Python has not answered yet");
    expect(cells(el).length).toBe(10);
  });

  it("says that there are no rows", async () => {
    const [model, el] = await shown({ rows: 0 });
    await model.answer({ rows: [], total: 0, has_next: false });
    expect(find(el, ".en-nothing").textContent).toBe("No rows");
  });

  it("shows markup as text", async () => {
    const [model, el] = await shown({ title: "<b>title</b>" });
    const evil = "<img src=x onerror=alert(1)>";
    await model.answer({ rows: [row(0, { cells: [evil, 1, evil] })] });
    await click(find(el, "tbody tr"));
    expect(el.querySelector("img, b")).toBeNull();
    expect(cells(el)[0]?.[0]).toBe(evil);
    expect(find(el, "aside pre").textContent).toBe(evil);
    expect(find(el, "h3").textContent).toContain("<b>title</b>");
  });
});
