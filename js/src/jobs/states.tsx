import type { JSX } from "preact";

import { Icon } from "../icons";
import type { JobQueryState, JobsReply } from "../protocol.gen";
import { count } from "../words";
import { hostOf, nothingFound, pageOf } from "./words";

type Failing = Exclude<JobsReply["state"], "ready" | "empty">;

const HEADS: Record<Failing, (host: string) => string> = {
  signed_out: (host) => `Not signed in at ${host}`,
  offline: (host) => `${host} cannot be reached`,
  failed: () => "The jobs could not be listed",
};

/** Whether an answer says why there are no rows. */
export function isFailing(state: JobsReply["state"]): state is Failing {
  return state in HEADS;
}

/** A link to a page of this Coop, in a tab of its own; just words where it leads elsewhere. */
export function CoopLink(props: { coop: string; url: string; words: string; label?: string }): JSX.Element {
  const href = pageOf(props.coop, props.url);
  if (href === null) return <span>{props.words}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={href} aria-label={props.label}>
      {props.words}
      <Icon name="out" />
    </a>
  );
}

/** Why jobs could not be listed, and the ways out. */
export function Trouble(props: { coop: string; state: Failing; problem: string; remedy: string; onAgain: () => void }): JSX.Element {
  const { coop, state, problem, remedy } = props;
  return (
    <div class="en-trouble" role="alert">
      <span>
        <strong>{HEADS[state](hostOf(coop))}</strong>
        {`\n${problem}. ${remedy}`.trimEnd()}
      </span>
      {state === "signed_out" ? <CoopLink coop={coop} url={coop} words="Open Coop" /> : null}
      <button type="button" class="en-button" onClick={props.onAgain}>
        Try again
      </button>
    </div>
  );
}

/** What stands in the place of jobs that are not there. */
export function NoJobs(props: { query: JobQueryState; onClear: () => void; onPage: (page: number) => void }): JSX.Element {
  const { page, statuses, search } = props.query;
  if (page > 1) {
    return (
      <p class="en-nothing">
        <span>There is nothing on page {count(page)}: the list ends before it.</span>
        <button type="button" class="en-button" onClick={() => { props.onPage(page - 1); }}>
          Page {count(page - 1)}
        </button>
      </p>
    );
  }
  if (statuses.length === 0 && search === "") {
    return (
      <p class="en-nothing">
        <span>
          No jobs yet. <code>job.run(remote=True)</code> has Coop run one.
        </span>
      </p>
    );
  }
  return (
    <p class="en-nothing">
      <span>{nothingFound(props.query)}</span>
      <button type="button" class="en-button" onClick={props.onClear}>
        Show all jobs
      </button>
    </p>
  );
}
