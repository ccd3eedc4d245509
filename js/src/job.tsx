import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Model } from "./anywidget";
import { Figure } from "./figure";
import { TableView } from "./grid/view";
import { useTrait, widget } from "./mount";
import type { JobState, TableState } from "./protocol.gen";
import "./styles/job.css";
import { count, counted, money } from "./words";

/** Traits of `edsl_nb.widgets.job.JobWidget`. */
export interface JobTraits {
  card: JobState;
  /** Null where the prompts cannot be made; the card's problem says why. */
  table: TableState | null;
}

/** Model names shown before "and more". */
const NAMES = 8;

function Job({ model }: { model: Model<JobTraits> }): JSX.Element {
  const card = useTrait(model, "card");
  const table = useTrait(model, "table");
  const { summary } = card;
  useEffect(() => {
    model.send({ type: "sync" });
  }, [model]);
  return (
    <section class="en-job" aria-label="Job">
      <dl class="en-numbers">
        <Figure label="Questions" value={count(summary.questions)} />
        <Figure label="Agents" value={count(summary.agents)} />
        <Figure label="Scenarios" value={count(summary.scenarios)} />
        <Figure label="Models" value={count(summary.models)} />
        <Figure label="Interviews" value={count(summary.interviews)} />
        <Figure label="Distinct calls" value={distinct(card)} aside={`of ${count(summary.calls)}`} />
        <Figure label="Replies on disk" value={onDisk(card)} aside={ofDistinct(card)} />
        <Figure label="Estimated cost" value={cost(card)} />
      </dl>
      <Counting model={model} card={card} />
      {card.problem === "" ? null : (
        <p class="en-trouble" role="alert">
          {card.problem}
        </p>
      )}
      <p class="en-models">
        {summary.model_names.slice(0, NAMES).map((name) => (
          <span key={name} class="en-tag">
            {name}
          </span>
        ))}
        {summary.model_names.length > NAMES ? (
          <span class="en-dim">and {count(summary.model_names.length - NAMES)} more</span>
        ) : null}
      </p>
      {summary.notes.length > 0 ? (
        <ul class="en-notes">
          {summary.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      {table === null ? null : <TableView line={model} table={table} />}
    </section>
  );
}

function distinct({ summary }: Pick<JobState, "summary">): string {
  return summary.distinct_calls === null ? "–" : atLeast({ summary }, count(summary.distinct_calls));
}

/** Calls that need not be made, because their replies are on disk. */
function onDisk({ summary }: Pick<JobState, "summary">): string {
  return summary.on_disk === null ? "–" : atLeast({ summary }, count(summary.on_disk));
}

/** A number of calls to which those may add that depend on answers. */
function atLeast({ summary }: Pick<JobState, "summary">, number: string): string {
  return summary.depending.length > 0 ? `≥ ${number}` : number;
}

function ofDistinct({ summary }: JobState): string {
  return summary.on_disk === null || summary.distinct_calls === null ? "" : `of ${count(summary.distinct_calls)}`;
}

function cost({ summary }: JobState): string {
  return summary.counted === 0 && summary.to_count > 0 ? "–" : money(summary.estimated_cost);
}

/** How far counting has come, and the way to begin or end it. Empty once all is counted. */
function Counting({ model, card }: { model: Model<JobTraits>; card: JobState }): JSX.Element | null {
  const { counted: done, to_count: total } = card.summary;
  if (done >= total || card.problem !== "") return null;
  const sentence = card.counting
    ? `Counting distinct calls and their cost: ${count(done)} of ${counted(total, "prompts")}`
    : done > 0
      ? `Counted so far: ${count(done)} of ${counted(total, "prompts")}`
      : `Distinct calls and cost of ${counted(total, "prompts")} are not counted yet.`;
  return (
    <div class="en-counting">
      <div class="en-line" aria-hidden="true">
        <span style={{ width: `${(100 * done) / total}%` }} />
      </div>
      <p class="en-remark">
        <span>{sentence}</span>
        <button
          type="button"
          class="en-button"
          onClick={() => {
            model.send({ type: card.counting ? "stop" : "count" });
          }}
        >
          {card.counting ? "Stop counting" : "Count"}
        </button>
      </p>
    </div>
  );
}

export default widget<JobTraits>(Job);
