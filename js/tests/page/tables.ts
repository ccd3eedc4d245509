// Tables: a million prompts, and results with filters and pictures.
import { CELL_LIMIT, type Cell, type ProfileReply, type Reply, type Request, type TableColumn, type TableState } from "../../src/protocol.gen";
import type { TableTraits } from "../../src/table";
import type { Answer, Case, Cases } from "./playing";

/** Rows as Python has them: how many, and the cells of each. */
export interface Source {
  rows: number;
  all: (key: number) => Cell[];
}

type Kind = TableColumn["kind"];

/** The item of a list that has it; the data are ours. */
function nth<T>(items: readonly T[], position: number): T {
  return items[position % items.length] as T;
}

const PROMPT_COLUMNS: [string, Kind, boolean, boolean][] = [
  ["user_prompt", "text", false, true],
  ["system_prompt", "text", false, true],
  ["interview_index", "number", true, false],
  ["question_name", "text", true, false],
  ["scenario_index", "number", true, false],
  ["agent_index", "number", true, false],
  ["model", "text", true, false],
  ["estimated_cost", "money", true, false],
  ["cache_keys", "list", false, false],
];
const COLUMNS: TableColumn[] = PROMPT_COLUMNS.map(([name, kind, sortable, primary]) => ({ name, kind, sortable, primary, filterable: false }));

const CITIES = ["Lisbon", "Nairobi", "Osaka", "Quito", "Tromsø", "Da Nang", "São Paulo"];

export function prompts(count: number, columns = COLUMNS): Source {
  const all = (key: number): Cell[] => {
    const city = nth(CITIES, key);
    const text = `You are being asked the following question: How would you spend a free day in ${city}?\n\nReturn only a list of three things, one to a line.\n\n  - no prices\n  - no opening hours${key % 3 ? "" : `\n\nBackground\n----------\n${"The city has changed a great deal in ten years. ".repeat(14)}`}`;
    const cells: Record<string, Cell> = {
      user_prompt: text,
      system_prompt: `You are answering questions as if you were a human. Your traits: {'persona': 'You are an artist.', 'age': ${20 + (key % 60)}}`,
      interview_index: key,
      question_name: "free_day",
      scenario_index: key % 7,
      agent_index: Math.floor(key / 7),
      model: key % 2 ? "gpt-4o" : "claude-sonnet-4",
      estimated_cost: 0.0003725 + (key % 9) * 0.00002,
      cache_keys: '["e549b646508cfd459f88379649ebe8ba"]',
      note: key % 2 ? null : "<img src=x onerror=alert(1)>",
    };
    return columns.map(({ name }) => cells[name] ?? null);
  };
  return { rows: count, all };
}

export function answerer(source: Source, total: number | null = source.rows): Answer {
  return (message) => {
    if (message.type === "row") {
      const { type, view, id, key } = message;
      return { type, view, id, key, cells: source.all(key) };
    }
    if (message.type !== "page") return null;
    const { type, view, id } = message;
    const found = message.search === "nothing" ? 0 : source.rows;
    const keys = Array.from({ length: Math.max(0, Math.min(message.limit, found - message.offset)) }, (_, i) => message.offset + i);
    const rows = keys.map((key) => {
      const cells = source.all(key);
      const cut = cells.map((cell) => typeof cell === "string" && cell.length > CELL_LIMIT);
      return { key, cells: cells.map((cell) => (typeof cell === "string" ? cell.slice(0, CELL_LIMIT) : cell)), cut };
    });
    return { type, view, id, rows, total: found === 0 ? 0 : total, has_next: message.offset + rows.length < found, version: 0 };
  };
}

export function table(source: Pick<Source, "rows">, change: Partial<TableState> = {}): TableState {
  return { title: "Prompts", caption: "", columns: COLUMNS, searchable: true, pictures: [], page_size: 10, rows: source.rows, version: 0, ...change };
}

const ANSWERS: [string, Kind, boolean][] = [
  ["agent.persona", "text", true],
  ["agent.age", "number", true],
  ["answer.free_day_in_the_city", "text", true],
  ["answer.why", "text", true],
  ["comment.why_comment", "text", false],
];
const RESULT_COLUMNS: TableColumn[] = ANSWERS.map(([name, kind, primary]) => ({ name, kind, sortable: true, filterable: true, primary }));

