import { expect, it } from "vitest";

import benchmark_widget, { type BenchmarkTraits } from "../src/benchmark";
import { inWords } from "../src/benchmarks/matrix";
import type { BoardState, PairData } from "../src/protocol.gen";
import { FakeModel, button, click, find, prepare, press, show, snapshot, table } from "./fake";

prepare();

function pair(change: Partial<PairData> = {}): PairData {
  return {
    task: "sums", agent: "quick", total: 4, ended: 4, in_flight: 0, waiting: "", scored: 4, problem: "", unscored: "",
    outcomes: [{ outcome: "completed", count: 3 }, { outcome: "task error", count: 1 }],
    figures: [{ name: "accuracy", value: 0.75, error: 0.0512 }],
    ...change,
  };
}

function board(change: Partial<BoardState> = {}): BoardState {
  return {
    tasks: ["sums"], agents: ["quick", "<b>slow</b>"], outcomes: ["completed", "task error"], note: "", scoring: false, unscored: false,
    pairs: [pair()],
    ...change,
  };
}

async function ready(change: Partial<BoardState> = {}): Promise<[FakeModel<BenchmarkTraits>, HTMLElement]> {
  const model = new FakeModel<BenchmarkTraits>({ progress: null, kernel_id: "", board: board(change), table: table({ title: "Samples" }) });
  const el = await show(benchmark_widget, model);
  await model.answer();
  return [model, el];
}

it("shows scores and shares of each agent at each task", async () => {
  const [, el] = await ready();
  const cells = [...el.querySelectorAll(".en-board td")].map((cell) => cell.textContent);
  expect(cells).toEqual(["0.75 ± 0.0512 accuracycompleted 75\u00a0%, task error 25\u00a0%4 samples", "–"]);
  expect(find(el, ".en-pair").getAttribute("aria-label")).toBe(
    "sums, quick; accuracy 0.75 ± 0.0512; completed 75 %; task error 25 %; 4 samples",
  );
  expect([...el.querySelectorAll(".en-board thead th")].map((head) => head.textContent)).toEqual(["Task", "quick", "<b>slow</b>"]);
  expect(el.querySelector(".en-steering")).toBeNull();
});

it("says how far a pair is, what it waits for, and of how many its score is", async () => {
  const [, el] = await ready({ pairs: [pair({ total: 10, in_flight: 2, waiting: "rate limit of m, 3 s" })] });
  expect(find(el, ".en-pair").textContent).toContain("accuracy (of 4)");
  expect(find(el, ".en-pair").textContent).toContain("4 of 10 samples · 2 in flight · rate limit of m, 3 s");
});

it("asks for scores where there are none, once", async () => {
  const [model, el] = await ready({ unscored: true, pairs: [pair({ figures: [], total: 9, unscored: "not scored" })] });
  expect(find(el, ".en-unscored").textContent).toBe("not scored");
  await click(button(el, "Score so far"));
  expect(model.sent.at(-1)).toEqual({ type: "score" });
  await model.set("board", board({ scoring: true }));
  const sent = model.sent.length;
  await click(button(el, "Scoring …"));
  expect(model.sent.length).toBe(sent);
});

it("shows the samples of a pair when it is clicked", async () => {
  const [model, el] = await ready();
  await click(find(el, ".en-pair"));
  expect(model.pages().at(-1)?.filters.map(({ column, one_of }) => [column, one_of])).toEqual([["task", ["sums"]], ["agent", ["quick"]]]);
});

it("says why there is no score, as text", async () => {
  const [, el] = await ready({ pairs: [pair({ figures: [], problem: "<i>no</i> results" })] });
  expect(find(el, ".en-unscored").textContent).toBe("no score: <i>no</i> results");
  expect(find(el, ".en-pair").getAttribute("aria-label")).toContain("sums, quick; no score: <i>no</i> results; completed 75 %");
});

it("shows the samples that have ended in one way when that is clicked in the legend", async () => {
  const [model, el] = await ready();
  await click(button(el, "task error"));
  expect(model.pages().at(-1)?.filters.map(({ column, one_of }) => [column, one_of])).toEqual([["status", ["task error"]]]);
});

it("has one cell in the tab order, and arrow keys go to the others", async () => {
  const pairs = ["a", "b"].flatMap((task) => ["x", "y"].map((agent) => pair({ task, agent })));
  const [, el] = await ready({ tasks: ["a", "b"], agents: ["x", "y"], pairs });
  const names = (): string[] => [...el.querySelectorAll<HTMLElement>(".en-pair[tabindex='0']")].map((one) => one.ariaLabel?.slice(0, 4) ?? "");
  expect(names()).toEqual(["a, x"]);
  const go = async (key: string): Promise<void> => {
    const focused = document.activeElement;
    await press(focused?.matches(".en-pair") ? focused as HTMLElement : find(el, ".en-pair"), key);
  };
  await go("ArrowRight");
  expect(names()).toEqual(["a, y"]);
  await go("ArrowDown");
  expect(names()).toEqual(["b, y"]);
  await go("ArrowDown");
  await go("ArrowLeft");
  await go("ArrowLeft");
  expect(names()).toEqual(["b, x"]);
  expect(document.activeElement).toBe(find(el, ".en-pair[tabindex='0']"));
});

it("shows how far a run is in one bar, since samples have one outcome each", async () => {
  const model = new FakeModel<BenchmarkTraits>({
    progress: snapshot({ item_noun: "samples", cell_noun: "outcomes" }), kernel_id: "", board: board(), table: table({ title: "Samples" }),
  });
  const el = await show(benchmark_widget, model);
  expect([...el.querySelectorAll(".en-bars [role=progressbar]")].map((bar) => bar.getAttribute("aria-label"))).toEqual(["Samples"]);
});

it("shows no table of samples before the first one has ended", async () => {
  const model = new FakeModel<BenchmarkTraits>({ progress: snapshot(), kernel_id: "", board: board(), table: table({ rows: 0 }) });
  const el = await show(benchmark_widget, model);
  expect(el.querySelector(".en-grid")).toBeNull();
  await model.set("table", table({ rows: 1, version: 1 }));
  expect(el.querySelector(".en-grid")).toBeTruthy();
});

it("opens a sample's conversation, and goes on with the table's rows", async () => {
  const [model, el] = await ready();
  await click(find(el, ".en-grid tbody tr:nth-child(3)"));
  const asked = (): number[] => model.sent.filter((message) => message.type === "transcript").map(({ position }) => position);
  expect(asked()).toEqual([2]);
  expect(find(el, ".en-transcript header").textContent).toContain("Sample 3");
  await press(find(el, ".en-pane"), "ArrowRight");
  expect(asked()).toEqual([2, 3]);
  await click(button(el, "Close (Escape)"));
  expect(el.querySelector(".en-transcript")).toBeNull();
});

it("writes figures with three digits", () => {
  const words = [0.123456, 3, 1234.5678, "good", true].map((value) => inWords({ name: "x", value, error: null }));
  expect(words).toEqual(["0.123", "3", "1,235", "good", "yes"]);
});
