// Conversations, and benchmarks.
import type { BenchmarkTraits } from "../../src/benchmark";
import type { BoardState, Cell, PairData, ProgressSnapshot, Reply, Request, TableColumn, TurnData } from "../../src/protocol.gen";
import type { TranscriptTraits } from "../../src/transcript";
import type { Case, Cases } from "./playing";
import { progress } from "./runs";
import { type Source, answerer, table } from "./tables";

const SAID: (Omit<TurnData, "about" | "length"> & { about?: string })[] = [
  { role: "user", text: "You answer a question from a SQLite database. In each turn write a query in a block of code, or the word Answer and the query whose rows are the answer.\n\nHow many books of 1979 are lent?", number: 0, marks: ["injected"] },
  { role: "agent", text: "```sql\nSELECT name FROM books LIMIT 3;\n```", number: 1, marks: ["injected"] },
  { role: "user", text: "There is no column name. <img src=x onerror=alert(1)>", number: 2, marks: ["injected"] },
  { role: "agent", text: `Let me look at the table.\n\n${"A row of the table, which is long. ".repeat(60)}`, number: 3, marks: ["12 turns before it not shown to the agent"] },
  { role: "agent", text: "Answer: SELECT count(*) FROM loans WHERE book_id IN (SELECT id FROM books WHERE year = 1979)", number: 4, marks: [] },
  { role: "note", text: "turn 3: no block of code\n", number: null, about: "printed by the task", marks: [] },
];
const TURNS: TurnData[] = SAID.map((turn) => ({ about: "", length: turn.text.length, ...turn }));
const AGENTS = ["skill 0.3", "skill 0.8", "openai/gpt-4o as a careful analyst"] as const;

/** Conversations of samples, of which three are of the same one. */
function talker(message: Request): Reply | null {
  if (message.type === "transcript_json") return { type: "transcript_json", view: message.view, id: message.id, text: '{"title": "database 0"}' };
  if (message.type !== "transcript") return null;
  const { type, view, id, position } = message;
  const agent = AGENTS[position % 3] ?? "";
  const facts = { status: position % 3 ? "completed" : "agent validation failed", result: '{"correct": true, "rows": [[3]]}', rounds: 3, seconds: 1.24, tokens: 1830, cost: 0.00041 };
  return {
    type, view, id, position, title: `database ${Math.floor(position / 3)}, ${agent}`,
    facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
    turns: TURNS,
    counterparts: AGENTS.map((label, n) => ({ label, position: position - (position % 3) + n })).filter((one) => one.position !== position),
  };
}

const SHOWN: [string, TableColumn["kind"], boolean][] = [
  ["task", "text", true], ["agent", "text", true], ["index", "text", true], ["repeat", "number", true], ["status", "text", true],
  ["rounds", "number", true], ["result", "text", true], ["error", "text", true], ["seconds", "number", false],
];
const SAMPLE_COLUMNS: TableColumn[] = SHOWN.map(([name, kind, primary]) => ({ name, kind, sortable: true, filterable: true, primary }));

const ENDS = ["completed", "completed", "completed", "task limit reached", "agent validation failed"];

function samples(count: number): Source {
  const all = (key: number): Cell[] => [key % 2 ? "database" : "secret-code", `skill ${[0.3, 0.8, 1][key % 3]}`, String(key % 40), 0, ENDS[(key * 7) % 5] ?? null, 1 + (key % 5), '{"correct": true}', null, 0.3 + (key % 9)];
  return { rows: count, all };
}

function pair(
  task: string,
  agent: string,
  total: number,
  outcomes: Record<string, number>,
  figures: Record<string, [number, number?]>,
  change: Partial<PairData> = {},
): PairData {
  const counts = Object.entries(outcomes).map(([outcome, count]) => ({ outcome, count }));
  const ended = counts.reduce((sum, { count }) => sum + count, 0);
  const made = Object.entries(figures).map(([name, [value, error]]) => ({ name, value, error: error ?? null }));
  return { task, agent, total, ended, in_flight: 0, waiting: "", outcomes: counts, figures: made, scored: made.length ? ended : 0, problem: "", unscored: "", ...change };
}

function board(change: Partial<BoardState> = {}): BoardState {
  return {
    tasks: ["database", "secret-code"], agents: [...AGENTS], note: "", scoring: false, unscored: false,
    outcomes: ["completed", "agent context limit", "agent validation failed", "agent invalid action", "task limit reached", "task error", "agent error"],
    pairs: [
      pair("database", AGENTS[0], 40, { completed: 13, "agent validation failed": 20, "agent invalid action": 7 }, { accuracy: [0.325, 0.0512], accuracy_easy: [0.5], accuracy_hard: [0.1] }),
      pair("database", AGENTS[1], 40, { completed: 33, "agent validation failed": 4, "task error": 3 }, { accuracy: [0.825, 0.021] }),
      pair("database", AGENTS[2], 40, { completed: 39, "agent error": 1 }, { accuracy: [0.975, 0.01] }),
      pair("secret-code", AGENTS[0], 60, { completed: 20, "task limit reached": 40 }, { found: [0.3333], guesses: [4.2] }),
      pair("secret-code", AGENTS[1], 60, { completed: 50, "agent context limit": 6, "task limit reached": 4 }, {}, { problem: "calculate_overall of task 'secret-code' raised ZeroDivisionError" }),
    ],
    ...change,
  };
}

function benchmark(state: BoardState, now: ProgressSnapshot | null, count: number): Case<BenchmarkTraits> {
  const page = answerer(samples(count));
  const profile = (message: Request): Reply | null => {
    if (message.type !== "profile") return null;
    const { type, view, id, column } = message;
    const tallies = column === "status" ? [{ value: "completed", count: count - 30 }, { value: "task limit reached", count: 30 }] : [];
    return { type, view, id, filled: count, empty: 0, different: 2, tallies, bins: [], least: null, most: null };
  };
  const shown = { title: "Samples", columns: SAMPLE_COLUMNS };
  return { traits: { progress: now, kernel_id: "k1", board: state, table: table({ rows: count }, shown) }, answer: (message) => talker(message) ?? profile(message) ?? page(message) };
}

export const transcriptCases: Cases<TranscriptTraits> = {
  plain: () => ({ traits: { transcript: { position: 1, count: 6 } }, answer: talker }),
  error: () => ({
    traits: { transcript: { position: 1, count: 6 } },
    answer: (message) => ("id" in message ? { type: "error", view: message.view, id: message.id, message: "<b>the store</b> cannot be read" } : null),
  }),
};

export const benchmarkCases: Cases<BenchmarkTraits> = {
  plain: () => benchmark(board(), null, 240),
  running: () => benchmark(board({
    unscored: true,
    pairs: board().pairs.map((one, i) => ({ ...one, total: 100, in_flight: 3 * i, figures: i ? [] : one.figures, scored: i ? 0 : 40, waiting: i === 2 ? "rate limit of gpt-4o, 12 s" : "" })),
  }), progress({ item_noun: "samples", cell_noun: "outcomes", lane_noun: "assignments", expected_cost: null, outlook: "At the start: 12 samples kept, 288 to play." }), 112),
};
