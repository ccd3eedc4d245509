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
].map(([name, kind, sortable, primary]) => ({ name, kind, sortable, primary, filterable: false }));

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
  return { title: "Prompts", caption: "", columns: COLUMNS, searchable: true, pictures: [], page_size: 10, rows: source.rows, version: 0, ...change };
}

const RESULT_COLUMNS = [
  ["agent.persona", "text", true],
  ["agent.age", "number", true],
  ["answer.free_day_in_the_city", "text", true],
  ["answer.why", "text", true],
  ["comment.why_comment", "text", false],
].map(([name, kind, primary]) => ({ name, kind, sortable: true, filterable: true, primary }));

const CHOSEN = ["a museum", "a walk", "<b>the beach</b>", "nothing"];

/** Results: filters, profiles of columns and a picture, as Python would answer. */
function results() {
  const all = (key) => [["artist", "nurse", "clerk"][key % 3], 20 + ((key * 7) % 41), CHOSEN[(key * key) % 4], `Because of reason ${key}.`, key % 5 ? null : "Not sure."];
  const page = answerer({ rows: 812, all });
  const profiles = {
    "agent.persona": { tallies: [["artist", 271], ["nurse", 271], ["clerk", 270]] },
    "agent.age": { bins: [12, 40, 90, 180, 210, 150, 80, 40, 10], least: 20, most: 60 },
    "answer.free_day_in_the_city": { filled: 790, empty: 22, tallies: CHOSEN.map((value, i) => [value, [340, 250, 200, 0][i]]) },
    "answer.why": { different: 812 },
    "comment.why_comment": { filled: 163, empty: 649, different: 1, tallies: [["Not sure.", 163]] },
  };
  const answer = (message) => {
    const { type, view, id } = message;
    if (type === "profile") {
      const { tallies = [], bins = [], ...known } = profiles[message.column];
      const values = tallies.map(([value, count]) => ({ value, count }));
      const counted = bins.map((count, i) => ({ low: 20 + 5 * i, high: 25 + 5 * i, count }));
      const plain = { filled: 812, empty: 0, different: values.length || 41, least: null, most: null };
      return { type, view, id, ...plain, ...known, tallies: values, bins: counted };
    }
    if (type === "picture") {
      const evil = "<script>alert(1)</script><image href='x' onerror='alert(1)'/>";
      const bars = [340, 250, 200].map((n, i) => `<rect x="120" y="${34 + 20 * i}" width="${n}" height="14" fill="#4386c9"><title>${n}</title></rect>`);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${message.width}" height="100" viewBox="0 0 ${message.width} 100" onload="alert(1)">`;
      const text = `<text x="0" y="14" font-size="13" fill="currentColor">${message.name}? n = 790; partial: 812 of 5,000</text>`;
      return { type, view, id, svg: `${svg}${text}${bars.join("")}${evil}</svg>`, groupings: ["agent.persona"] };
    }
    if (type === "export") return { type, view, id, text: "a,b\r\n1,2\r\n", next: null, total: 812 };
    return page(message);
  };
  const state = { title: "Results (partial: 812 of 5,000)", columns: RESULT_COLUMNS, pictures: ["free_day", "why"] };
  return { traits: { table: table({ rows: 812 }, state) }, answer };
}

function lane(label, total, done, change = {}) {
  return {
    label, items_total: total, items_done: done, cells_done: done * 2, answered: done * 2, cached: 0, failed: 0, invalid: 0,
    in_flight: 0, items_failed: 0, retries: 0, waiting: null, input_tokens: done * 130, output_tokens: done * 40, cost: done * 0.00041, ...change,
  };
}

