import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Announcement } from "./announce";
import type { Model } from "./anywidget";
import { Figure } from "./figure";
import { canInterrupt, interruptKernel } from "./interrupt";
import { useTrait, widget } from "./mount";
import type { LaneProgress, ProgressSnapshot } from "./protocol.gen";
import "./styles/progress.css";
import { capital, count, counted, duration, money, rate, short } from "./words";

/** Traits of `edsl_nb.widgets.progress.ProgressWidget`. */
export interface ProgressTraits {
  progress: ProgressSnapshot;
  kernel_id: string;
}

/** Milliseconds after which a Stop that Python did not take up is said to hang. */
export const STOP_PATIENCE = 3000;
/** Milliseconds without an update after which the state is asked for again: one may have been lost. */
export const SYNC_AFTER = 5000;
/** Milliseconds between two sentences for people who listen. */
const SPEAK_EVERY = 5000;
/** Lanes up to which their rows are open at first. */
const LANES_OPEN = 6;

const FINAL: readonly ProgressSnapshot["state"][] = ["completed", "stopped", "failed"];

function Progress({ model }: { model: Model<ProgressTraits> }): JSX.Element {
  const now = useTrait(model, "progress");
  const final = FINAL.includes(now.state);
  const passed = useSecondsSince(now, final);
  useResync(model, now, final);
  const lost = useLost(now, final);
  const elapsed = duration(now.elapsed + passed);
  const left = final || now.eta === null ? "" : `about ${duration(now.eta - passed)} left`;
  return (
    <section class="en-run" data-state={now.state} aria-label="Run">
      <header>
        <span class="en-dot" aria-hidden="true" />
        <strong>{words(now)}</strong>
        <span class="en-time en-dim">{[elapsed, left].filter(Boolean).join(" · ")}</span>
        {final ? null : <Stop model={model} stopping={now.state === "stopping"} />}
      </header>
      {lost ? (
        <p class="en-hang" role="alert">
          Nothing has been heard from the kernel for a while. If it was restarted, run the cell again: what has been
          answered is on disk and is not asked again.
        </p>
      ) : null}
      <div class="en-bars">
        <Bar noun={now.item_noun} done={now.items_done} total={now.items_total}>
          <Part kind="done" of={now.items_total} value={now.items_done - now.items_failed} />
          <Part kind="failed" of={now.items_total} value={now.items_failed} />
        </Bar>
        <Bar noun={now.cell_noun} done={now.cells_done} total={now.cells_total}>
          <Part kind="done" of={now.cells_total} value={now.answered - now.cached} />
          <Part kind="cached" of={now.cells_total} value={now.cached} />
          <Part kind="failed" of={now.cells_total} value={now.failed + now.invalid} />
          <Part kind="skipped" of={now.cells_total} value={now.skipped} />
          <Part kind="flight" of={now.cells_total} value={now.in_flight} />
        </Bar>
      </div>
      <Numbers now={now} />
      {now.lanes.length > 1 ? <Lanes lanes={now.lanes} /> : null}
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
      <Announcement text={spoken(now)} interval={SPEAK_EVERY} urgent={final} />
    </section>
  );
}

