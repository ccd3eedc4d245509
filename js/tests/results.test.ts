import { describe, expect, it, vi } from "vitest";

import { drawn } from "../src/grid/drawing";
import { DEBOUNCE } from "../src/grid/resting";
import { fit, need } from "../src/grid/widths";
import type { ProfileReply, Request, TableColumn } from "../src/protocol.gen";
import table_widget, { type TableTraits } from "../src/table";
import { FakeModel, button, click, find, prepare, press, row, show, table, type, wait } from "./fake";

prepare();

const COLUMNS: TableColumn[] = [
  { name: "drink", kind: "text", sortable: true, filterable: true, primary: true },
  { name: "age", kind: "number", sortable: true, filterable: true, primary: true },
  { name: "secret", kind: "text", sortable: true, filterable: true, primary: false },
];

const PROFILES: Record<string, Partial<ProfileReply>> = {
  drink: { filled: 33, empty: 2, different: 2, tallies: [{ value: "tea", count: 30 }, { value: "<b>milk</b>", count: 3 }] },
  age: { filled: 35, different: 20, bins: [{ low: 0, high: 50, count: 30 }, { low: 50, high: 100, count: 5 }], least: 3, most: 97 },
  secret: { filled: 35, different: 35 },
};

class ResultsModel extends FakeModel<TableTraits> {
  /** The newest request of a type. */
  newest<Of extends Request["type"]>(type: Of): Extract<Request, { type: Of }> {
    const found = this.sent.filter((message): message is Extract<Request, { type: Of }> => message.type === type).at(-1);
    if (!found) throw new Error(`no ${type} was asked for`);
    return found;
  }

  count(type: Request["type"]): number {
    return this.sent.filter((message) => message.type === type).length;
  }

  async profile(): Promise<string> {
    const { view, id, column } = this.newest("profile");
    const nothing = { filled: 0, empty: 0, different: 0, tallies: [], bins: [], least: null, most: null };
    await this.reply({ type: "profile", view, id, ...nothing, ...PROFILES[column] });
    return column;
  }

  async picture(svg: string): Promise<string> {
    const { view, id, name } = this.newest("picture");
    await this.reply({ type: "picture", view, id, svg, groupings: ["model"] });
    return name;
  }
}

async function ready(change: Parameters<typeof table>[0] = {}): Promise<[ResultsModel, HTMLElement]> {
  const model = new ResultsModel({ table: table({ title: "Results", columns: COLUMNS, ...change }) });
  const el = await show(table_widget, model);
  await model.answer();
  return [model, el];
}

async function opened(column: string): Promise<[ResultsModel, HTMLElement]> {
  const [model, el] = await ready();
  await model.profile();
  await model.profile();
  await click(button(el, `Filter by ${column}`));
  return [model, el];
}

async function choose(el: HTMLElement, value: string): Promise<void> {
  const label = [...el.querySelectorAll<HTMLElement>(".en-values label")].find((one) => one.textContent.startsWith(value));
  if (!label) throw new Error(`no choice ${value}`);
  await click(find(label, "input"));
}

describe("heads of columns", () => {
  it("ask for one column after the other, those on screen only, once the page has come", async () => {
    const model = new ResultsModel({ table: table({ columns: COLUMNS }) });
    const el = await show(table_widget, model);
    expect(model.count("profile")).toBe(0);
    await model.answer();
    expect(await model.profile()).toBe("drink");
    expect(await model.profile()).toBe("age");
    expect(model.count("profile")).toBe(2);
    expect(el.querySelectorAll("th .en-spark").length).toBe(2);
    await click(button(el, "2 of 3 columns"));
    await click(button(el, "All columns"));
    expect(await model.profile()).toBe("secret");
    expect(find(el, "th:nth-child(3)").textContent).toContain("35 different");
  });

  it("tell what bars mean, with what is empty", async () => {
    const [model, el] = await ready();
    await model.profile();
    const bars = find(el, "th [role=img]");
    expect(bars.getAttribute("aria-label")).toBe("tea: 30, <b>milk</b>: 3, (empty): 2");
    expect(bars.children.length).toBe(3);
    expect(el.querySelector("b")).toBeNull();
  });

  it("stay small where a table has next to no rows", async () => {
    const [model, el] = await ready({ rows: 2 });
    expect(model.count("profile")).toBe(0);
    expect(el.querySelector(".en-funnel")).toBeNull();
  });

  it("are counted again when rows change, but not ten times a second", async () => {
    const [model] = await ready();
    await model.profile();
    await model.profile();
    for (const version of [1, 2, 3]) await model.set("table", table({ columns: COLUMNS, version }));
    await model.profile();
    await model.profile();
    expect(model.count("profile")).toBe(4);
    await wait(5000);
    await model.profile();
    await model.profile();
    expect(model.count("profile")).toBe(6);
    await wait(5000);
    expect(model.count("profile")).toBe(6);
  });
});

