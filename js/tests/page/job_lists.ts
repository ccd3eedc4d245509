// Lists of jobs at Coop.
import type { JobListTraits } from "../../src/job_list";
import type { JobQueryState, JobRowData, JobsReply, JobsRequest, Reply, Request } from "../../src/protocol.gen";
import type { Case, Cases } from "./playing";

const COOP = "https://coop.example.org";
const STATUSES = ["queued", "running", "completed", "failed", "cancelled", "cancelling", "partial_failed"];

function remoteJob(i: number, change: Partial<JobRowData> = {}): JobRowData {
  const status = STATUSES[i % STATUSES.length] ?? "";
  const uuid = `3f2a9c1${i % 10}-7b44-4f0e-9a51-c2d8e6b7a9${String(i).padStart(2, "0")}`;
  const actions: JobRowData["actions"] = ["fetch"];
  const links: JobRowData["links"] = [{ label: "job", url: `${COOP}/home/remote-job-progress/${uuid}` }];
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
    uuid, status, actions, links, fetched: i === 2 ? ["fetch"] : [], outcomes: [], description: descriptions[i % 4] ?? "", iterations: i % 3 === 1 ? 5 : 1,
    cost_credits: status === "queued" ? null : 0.5 + i * 7.25, created_at: new Date(Date.now() - (i * i * 47 + i) * 60_000).toISOString(),
    failure: status === "failed" ? "The key for the service anthropic was refused" : "", ...change,
  };
}

function jobs(answerPage: (message: JobsRequest) => Partial<JobsReply>, query: Partial<JobQueryState> = {}): Case<JobListTraits> {
  const asked: JobQueryState = { page: 1, page_size: 10, statuses: [], search: "", ascending: false, ...query };
  const answer = (message: Request): Reply | null => {
    if (message.type === "jobs") return { type: "jobs", view: message.view, id: message.id, state: "ready", rows: [], has_next: false, moving: false, problem: "", remedy: "", ...answerPage(message) };
    if (message.type !== "job_action") return null;
    const { type, view, id, action, uuid } = message;
    const report = action === "error_report" ? "# What went wrong\n\n12 interviews failed: <script>alert(1)</script>\n\n| question | model | error |\n| --- | --- | --- |\n| free_day | gpt-4o | timed out |" : "";
    const words = action === "fetch" ? `Fetched into .fetched["${uuid}"]` : action === "cancel" ? "Coop was asked to end it" : `job ${uuid} is completed and has no results.`;
    return { type, view, id, action, uuid, done: action !== "fetch_results", words, report };
  };
  return { traits: { listing: { coop: COOP, query: asked, statuses: STATUSES, chosen: [] } }, answer };
}

const someJobs = ({ page, page_size }: JobsRequest): Partial<JobsReply> => ({ rows: Array.from({ length: page_size }, (_, i) => remoteJob((page - 1) * page_size + i)), has_next: page < 3, moving: true });

export const jobListCases: Cases<JobListTraits> = {
  plain: () => jobs(someJobs),
  untrusted: () => {
    const evil = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    const links: JobRowData["links"] = [{ label: "job", url: "javascript:alert(1)" }, { label: "results", url: "https://elsewhere.example.org/content/1" }];
    return jobs(() => ({ rows: [remoteJob(3, { description: evil, failure: evil, status: "<b>odd</b>", created_at: "yesterday", links })] }));
  },
  empty: () => jobs(() => ({ state: "empty" })),
  filtered: () => jobs(() => ({ state: "empty" }), { statuses: ["running", "queued"], search: "<b>tea</b>" }),
  signed_out: () => jobs(() => ({ state: "signed_out", problem: "coop.example.org does not accept the key: The API key you provided is invalid", remedy: "Check EXPECTED_PARROT_API_KEY, or pass Coop(api_key=...)." })),
  offline: () => jobs(() => ({ state: "offline", problem: "cannot reach coop.example.org: connection refused", remedy: "Check the network, the proxy and the address; EXPECTED_PARROT_URL names another one." })),
};