const CHOSEN = ["a museum", "a walk", "<b>the beach</b>", "nothing"];

/** Results: filters, profiles of columns and a picture, as Python would answer. */
function results(): Case<TableTraits> {
  const all = (key: number): Cell[] => [nth(["artist", "nurse", "clerk"], key), 20 + ((key * 7) % 41), nth(CHOSEN, key * key), `Because of reason ${key}.`, key % 5 ? null : "Not sure."];
  const page = answerer({ rows: 812, all });
  const profiles: Record<string, Partial<Omit<ProfileReply, "tallies" | "bins">> & { tallies?: [Cell, number][]; bins?: number[] }> = {
    "agent.persona": { tallies: [["artist", 271], ["nurse", 271], ["clerk", 270]] },
    "agent.age": { bins: [12, 40, 90, 180, 210, 150, 80, 40, 10], least: 20, most: 60 },
    "answer.free_day_in_the_city": { filled: 790, empty: 22, tallies: CHOSEN.map((value, i) => [value, nth([340, 250, 200, 0], i)]) },
    "answer.why": { different: 812 },
    "comment.why_comment": { filled: 163, empty: 649, different: 1, tallies: [["Not sure.", 163]] },
  };
  const answer = (message: Request): Reply | null => {
    if (message.type === "profile") {
      const { type, view, id } = message;
      const { tallies = [], bins = [], ...known } = profiles[message.column] ?? {};
      const values = tallies.map(([value, count]) => ({ value, count }));
      const counted = bins.map((count, i) => ({ low: 20 + 5 * i, high: 25 + 5 * i, count }));
      const plain = { filled: 812, empty: 0, different: values.length || 41, least: null, most: null };
      return { type, view, id, ...plain, ...known, tallies: values, bins: counted };
    }
    if (message.type === "picture") {
      const { type, view, id } = message;
      const evil = "<script>alert(1)</script><image href='x' onerror='alert(1)'/>";
      const bars = [340, 250, 200].map((n, i) => `<rect x="120" y="${34 + 20 * i}" width="${n}" height="14" fill="#4386c9"><title>${n}</title></rect>`);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${message.width}" height="100" viewBox="0 0 ${message.width} 100" onload="alert(1)">`;
      const text = `<text x="0" y="14" font-size="13" fill="currentColor">${message.name}? n = 790; partial: 812 of 5,000</text>`;
      return { type, view, id, svg: `${svg}${text}${bars.join("")}${evil}</svg>`, groupings: ["agent.persona"] };
    }
    if (message.type === "export") return { type: "export", view: message.view, id: message.id, text: "a,b\r\n1,2\r\n", next: null, total: 812 };
    return page(message);
  };
  const state: Partial<TableState> = { title: "Results (partial: 812 of 5,000)", columns: RESULT_COLUMNS, pictures: ["free_day", "why"] };
  return { traits: { table: table({ rows: 812 }, state) }, answer };
}

export const tableCases: Cases<TableTraits> = {
  plain: () => {
    const source = prompts(1000000);
    return { traits: { table: table(source) }, answer: answerer(source) };
  },
  unknown: () => {
    const source = prompts(5000);
    return { traits: { table: table(source, { caption: "remote" }) }, answer: answerer(source, null) };
  },
  untrusted: () => {
    const columns: TableColumn[] = [...COLUMNS.slice(0, 2), { name: "note", kind: "text", sortable: false, filterable: false, primary: true }];
    const source = prompts(4, columns);
    return { traits: { table: table(source, { columns, title: "<b>Notes</b>" }) }, answer: answerer(source) };
  },
  empty: () => {
    const source = prompts(0);
    return { traits: { table: table(source) }, answer: answerer(source) };
  },
  error: () => ({
    traits: { table: table({ rows: 12 }) },
    answer: (message) =>
      message.type === "page" ? { type: "error", view: message.view, id: message.id, message: "free_day: {{ scenario.city }} is not in scenario 3. Add the field or change the text." } : null,
  }),
  results,
  searching: () => {
    const source = prompts(1000000);
    const answer = answerer(source);
    return {
      traits: { table: table(source) },
      answer: (message) =>
        message.type === "page" && message.search ? { type: "scan", view: message.view, id: message.id, done: 412000, total: 1000000 } : answer(message),
    };
  },
};
