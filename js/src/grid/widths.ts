import type { RowData, TableColumn } from "../protocol.gen";
import { cellText } from "../words";

const LEAST = 6;
const MOST: Record<TableColumn["kind"], number> = { text: 44, list: 44, number: 16, money: 14, boolean: 12 };
// Room for the arrow of a sorted column.
const ARROW = 3;

/** A column's width in characters, from its name and the cells of a page. */
export function columnWidth(column: TableColumn, index: number, rows: readonly RowData[]): number {
  const longest = rows.reduce((most, row) => {
    const text = cellText(row.cells[index] ?? null, column.kind);
    return Math.max(most, Math.min(text.length, MOST.text));
  }, LEAST);
  const name = column.name.length + (column.sortable ? ARROW : 1);
  return Math.min(Math.max(longest, name), Math.max(MOST[column.kind], name));
}

/**
 * Measures that stay as they first were while pages are turned, so that nothing jumps: a width
 * for each column, and whether rows are two lines high because some text does not fit in one.
 */
export class Measures {
  tall = false;
  readonly #known = new Map<string, number>();

  widths(columns: readonly { column: TableColumn; index: number }[], rows: readonly RowData[]): number[] {
    return columns.map(({ column, index }) => {
      this.tall ||= rows.some((row) => cellText(row.cells[index] ?? null, column.kind).length > MOST.text);
      const known = this.#known.get(column.name);
      if (known !== undefined) return known;
      const width = columnWidth(column, index, rows);
      if (rows.length > 0) this.#known.set(column.name, width);
      return width;
    });
  }
}
