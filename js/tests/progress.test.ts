import { describe, expect, it, vi } from "vitest";

import progress_widget, { LOST_AFTER, SYNC_AFTER, type ProgressTraits } from "../src/progress";
import type { LaneProgress, ProgressSnapshot } from "../src/protocol.gen";
import { PATIENCE } from "../src/steering";
import { FakeModel, button, click, find, prepare, press, show, snapshot, wait } from "./fake";

prepare();

function lane(label: string, change: Partial<LaneProgress> = {}): LaneProgress {
  return {
    label, items_total: 100, items_done: 40, items_failed: 10, cells_done: 80, answered: 80, cached: 0, failed: 0, invalid: 0, in_flight: 0,
    retries: 0, waiting: null, input_tokens: 0, output_tokens: 0, cost: 0.5, expected_cost: null, ...change,
  };
}

async function shown(change: Partial<ProgressSnapshot> = {}): Promise<[FakeModel<ProgressTraits>, HTMLElement]> {
  const model = new FakeModel<ProgressTraits>({ progress: snapshot(change), kernel_id: "k1" });
  return [model, await show(progress_widget, model)];
}

function sent(model: FakeModel<ProgressTraits>, type: string): number {
  return model.sent.filter((message) => message.type === type).length;
}

/** Whether a button can do nothing now; it can have the focus all the same. */
function off(el: HTMLElement, words: string): boolean {
  const found = button(el, words);
  expect(found.disabled).toBe(false);
  return found.getAttribute("aria-disabled") === "true";
}

