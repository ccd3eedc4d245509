import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";

import { DEBOUNCE } from "../src/grid/resting";
import job_list_widget, { type JobListTraits } from "../src/job_list";
import { EVERY } from "../src/jobs/refreshing";
import { ago, inFull } from "../src/jobs/time";
import { pageOf, statusWords } from "../src/jobs/words";
import { SILENCE } from "../src/latest";
import type { JobListState, JobRowData, JobsReply, JobsRequest } from "../src/protocol.gen";
import { FakeModel, button, click, find, prepare, press, show, takeDown, type, wait } from "./fake";

prepare();

const COOP = "https://coop.example.org";
const NOW = "2026-03-01T12:00:00+00:00";

function listing(change: Partial<JobListState> = {}): JobListState {
  const query = { page: 1, page_size: 10, statuses: [], search: "", ascending: false };
  return { coop: COOP, query, statuses: ["queued", "running", "completed", "failed"], chosen: [], ...change };
}

function job(n: number, change: Partial<JobRowData> = {}): JobRowData {
  return {
    uuid: `u${n}`, description: `job ${n}`, status: "completed", cost_credits: 1.5, iterations: 1, created_at: "2026-03-01T11:00:00+00:00",
    failure: "", links: [{ label: "job", url: `${COOP}/home/remote-job-progress/u${n}` }], actions: ["fetch", "fetch_results"], fetched: [], outcomes: [], ...change,
  };
}

/** The requests for pages so far. */
function asked(model: FakeModel<JobListTraits>): JobsRequest[] {
  return model.sent.filter((message) => message.type === "jobs");
}

async function answer(model: FakeModel<JobListTraits>, change: Partial<JobsReply> = {}, to = asked(model).at(-1)): Promise<void> {
  if (!to) throw new Error("no page was asked for");
  const page: JobsReply = { type: "jobs", view: to.view, id: to.id, state: "ready", rows: [job(1), job(2)], has_next: true, moving: false, problem: "", remedy: "" };
  await model.reply({ ...page, ...change });
}

async function shown(change: Partial<JobsReply> = {}, state: Partial<JobListState> = {}): Promise<[FakeModel<JobListTraits>, HTMLElement]> {
  vi.setSystemTime(NOW);
  const model = new FakeModel<JobListTraits>({ listing: listing(state) });
  const el = await show(job_list_widget, model);
  await answer(model, change);
  return [model, el];
}

async function outcome(model: FakeModel<JobListTraits>, change: { done?: boolean; words?: string; report?: string } = {}): Promise<void> {
  const last = model.sent.filter((message) => message.type === "job_action").at(-1);
  if (!last) throw new Error("nothing was asked to be done");
  await model.reply({ ...last, done: true, words: "done it", report: "", ...change });
}

function names(el: HTMLElement): string[] {
  return [...el.querySelectorAll(".en-name")].map((one) => one.textContent);
}

it("asks for the list's own page at first and shows its jobs", async () => {
  const query = { page: 2, page_size: 5, statuses: ["completed"], search: "tea", ascending: true };
  const model = new FakeModel<JobListTraits>({ listing: listing({ query }) });
  const el = await show(job_list_widget, model);
  expect(asked(model)).toEqual([expect.objectContaining(query)]);
  expect(el.textContent).toContain("Asking coop.example.org for jobs");
  await answer(model);
  expect(names(el)).toEqual(["job 1", "job 2"]);
  expect(el.textContent).toContain("6–7 of many");
  expect(button(el, "Completed").getAttribute("aria-pressed")).toBe("true");
});

it("shows what comes from the server as text, and links to its own Coop only", async () => {
  const evil = "<img src=x onerror=alert(1)>";
  const links: JobRowData["links"] = [
    { label: "job", url: "javascript:alert(1)" },
    { label: "results", url: `${COOP}.evil.org/content/1` },
    { label: "errors", url: `${COOP}/home/remote-inference/error/1` },
  ];
  const [, el] = await shown({ rows: [job(1, { description: evil, failure: evil, status: evil, links })] });
  expect(el.querySelector("img")).toBeNull();
  expect(names(el)).toEqual([evil]);
  expect([...el.querySelectorAll("a")].map((a) => [a.href, a.rel])).toEqual([[links[2]?.url, "noopener noreferrer"]]);
});

