import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { TurnData } from "../protocol.gen";
import { capital, count, counted } from "../words";
import { type Found, pieces } from "./finding";

type Place = Found & { place: number };

/** Turns shown at first, and added at a time. */
const STEP = 100;
/** Characters and lines from which on a turn is folded. */
const LONG = 1200;
const LINES = 18;

/** What was said, in order. */
export function Turns(props: { turns: readonly TurnData[]; found: readonly Place[]; current: number }): JSX.Element {
  const { turns, found, current } = props;
  const [most, setMost] = useState(STEP);
  const at = found.find(({ place }) => place === current)?.turn ?? 0;
  const shown = Math.max(most, at + 1);
  if (turns.length === 0) return <p class="en-nothing">Nothing was said.</p>;
  return (
    <ol class="en-turns">
      {turns.slice(0, shown).map((turn, i) => (
        <Turn key={i} turn={turn} found={found.filter((one) => one.turn === i)} current={current} />
      ))}
      {turns.length > shown ? (
        <li class="en-remark">
          <button type="button" class="en-button" onClick={() => { setMost(shown + STEP); }}>
            Show {counted(Math.min(STEP, turns.length - shown), "more")} of {counted(turns.length, "turns")}
          </button>
        </li>
      ) : null}
    </ol>
  );
}

function Turn({ turn, found, current }: { turn: TurnData; found: readonly Place[]; current: number }): JSX.Element {
  const long = turn.text.length > LONG || turn.text.split("\n", LINES + 1).length > LINES;
  const [whole, setWhole] = useState(false);
  const folded = long && !whole && found.length === 0;
  const cut = turn.length > turn.text.length;
  return (
    <li class="en-turn" data-role={turn.role} data-injected={turn.role === "agent" && turn.marks.includes("injected")}>
      <p class="en-said">
        {turn.number === null ? null : <span class="en-turn-number">{count(turn.number)}</span>}
        <strong>{capital(turn.role === "note" && turn.about ? turn.about : turn.role)}</strong>
        {turn.role !== "note" && turn.about ? <span>{turn.about}</span> : null}
        {turn.marks.map((mark) => (
          <span key={mark} class="en-turn-mark">
            {mark}
          </span>
        ))}
        {turn.role === "note" ? null : <span class="en-turn-length">{counted(turn.length, "characters")}</span>}
      </p>
      {turn.text === "" ? (
        <p class="en-dim">(empty)</p>
      ) : (
        <pre data-folded={folded}>
          {pieces(turn.text, found).map(({ text, place }, i) =>
            place === null ? text : <Mark key={i} text={text} current={place === current} />,
          )}
        </pre>
      )}
      {long && found.length === 0 ? (
        <button type="button" class="en-link" aria-expanded={whole} onClick={() => { setWhole(!whole); }}>
          {whole ? "Show less" : "Show all of it"}
        </button>
      ) : null}
      {cut ? <p class="en-dim">The first {counted(turn.text.length, "characters")}; the JSON has all of it.</p> : null}
    </li>
  );
}

function Mark({ text, current }: { text: string; current: boolean }): JSX.Element {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    // jsdom has no layout and so no scrolling.
    if (current && "scrollIntoView" in Element.prototype) element.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <mark ref={element} data-current={current}>
      {text}
    </mark>
  );
}
