// Jobs before they run.
import type { JobTraits } from "../../src/job";
import type { JobSummary } from "../../src/protocol.gen";
import type { Cases } from "./playing";
import { answerer, prompts, table } from "./tables";

function summary(change: Partial<JobSummary> = {}): JobSummary {
  return {
    questions: 2, agents: 50, scenarios: 7, models: 2, interviews: 700, calls: 1400, distinct_calls: 1400, on_disk: 120, estimated_cost: 0.5218,
    counted: 1400, to_count: 1400, model_names: ["gpt-4o", "claude-sonnet-4"], notes: [], depending: [], ...change,
  };
}

export const jobCases: Cases<JobTraits> = {
  plain: () => {
    const source = prompts(1400);
    return { traits: { card: { summary: summary(), counting: false, problem: "" }, table: table(source) }, answer: answerer(source) };
  },
  counting: () => {
    const source = prompts(1000000);
    const numbers = summary({
      agents: 1000, scenarios: 100, models: 10, interviews: 1000000, calls: 2000000, distinct_calls: 412345, on_disk: null, counted: 412345, to_count: 2000000,
      estimated_cost: 153.812, model_names: Array.from({ length: 10 }, (_, i) => `model-${i}`),
      notes: ["100 interviews share one call; n= gives independent draws."],
    });
    return { traits: { card: { summary: numbers, counting: true, problem: "" }, table: table(source) }, answer: answerer(source) };
  },
  problem: () => {
    const source = prompts(4);
    const card = {
      summary: summary({ distinct_calls: null, on_disk: null, counted: 0 }), counting: false,
      problem: "question 'free_day': {{ scenario.city }} is not in scenario 3. Add the field or change the text.",
    };
    return { traits: { card, table: table(source) }, answer: answerer(source) };
  },
};
