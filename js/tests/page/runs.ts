// Runs and how far they are.
import type { LaneProgress, ProgressSnapshot } from "../../src/protocol.gen";
import type { ProgressTraits } from "../../src/progress";
import type { Case, Cases } from "./playing";

function lane(label: string, total: number, done: number, change: Partial<LaneProgress> = {}): LaneProgress {
  return {
    label, items_total: total, items_done: done, cells_done: done * 2, answered: done * 2, cached: 0, failed: 0, invalid: 0,
    in_flight: 0, items_failed: 0, retries: 0, waiting: null, input_tokens: done * 130, output_tokens: done * 40, cost: done * 0.00041, expected_cost: null, ...change,
  };
}

export function progress(change: Partial<ProgressSnapshot> = {}): ProgressSnapshot {
  return {
    run_id: "r1", seq: 1, state: "running", reason: null, item_noun: "interviews", cell_noun: "questions", lane_noun: "models", dry_run: false, items_total: 1000, items_done: 412,
    items_failed: 3, cells_total: 2000, cells_done: 847, answered: 836, cached: 214, invalid: 4, failed: 5, skipped: 2, in_flight: 64, retries: 0, waiting: null,
    input_tokens: 91204, output_tokens: 30877, cost: 0.1689, expected_cost: 0.41, elapsed: 22.6, rate: 18.2, eta: 32.3,
    outlook: "At the start: 214 replies on disk, 1,786 calls to ask, for about $0.41.",
    lanes: [
      lane("gpt-4o", 400, 190, { cached: 100, in_flight: 30 }),
      lane("claude-sonnet-4", 400, 150, { cached: 114, in_flight: 30, failed: 5 }),
      lane("smollm2-135m (local)", 200, 72, { invalid: 4, in_flight: 4, cost: 0 }),
    ],
    errors: [
      { message: "free_day, claude-sonnet-4: the service is overloaded (529)", count: 3 },
      { message: "colour, smollm2-135m: the reply is none of the options: 'It depends on <b>light</b>'", count: 1 },
    ],
    ...change,
  };
}

function run(change: Partial<ProgressSnapshot>): () => Case<ProgressTraits> {
  return () => ({ traits: { progress: progress(change), kernel_id: "k1" }, answer: () => null });
}

export const progressCases: Cases<ProgressTraits> = {
  plain: run({}),
  starting: run({ state: "starting", items_done: 0, items_failed: 0, cells_done: 0, answered: 0, cached: 0, invalid: 0, failed: 0, skipped: 0, in_flight: 0, input_tokens: 0, output_tokens: 0, cost: 0, elapsed: 0, rate: 0, eta: null, lanes: [], errors: [] }),
  completed: run({ state: "completed", items_done: 1000, items_failed: 0, cells_done: 2000, answered: 2000, failed: 0, invalid: 0, skipped: 0, in_flight: 0, eta: null, errors: [], lanes: [] }),
  stopped: run({ state: "stopped", reason: "max_cost=$2 would be passed", in_flight: 0, eta: null }),
  paused: run({ state: "paused", in_flight: 30, eta: null, retries: 31,
    lanes: [lane("gpt-4o", 400, 190, { cached: 100, in_flight: 30 }), lane("claude-sonnet-4", 400, 150, { cached: 114, failed: 5, retries: 31 })],
  }),
  waiting: run({
    waiting: "rate limit of claude-sonnet-4, 12 s", retries: 1234, in_flight: 0, eta: null, rate: 0,
    lanes: [
      lane("gpt-4o", 400, 400, { cached: 100, retries: 12 }),
      lane("claude-sonnet-4", 400, 150, { cached: 114, failed: 5, retries: 1222, waiting: "rate limit of claude-sonnet-4, 12 s" }),
      lane("smollm2-135m (local)", 200, 72, { invalid: 4, cost: 0, waiting: "waiting for the network (smollm2-135m cannot be reached since 1 min 05 s)" }),
    ],
  }),
  failed: run({ state: "failed", in_flight: 0, eta: null, errors: [{ message: "run: the store cannot be written: disk full", count: 1 }] }),
  lanes: run({ lanes: Array.from({ length: 14 }, (_, i) => lane(`model-${i}`, 100, i * 7)) }),
};
