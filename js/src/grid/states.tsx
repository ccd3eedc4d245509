import type { JSX } from "preact";

import type { ExportState } from "./export";
import type { Latest } from "../latest";

const SLOW = "Python has not answered yet. It may be busy with a cell; if the kernel was restarted, run the cell of this table again.";

/** A thin line while a page is on its way, with words when that takes long. */
export function Waiting<Of extends "page" | "jobs">({ pages, words = SLOW }: { pages: Latest<Of>; words?: string }): JSX.Element {
  const { busy, scan, slow, query } = pages.state;
  const share = scan && scan.total > 0 ? (100 * scan.done) / scan.total : null;
  return (
    <>
      <div class={busy ? "en-line en-busy" : "en-line"} aria-hidden="true">
        {share === null ? null : <span style={{ width: `${share}%` }} />}
      </div>
      {slow ? (
        <p class="en-remark" role="status">
          <span>{words}</span>
          <button type="button" class="en-button" onClick={() => { pages.ask(query); }}>
            Ask again
          </button>
        </p>
      ) : null}
    </>
  );
}

/** What stands in the place of rows that are not there. */
export function Nothing(props: { search: string; filters: number; onClear: () => void }): JSX.Element {
  const { search, filters } = props;
  if (search === "" && filters === 0) return <p class="en-nothing">No rows</p>;
  const which = filters > 0 ? "No row passes the filters" : "No row";
  return (
    <p class="en-nothing">
      <span>
        {which}
        {search === "" ? "" : `${filters > 0 ? " and" : ""} contains “${search}”`}.
      </span>
      <button type="button" class="en-button" onClick={props.onClear}>
        {filters === 0 ? "Clear the search" : search === "" ? "Clear the filters" : "Clear search and filters"}
      </button>
    </p>
  );
}

/** How a copy or a download goes. */
export function Exporting({ state, onCancel }: { state: ExportState | null; onCancel: () => void }): JSX.Element | null {
  if (state === null) return null;
  return (
    <p class={state.bad ? "en-trouble" : "en-remark"} role={state.bad ? "alert" : "status"}>
      <span>{state.words}</span>
      {state.going || state.bad ? (
        <button type="button" class="en-button" onClick={onCancel}>
          {state.going ? "Cancel" : "Close"}
        </button>
      ) : null}
    </p>
  );
}
