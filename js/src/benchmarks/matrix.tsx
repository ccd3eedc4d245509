import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

import type { BoardState, FigureData, PairData } from "../protocol.gen";
import { count, counted, percent } from "../words";

/** Figures of a score beneath the first one. */
const FIGURES = 3;

export interface MatrixProps {
  board: BoardState;
  onScore: () => void;
  /** Called for the samples of one agent at one task. */
  onPair: (task: string, agent: string) => void;
  /** Called for the samples that have ended so. */
  onOutcome: (outcome: string) => void;
}

/** Tasks and agents: how samples have ended, and the scores. */
export function Matrix({ board, onScore, onPair, onOutcome }: MatrixProps): JSX.Element {
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
              <button type="button" title={`Show the samples that have ended with: ${outcome}`} onClick={() => { onOutcome(outcome); }}>
                <span class="en-key" data-outcome={outcome} aria-hidden="true" />
                {outcome}
              </button>
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
      <Cells board={board} onPair={onPair} />
    </section>
  );
}

/** How far each arrow key goes, in rows and columns. */
const WAYS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The matrix itself. One cell at a time is in the tab order; arrow keys move between cells. */
function Cells({ board, onPair }: Pick<MatrixProps, "board" | "onPair">): JSX.Element {
  const known = new Map(board.pairs.map((pair) => [key(pair.task, pair.agent), pair]));
  const body = useRef<HTMLTableSectionElement>(null);
  const [chosen, setChosen] = useState("");
  const current = known.has(chosen) ? chosen : known.keys().next().value;
  const onKeyDown = (event: KeyboardEvent & { target: EventTarget | null }): void => {
    const way = WAYS[event.key];
    const cell = (event.target as HTMLElement).closest("td");
    if (!way || !cell || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [down, right] = way;
    const row = body.current?.rows[(cell.parentElement as HTMLTableRowElement).sectionRowIndex + down];
    // The cell 0 is the task's name.
    row?.cells[Math.max(cell.cellIndex + right, 1)]?.querySelector("button")?.focus();
  };
  return (
    <div class="en-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Task</th>
            {board.agents.map((agent) => (
              <th key={agent} scope="col" title={agent}>
                <span>{agent}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {board.tasks.map((task) => (
            <tr key={task}>
              <th scope="row" title={task}>
                <span>{task}</span>
              </th>
              {board.agents.map((agent) => {
                const pair = known.get(key(task, agent));
                return (
                  <td key={agent}>
                    {pair === undefined ? (
                      <span class="en-dim">–</span>
                    ) : (
                      <Pair
                        pair={pair}
                        current={key(task, agent) === current}
                        onFocus={() => { setChosen(key(task, agent)); }}
                        onClick={() => { onPair(task, agent); }}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function key(task: string, agent: string): string {
  return JSON.stringify([task, agent]);
}

function Pair(props: { pair: PairData; current: boolean; onFocus: () => void; onClick: () => void }): JSX.Element {
  const { pair } = props;
  const [first, ...rest] = pair.figures;
  const shares = pair.outcomes.map(({ outcome, count: n }) => `${outcome} ${percent(n, pair.ended)}`);
  const partial = pair.figures.length > 0 && pair.scored < pair.total ? ` (of ${count(pair.scored)})` : "";
  const total = counted(pair.total, "samples");
  const ended = pair.ended < pair.total ? `${count(pair.ended)} of ${total}` : total;
  const flight = pair.in_flight > 0 ? `${count(pair.in_flight)} in flight` : "";
  const unscored = pair.problem ? `no score: ${pair.problem}` : pair.unscored;
  const all = pair.figures.map((figure) => `${figure.name}: ${inWords(figure)}`);
  const score = first ? `${first.name} ${inWords(first)}${partial}` : unscored;
  return (
    <button
      type="button"
      class="en-pair"
      tabIndex={props.current ? 0 : -1}
      aria-label={[`${pair.task}, ${pair.agent}`, score, ...shares, ended, flight, pair.waiting].filter(Boolean).join("; ")}
      title={["Show these samples", ...shares, ...all, pair.problem].filter(Boolean).join("\n")}
      onFocus={props.onFocus}
      onClick={props.onClick}
    >
      {first ? (
        <span class="en-score">
          <strong>{inWords(first)}</strong> <span class="en-dim">{first.name}{partial}</span>
        </span>
      ) : (
        <span class="en-unscored en-dim">{unscored}</span>
      )}
      {rest.length > 0 ? (
        <span class="en-pieces en-dim">{pieces(rest.slice(0, FIGURES).map((figure) => `${figure.name} ${inWords(figure)}`))}</span>
      ) : null}
      <span class="en-bar">
        {pair.outcomes.map(({ outcome, count: n }) => (
          <span key={outcome} data-outcome={outcome} style={{ width: `${(100 * n) / Math.max(pair.total, 1)}%` }} />
        ))}
      </span>
      {shares.length > 0 ? <span class="en-pieces">{pieces(shares)}</span> : null}
      <span class="en-dim">{[ended, flight, pair.waiting].filter(Boolean).join(" · ")}</span>
    </button>
  );
}

/** Texts with commas between; lines break between them, and nowhere before a sign of percent. */
function pieces(texts: readonly string[]): JSX.Element[] {
  return texts.map((text, i) => (
    <span key={i}>{`${text.replace(" %", "\u00a0%")}${i < texts.length - 1 ? ", " : ""}`}</span>
  ));
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