it.each([
  ["https://coop.example.org/a", true],
  ["http://coop.example.org/a", false],
  ["https://coop.example.org:444/a", false],
  ["https://user@elsewhere.org/coop.example.org", false],
  ["data:text/html,x", false],
  ["nothing", false],
])("links to %s: %s", (url, fine) => {
  expect(pageOf(COOP, url) !== null).toBe(fine);
});

it("turns pages, changes their size and the order", async () => {
  const [model, el] = await shown();
  await click(button(el, "Next page"));
  expect(asked(model).at(-1)?.page).toBe(2);
  expect(find(el, "table").getAttribute("aria-busy")).toBe("true");
  await answer(model, { rows: [job(11)], has_next: false });
  expect(el.textContent).toContain("11–11 of 11");
  await click(find(el, ".en-when button"));
  expect(asked(model).at(-1)).toMatchObject({ page: 1, ascending: true });
  await answer(model);
  expect(find(el, ".en-when").getAttribute("aria-sort")).toBe("ascending");
  const size = find(el, "select") as HTMLSelectElement;
  await act(() => {
    size.value = "50";
    size.dispatchEvent(new Event("change", { bubbles: true }));
  });
  expect(asked(model).at(-1)).toMatchObject({ page: 1, page_size: 50 });
});

it("filters by any of several statuses, and by none", async () => {
  const [model, el] = await shown();
  await click(button(el, "Running"));
  await click(button(el, "Queued"));
  expect(asked(model).at(-1)).toMatchObject({ page: 1, statuses: ["queued", "running"] });
  await click(button(el, "Running"));
  expect(asked(model).at(-1)?.statuses).toEqual(["queued"]);
  await click(button(el, "All"));
  expect(asked(model).at(-1)?.statuses).toEqual([]);
});

it("searches once typing rests, and an older reply does not replace a newer one", async () => {
  const [model, el] = await shown();
  const input = find(el, "input[type=search]");
  await type(input, "t");
  await type(input, "tea");
  expect(asked(model)).toHaveLength(1);
  await wait(DEBOUNCE);
  expect(asked(model).at(-1)?.search).toBe("tea");
  const older = asked(model).at(-1);
  await type(input, "teapot");
  await wait(DEBOUNCE);
  await answer(model, { rows: [job(7)] });
  await answer(model, { rows: [job(8)] }, older);
  expect(names(el)).toEqual(["job 7"]);
});

it("says that nothing was found, and shows all again", async () => {
  const query = { page: 1, page_size: 10, statuses: ["failed"], search: "tea", ascending: false };
  const [model, el] = await shown({ state: "empty", rows: [], has_next: false }, { query });
  expect(find(el, ".en-nothing").textContent).toContain("No job is failed and has “tea” in its description.");
  await click(button(el, "Show all jobs"));
  expect(asked(model).at(-1)).toMatchObject({ statuses: [], search: "" });
  await answer(model, { state: "empty", rows: [], has_next: false });
  expect(find(el, ".en-nothing").textContent).toContain("No jobs yet");
});

it("goes back where a page beyond the last one was asked for", async () => {
  const [model, el] = await shown();
  await click(button(el, "Next page"));
  await answer(model, { state: "empty", rows: [], has_next: false });
  await click(button(el, "Page 1"));
  expect(asked(model).at(-1)?.page).toBe(1);
});

it.each([
  ["signed_out", "Not signed in at coop.example.org"],
  ["offline", "coop.example.org cannot be reached"],
  ["failed", "The jobs could not be listed"],
] as const)("says when it is %s, keeps the jobs on screen, and tries again", async (state, words) => {
  const [model, el] = await shown();
  await click(button(el, "Refresh"));
  await answer(model, { state, rows: [], problem: "no <b>luck</b>", remedy: "Do this." });
  expect(find(el, "[role=alert]").textContent).toContain(words);
  expect(find(el, "[role=alert]").textContent).toContain("no <b>luck</b>. Do this.");
  expect(names(el)).toEqual(["job 1", "job 2"]);
  await click(button(el, "Try again"));
  await answer(model);
  expect(el.querySelector("[role=alert]")).toBeNull();
});

