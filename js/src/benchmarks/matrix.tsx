import type { JSX } from "preact";

import type { BoardState, FigureData, PairData } from "../protocol.gen";
import { count, counted } from "../words";

/** Figures of a score beneath the first one. */
const FIGURES = 3;

export interface MatrixProps {
  board: BoardState;
  onScore: () => void;
  /** Called for the samples of one agent at one task. */
  onPair: (task: string, agent: string) => void;
}

/** Tasks and agents: how samples have ended, and the scores. */
export function Matrix({ board, onScore, onPair }: MatrixProps): JSX.Element {
  const known = new Map(board.pairs.map((pair) => [key(pair.task, pair.agent), pair]));
  const complete = board.note === "" && board.pairs.every((pair) => pair.ended === pair.total);
  return (
    <section class="en-board" aria-label="Tasks and agents">
      <header>
        <h3>
          {counted(board.tasks.length, "tasks")}, {counted(board.agents.length, "agents")}{" "}
          {board.note ? <span class="en-dim">{board.note}</span> : null}
        </h3>
        <ul class="en-legend" aria-label="How samples have ended">
          {board.outcomes.map((outcome) => (
            <li key={outcome}>
              <span class="en-key" data-outcome={outcome} aria-hidden="true" />
              {outcome}
            </li>
          ))}
        </ul>
        {board.unscored || board.scoring ? (
          <button
            type="button"
            class="en-button"
            aria-disabled={board.scoring}
            title="Have the tasks score the samples that have ended so far"
            onClick={() => { if (!board.scoring) onScore(); }}
          >
            {board.scoring ? "Scoring …" : complete ? "Compute scores" : "Score so far"}
          </button>
        ) : null}
      </header>
      <div class="en-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Task</th>
              {board.agents.map((agent) => (
                <th key={agent} scope="col" title={agent}>
                  {agent}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {board.tasks.map((task) => (
              <tr key={task}>
                <th scope="row" title={task}>
                  {task}
                </th>
                {board.agents.map((agent) => (
                  <td key={agent}>
                    <Pair pair={known.get(key(task, agent))} onClick={() => { onPair(task, agent); }} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function key(task: string, agent: string): string {
  return JSON.stringify([task, agent]);
}

function Pair({ pair, onClick }: { pair: PairData | undefined; onClick: () => void }): JSX.Element {
  if (pair === undefined) return <span class="en-dim">–</span>;
  const [first, ...rest] = pair.figures;
  const shares = pair.outcomes.map(({ outcome, count: n }) => `${outcome} ${percent(n, pair.ended)}`).join(", ");
  const partial = pair.figures.length > 0 && pair.scored < pair.total ? ` (of ${count(pair.scored)})` : "";
  const ended = pair.ended < pair.total ? `${count(pair.ended)} of ${counted(pair.total, "samples")}` : counted(pair.total, "samples");
  const flight = pair.in_flight > 0 ? `${count(pair.in_flight)} in flight` : "";
  const all = pair.figures.map((figure) => `${figure.name}: ${inWords(figure)}`).join("\n");
  return (
    <button type="button" class="en-pair" title={[shares, all, pair.problem].filter(Boolean).join("\n")} onClick={onClick}>
      <span class="en-score">
        {first ? (
          <>
            <strong>{inWords(first)}</strong> <span class="en-dim">{first.name}{partial}</span>
          </>
        ) : (
          <span class="en-dim">{pair.problem ? "no score" : "not scored"}</span>
        )}
      </span>
      {rest.length > 0 ? (
        <span class="en-rest en-dim">{rest.slice(0, FIGURES).map((figure) => `${figure.name} ${inWords(figure)}`).join(", ")}</span>
      ) : null}
      <span class="en-bar" role="img" aria-label={shares || "nothing has ended"}>
        {pair.outcomes.map(({ outcome, count: n }) => (
          <span key={outcome} data-outcome={outcome} style={{ width: `${(100 * n) / Math.max(pair.total, 1)}%` }} />
        ))}
      </span>
      <span class="en-shares">{shares}</span>
      <span class="en-dim">{[ended, flight, pair.waiting].filter(Boolean).join(" · ")}</span>
    </button>
  );
}

function percent(part: number, of: number): string {
  return `${Math.round((100 * part) / Math.max(of, 1))} %`;
}

/** A figure with three digits, and its standard error. */
export function inWords({ value, error }: FigureData): string {
  return error === null ? number(value) : `${number(value)} ± ${number(error)}`;
}

function number(value: FigureData["value"]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  return Number.isInteger(value) || Math.abs(value) >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}
