import { expect, it } from "vitest";

import benchmark_widget, { type BenchmarkTraits } from "../src/benchmark";
import { inWords } from "../src/benchmarks/matrix";
import type { BoardState, PairData } from "../src/protocol.gen";
import { FakeModel, button, click, find, prepare, press, show, table } from "./fake";

prepare();

function pair(change: Partial<PairData> = {}): PairData {
  return {
    task: "sums", agent: "quick", total: 4, ended: 4, in_flight: 0, waiting: "", scored: 4, problem: "",
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
  expect(cells).toEqual(["0.75 ± 0.0512 accuracycompleted 75 %, task error 25 %4 samples", "–"]);
  expect(find(el, ".en-pair .en-bar").getAttribute("aria-label")).toBe("completed 75 %, task error 25 %");
  expect([...el.querySelectorAll(".en-board thead th")].map((head) => head.textContent)).toEqual(["Task", "quick", "<b>slow</b>"]);
  expect(el.querySelector(".en-steering")).toBeNull();
});

it("says how far a pair is, what it waits for, and of how many its score is", async () => {
  const [, el] = await ready({ pairs: [pair({ total: 10, in_flight: 2, waiting: "rate limit of m, 3 s" })] });
  expect(find(el, ".en-pair").textContent).toContain("accuracy (of 4)");
  expect(find(el, ".en-pair").textContent).toContain("4 of 10 samples · 2 in flight · rate limit of m, 3 s");
});

it("asks for scores where there are none, once", async () => {
  const [model, el] = await ready({ unscored: true, pairs: [pair({ figures: [], total: 9 })] });
  expect(find(el, ".en-score").textContent).toBe("not scored");
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
