import type { JobActionReply, JobQueryState } from "../protocol.gen";
import { capital } from "../words";

export type Action = JobActionReply["action"];

/** What buttons say, what they do in full, and what is said while that goes on. */
export const ACTIONS: Record<Action, { label: string; hint: string; going: string }> = {
  fetch: { label: "Job", hint: "Fetch the job into Python", going: "Fetching the job…" },
  fetch_results: { label: "Results", hint: "Fetch the results into Python", going: "Fetching the results…" },
  error_report: { label: "Report", hint: "Show the error report", going: "Asking for the report…" },
  cancel: { label: "Cancel", hint: "Cancel the job", going: "Asking Coop to end the job…" },
};

/** A job's status as words; servers may have others than we know. */
export function statusWords(status: string): string {
  if (status === "") return "Unknown";
  if (status === "partial_failed") return "Partly failed";
  return capital(status.replaceAll("_", " "));
}

/** Which jobs were looked for and not found. */
export function nothingFound({ statuses, search }: JobQueryState): string {
  const which = statuses.map((status) => statusWords(status).toLowerCase()).join(" or ");
  const is = which === "" ? "" : ` is ${which}`;
  const says = search === "" ? "" : `${is === "" ? " has" : " and has"} “${search}” in its description`;
  return `No job${is}${says}.`;
}

/** A web address, where it is a page of that Coop; null for any other. */
export function pageOf(coop: string, url: string): string | null {
  try {
    const { href, protocol, origin } = new URL(url);
    return (protocol === "https:" || protocol === "http:") && origin === new URL(coop).origin ? href : null;
  } catch {
    return null;
  }
}

/** The name of a Coop's host. */
export function hostOf(coop: string): string {
  try {
    return new URL(coop).host;
  } catch {
    return coop;
  }
}
