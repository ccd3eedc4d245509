import type { JSX } from "preact";

import { Icon } from "../icons";
import type { SortState, TableColumn } from "../protocol.gen";
import { Bars } from "./bars";
import type { Profile } from "./profiles";

export const NUMERIC: readonly TableColumn["kind"][] = ["number", "money"];

const NEXT_ORDER = { none: "ascending", ascending: "descending", descending: "none" } as const;

/** What a table's heads show and do beside the columns' names. */
export interface HeadsProps {
  sort: SortState | null;
  onSort: (sort: SortState | null) => void;
  /** What is known of the values of columns that can be filtered by; null where filters are not offered. */
  profiles: ReadonlyMap<string, Profile> | null;
  filtered: ReadonlySet<string>;
  /** The column whose filter is open. */
  filtering: string | null;
  onFilter: (column: string, opener: HTMLElement) => void;
}

/** A column's head: its name, which sorts, what opens its filter, and how its values are distributed. */
export function Head(props: HeadsProps & { column: TableColumn }): JSX.Element {
  const { column, sort, profiles, onSort } = props;
  const { name } = column;
  const order = sort?.column !== name ? "none" : sort.descending ? "descending" : "ascending";
  const profile = profiles?.get(name);
  const turn = (): void => {
    const next = NEXT_ORDER[order];
    onSort(next === "none" ? null : { column: name, descending: next === "descending" });
  };
  return (
    // Named by the column alone: cells are read out with the names of their heads.
    <th scope="col" aria-label={name} class={NUMERIC.includes(column.kind) ? "en-number" : undefined} aria-sort={column.sortable ? order : undefined}>
      {column.sortable ? (
        <button type="button" class="en-head" title={`Sort by ${name}`} onClick={turn}>
          <span>{name}</span>
          {order === "none" ? null : <Icon name={order === "ascending" ? "up" : "down"} />}
        </button>
      ) : (
        <span title={name}>{name}</span>
      )}
      {profiles === null ? null : (
        <div class="en-spread">
          {profile ? <Bars profile={profile} /> : null}
          {column.filterable ? <Funnel {...props} /> : null}
        </div>
      )}
    </th>
  );
}

function Funnel({ column: { name }, filtered, filtering, onFilter }: HeadsProps & { column: TableColumn }): JSX.Element {
  const active = filtered.has(name);
  return (
    <button
      type="button"
      class="en-button en-square en-quiet en-funnel"
      aria-label={active ? `Filter by ${name} (active)` : `Filter by ${name}`}
      title={`Filter by ${name}`}
      aria-expanded={filtering === name}
      data-active={active}
      onClick={(event) => { onFilter(name, event.currentTarget); }}
    >
      <Icon name="filter" />
    </button>
  );
}