describe("filters", () => {
  it("choose values, from the first page, and say so until they are removed", async () => {
    const [model, el] = await opened("drink");
    await click(button(el, "Next page"));
    await choose(el, "tea");
    const wanted = { column: "drink", contains: "", one_of: ["tea"], least: null, most: null };
    expect(model.pages().at(-1)).toMatchObject({ offset: 0, filters: [wanted] });
    await model.answer();
    await choose(el, "(empty)");
    expect(model.pages().at(-1)).toMatchObject({ filters: [{ ...wanted, one_of: ["tea", null] }] });
    expect(find(el, ".en-chip").textContent).toBe("drink tea, (empty)");
    await click(button(el, "Remove the filter by drink"));
    expect(model.pages().at(-1)).toMatchObject({ filters: [] });
    expect(el.querySelector(".en-chip")).toBeNull();
  });

  it("take a range of numbers once typing rests, and nothing for no number", async () => {
    const [model, el] = await opened("age");
    const [from, to] = [...el.querySelectorAll<HTMLInputElement>(".en-ends input")];
    if (!from || !to) throw new Error("two ends are wanted");
    expect([from.placeholder, to.placeholder]).toEqual(["3", "97"]);
    const before = model.pages().length;
    await type(from, "4");
    await type(from, "40");
    await type(to, "");
    await wait(DEBOUNCE);
    expect(model.pages().length).toBe(before + 1);
    expect(model.pages().at(-1)).toMatchObject({ filters: [{ column: "age", least: 40, most: null, one_of: null }] });
    await click(button(el, "Clear"));
    expect(model.pages().at(-1)).toMatchObject({ filters: [] });
    expect(from.value).toBe("");
  });

  it("look for a text where values are many", async () => {
    const [model, el] = await ready();
    await model.profile();
    await model.profile();
    await click(button(el, "2 of 3 columns"));
    await click(button(el, "All columns"));
    await click(button(el, "Filter by secret"));
    expect(find(el, ".en-filter").textContent).toContain("Counting the values");
    await model.profile();
    await type(find(el, ".en-filter input"), "why");
    await wait(DEBOUNCE);
    expect(model.pages().at(-1)).toMatchObject({ filters: [{ column: "secret", contains: "why" }] });
  });

  it("of several columns hold together, with search, order and a new version of the rows", async () => {
    const [model, el] = await opened("drink");
    await choose(el, "tea");
    await model.answer();
    await click(button(el, "Filter by age"));
    await type(find(el, ".en-ends input"), "5");
    await wait(DEBOUNCE);
    await model.answer();
    await type(find(el, "input[type=search]"), "x");
    await wait(DEBOUNCE);
    await model.answer();
    const wanted = { search: "x", filters: [{ column: "drink" }, { column: "age", least: 5 }] };
    expect(model.pages().at(-1)).toMatchObject(wanted);
    await click(button(el, "Next page"));
    await model.answer();
    await model.set("table", table({ columns: COLUMNS, version: 7 }));
    expect(model.pages().at(-1)).toMatchObject({ ...wanted, offset: 10 });
    await model.answer({ rows: [], total: 0, has_next: false });
    await model.answer({ rows: [], total: 0, has_next: false });
    await click(button(el, "Clear search and filters"));
    expect(model.pages().at(-1)).toMatchObject({ search: "", filters: [], offset: 0 });
  });

  it("open with the focus inside, and close with Escape to where they were opened", async () => {
    const [, el] = await opened("drink");
    const panel = find(el, ".en-filter");
    expect(panel.contains(document.activeElement)).toBe(true);
    await press(find(panel, "input"), "Escape");
    expect(el.querySelector(".en-filter")).toBeNull();
    expect(document.activeElement).toBe(button(el, "Filter by drink"));
  });

  it("say why values did not come, and ask again", async () => {
    const [model, el] = await ready();
    const { view, id } = model.newest("profile");
    await model.reply({ type: "error", view, id, message: "it broke" });
    await click(button(el, "Filter by drink"));
    expect(find(el, ".en-filter [role=alert]").textContent).toContain("it broke");
    await model.profile();
    await click(button(find(el, ".en-filter"), "Try again"));
    expect(await model.profile()).toBe("drink");
    expect(el.querySelector(".en-filter [role=alert]")).toBeNull();
  });
});