describe("numbers", () => {
  it("says what the run is likely to cost, until it has ended", async () => {
    const [model, el] = await shown({ cost: 0.25, expected_cost: 2 });
    const cost = (): string | undefined => [...el.querySelectorAll("dl > div")].at(-1)?.querySelector("dd")?.textContent;
    expect(cost()).toBe("$0.25 of about $2.00");
    await model.set("progress", snapshot({ cost: 2, expected_cost: 2, state: "completed" }));
    expect(cost()).toBe("$2.00");
  });

  it("says that no model was asked in a dry run", async () => {
    const [, el] = await shown({ dry_run: true, state: "completed" });
    expect(find(el, "header strong").textContent).toBe("Dry run: completed");
  });

  it("has two bars with names and values", async () => {
    const [, el] = await shown();
    const bars = [...el.querySelectorAll("[role=progressbar]")];
    expect(bars.map((bar) => [bar.getAttribute("aria-label"), bar.getAttribute("aria-valuenow"), bar.getAttribute("aria-valuemax")])).toEqual([
      ["Interviews", "250", "1000"],
      ["Questions", "500", "2000"],
    ]);
    expect(el.textContent).toContain("250 of 1,000");
    expect(el.textContent).toContain("25 %");
  });

  it("writes every number", async () => {
    const [, el] = await shown({ failed: 3, invalid: 2, skipped: 1 });
    const figures = Object.fromEntries([...el.querySelectorAll("dl > div")].map((div) => [find(div, "dt").textContent, find(div, "dd").textContent]));
    expect(figures).toEqual({
      Answered: "400", "From cache": "100", Failed: "3", Invalid: "2", "Not asked": "1", "In flight": "20", "Interviews/s": "18.3",
      "Tokens in": "12,345", "Tokens out": "2.35 M", Cost: "$0.000373",
    });
  });

  it("says so when nothing is heard from the kernel any more", async () => {
    const [model, el] = await shown();
    await wait(LOST_AFTER - 1);
    expect(el.textContent).not.toContain("Nothing has been heard");
    await wait(1);
    expect(find(el, "[role=alert]").textContent).toContain("run the cell again");
    await model.set("progress", snapshot({ seq: 2 }));
    expect(el.textContent).not.toContain("Nothing has been heard");
    await model.set("progress", snapshot({ seq: 3, state: "completed" }));
    await wait(LOST_AFTER);
    expect(el.textContent).not.toContain("Nothing has been heard");
  });

  it("follows the run and shows an unknown cost as such", async () => {
    const [model, el] = await shown();
    await model.set("progress", snapshot({ items_done: 999, cost: null, eta: null }));
    expect(el.textContent).toContain("999 of 1,000");
    expect(el.textContent).toContain("unknown");
    expect(find(el, ".en-time").textContent).toBe("12 s");
  });

  it("lets its clocks go on while the run waits", async () => {
    const [, el] = await shown();
    expect(find(el, ".en-time").textContent).toBe("12 s · about 41 s left");
    await wait(3000);
    expect(find(el, ".en-time").textContent).toBe("15 s · about 38 s left");
  });

  it("shows models only when there are several, closed when there are many", async () => {
    const [, one] = await shown({ lanes: [lane("a")] });
    expect(one.querySelector("details")).toBeNull();
    const [, two] = await shown({ lanes: [lane("a"), lane("b", { failed: 7 })] });
    expect((find(two, "details") as HTMLDetailsElement).open).toBe(true);
    expect(find(two, "tbody tr:nth-child(2)").textContent).toContain("7");
    const parts = [...find(two, "tbody .en-bar").children] as HTMLElement[];
    expect(parts.map((part) => [part.dataset.kind, part.style.width])).toEqual([
      ["done", "30%"],
      ["failed", "10%"],
    ]);
    const [, many] = await shown({ lanes: Array.from({ length: 9 }, (_, i) => lane(`m${i}`)) });
    expect((find(many, "details") as HTMLDetailsElement).open).toBe(false);
  });

  it("says what the run has and what it will take, and calls its lanes by their name", async () => {
    const [model, el] = await shown({ state: "starting" });
    expect(el.querySelector(".en-outlook")).toBeNull();
    const outlook = "At the start: 7 replies on disk, <b>17</b> calls to ask.";
    await model.set("progress", snapshot({ outlook, lane_noun: "assignments", lanes: [lane("a"), lane("b")] }));
    expect(find(el, ".en-outlook").textContent).toBe(outlook);
    expect(find(el, "summary").textContent).toBe("2 assignments");
    expect(find(el, "th").textContent).toBe("Assignment");
    await model.set("progress", snapshot({ outlook, state: "completed" }));
    expect(find(el, ".en-outlook").textContent).toBe(outlook);
  });

  it("shows the last errors as text", async () => {
    const [, el] = await shown({ errors: [{ message: "<img src=x onerror=alert(1)>", count: 1200 }] });
    expect(find(el, ".en-errors li").textContent).toBe("1,200 ×<img src=x onerror=alert(1)>");
    expect(el.querySelector("img")).toBeNull();
  });
});

describe("ends", () => {
  it.each([
    ["completed", {}, "Completed"],
    ["completed", { failed: 2, invalid: 1 }, "Completed, 3 failed or invalid"],
    ["stopped", {}, "Stopped — the results so far are kept"],
    ["stopped", { reason: "max_cost=$2 would be passed" }, "Stopped: max_cost=$2 would be passed — the results so far are kept"],
    ["failed", {}, "Failed"],
  ] as const)("says %s in words and has no Stop any more", async (state, change, words) => {
    const [model, el] = await shown();
    await model.set("progress", snapshot({ state, eta: null, ...change }));
    expect(find(el, "header strong").textContent).toBe(words);
    expect(el.querySelector("button")).toBeNull();
    expect(find(el, "[role=status]").textContent).toContain(words);
  });
});