/** How the run stands, as a heading. */
function words(now: ProgressSnapshot): string {
  const flawed = now.failed + now.invalid;
  switch (now.state) {
    case "starting":
      return "Starting";
    case "running":
      return "Running";
    case "stopping":
      return "Stopping: waiting for calls in flight";
    case "stopped":
      return "Stopped — the results so far are kept";
    case "failed":
      return "Failed";
    case "completed":
      return flawed > 0 ? `Completed, ${count(flawed)} failed or invalid` : "Completed";
  }
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

function spoken(now: ProgressSnapshot): string {
  const done = `${count(now.items_done)} of ${counted(now.items_total, now.item_noun)} done`;
  const left = now.eta === null ? "" : `, about ${duration(now.eta)} left`;
  return FINAL.includes(now.state) ? `${words(now)}. ${done}.` : `${done}${left}`;
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

function Stop({ model, stopping }: { model: Model<ProgressTraits>; stopping: boolean }): JSX.Element {
  const [asked, setAsked] = useState(false);
  const [hangs, setHangs] = useState(false);
  useEffect(() => {
    if (!asked || stopping) {
      setHangs(false);
      return;
    }
    const timer = setTimeout(() => {
      setHangs(true);
    }, STOP_PATIENCE);
    return () => {
      clearTimeout(timer);
    };
  }, [asked, stopping]);
  const stop = (): void => {
    setAsked(true);
    model.send({ type: "stop" });
  };
  return (
    <>
      <button type="button" class="en-button en-stop" disabled={asked || stopping} onClick={stop}>
        <span class="en-square-mark" aria-hidden="true" />
        {asked || stopping ? "Stopping…" : "Stop"}
      </button>
      {hangs ? <Interrupt kernelId={model.get("kernel_id")} /> : null}
    </>
  );
}

/** The way out when Python is too busy to hear Stop. */
function Interrupt({ kernelId }: { kernelId: string }): JSX.Element {
  const [tried, setTried] = useState<"no" | "sent" | "refused">("no");
  const possible = canInterrupt(kernelId);
  const interrupt = async (): Promise<void> => {
    setTried((await interruptKernel(kernelId)) ? "sent" : "refused");
  };
  const sentence =
    tried === "sent"
      ? "The kernel has been interrupted."
      : tried === "refused" || !possible
        ? "Python is busy with a cell and has not heard Stop. Use the notebook's own interrupt button (■)."
        : "Python is busy with a cell and has not heard Stop. Interrupting the kernel ends that cell.";
  return (
    <p class="en-hang" role="alert">
      <span>{sentence}</span>
      {possible && tried === "no" ? (
        <button type="button" class="en-button" onClick={() => void interrupt()}>
          Interrupt kernel
        </button>
      ) : null}
    </p>
  );
}

function Bar(props: { noun: string; done: number; total: number; children: preact.ComponentChildren }): JSX.Element {
  const { noun, done, total } = props;
  const share = total > 0 ? Math.floor((100 * done) / total) : 100;
  // Room for the number at its longest, so that the bar keeps its length.
  const room = { minWidth: `${count(total).length * 2 + 4}ch` };
  return (
    <>
      <span class="en-noun">{capital(noun)}</span>
      <div
        class="en-bar"
        role="progressbar"
        aria-label={capital(noun)}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={`${count(done)} of ${count(total)}`}
      >
        {props.children}
      </div>
      <span class="en-done" style={room}>
        {count(done)} <span class="en-dim">of {count(total)}</span>
      </span>
      <span class="en-share">{share} %</span>
    </>
  );
}

function Part({ kind, value, of }: { kind: string; value: number; of: number }): JSX.Element | null {
  if (value <= 0 || of <= 0) return null;
  return <span data-kind={kind} style={{ width: `${(100 * value) / of}%` }} />;
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
      <Figure label="Cost" value={money(now.cost)} />
    </dl>
  );
}

function Lanes({ lanes }: { lanes: readonly LaneProgress[] }): JSX.Element {
  // Decided once: the reader's own choice holds after that.
  const open = useRef(lanes.length <= LANES_OPEN).current;
  return (
    <details class="en-lanes" open={open}>
      <summary>{count(lanes.length)} models</summary>
      <div class="en-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" class="en-track">
                <span class="en-unseen">Share done</span>
              </th>
              {["Done", "Cached", "Failed", "Invalid", "In flight", "Cost"].map((name) => (
                <th key={name} scope="col" class="en-number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane, place) => (
              // Two lanes of a name are possible: one model with two keys.
              <tr key={place}>
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
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export default widget<ProgressTraits>(Progress);