describe("charts", () => {
  const SVG = (text: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text x="1">${text}</text></svg>`;

  it("are drawn one after the other, of the rows filtered for, and split", async () => {
    const [model, el] = await ready({ pictures: ["one", "two"] });
    await click(button(el, "Charts"));
    expect(model.newest("picture")).toMatchObject({ name: "one", by: "", search: "", filters: [] });
    expect(model.count("picture")).toBe(1);
    await model.picture(SVG("first"));
    expect(await model.picture(SVG("second"))).toBe("two");
    expect([...el.querySelectorAll("figure text")].map((one) => one.textContent)).toEqual(["first", "second"]);
    const by = find(el, ".en-by select") as HTMLSelectElement;
    by.value = "model";
    by.dispatchEvent(new Event("change", { bubbles: true }));
    await wait(0);
    expect(model.newest("picture")).toMatchObject({ name: "one", by: "model" });
    await click(button(el, "Table"));
    expect(el.querySelector("figure")).toBeNull();
    expect(find(el, "tbody tr").textContent).toContain("a0");
  });

  it("say why one cannot be drawn, and go on", async () => {
    const [model, el] = await ready({ pictures: ["one", "two"] });
    await click(button(el, "Charts"));
    const { view, id } = model.newest("picture");
    await model.reply({ type: "error", view, id, message: "dicts have no picture" });
    expect(find(el, "figure").textContent).toContain("dicts have no picture");
    expect(model.newest("picture").name).toBe("two");
  });

  it("are a tab only where there are some", async () => {
    const [, el] = await ready();
    expect(el.querySelector("[role=tablist]")).toBeNull();
  });

  it("consist of nothing but known elements and attributes", async () => {
    const [model, el] = await ready({ pictures: ["one"] });
    await click(button(el, "Charts"));
    await model.picture(
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)" width="9"><script>alert(1)</script>' +
        '<foreignObject><img src="x" onerror="alert(1)"/></foreignObject><a href="javascript:alert(1)"><text>x</text></a>' +
        '<rect onclick="alert(1)" style="fill:url(http://x)" fill="url(http://x)" width="3"><title>&lt;b&gt;tip</title></rect></svg>',
    );
    const svg = find(el, "figure svg");
    expect([...svg.querySelectorAll("*")].map((one) => one.localName)).toEqual(["rect", "title"]);
    expect([...svg.attributes].map((one) => one.name)).toEqual(["width"]);
    expect([...find(svg, "rect").attributes].map((one) => one.name)).toEqual(["width"]);
    expect(find(svg, "title").textContent).toBe("<b>tip");
  });

  it("that are none are not shown", () => {
    expect(drawn("<p>no</p>")).toBeNull();
    expect(drawn("not even markup <")).toBeNull();
  });
});

describe("ways out", () => {
  async function pieces(model: ResultsModel, ...texts: string[]): Promise<void> {
    for (const [i, text] of texts.entries()) {
      const { view, id } = model.newest("export");
      await model.reply({ type: "export", view, id, text, next: i + 1 < texts.length ? 10 * (i + 1) : null, total: 35 });
    }
    await wait(0);
  }

  it("write a file piece by piece, of what is shown and filtered", async () => {
    const saved: Blob[] = [];
    vi.stubGlobal("URL", { createObjectURL: (blob: Blob) => (saved.push(blob), "blob:x"), revokeObjectURL: () => undefined });
    const names: string[] = [];
    HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
      names.push(this.download);
    };
    const [model, el] = await opened("drink");
    await choose(el, "tea");
    await model.answer();
    await click(find(el, '[aria-label^="Download"]'));
    expect(model.newest("export")).toMatchObject({
      offset: 0, form: "csv", columns: ["drink", "age"], filters: [{ column: "drink", one_of: ["tea"] }],
    });
    await pieces(model, "drink,age\r\n", "tea,4\r\n");
    expect(model.newest("export")).toMatchObject({ offset: 10 });
    expect(names).toEqual(["results.csv"]);
    expect(el.textContent).toContain("35 rows written to results.csv");
    expect(saved[0]?.size).toBe("drink,age\r\ntea,4\r\n".length + 3);
  });

  it("copy, and say when the browser refuses", async () => {
    const writeText = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const [model, el] = await ready();
    await click(find(el, '[aria-label^="Copy the rows"]'));
    expect(model.newest("export").form).toBe("tsv");
    await pieces(model, "a\tb\n", "1\t2\n");
    expect(writeText.mock.calls).toEqual([["a\tb\n1\t2\n"]]);
    expect(el.textContent).toContain("35 rows copied");
    await wait(5000);
    expect(el.textContent).not.toContain("35 rows copied");
  });

  it("can be left, and say what went wrong", async () => {
    const [model, el] = await ready();
    await click(find(el, '[aria-label^="Download"]'));
    const first = model.newest("export");
    await click(button(el, "Cancel"));
    await model.reply({ type: "export", view: first.view, id: first.id, text: "x", next: 10, total: 35 });
    expect(model.count("export")).toBe(1);
    await click(find(el, '[aria-label^="Download"]'));
    const second = model.newest("export");
    await model.reply({ type: "error", view: second.view, id: second.id, message: "the disk is full" });
    expect(find(el, "[role=alert]").textContent).toContain("the disk is full");
  });
});

describe("widths", () => {
  const COLUMN: TableColumn = { name: "question_name", kind: "text", sortable: false, filterable: false, primary: true };
  const rows = (...texts: string[]): ReturnType<typeof row>[] => texts.map((text, i) => row(i, { cells: [text], cut: [false] }));

  it("have room for a column's whole name, however short its cells", () => {
    expect(need(COLUMN, 0, rows("a"), 7, false).least).toBeGreaterThan("question_name".length * 7 + 24);
  });

  it("fill the room, and go to the longer texts", () => {
    const needs = [need(COLUMN, 0, rows("a"), 7, false), need({ ...COLUMN, name: "t" }, 0, rows("x".repeat(99)), 7, false)];
    const [first = 0, second = 0] = fit(needs, 1000);
    expect(first + second).toBeCloseTo(1000);
    expect(first).toBe(needs[0]?.want);
  });

  it("take from longer texts where the room is too little, and scroll where that does not do", () => {
    const needs = [need(COLUMN, 0, rows("a"), 7, false), need({ ...COLUMN, name: "t" }, 0, rows("x".repeat(99)), 7, false)];
    const wanted = needs.reduce((sum, { want }) => sum + want, 0);
    const [first = 0, second = 0] = fit(needs, wanted - 50);
    expect(first + second).toBeCloseTo(wanted - 50);
    expect(first).toBe(needs[0]?.want);
    expect(fit(needs, 100)).toEqual(needs.map(({ want }) => want));
  });
});