describe("Pause", () => {
  it("is one button with Resume, which keeps the focus", async () => {
    const [model, el] = await shown();
    const pause = button(el, "Pause the run");
    pause.focus();
    await click(pause);
    expect(off(el, "Pause")).toBe(true);
    await click(pause);
    expect(sent(model, "pause")).toBe(1);
    await model.set("progress", snapshot({ state: "paused" }));
    expect(button(el, "Resume the run")).toBe(pause);
    expect(off(el, "Resume")).toBe(false);
    expect(document.activeElement).toBe(pause);
    await click(pause);
    expect(sent(model, "resume")).toBe(1);
    await model.set("progress", snapshot({ state: "running" }));
    expect(button(el, "Pause").textContent).toBe("Pause");
    expect(document.activeElement).toBe(pause);
    await click(pause);
    expect(sent(model, "pause")).toBe(2);
  });

  it("says what is in flight, no time left, and at once to people who listen", async () => {
    const [model, el] = await shown();
    await model.set("progress", snapshot({ state: "paused", in_flight: 20, eta: null }));
    expect(find(el, "header strong").textContent).toBe("Paused");
    expect(find(el, ".en-time").textContent).toBe("12 s");
    expect(find(el, "[role=status]").textContent).toBe("Paused");
    expect(find(el, ".en-waits").textContent).toBe("Waiting for 20 calls in flight");
    await model.set("progress", snapshot({ state: "paused", in_flight: 0, waiting: "rate limit of m, 0.0 s" }));
    expect(find(el, ".en-waits").textContent).toBe("No calls in flight");
  });

  it("leaves Stop to work", async () => {
    const [model, el] = await shown({ state: "paused" });
    await click(button(el, "Stop"));
    expect(sent(model, "stop")).toBe(1);
    expect(off(el, "Resume")).toBe(true);
    await model.set("progress", snapshot({ state: "stopping", in_flight: 1 }));
    expect(off(el, "Stopping…")).toBe(true);
    expect(off(el, "Pause")).toBe(true);
    expect(el.textContent).toContain("Waiting for 1 call in flight");
  });

  it("says so when Python does not hear it, and can be tried again", async () => {
    const [model, el] = await shown();
    await click(button(el, "Pause"));
    await model.set("progress", snapshot({ seq: 2 }));
    await wait(PATIENCE);
    expect(find(el, "[role=alert]").textContent).toContain("has not heard Pause");
    await click(button(el, "Pause"));
    expect(sent(model, "pause")).toBe(2);
    await model.set("progress", snapshot({ state: "paused" }));
    expect(el.querySelector("[role=alert]")).toBeNull();
  });
});

describe("waiting", () => {
  it.each([
    ["rate limit of openai/gpt-4o, 12 s", "Waiting: rate limit of openai/gpt-4o, 12 s"],
    ["waiting for the network (gpt-4o)", "Waiting for the network (gpt-4o)"],
  ])("says what for: %s", async (waiting, words) => {
    const [model, el] = await shown();
    expect(el.querySelector(".en-waits")).toBeNull();
    await model.set("progress", snapshot({ waiting }));
    expect(find(el, ".en-waits").textContent).toBe(words);
    await model.set("progress", snapshot({ waiting: null }));
    expect(find(el, ".en-waits").textContent).toBe("");
    await model.set("progress", snapshot({ state: "completed", waiting, retries: 12 }));
    expect(find(el, ".en-waits").textContent).toBe("12 tried again");
  });

  it("is said once, not again with every second that is left", async () => {
    const [model, el] = await shown({ waiting: "rate limit of gpt-4o, 12 s", eta: null });
    const spoken = (): string => find(el, "[role=status]").textContent;
    expect(spoken()).toContain("Waiting: rate limit of gpt-4o, 12 s");
    for (const left of ["6 s", "1.4 s"]) {
      await model.set("progress", snapshot({ waiting: `rate limit of gpt-4o, ${left}`, eta: null }));
      await wait(6000);
      expect(spoken()).toContain("12 s");
    }
    await model.set("progress", snapshot({ waiting: "rate limit of gpt-5o, 3 s", eta: null }));
    await wait(6000);
    expect(spoken()).toContain("rate limit of gpt-5o, 3 s");
  });

  it("is shown for each model, with what was tried again", async () => {
    const lanes = [lane("a", { retries: 12 }), lane("b", { retries: 3, waiting: "rate limit of b, 12 s" }), lane("c")];
    const [model, el] = await shown({ lanes });
    const notes = (): string[] => [...el.querySelectorAll(".en-note")].map((row) => row.textContent);
    expect(notes()).toEqual(["12 tried again", "3 tried again · rate limit of b, 12 s"]);
    expect(find(el, "summary").textContent).toBe("3 models, 1 waiting");
    await model.set("progress", snapshot({ state: "stopped", lanes }));
    expect(notes()).toEqual(["12 tried again", "3 tried again"]);
    expect(find(el, "summary").textContent).toBe("3 models");
  });
});

