import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Announcement } from "./announce";
import type { Model } from "./anywidget";
import { Bar, Part } from "./bar";
import { Figure } from "./figure";
import { Lanes, useOnce } from "./lanes";
import { useTrait, widget } from "./mount";
import type { ProgressSnapshot } from "./protocol.gen";
import { Steering } from "./steering";
import "./styles/progress.css";
import { capital, count, counted, duration, money, rate, short } from "./words";

/** Traits of `edsl_nb.widgets.progress.ProgressWidget`. */
export interface ProgressTraits {
  progress: ProgressSnapshot;
  kernel_id: string;
}

/** Milliseconds without an update after which the state is asked for again: one may have been lost. */
export const SYNC_AFTER = 5000;
/** Milliseconds between two sentences for people who listen. */
const SPEAK_EVERY = 5000;

const FINAL: readonly ProgressSnapshot["state"][] = ["completed", "stopped", "failed"];

/** A run; `children` stand in the place of its lanes, for items that have one cell each. */
export function Progress({ model, children }: { model: Model<ProgressTraits>; children?: ComponentChildren }): JSX.Element {
  const now = useTrait(model, "progress");
  const final = FINAL.includes(now.state);
  const passed = useSecondsSince(now, final);
  useResync(model, now, final);
  const lost = useLost(now, final);
  const elapsed = duration(now.elapsed + passed);
  const left = final || now.eta === null ? "" : `about ${duration(now.eta - passed)} left`;
  const waiting = waits(now);
  return (
    <section class="en-run" data-state={now.state} aria-label="Run">
      <header>
        <span class="en-state">
          <span class="en-dot" aria-hidden="true" />
          <strong>{words(now)}</strong>
        </span>
        <span class="en-time en-dim">{[elapsed, left].filter(Boolean).join(" · ")}</span>
        {final ? null : <Steering model={model} state={now.state} />}
      </header>
      {lost ? (
        <p class="en-hang" role="alert">
          Nothing has been heard from the kernel for a while. If it was restarted, run the cell again: what has been
          answered is on disk and is not asked again.
        </p>
      ) : null}
      <div class="en-bars">
        {children === undefined ? (
          <Bar noun={now.item_noun} done={now.items_done} total={now.items_total}>
            <Part kind="done" of={now.items_total} value={now.items_done - now.items_failed} />
            <Part kind="failed" of={now.items_total} value={now.items_failed} />
          </Bar>
        ) : null}
        <Bar noun={children === undefined ? now.cell_noun : now.item_noun} done={now.cells_done} total={now.cells_total}>
          <Part kind="done" of={now.cells_total} value={now.answered - now.cached} />
          <Part kind="cached" of={now.cells_total} value={now.cached} />
          <Part kind="failed" of={now.cells_total} value={now.failed + now.invalid} />
          <Part kind="skipped" of={now.cells_total} value={now.skipped} />
          <Part kind="flight" of={now.cells_total} value={now.in_flight} />
        </Bar>
      </div>
      {now.outlook === null ? null : <p class="en-outlook en-dim">{now.outlook}</p>}
      <Remark waiting={waiting} retries={now.retries} />
      <Numbers now={now} />
      {children ??
        (now.lanes.length > 1 ? <Lanes lanes={now.lanes} noun={now.lane_noun} running={now.state === "running"} /> : null)}
      {now.errors.length > 0 ? (
        <ul class="en-errors" aria-label="Last errors">
          {now.errors.map((error) => (
            <li key={error.message}>
              <span class="en-times">{count(error.count)} ×</span>
              <span>{error.message}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <Announcement
        text={spoken(now, useSteady(waiting))}
        interval={SPEAK_EVERY}
        urgent={final || now.state === "paused"}
      />
    </section>
  );
}

/** What the run is likely to cost in the end; empty where that says nothing more. */
function expected(now: ProgressSnapshot): string {
  if (FINAL.includes(now.state) || now.cost === null || now.expected_cost === null) return "";
  return now.expected_cost > now.cost ? `of about ${money(now.expected_cost)}` : "";
}

/** How the run stands, as a heading. */
function words(now: ProgressSnapshot): string {
  const said = stateWords(now);
  return now.dry_run ? `Dry run: ${said.charAt(0).toLowerCase()}${said.slice(1)}` : said;
}

function stateWords(now: ProgressSnapshot): string {
  const flawed = now.failed + now.invalid;
  const why = now.reason === null ? "" : `: ${now.reason}`;
  switch (now.state) {
    case "stopping":
      return `Stopping${why}`;
    case "stopped":
      return `Stopped${why} — the results so far are kept`;
    case "completed":
      return flawed > 0 ? `Completed, ${count(flawed)} failed or invalid` : "Completed";
    default:
      return capital(now.state);
  }
}

/** What the run waits for, as a line of its own; empty where it does not wait. */
function waits(now: ProgressSnapshot): string {
  if (now.state === "paused" || now.state === "stopping") {
    return now.in_flight > 0 ? `Waiting for ${counted(now.in_flight, "calls")} in flight` : "No calls in flight";
  }
  if (now.state !== "running" || now.waiting === null) return "";
  return now.waiting.startsWith("waiting") ? capital(now.waiting) : `Waiting: ${now.waiting}`;
}

/** The line under the bars. Once it was needed it keeps its place. */
function Remark({ waiting, retries }: { waiting: string; retries: number }): JSX.Element | null {
  const needed = useOnce(waiting !== "" || retries > 0);
  if (!needed) return null;
  return (
    <p class="en-waits">
      <span>{waiting}</span>
      {retries > 0 ? <span>{count(retries)} tried again</span> : null}
    </p>
  );
}

/** Milliseconds without an update after which a run is taken to have lost its kernel: one ticks ten times a second. */
export const LOST_AFTER = 15_000;

/** Whether nothing has been heard from a run for long, although it has not ended. */
function useLost(snapshot: ProgressSnapshot, final: boolean): boolean {
  const [lost, setLost] = useState(false);
  useEffect(() => {
    setLost(false);
    if (final) return;
    const timer = setTimeout(() => {
      setLost(true);
    }, LOST_AFTER);
    return () => {
      clearTimeout(timer);
    };
  }, [snapshot, final]);
  return lost;
}

function spoken(now: ProgressSnapshot, waiting: string): string {
  const done = `${count(now.items_done)} of ${counted(now.items_total, now.item_noun)} done`;
  if (now.state === "paused") return words(now);
  if (FINAL.includes(now.state)) return `${words(now)}. ${done}.`;
  if (waiting !== "") return `${done}. ${waiting}`;
  return now.eta === null ? done : `${done}, about ${duration(now.eta)} left`;
}

/** A text as it was when it last changed in more than its times and counts: those tick, and are not worth a word. */
function useSteady(text: string): string {
  const said = useRef(text);
  if (untimed(said.current) !== untimed(text)) said.current = text;
  return said.current;
}

function untimed(text: string): string {
  return text.replace(/[\d.,]+(?= (?:s|min|h|calls?)\b)/g, "");
}

/** Seconds since a snapshot came, ticking once a second, so that clocks go on while a run waits. */
function useSecondsSince(snapshot: ProgressSnapshot, final: boolean): number {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    setPassed(0);
    if (final) return;
    const since = performance.now();
    const timer = setInterval(() => {
      setPassed((performance.now() - since) / 1000);
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [snapshot, final]);
  return passed;
}

/** Ask for the state once when shown, and once in each silence: a flood may have swallowed the last update. */
function useResync(model: Model<ProgressTraits>, snapshot: ProgressSnapshot, final: boolean): void {
  useEffect(() => {
    if (!FINAL.includes(model.get("progress").state)) model.send({ type: "sync" });
  }, [model]);
  useEffect(() => {
    if (final) return;
    const timer = setTimeout(() => {
      model.send({ type: "sync" });
    }, SYNC_AFTER);
    return () => {
      clearTimeout(timer);
    };
  }, [model, snapshot, final]);
}

function Numbers({ now }: { now: ProgressSnapshot }): JSX.Element {
  return (
    <dl class="en-numbers">
      <Figure label="Answered" kind="done" value={count(now.answered - now.cached)} />
      <Figure label="From cache" kind="cached" value={count(now.cached)} />
      <Figure label="Failed" kind="failed" value={count(now.failed)} bad={now.failed > 0} />
      <Figure label="Invalid" kind="failed" value={count(now.invalid)} bad={now.invalid > 0} />
      <Figure label="Not asked" kind="skipped" value={count(now.skipped)} />
      <Figure label="In flight" kind="flight" value={count(now.in_flight)} />
      <Figure label={`${capital(now.item_noun)}/s`} value={rate(now.rate)} />
      <Figure label="Tokens in" value={short(now.input_tokens)} />
      <Figure label="Tokens out" value={short(now.output_tokens)} />
      <Figure label="Cost" value={money(now.cost)} aside={expected(now)} />
    </dl>
  );
}

export default widget<ProgressTraits>(Progress);
