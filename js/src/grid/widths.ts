import type { RowData, TableColumn } from "../protocol.gen";
import { cellText } from "../words";

/** Characters: the least of a column, how much of a text is shown, and what of it may go where there is no room. */
const LEAST = 5;
const MOST = 44;
const SHORT = 24;
/** Pixels: beside the text of a cell, for the arrow of a sorted column, for bars and filter; longer names are cut. */
const PADDING = 26;
const ARROW = 16;
const FILTER = 90;
const LONGEST_NAME = 320;
/** Names are bold; texts are narrower than figures. */
const BOLD = 1.08;
const TEXT = 0.96;

/** What a column needs, in pixels: at best, and at least. */
export interface Need {
  want: number;
  least: number;
  /** Whether it has texts that are longer still. */
  more: boolean;
}

/** Measures a column by its name and the cells of a page; `ch` is the width of a figure in pixels. */
export function need(column: TableColumn, index: number, rows: readonly RowData[], ch: number, filters: boolean): Need {
  const longest = rows.reduce((most, row) => Math.max(most, cellText(row.cells[index] ?? null, column.kind).length), LEAST);
  const written = Math.min(column.name.length * ch * BOLD, LONGEST_NAME) + (column.sortable ? ARROW : 0);
  const name = Math.max(written, filters && column.filterable ? FILTER : 0) + PADDING;
  const body = (characters: number): number => Math.min(longest, characters) * ch * TEXT + PADDING;
  return { want: Math.max(name, body(MOST)), least: Math.max(name, body(SHORT)), more: longest > MOST };
}

/** Widths for a room: longer texts take what is left, and give way where it is too little for all. */
export function fit(needs: readonly Need[], room: number): number[] {
  const wanted = needs.map(({ want }) => want);
  const left = room - sum(wanted);
  if (left >= 0) {
    const long = needs.filter(({ more }) => more).length;
    return needs.map(({ want, more }) => want + (long > 0 ? (more ? left / long : 0) : (left * want) / sum(wanted)));
  }
  const flexible = sum(needs.map(({ want, least }) => want - least));
  if (flexible < -left) return wanted;
  return needs.map(({ want, least }) => want + ((want - least) * left) / flexible);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * Measures that stay as they first were while pages are turned, so that nothing jumps: what
 * each column needs, and whether rows are two lines high because some text does not fit in one.
 */
export class Measures {
  tall = false;
  readonly #known = new Map<string, Need>();

  needs(columns: readonly { column: TableColumn; index: number }[], rows: readonly RowData[], ch: number, filters: boolean): Need[] {
    return columns.map(({ column, index }) => {
      const key = `${column.name} ${ch} ${filters}`;
      const known = this.#known.get(key);
      this.tall ||= rows.some((row) => cellText(row.cells[index] ?? null, column.kind).length > MOST);
      if (known !== undefined) return known;
      const made = need(column, index, rows, ch, filters);
      if (rows.length > 0) this.#known.set(key, made);
      return made;
    });
  }
}