describe("Stop", () => {
  it("asks once and says so", async () => {
    const [model, el] = await shown();
    await click(button(el, "Stop"));
    expect(off(el, "Stopping…")).toBe(true);
    expect(off(el, "Pause")).toBe(true);
    await click(button(el, "Stopping…"));
    expect(sent(model, "stop")).toBe(1);
    await model.set("progress", snapshot({ state: "stopping" }));
    await wait(PATIENCE);
    expect(el.querySelector("[role=alert]")).toBeNull();
  });

  it("offers to interrupt the kernel when Python does not hear it", async () => {
    const config = document.createElement("script");
    config.id = "jupyter-config-data";
    config.type = "application/json";
    config.textContent = JSON.stringify({ baseUrl: "/user/ada/", token: "" });
    document.body.append(config);
    document.cookie = "_xsrf=abc%7C1";
    const asked = vi.fn<(url: string, options: RequestInit) => Promise<{ ok: boolean }>>(() => Promise.resolve({ ok: true }));
    vi.stubGlobal("fetch", asked);
    const [, el] = await shown();
    await click(button(el, "Stop"));
    await wait(PATIENCE);
    await click(button(el, "Interrupt kernel"));
    expect(asked.mock.calls).toMatchObject([
      ["/user/ada/api/kernels/k1/interrupt", { method: "POST", headers: { "X-XSRFToken": "abc|1" } }],
    ]);
    expect(find(el, "[role=alert]").textContent).toContain("has been interrupted");
  });

  it("names the notebook's own button where the page cannot interrupt", async () => {
    const [, el] = await shown();
    await click(button(el, "Stop"));
    await wait(PATIENCE);
    expect(find(el, "[role=alert]").textContent).toContain("interrupt button");
    expect([...el.querySelectorAll("button")].map((one) => one.textContent)).toEqual(["Pause", "Stopping…"]);
  });

  it("keeps keys from the notebook", async () => {
    const [, el] = await shown();
    expect(await press(button(el, "Stop"), "x")).toBe(false);
    expect(await press(button(el, "Stop"), "Escape")).toBe(true);
  });
});

describe("staying in touch", () => {
  it("asks for the state when shown, and once in a silence, until the end", async () => {
    const [model] = await shown();
    expect(sent(model, "sync")).toBe(1);
    await wait(SYNC_AFTER * 3);
    expect(sent(model, "sync")).toBe(2);
    await model.set("progress", snapshot({ seq: 2 }));
    await wait(SYNC_AFTER);
    expect(sent(model, "sync")).toBe(3);
    await model.set("progress", snapshot({ seq: 3, state: "completed" }));
    await wait(SYNC_AFTER * 3);
    expect(sent(model, "sync")).toBe(3);
  });

  it("speaks at most every five seconds, and at once at the end", async () => {
    const [model, el] = await shown();
    const spoken = (): string => find(el, "[role=status]").textContent;
    expect(spoken()).toContain("250 of 1,000 interviews done");
    for (const items_done of [300, 400, 500]) {
      await model.set("progress", snapshot({ items_done }));
      await wait(1000);
    }
    expect(spoken()).toContain("250 of");
    await wait(3000);
    expect(spoken()).toContain("500 of");
    await model.set("progress", snapshot({ state: "completed", items_done: 1000 }));
    expect(spoken()).toContain("1,000 of 1,000");
  });
});
