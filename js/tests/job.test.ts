import { expect, it } from "vitest";

import job_widget, { type JobTraits } from "../src/job";
import type { JobState, JobSummary } from "../src/protocol.gen";
import { FakeModel, button, cells, click, find, prepare, show, table } from "./fake";

prepare();

function card(change: Partial<JobSummary> = {}, state: Partial<JobState> = {}): JobState {
  return {
    summary: {
      questions: 2, agents: 100, scenarios: 1000, models: 10, interviews: 1000000, calls: 2000000, distinct_calls: 1234567,
      on_disk: 234567,
      estimated_cost: 12345.678, counted: 200000, to_count: 200000, model_names: ["gpt-4o", "test"], notes: ["100 interviews, 1 distinct call."], depending: [],
      ...change,
    },
    counting: false,
    problem: "",
    ...state,
  };
}

async function shown(state: JobState): Promise<[FakeModel<JobTraits>, HTMLElement]> {
  const model = new FakeModel<JobTraits>({ card: state, table: table() });
  return [model, await show(job_widget, model)];
}

function figures(el: HTMLElement): Record<string, string> {
  return Object.fromEntries([...el.querySelectorAll("dl > div")].map((div) => [find(div, "dt").textContent, find(div, "dd").textContent]));
}

it("shows the job's numbers, models and notes, and its prompts beneath", async () => {
  const [model, el] = await shown(card());
  expect(figures(el)).toEqual({
    Questions: "2", Agents: "100", Scenarios: "1,000", Models: "10", Interviews: "1,000,000",
    "Distinct calls": "1,234,567 of 2,000,000",
    "Replies on disk": "234,567 of 1,234,567", "Estimated cost": "$12,345.68",
  });
  expect([...el.querySelectorAll(".en-tag")].map((tag) => tag.textContent)).toEqual(["gpt-4o", "test"]);
  expect(el.textContent).toContain("100 interviews, 1 distinct call.");
  await model.answer();
  expect(cells(el).length).toBe(10);
});

it("says that answers may add to calls that depend on them", async () => {
  const [, el] = await shown(card({ depending: ["why"] }));
  expect(figures(el)).toMatchObject({ "Distinct calls": "≥ 1,234,567 of 2,000,000", "Replies on disk": "≥ 234,567 of 1,234,567" });
});

it("says hello when shown, so that Python can begin to count", async () => {
  const [model] = await shown(card());
  expect(model.sent.map((message) => message.type).sort()).toEqual(["page", "sync"]);
});

it("counts when asked to and stops when asked to", async () => {
  const [model, el] = await shown(card({ distinct_calls: null, on_disk: null, estimated_cost: null, counted: 0 }));
  expect(figures(el)).toMatchObject({ "Distinct calls": "– of 2,000,000", "Replies on disk": "–", "Estimated cost": "–" });
  await click(button(el, "Count"));
  expect(model.sent.at(-1)).toEqual({ type: "count" });
  await model.set("card", card({ distinct_calls: null, counted: 150000, estimated_cost: 3 }, { counting: true }));
  expect(el.textContent).toContain("150,000 of 200,000 prompts");
  await click(button(el, "Stop counting"));
  expect(model.sent.at(-1)).toEqual({ type: "stop" });
  await model.set("card", card());
  expect(el.querySelector(".en-counting")).toBeNull();
});

it("shows a problem as text, and no table where there are no prompts", async () => {
  const model = new FakeModel<JobTraits>({ card: card({ counted: 0 }, { problem: "<b>city</b> is missing" }), table: null });
  const el = await show(job_widget, model);
  expect(find(el, "[role=alert]").textContent).toBe("<b>city</b> is missing");
  expect(el.querySelector("table")).toBeNull();
});
