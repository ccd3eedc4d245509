import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { CopyButton } from "../grid/detail";
import { Icon, IconButton } from "../icons";
import type { JobRowData } from "../protocol.gen";
import { counted } from "../words";
import type { Acting, Outcome } from "./acting";
import { CoopLink } from "./states";
import { ago, inFull, useNow } from "./time";
import { ACTIONS, type Action, statusWords } from "./words";

const CREDITS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

export interface JobRowsProps {
  coop: string;
  rows: readonly JobRowData[];
  busy: boolean;
  ascending: boolean;
  onSort: () => void;
  chosen: ReadonlySet<string>;
  onChoose: (uuids: readonly string[], chosen: boolean) => void;
  acting: Acting;
}

/** The jobs of a page. Arrow keys go to the same control of the job above or below. */
export function JobRows(props: JobRowsProps): JSX.Element {
  const { rows, chosen, ascending } = props;
  const now = useNow();
  const uuids = rows.map((row) => row.uuid);
  const all = uuids.length > 0 && uuids.every((uuid) => chosen.has(uuid));
  return (
    <table class="en-table en-joblist" role="table" aria-label="Jobs on Coop" aria-busy={props.busy}>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader" class="en-choose">
            <input
              type="checkbox"
              aria-label="Choose all jobs of this page"
              checked={all}
              disabled={rows.length === 0}
              onChange={() => { props.onChoose(uuids, !all); }}
            />
          </th>
          <th scope="col" role="columnheader" class="en-what">Job</th>
          <th scope="col" role="columnheader" class="en-status">Status</th>
          <th scope="col" role="columnheader" class="en-cost en-number">Credits</th>
          <th scope="col" role="columnheader" class="en-when" aria-sort={ascending ? "ascending" : "descending"}>
            <button
              type="button"
              class="en-head"
              title={ascending ? "The oldest first; click for the newest first" : "The newest first; click for the oldest first"}
              onClick={props.onSort}
            >
              <span>Created</span>
              <Icon name={ascending ? "up" : "down"} />
            </button>
          </th>
          <th scope="col" role="columnheader" class="en-acts">
            <span class="en-unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup" onKeyDown={moveByArrows}>
        {rows.map((row) => (
          <JobRow key={row.uuid} {...props} row={row} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function moveByArrows(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = event.target;
  if (by === undefined || !(from instanceof HTMLElement) || from.dataset.stop === undefined) return;
  const alike = [...event.currentTarget.querySelectorAll<HTMLElement>(`[data-stop="${from.dataset.stop}"]`)];
  event.preventDefault();
  alike[alike.indexOf(from) + by]?.focus();
}

function JobRow(props: JobRowsProps & { row: JobRowData; now: number }): JSX.Element {
  const { coop, row, chosen, acting, now } = props;
  const { uuid } = row;
  const [asking, setAsking] = useState(false);
  const outcomes = acting.of(uuid);
  const name = row.description || uuid;
  const line = useRef<HTMLTableRowElement>(null);
  // What is closed takes the focus with it, which goes back to where it came from.
  const back = (action: Action): void => {
    line.current?.querySelector<HTMLElement>(`[data-stop="${action}"]`)?.focus();
  };
  const answered = (): void => {
    setAsking(false);
    back("cancel");
  };
  const clear = (action: Action): void => {
    back(action);
    acting.clear(action, uuid);
  };
  const onAction = (action: Action): void => {
    if (action === "cancel") setAsking(true);
    else acting.start(action, uuid);
  };
  const report = outcomes.get("error_report")?.report ?? "";
  return (
    <>
      <tr role="row" ref={line} data-chosen={chosen.has(uuid)} data-open={report !== ""}>
        <td role="cell" class="en-choose">
          <input
            type="checkbox"
            data-stop="choose"
            aria-label={`Choose ${name}`}
            checked={chosen.has(uuid)}
            onChange={(event) => { props.onChoose([uuid], event.currentTarget.checked); }}
          />
        </td>
        <td role="cell" class="en-what">
          <div class="en-name" title={row.description}>{row.description || <span class="en-dim">No description</span>}</div>
          <div class="en-facts">
            <code class="en-uuid" title="Click to mark, then copy">{uuid}</code>
            {row.iterations !== null && row.iterations > 1 ? <span>{counted(row.iterations, "iterations")}</span> : null}
            {row.links.map((link) => (
              <CoopLink key={link.label} coop={coop} url={link.url} words={link.label} label={`${link.label} of ${name} on Coop`} />
            ))}
          </div>
          {row.failure === "" ? null : <div class="en-failure">{row.failure}</div>}
          {asking ? (
            <Question
              onYes={() => { answered(); acting.start("cancel", uuid); }}
              onNo={answered}
            />
          ) : null}
          {[...outcomes].map(([action, outcome]) =>
            outcome?.report ? null : (
              <OutcomeLine key={action} action={action} outcome={outcome} onClose={() => { clear(action); }} />
            ),
          )}
        </td>
        <td role="cell" class="en-status">
          <span class="en-badge" data-status={row.status}>
            {statusWords(row.status)}
          </span>
        </td>
        <td role="cell" class={row.cost_credits === null ? "en-cost en-number en-none" : "en-cost en-number"}>
          {row.cost_credits === null ? "–" : row.cost_credits.toLocaleString("en-US", CREDITS)}
        </td>
        <td role="cell" class="en-when">
          <time dateTime={row.created_at} title={inFull(row.created_at)}>
            {ago(row.created_at, now)}
          </time>
        </td>
        <td role="cell" class="en-acts">
          <div class="en-acts-line">
            {row.actions.map((action) => (
              <ActionButton
                key={action}
                action={action}
                name={name}
                going={outcomes.get(action) === null}
                fetched={row.fetched.includes(action) || outcomes.get(action)?.done === true}
                onClick={() => { onAction(action); }}
              />
            ))}
          </div>
        </td>
      </tr>
      {report === "" ? null : <Report text={report} onClose={() => { clear("error_report"); }} />}
    </>
  );
}

/** An error report beneath its job, as the text that it is. */
function Report({ text, onClose }: { text: string; onClose: () => void }): JSX.Element {
  return (
    <tr role="row">
      <td role="cell" class="en-report" colSpan={6}>
        <div class="en-outcome">
          <strong>Error report</strong>
          <CopyButton label="Copy the report" text={() => text} disabled={false} />
          <IconButton icon="close" label="Close the report" onClick={onClose} />
        </div>
        <pre tabIndex={0} aria-label="Error report">
          {text}
        </pre>
      </td>
    </tr>
  );
}

function ActionButton(props: { action: Action; name: string; going: boolean; fetched: boolean; onClick: () => void }): JSX.Element {
  const { action, going } = props;
  const { label, hint } = ACTIONS[action];
  const fetches = action === "fetch" || action === "fetch_results";
  return (
    <button
      type="button"
      class="en-button en-act"
      data-action={action}
      data-stop={action}
      aria-label={`${hint}: ${props.name}`}
      title={fetches && props.fetched ? `${hint} again` : hint}
      aria-disabled={going}
      onClick={() => {
        if (!going) props.onClick();
      }}
    >
      {fetches ? <Icon name={props.fetched ? "check" : "download"} /> : null}
      {label}
    </button>
  );
}

/** Whether a job is really to be cancelled; the focus goes to the harmless answer. */
function Question({ onYes, onNo }: { onYes: () => void; onNo: () => void }): JSX.Element {
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    no.current?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    // Used up here: the notebook would take the focus away.
    event.stopPropagation();
    onNo();
  };
  return (
    <div class="en-outcome en-asks" role="group" aria-label="Cancel this job?" onKeyDown={onKeyDown}>
      <span>Cancel this job? It cannot be taken up again.</span>
      <button type="button" class="en-button" onClick={onYes}>
        Cancel the job
      </button>
      <button type="button" class="en-button" ref={no} onClick={onNo}>
        Keep it
      </button>
    </div>
  );
}

function OutcomeLine({ action, outcome, onClose }: { action: Action; outcome: Outcome; onClose: () => void }): JSX.Element {
  if (outcome === null) return <div class="en-outcome en-dim">{ACTIONS[action].going}</div>;
  return (
    <div class={outcome.done ? "en-outcome" : "en-outcome en-failure"}>
      <span>{outcome.words}</span>
      <IconButton icon="close" label="Close" onClick={onClose} />
    </div>
  );
}
