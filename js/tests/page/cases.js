// Made-up data for the demonstration page, as Python would send it.

const CELL_LIMIT = 300;

const COLUMNS = [
  ["user_prompt", "text", false, true],
  ["system_prompt", "text", false, true],
  ["interview_index", "number", true, false],
  ["question_name", "text", true, false],
  ["scenario_index", "number", true, false],
  ["agent_index", "number", true, false],
  ["model", "text", true, false],
  ["estimated_cost", "money", true, false],
  ["cache_keys", "list", false, false],
].map(([name, kind, sortable, primary]) => ({ name, kind, sortable, primary }));

const CITIES = ["Lisbon", "Nairobi", "Osaka", "Quito", "Tromsø", "Da Nang", "São Paulo"];

function prompts(count, columns = COLUMNS) {
  const all = (key) => {
    const city = CITIES[key % CITIES.length];
    const text = `You are being asked the following question: How would you spend a free day in ${city}?\n\nReturn only a list of three things, one to a line.\n\n  - no prices\n  - no opening hours${key % 3 ? "" : `\n\nBackground\n----------\n${"The city has changed a great deal in ten years. ".repeat(14)}`}`;
    const cells = {
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
    return columns.map(({ name }) => cells[name]);
  };
  return { rows: count, all };
}

function answerer(source, { total = source.rows } = {}) {
  return (message) => {
    const { type, view, id } = message;
    if (type === "row") return { type, view, id, key: message.key, cells: source.all(message.key) };
    if (type !== "page") return null;
    const found = message.search === "nothing" ? 0 : source.rows;
    const keys = Array.from({ length: Math.max(0, Math.min(message.limit, found - message.offset)) }, (_, i) => message.offset + i);
    const rows = keys.map((key) => {
      const cells = source.all(key);
      const cut = cells.map((cell) => typeof cell === "string" && cell.length > CELL_LIMIT);
      return { key, cells: cells.map((cell, i) => (cut[i] ? cell.slice(0, CELL_LIMIT) : cell)), cut };
    });
    return { type, view, id, rows, total: found === 0 ? 0 : total, has_next: message.offset + rows.length < found, version: 0 };
  };
}

function table(source, change = {}) {
  return { title: "Prompts", caption: "", columns: COLUMNS, searchable: true, page_size: 10, rows: source.rows, version: 0, ...change };
}

function lane(label, total, done, change = {}) {
  return {
    label, items_total: total, items_done: done, cells_done: done * 2, answered: done * 2, cached: 0, failed: 0, invalid: 0,
    in_flight: 0, items_failed: 0, retries: 0, waiting: null, input_tokens: done * 130, output_tokens: done * 40, cost: done * 0.00041, ...change,
  };
}

function progress(change = {}) {
  return {
    run_id: "r1", seq: 1, state: "running", reason: null, item_noun: "interviews", cell_noun: "questions", items_total: 1000, items_done: 412,
    items_failed: 3, cells_total: 2000, cells_done: 847, answered: 836, cached: 214, invalid: 4, failed: 5, skipped: 2, in_flight: 64, retries: 0, waiting: null,
    input_tokens: 91204, output_tokens: 30877, cost: 0.1689, elapsed: 22.6, rate: 18.2, eta: 32.3,
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

function summary(change = {}) {
  return {
    questions: 2, agents: 50, scenarios: 7, models: 2, interviews: 700, calls: 1400, distinct_calls: 1400, on_disk: 120, estimated_cost: 0.5218,
    counted: 1400, to_count: 1400, model_names: ["gpt-4o", "claude-sonnet-4"], notes: [], ...change,
  };
}

const quiet = () => null;
const run = (change) => () => ({ traits: { progress: progress(change), kernel_id: "k1" }, answer: quiet });

export const cases = {
  table: {
    plain: () => {
      const source = prompts(1000000);
      return { traits: { table: table(source) }, answer: answerer(source) };
    },
    unknown: () => {
      const source = prompts(5000);
      return { traits: { table: table(source, { caption: "remote" }) }, answer: answerer(source, { total: null }) };
    },
    untrusted: () => {
      const columns = [...COLUMNS.slice(0, 2), { name: "note", kind: "text", sortable: false, primary: true }];
      const source = prompts(4, columns);
      return { traits: { table: table(source, { columns, title: "<b>Notes</b>" }) }, answer: answerer(source) };
    },
    empty: () => {
      const source = prompts(0);
      return { traits: { table: table(source) }, answer: answerer(source) };
    },
    error: () => ({
      traits: { table: table({ rows: 12 }) },
      answer: ({ type, view, id }) =>
        type === "page" ? { type: "error", view, id, message: "free_day: {{ scenario.city }} is not in scenario 3. Add the field or change the text." } : null,
    }),
    searching: () => {
      const source = prompts(1000000);
      const answer = answerer(source);
      return {
        traits: { table: table(source) },
        answer: (message) =>
          message.search ? { type: "scan", view: message.view, id: message.id, done: 412000, total: 1000000 } : answer(message),
      };
    },
  },
  progress: {
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
  },
  job: {
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
  },
};
