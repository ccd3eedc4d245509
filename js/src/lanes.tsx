import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import { Part } from "./bar";
import type { LaneProgress } from "./protocol.gen";
import { capital, count, counted, money, singular } from "./words";

/** Lanes up to which their rows are open at first. */
const OPEN = 6;

const NUMBERS = ["Done", "Cached", "Failed", "Invalid", "In flight", "Cost"];

export interface LanesProps {
  lanes: readonly LaneProgress[];
  /** What they are called, in the plural. */
  noun: string;
  /** Whether what they wait for means anything. */
  running: boolean;
}

/** A run's lanes, such as its models, a row each. */
export function Lanes({ lanes, noun, running }: LanesProps): JSX.Element {
  // Decided once: the reader's own choice holds after that.
  const open = useRef(lanes.length <= OPEN).current;
  const waiting = running ? lanes.filter((lane) => lane.waiting !== null).length : 0;
  return (
    <details class="en-lanes" open={open}>
      <summary>
        {counted(lanes.length, noun)}
        {waiting > 0 ? `, ${count(waiting)} waiting` : ""}
      </summary>
      <div class="en-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{capital(singular(noun))}</th>
              <th scope="col" class="en-track">
                <span class="en-unseen">Share done</span>
              </th>
              {NUMBERS.map((name) => (
                <th key={name} scope="col" class="en-number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane, place) => (
              // Two lanes of a name are possible: one model with two keys.
              <Lane key={place} lane={lane} running={running} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Lane({ lane, running }: { lane: LaneProgress; running: boolean }): JSX.Element {
  const again = lane.retries > 0 ? `${count(lane.retries)} tried again` : "";
  const note = [again, running ? lane.waiting : null].filter(Boolean).join(" · ");
  const noted = useOnce(note !== "");
  return (
    <>
      <tr class={noted ? "en-noted" : undefined}>
        <th scope="row" title={lane.label}>
          {lane.label}
        </th>
        <td class="en-track">
          <div class="en-bar">
            <Part kind="done" of={lane.items_total} value={lane.items_done - lane.items_failed} />
            <Part kind="failed" of={lane.items_total} value={lane.items_failed} />
          </div>
        </td>
        <td class="en-number">
          {count(lane.items_done)} <span class="en-dim">of {count(lane.items_total)}</span>
        </td>
        {[lane.cached, lane.failed, lane.invalid, lane.in_flight].map((value, i) => (
          <td key={i} class="en-number">
            {value === 0 ? <span class="en-dim">0</span> : count(value)}
          </td>
        ))}
        <td class="en-number">{money(lane.cost)}</td>
      </tr>
      {noted ? (
        <tr class="en-note">
          <td colSpan={NUMBERS.length + 2}>
            <span>{note}</span>
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** Whether something was ever so: what has come to be shown keeps its place, so that nothing jumps. */
export function useOnce(so: boolean): boolean {
  const ever = useRef(false);
  ever.current ||= so;
  return ever.current;
}