it("shows an error of Python's, and what to do when nobody answers", async () => {
  const [model, el] = await shown();
  await click(button(el, "Refresh"));
  await wait(SILENCE);
  expect(el.textContent).toContain("No answer yet. Coop may be slow");
  const { view, id } = asked(model).at(-1) ?? { view: "", id: 0 };
  await model.reply({ type: "error", view, id, message: "there is none such" });
  expect(find(el, "[role=alert]").textContent).toContain("there is none such");
});

it("looks again while jobs are under way, and not when all have ended or nobody looks", async () => {
  const [model, el] = await shown({ moving: true });
  expect(el.textContent).toContain("refreshes by itself");
  await wait(EVERY);
  expect(asked(model)).toHaveLength(2);
  expect(find(el, "table").getAttribute("aria-busy"), "the reader is not disturbed").toBe("false");
  await wait(10 * EVERY);
  expect(asked(model), "one question at a time").toHaveLength(2);
  await answer(model, { moving: true });
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  await act(() => { document.dispatchEvent(new Event("visibilitychange")); });
  await wait(10 * EVERY);
  expect(asked(model)).toHaveLength(2);
  hidden.mockRestore();
  await act(() => { document.dispatchEvent(new Event("visibilitychange")); });
  await wait(EVERY);
  expect(asked(model)).toHaveLength(3);
  await answer(model, { moving: false });
  await wait(10 * EVERY);
  expect(asked(model)).toHaveLength(3);
});

it("looks less and less often while Coop cannot be reached, and never once it is gone", async () => {
  const [model] = await shown({ moving: true });
  await wait(EVERY);
  await answer(model, { state: "offline", rows: [], problem: "gone" });
  await wait(EVERY);
  expect(asked(model)).toHaveLength(2);
  await wait(EVERY);
  expect(asked(model)).toHaveLength(3);
  await answer(model, { moving: true });
  await takeDown();
  await wait(10 * EVERY);
  expect(asked(model)).toHaveLength(3);
  expect(model.listeners()).toBe(0);
});

it("has jobs fetched once at a time and says what came of it", async () => {
  const [model, el] = await shown();
  const fetchJob = button(el, "Fetch the job into Python: job 1");
  await click(fetchJob);
  await click(fetchJob);
  expect(model.sent.filter((message) => message.type === "job_action")).toEqual([expect.objectContaining({ action: "fetch", uuid: "u1" })]);
  expect(el.textContent).toContain("Fetching the job…");
  await outcome(model, { words: "Fetched into .fetched" });
  expect(find(el, ".en-outcome").textContent).toContain("Fetched into .fetched");
  expect(fetchJob.title).toBe("Fetch the job into Python again");
  await click(button(el, "Close"));
  expect(el.querySelector(".en-outcome")).toBeNull();
  await click(button(el, "Fetch the results into Python: job 2"));
  await outcome(model, { done: false, words: "it has <b>none</b>" });
  expect(find(el, ".en-failure").textContent).toContain("it has <b>none</b>");
});

it("shows an error report as text", async () => {
  const [model, el] = await shown({ rows: [job(1, { status: "failed", actions: ["fetch", "error_report"] })] });
  await click(button(el, "Show the error report: job 1"));
  await outcome(model, { report: "# <script>alert(1)</script>" });
  expect(find(el, "pre").textContent).toBe("# <script>alert(1)</script>");
  await click(button(el, "Close the report"));
  expect(el.querySelector("pre")).toBeNull();
});

it("cancels a job only when that is confirmed, and looks again", async () => {
  const [model, el] = await shown({ rows: [job(1, { status: "running", actions: ["fetch", "cancel"] })] });
  await click(button(el, "Cancel the job: job 1"));
  expect(document.activeElement?.textContent).toBe("Keep it");
  await click(button(el, "Keep it"));
  expect(document.activeElement).toBe(button(el, "Cancel the job: job 1"));
  await click(button(el, "Cancel the job: job 1"));
  expect(model.sent.filter((message) => message.type === "job_action")).toEqual([]);
  await click(button(el, "Cancel the job"));
  expect(model.sent.at(-1)).toMatchObject({ type: "job_action", action: "cancel", uuid: "u1" });
  await outcome(model);
  expect(asked(model)).toHaveLength(2);
});

