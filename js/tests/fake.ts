import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";

import type { Model, WidgetModule } from "../src/anywidget";
import type { PageReply, PageRequest, ProgressSnapshot, Reply, Request, RowData, TableState } from "../src/protocol.gen";

/** Stands in for anywidget's model: keeps what was sent and lets a test play Python. */
export class FakeModel<State extends object> implements Model<State> {
  readonly sent: Request[] = [];
  readonly #listeners = new Map<string, Set<(value: unknown) => void>>();

  constructor(readonly traits: State) {}

  get<Name extends keyof State & string>(name: Name): State[Name] {
    return this.traits[name];
  }

  on(event: string, callback: (value: unknown) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(callback));
  }

  off(event: string, callback: (value: unknown) => void): void {
    this.#listeners.get(event)?.delete(callback);
  }

  send(content: unknown): void {
    this.sent.push(content as Request);
  }

  /** Python changes a trait. */
  async set<Name extends keyof State & string>(name: Name, value: State[Name]): Promise<void> {
    this.traits[name] = value;
    await this.#emit(`change:${name}`, value);
  }

  /** Python replies. */
  async reply(content: Reply): Promise<void> {
    await this.#emit("msg:custom", content);
  }

  listeners(): number {
    return [...this.#listeners.values()].reduce((sum, all) => sum + all.size, 0);
  }

  /** Page requests sent so far. */
  pages(): PageRequest[] {
    return this.sent.filter((message) => message.type === "page");
  }

  /** Answer the newest page request. */
  async answer(change: Partial<PageReply> = {}): Promise<void> {
    const asked = this.pages().at(-1);
    if (!asked) throw new Error("no page was asked for");
    await this.reply(page(asked, change));
  }

  async #emit(event: string, value: unknown): Promise<void> {
    await act(() => {
      for (const callback of [...(this.#listeners.get(event) ?? [])]) callback(value);
    });
  }
}

/** A page of rows "a0", "a1", … as an answer to a request. */
export function page(asked: PageRequest, change: Partial<PageReply> = {}): PageReply {
  const total = 35;
  const size = Math.max(0, Math.min(asked.limit, total - asked.offset));
  return {
    type: "page",
    view: asked.view,
    id: asked.id,
    rows: Array.from({ length: size }, (_, i) => row(asked.offset + i)),
    total,
    has_next: asked.offset + size < total,
    version: 0,
    ...change,
  };
}

export function row(key: number, change: Partial<RowData> = {}): RowData {
  return { key, cells: [`a${key}`, key, `secret${key}`], cut: [false, false, false], ...change };
}

export function table(change: Partial<TableState> = {}): TableState {
  return {
    title: "Prompts",
    caption: "",
    columns: [
      { name: "text", kind: "text", sortable: false, filterable: false, primary: true },
      { name: "number", kind: "number", sortable: true, filterable: false, primary: true },
      { name: "more", kind: "text", sortable: false, filterable: false, primary: false },
    ],
    searchable: true,
    pictures: [],
    page_size: 10,
    rows: 35,
    version: 0,
    ...change,
  };
}

/** A run on its way. */
export function snapshot(change: Partial<ProgressSnapshot> = {}): ProgressSnapshot {
  return {
    run_id: "r", seq: 1, state: "running", reason: null, item_noun: "interviews", cell_noun: "questions", items_total: 1000, items_done: 250,
    items_failed: 0, cells_total: 2000, cells_done: 500, answered: 500, cached: 100, invalid: 0, failed: 0, skipped: 0,
    in_flight: 20, retries: 0, waiting: null, input_tokens: 12345, output_tokens: 2345678, cost: 0.0003725, elapsed: 12.4, rate: 18.25, eta: 41.2, lanes: [],
    errors: [], dry_run: false, expected_cost: null, lane_noun: "models", outlook: null, ...change,
  };
}

let ends: (() => void)[] = [];

/** Show a widget on the page, as anywidget does; taken down after the test. */
export async function show<State extends object>(module: WidgetModule<State>, model: FakeModel<State>): Promise<HTMLElement> {
  const el = document.createElement("div");
  document.body.appendChild(el);
  await act(() => {
    ends.push(module.render({ model, el }));
  });
  return el;
}

/** Take down what is shown. */
export async function takeDown(): Promise<void> {
  const all = ends;
  ends = [];
  await act(() => {
    for (const end of all) end();
  });
}

/** The one element that matches, by selector or by role and name. */
export function find(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing matches ${selector} in ${(root as HTMLElement).innerText}`);
  return found;
}

/** The button with these words, seen or spoken. */
export function button(root: ParentNode, words: string): HTMLButtonElement {
  const all = [...root.querySelectorAll("button")];
  const found = all.find((one) => one.getAttribute("aria-label") === words || one.textContent.trim() === words);
  if (!found) throw new Error(`no button "${words}" among ${all.map((one) => one.textContent).join(", ")}`);
  return found;
}

/** Click, and let what the click began in other tasks come to its end. */
export async function click(element: HTMLElement): Promise<void> {
  await act(async () => {
    element.click();
    await vi.advanceTimersByTimeAsync(0);
  });
}

/** Press a key on an element; returns whether the notebook around the widget would see it. */
export async function press(element: HTMLElement, key: string, options: KeyboardEventInit = {}): Promise<boolean> {
  let seen = false;
  const notebook = (): void => {
    seen = true;
  };
  document.body.addEventListener("keydown", notebook);
  await act(() => {
    element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
  });
  document.body.removeEventListener("keydown", notebook);
  return seen;
}

export async function type(input: HTMLElement, text: string): Promise<void> {
  if (!(input instanceof HTMLInputElement)) throw new Error("not an input");
  await act(() => {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Let time pass, with fake timers. */
export async function wait(milliseconds: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });
}

/** The texts of the table's cells, row by row. */
export function cells(root: ParentNode): string[][] {
  return [...root.querySelectorAll("tbody tr")].map((tr) => [...tr.querySelectorAll("td")].map((td) => td.textContent.trim()));
}

/** What jsdom lacks. */
export function prepare(): void {
  beforeEach(() => {
    vi.stubGlobal("matchMedia", (query: string) => ({
      matches: false,
      media: query,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }));
    vi.useFakeTimers();
  });
  afterEach(async () => {
    await takeDown();
    document.body.replaceChildren();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}
