import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Model } from "./anywidget";
import { Matrix } from "./benchmarks/matrix";
import type { DetailProps } from "./grid/detail";
import { TableView } from "./grid/view";
import { useTrait, widget } from "./mount";
import { Progress } from "./progress";
import type { BoardState, FilterState, ProgressSnapshot, TableState } from "./protocol.gen";
import "./styles/benchmark.css";
import { TranscriptView } from "./transcripts/view";
import { count } from "./words";

/** Traits of `edsl_nb.widgets.benchmark.BenchmarkWidget` and `BenchmarkRunWidget`. */
export interface BenchmarkTraits {
  /** Null where no run goes on. */
  progress: ProgressSnapshot | null;
  kernel_id: string;
  board: BoardState;
  table: TableState;
}

/** Traits where a run goes on. */
type RunTraits = BenchmarkTraits & { progress: ProgressSnapshot };

function runs(model: Model<BenchmarkTraits>): model is Model<RunTraits> {
  return model.get("progress") !== null;
}

function Benchmark({ model }: { model: Model<BenchmarkTraits> }): JSX.Element {
  const board = useTrait(model, "board");
  const table = useTrait(model, "table");
  const [wanted, setWanted] = useState<readonly FilterState[] | null>(null);
  const matrix = (
    <Matrix
      board={board}
      onScore={() => { model.send({ type: "score" }); }}
      onPair={(task, agent) => { setWanted([only("task", task), only("agent", agent)]); }}
      onOutcome={(outcome) => { setWanted([only("status", outcome)]); }}
    />
  );
  // The model of a view is always the same one.
  const [Sample] = useState(() => (props: DetailProps) => (
    <aside aria-label="Sample">
      <TranscriptView
        line={model}
        position={props.row.key}
        place={props.place === null ? "Sample" : `Sample ${count(props.place)}`}
        canPrevious={props.canPrevious}
        canNext={props.canNext}
        onMove={props.onMove}
        onClose={props.onClose}
      />
    </aside>
  ));
  return (
    <section class="en-benchmark" aria-label="Benchmark">
      {runs(model) ? <Progress model={model}>{matrix}</Progress> : matrix}
      {runs(model) && table.rows === 0 ? null : <TableView line={model} table={table} detail={Sample} wanted={wanted} />}
    </section>
  );
}

function only(column: string, value: string): FilterState {
  return { column, contains: "", one_of: [value], least: null, most: null };
}

export default widget<BenchmarkTraits>(Benchmark);