it("keeps what is chosen over pages, tells Python, and fetches all of it", async () => {
  const [model, el] = await shown();
  await click(find(el, "input[aria-label='Choose job 2']"));
  await click(button(el, "Next page"));
  await answer(model, { rows: [job(3)] });
  await click(find(el, "input[aria-label='Choose all jobs of this page']"));
  expect(model.sent.at(-1)).toEqual({ type: "choose", uuids: ["u2", "u3"] });
  expect(el.textContent).toContain("2 chosen");
  await click(button(el, "Fetch results"));
  const acts = model.sent.filter((message) => message.type === "job_action");
  expect(acts.map(({ uuid, action }) => [uuid, action])).toEqual([["u2", "fetch_results"], ["u3", "fetch_results"]]);
  await outcome(model);
  expect(find(el, ".en-chosen").textContent).toContain("fetched results of 1 job");
  await model.set("listing", listing({ chosen: ["u2", "u3"] }));
  await click(button(el, "Clear"));
  expect(model.sent.at(-1)).toEqual({ type: "choose", uuids: [] });
  expect(el.querySelector(".en-chosen")).toBeNull();
});

it("shows after a reload what was chosen before", async () => {
  const [, el] = await shown({}, { chosen: ["u2"] });
  expect((find(el, "input[aria-label='Choose job 2']") as HTMLInputElement).checked).toBe(true);
});

it("shows after a reload what came of actions before, until it is dismissed", async () => {
  const told: JobRowData["outcomes"] = [
    { action: "fetch", done: true, words: "Fetched into .fetched", report: "" },
    { action: "cancel", done: false, words: "it has ended", report: "" },
  ];
  const report: JobRowData["outcomes"] = [{ action: "error_report", done: true, words: "", report: "# Oops" }];
  const rows = [job(1, { outcomes: told, actions: ["fetch", "cancel"] }), job(2, { outcomes: report, actions: ["error_report"] })];
  const [model, el] = await shown({ rows });
  expect([...el.querySelectorAll(".en-what .en-outcome")].map((one) => one.textContent)).toEqual(["Fetched into .fetched", "it has ended"]);
  expect(find(el, "pre").textContent).toBe("# Oops");
  await click(button(el, "Close"));
  expect(model.sent.at(-1)).toEqual({ type: "dismiss", action: "fetch", uuid: "u1" });
  expect(document.activeElement).toBe(button(el, "Fetch the job into Python: job 1"));
  await click(button(el, "Close the report"));
  expect(document.activeElement).toBe(button(el, "Show the error report: job 2"));
  await click(button(el, "Refresh"));
  await answer(model, { rows });
  expect([...el.querySelectorAll(".en-what .en-outcome")].map((one) => one.textContent)).toEqual(["it has ended"]);
  expect(el.querySelector("pre")).toBeNull();
});

it("goes by arrow keys to the same control of the next job, and keeps keys from the notebook", async () => {
  const [, el] = await shown();
  const first = button(el, "Fetch the results into Python: job 1");
  first.focus();
  expect(await press(first, "ArrowDown")).toBe(false);
  expect(document.activeElement).toBe(button(el, "Fetch the results into Python: job 2"));
  expect(await press(document.activeElement as HTMLElement, "ArrowUp")).toBe(false);
  expect(document.activeElement).toBe(first);
});

it("tells how long ago a job was made, and the time in full on hover", async () => {
  const [, el] = await shown({ rows: [job(1), job(2, { created_at: "yesterday <b>" })] });
  const times = [...el.querySelectorAll("time")];
  expect(times.map((one) => one.textContent)).toEqual(["1 h ago", "yesterday <b>"]);
  expect(times[0]?.title).toBe(inFull("2026-03-01T11:00:00+00:00"));
  await wait(3_600_000);
  expect(times[0]?.textContent).toBe("2 h ago");
});

it.each([
  [0, "just now"], [-30, "just now"], [60, "1 min ago"], [3599, "59 min ago"], [3600, "1 h ago"], [86_400, "1 day ago"],
  [5 * 86_400, "5 days ago"], [20 * 86_400, "9 Feb 2026"], [-86_400 * 2, "3 Mar 2026"],
])("says of %i seconds: %s", (seconds, words) => {
  const now = Date.parse(NOW);
  expect(ago(new Date(now - seconds * 1000).toISOString(), now)).toBe(words);
});

it.each([["partial_failed", "Partly failed"], ["", "Unknown"], ["on_hold", "On hold"], ["running", "Running"]])("calls %s %s", (status, words) => {
  expect(statusWords(status)).toBe(words);
});
