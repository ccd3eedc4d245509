import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { IconButton } from "../icons";
import type { Cell, FilterState, TableColumn } from "../protocol.gen";
import { count } from "../words";
import { Bars, edge, valueName } from "./bars";
import type { Profile } from "./profiles";
import { useResting } from "./resting";

/** A filter that keeps every row. */
export function noFilter(column: string): FilterState {
  return { column, contains: "", one_of: null, least: null, most: null };
}

function keepsAll({ contains, one_of, least, most }: FilterState): boolean {
  return contains === "" && one_of === null && least === null && most === null;
}

/** The filters with one put in the place of that of its column. */
export function withFilter(filters: readonly FilterState[], changed: FilterState): FilterState[] {
  const others = filters.filter(({ column }) => column !== changed.column);
  return keepsAll(changed) ? others : [...others, changed];
}

/** A filter in words, after the column's name. */
export function filterWords({ contains, one_of, least, most }: FilterState): string {
  if (one_of !== null) return one_of.map(valueName).join(", ");
  if (contains !== "") return `“${contains}”`;
  if (least !== null && most !== null) return `${edge(least)} to ${edge(most)}`;
  return least === null ? `up to ${edge(most ?? 0)}` : `from ${edge(least)}`;
}

export interface FilterProps {
  column: TableColumn;
  filter: FilterState;
  profile: Profile | undefined;
  /** Why the column's values did not come. */
  problem: string | undefined;
  onFilter: (filter: FilterState) => void;
  onRetry: () => void;
  onClose: () => void;
}

/** What one column has to hold: values to choose, a range of numbers, or a text. */
export function FilterPanel(props: FilterProps): JSX.Element {
  const { column, filter, profile, problem } = props;
  const panel = useRef<HTMLElement>(null);
  const known = profile !== undefined;
  useEffect(() => {
    const first = panel.current?.querySelector<HTMLElement>("input") ?? panel.current?.querySelector<HTMLElement>("button:enabled");
    first?.focus();
  }, [column.name, known]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    // Used up here: the notebook would take the focus away.
    event.stopPropagation();
    props.onClose();
  };
  return (
    <section class="en-filter" ref={panel} aria-label={`Filter by ${column.name}`} onKeyDown={onKeyDown}>
      <header>
        <span class="en-about">
          <strong>{column.name}</strong> {profile ? <span class="en-dim">{extentWords(profile)}</span> : null}
        </span>
        <span class="en-ways">
          <button
            type="button"
            class="en-link"
            disabled={keepsAll(filter)}
            onClick={() => { props.onFilter(noFilter(column.name)); }}
          >
            Clear
          </button>
          <IconButton icon="close" label="Close the filter (Escape)" onClick={props.onClose} />
        </span>
      </header>
      {problem !== undefined ? (
        <p class="en-trouble" role="alert">
          <span>{problem}</span>
          <button type="button" class="en-button" onClick={props.onRetry}>
            Try again
          </button>
        </p>
      ) : profile === undefined ? (
        <p class="en-dim">Counting the values …</p>
      ) : profile.tallies.length > 0 ? (
        <Choices {...props} profile={profile} />
      ) : profile.bins.length > 0 ? (
        <Range {...props} profile={profile} />
      ) : (
        <Contains {...props} />
      )}
    </section>
  );
}

function extentWords({ filled, empty, different }: Profile): string {
  const parts = [`${count(different)} different in ${count(filled)}`];
  return [...parts, ...(empty > 0 ? [`${count(empty)} empty`] : [])].join(", ");
}

function Choices({ filter, profile, onFilter }: FilterProps & { profile: Profile }): JSX.Element {
  const rows = [...profile.tallies, ...(profile.empty > 0 ? [{ value: null, count: profile.empty }] : [])];
  const highest = Math.max(...rows.map((row) => row.count), 1);
  const chosen = filter.one_of ?? [];
  const toggle = (value: Cell): void => {
    const rest = chosen.filter((one) => one !== value);
    const next = rest.length < chosen.length ? rest : [...rest, value];
    onFilter({ ...filter, one_of: next.length > 0 ? next : null });
  };
  return (
    <div class="en-values">
      {rows.map(({ value, count: number }) => (
        <label key={`${typeof value} ${value}`} class="en-choice">
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => { toggle(value); }} />
          <span title={valueName(value)}>{valueName(value)}</span>
          <span class="en-measure" aria-hidden="true">
            <span style={{ width: `${(100 * number) / highest}%` }} />
          </span>
          <span class="en-dim">{count(number)}</span>
        </label>
      ))}
    </div>
  );
}

function Range({ filter, profile, onFilter }: FilterProps & { profile: Profile }): JSX.Element {
  const rest = useResting(onFilter);
  const [ends, setEnds] = useState({ least: filter.least?.toString() ?? "", most: filter.most?.toString() ?? "" });
  const cleared = keepsAll(filter);
  useEffect(() => {
    if (cleared) setEnds({ least: "", most: "" });
  }, [cleared]);
  const change = (which: "least" | "most", text: string): void => {
    const next = { ...ends, [which]: text };
    setEnds(next);
    rest({ ...filter, least: numberIn(next.least), most: numberIn(next.most) });
  };
  return (
    <div class="en-range">
      <Bars profile={profile} tall />
      <div class="en-ends">
        {(["least", "most"] as const).map((which) => (
          <label key={which}>
            <span class="en-dim">{which === "least" ? "from" : "to"}</span>
            <input
              type="number"
              step="any"
              value={ends[which]}
              placeholder={profile[which] === null ? "" : edge(profile[which])}
              onInput={(event) => { change(which, event.currentTarget.value); }}
            />
          </label>
        ))}
      </div>
    </div>
  );
}

function numberIn(text: string): number | null {
  const number = Number(text);
  return text.trim() === "" || !Number.isFinite(number) ? null : number;
}

function Contains({ filter, onFilter }: FilterProps): JSX.Element {
  const rest = useResting(onFilter);
  const [text, setText] = useState(filter.contains);
  const cleared = keepsAll(filter);
  useEffect(() => {
    if (cleared) setText("");
  }, [cleared]);
  return (
    <label class="en-ends">
      <span class="en-dim">contains</span>
      <input
        type="text"
        maxLength={1000}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          rest({ ...filter, contains: event.currentTarget.value });
        }}
      />
    </label>
  );
}

/** The filters that hold, each to be changed or taken away. */
export function Chips(props: {
  filters: readonly FilterState[];
  onOpen: (column: string, opener: HTMLElement) => void;
  onRemove: (column: string) => void;
  onClear: () => void;
}): JSX.Element | null {
  const { filters } = props;
  if (filters.length === 0) return null;
  return (
    <div class="en-chips" role="group" aria-label="Filters">
      {filters.map((filter) => (
        <span key={filter.column} class="en-chip">
          <button
            type="button"
            title={`Change: ${filter.column}: ${filterWords(filter)}`}
            onClick={(event) => { props.onOpen(filter.column, event.currentTarget); }}
          >
            <span class="en-dim">{filter.column}</span> {filterWords(filter)}
          </button>
          <IconButton icon="close" label={`Remove the filter by ${filter.column}`} onClick={() => { props.onRemove(filter.column); }} />
        </span>
      ))}
      {filters.length > 1 ? (
        <button type="button" class="en-link" onClick={props.onClear}>
          Clear all
        </button>
      ) : null}
    </div>
  );
}
