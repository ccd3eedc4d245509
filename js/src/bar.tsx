import type { JSX } from "preact";

import { capital, count } from "./words";

/** A bar with its name and numbers, in a `div.en-bars`. */
export function Bar(props: {
  noun: string;
  done: number;
  total: number;
  children: preact.ComponentChildren;
}): JSX.Element {
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

/** A part of a bar; `kind` is its colour. */
export function Part({ kind, value, of }: { kind: string; value: number; of: number }): JSX.Element | null {
  if (value <= 0 || of <= 0) return null;
  return <span data-kind={kind} style={{ width: `${(100 * value) / of}%` }} />;
}