function progress(change = {}) {
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

function summary(change = {}) {
  return {
    questions: 2, agents: 50, scenarios: 7, models: 2, interviews: 700, calls: 1400, distinct_calls: 1400, on_disk: 120, estimated_cost: 0.5218,
    counted: 1400, to_count: 1400, model_names: ["gpt-4o", "claude-sonnet-4"], notes: [], depending: [], ...change,
  };
}

const COOP = "https://coop.example.org";
const STATUSES = ["queued", "running", "completed", "failed", "cancelled", "cancelling", "partial_failed"];

function remoteJob(i, change = {}) {
  const status = STATUSES[i % STATUSES.length];
  const uuid = `3f2a9c1${i % 10}-7b44-4f0e-9a51-c2d8e6b7a9${String(i).padStart(2, "0")}`;
  const actions = ["fetch"];
  const links = [{ label: "job", url: `${COOP}/home/remote-job-progress/${uuid}` }];
  if (["completed", "partial_failed"].includes(status)) {
    actions.push("fetch_results");
    links.push({ label: "results", url: `${COOP}/content/${uuid}` });
  }
  if (["failed", "partial_failed"].includes(status)) {
    actions.push("error_report");
    links.push({ label: "errors", url: `${COOP}/home/remote-inference/error/${uuid}` });
  }
  if (["queued", "running"].includes(status)) actions.push("cancel");
  const descriptions = ["Pilot of the tea survey", "Night nurses, wave 2", "", "All cities and all models, with the long questionnaire of last spring and follow-up questions for those who have moved since"];
  return {
    uuid, status, actions, links, fetched: i === 2 ? ["fetch"] : [], description: descriptions[i % 4], iterations: i % 3 === 1 ? 5 : 1,
    cost_credits: status === "queued" ? null : 0.5 + i * 7.25, created_at: new Date(Date.now() - (i * i * 47 + i) * 60_000).toISOString(),
    failure: status === "failed" ? "The key for the service anthropic was refused" : "", ...change,
  };
}

function jobs(answerPage, query = {}) {
  const asked = { page: 1, page_size: 10, statuses: [], search: "", ascending: false, ...query };
  const answer = (message) => {
    const { type, view, id } = message;
    if (type === "jobs") return { type, view, id, state: "ready", rows: [], has_next: false, moving: false, problem: "", remedy: "", ...answerPage(message) };
    if (type !== "job_action") return null;
    const { action, uuid } = message;
    const report = action === "error_report" ? "# What went wrong\n\n12 interviews failed: <script>alert(1)</script>\n\n| question | model | error |\n| --- | --- | --- |\n| free_day | gpt-4o | timed out |" : "";
    const words = action === "fetch" ? `Fetched into .fetched["${uuid}"]` : action === "cancel" ? "Coop was asked to end it" : `job ${uuid} is completed and has no results.`;
    return { type, view, id, action, uuid, done: action !== "fetch_results", words, report };
  };
  return { traits: { listing: { coop: COOP, query: asked, statuses: STATUSES, chosen: [] } }, answer };
}

const someJobs = ({ page, page_size }) => ({ rows: Array.from({ length: page_size }, (_, i) => remoteJob((page - 1) * page_size + i)), has_next: page < 3, moving: true });

const TURNS = [
  { role: "user", text: "You answer a question from a SQLite database. In each turn write a query in a block of code, or the word Answer and the query whose rows are the answer.\n\nHow many books of 1979 are lent?", number: 0, marks: ["injected"] },
  { role: "agent", text: "```sql\nSELECT name FROM books LIMIT 3;\n```", number: 1, marks: ["injected"] },
  { role: "user", text: "There is no column name. <img src=x onerror=alert(1)>", number: 2, marks: ["injected"] },
  { role: "agent", text: `Let me look at the table.\n\n${"A row of the table, which is long. ".repeat(60)}`, number: 3, marks: ["12 turns before it not shown to the agent"] },
  { role: "agent", text: "Answer: SELECT count(*) FROM loans WHERE book_id IN (SELECT id FROM books WHERE year = 1979)", number: 4, marks: [] },
  { role: "note", text: "turn 3: no block of code\n", number: null, about: "printed by the task", marks: [] },
].map((turn) => ({ about: "", length: turn.text.length, ...turn }));

/** Conversations of samples, of which three are of the same one. */
function talker({ type, view, id, position }) {
  if (type === "transcript_json") return { type, view, id, text: '{"title": "database 0"}' };
  if (type !== "transcript") return null;
  const agent = ["skill 0.3", "skill 0.8", "openai/gpt-4o as a careful analyst"][position % 3];
  const facts = { status: position % 3 ? "completed" : "agent validation failed", result: '{"correct": true, "rows": [[3]]}', rounds: 3, seconds: 1.24, tokens: 1830, cost: 0.00041 };
  return {
    type, view, id, position, title: `database ${Math.floor(position / 3)}, ${agent}`,
    facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
    turns: TURNS,
    counterparts: [0, 1, 2].filter((n) => n !== position % 3).map((n) => ({ label: ["skill 0.3", "skill 0.8", "openai/gpt-4o as a careful analyst"][n], position: position - (position % 3) + n })),
  };
}

const SAMPLE_COLUMNS = [
  ["task", "text", true], ["agent", "text", true], ["index", "text", true], ["repeat", "number", true], ["status", "text", true],
  ["rounds", "number", true], ["result", "text", true], ["error", "text", true], ["seconds", "number", false],
].map(([name, kind, primary]) => ({ name, kind, sortable: true, filterable: true, primary }));

const ENDS = ["completed", "completed", "completed", "task limit reached", "agent validation failed"];

function samples(count) {
  const all = (key) => [key % 2 ? "database" : "secret-code", `skill ${[0.3, 0.8, 1][key % 3]}`, String(key % 40), 0, ENDS[(key * 7) % 5], 1 + (key % 5), '{"correct": true}', null, 0.3 + (key % 9)];
  return { rows: count, all };
}

function pair(task, agent, total, outcomes, figures, change = {}) {
  const counts = Object.entries(outcomes).map(([outcome, count]) => ({ outcome, count }));
  const ended = counts.reduce((sum, { count }) => sum + count, 0);
  const made = Object.entries(figures).map(([name, [value, error = null]]) => ({ name, value, error }));
  return { task, agent, total, ended, in_flight: 0, waiting: "", outcomes: counts, figures: made, scored: made.length ? ended : 0, problem: "", ...change };
}

function board(change = {}) {
  const agents = ["skill 0.3", "skill 0.8", "openai/gpt-4o as a careful analyst"];
  return {
    tasks: ["database", "secret-code"], agents, note: "", scoring: false, unscored: false,
    outcomes: ["completed", "agent context limit", "agent validation failed", "agent invalid action", "task limit reached", "task error", "agent error"],
    pairs: [
      pair("database", agents[0], 40, { completed: 13, "agent validation failed": 20, "agent invalid action": 7 }, { accuracy: [0.325, 0.0512], accuracy_easy: [0.5], accuracy_hard: [0.1] }),
      pair("database", agents[1], 40, { completed: 33, "agent validation failed": 4, "task error": 3 }, { accuracy: [0.825, 0.021] }),
      pair("database", agents[2], 40, { completed: 39, "agent error": 1 }, { accuracy: [0.975, 0.01] }),
      pair("secret-code", agents[0], 60, { completed: 20, "task limit reached": 40 }, { found: [0.3333], guesses: [4.2] }),
      pair("secret-code", agents[1], 60, { completed: 50, "agent context limit": 6, "task limit reached": 4 }, {}, { problem: "calculate_overall of task 'secret-code' raised ZeroDivisionError" }),
    ],
    ...change,
  };
}

function benchmark(state, now, count) {
  const page = answerer(samples(count));
  const profile = ({ type, view, id, column }) => type === "profile" ? { type, view, id, filled: count, empty: 0, different: 2, tallies: column === "status" ? [{ value: "completed", count: count - 30 }, { value: "task limit reached", count: 30 }] : [], bins: [], least: null, most: null } : null;
  const shown = { title: "Samples", columns: SAMPLE_COLUMNS };
  return { traits: { progress: now, kernel_id: "k1", board: state, table: table({ rows: count }, shown) }, answer: (message) => talker(message) ?? profile(message) ?? page(message) };
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
      const columns = [...COLUMNS.slice(0, 2), { name: "note", kind: "text", sortable: false, filterable: false, primary: true }];
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
    results,
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
  job_list: {
    plain: () => jobs(someJobs),
    untrusted: () => {
      const evil = "<script>alert(1)</script><img src=x onerror=alert(1)>";
      const links = [{ label: "job", url: "javascript:alert(1)" }, { label: "results", url: "https://elsewhere.example.org/content/1" }];
      return jobs(() => ({ rows: [remoteJob(3, { description: evil, failure: evil, status: "<b>odd</b>", created_at: "yesterday", links })] }));
    },
    empty: () => jobs(() => ({ state: "empty" })),
    filtered: () => jobs(() => ({ state: "empty" }), { statuses: ["running", "queued"], search: "<b>tea</b>" }),
    signed_out: () => jobs(() => ({ state: "signed_out", problem: "coop.example.org does not accept the key: The API key you provided is invalid", remedy: "Check EXPECTED_PARROT_API_KEY, or pass Coop(api_key=...)." })),
    offline: () => jobs(() => ({ state: "offline", problem: "cannot reach coop.example.org: connection refused", remedy: "Check the network, the proxy and the address; EXPECTED_PARROT_URL names another one." })),
  },
  transcript: {
    plain: () => ({ traits: { transcript: { position: 1, count: 6 } }, answer: talker }),
    error: () => ({
      traits: { transcript: { position: 1, count: 6 } },
      answer: ({ view, id }) => ({ type: "error", view, id, message: "<b>the store</b> cannot be read" }),
    }),
  },
  benchmark: {
    plain: () => benchmark(board(), null, 240),
    running: () => benchmark(board({
      unscored: true,
      pairs: board().pairs.map((one, i) => ({ ...one, total: 100, in_flight: 3 * i, figures: i ? [] : one.figures, scored: i ? 0 : 40, waiting: i === 2 ? "rate limit of gpt-4o, 12 s" : "" })),
    }), progress({ item_noun: "samples", cell_noun: "outcomes", lane_noun: "assignments", expected_cost: null, outlook: "At the start: 12 samples kept, 288 to play." }), 112),
  },
};
