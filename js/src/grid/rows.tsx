import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { RowData, TableColumn } from "../protocol.gen";
import { cellText } from "../words";
import { Head, type HeadsProps, NUMERIC } from "./head";
import type { Room } from "./room";
import { Measures, fit } from "./widths";

/** A column with its place in the rows' cells. */
export interface Shown {
  column: TableColumn;
  index: number;
}

export interface RowsProps {
  label: string;
  columns: readonly Shown[];
  rows: readonly RowData[];
  heads: HeadsProps;
  room: Room;
  busy: boolean;
  /** Key of the row whose detail is open. */
  open: number | null;
  onOpen: (row: number) => void;
  onClose: () => void;
  onTurn: (by: 1 | -1) => void;
}

/** The rows of a page. One row at a time is in the tab order; arrow keys move between rows. */
export function Rows(props: RowsProps): JSX.Element {
  const { columns, rows } = props;
  const measures = useRef(new Measures()).current;
  const { width: room, ch } = props.room;
  const widths = fit(measures.needs(columns, rows, ch, props.heads.profiles !== null), room);
  const [active, setActive] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const current = Math.min(active, Math.max(rows.length - 1, 0));
  const openAt = rows.findIndex((row) => row.key === props.open);

  // The open row is the one to come back to.
  useEffect(() => {
    if (openAt >= 0) setActive(openAt);
  }, [openAt]);

  const move = (to: number): void => {
    const row = Math.min(Math.max(to, 0), rows.length - 1);
    setActive(row);
    const element = body.current?.rows[row];
    element?.focus();
    if (props.open !== null) props.onOpen(row);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      ArrowDown: () => { move(current + 1); },
      ArrowUp: () => { move(current - 1); },
      Home: () => { move(0); },
      End: () => { move(rows.length - 1); },
      PageDown: () => { props.onTurn(1); },
      PageUp: () => { props.onTurn(-1); },
      Enter: () => { props.onOpen(current); },
      " ": () => { props.onOpen(current); },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  const click = (row: number): void => {
    // Marking text in a cell is not a click on the row.
    if (getSelection()?.isCollapsed === false) return;
    setActive(row);
    if (rows[row]?.key === props.open) props.onClose();
    else props.onOpen(row);
  };

  return (
    <table
      class={measures.tall ? "en-table en-tall" : "en-table"}
      aria-label={props.label}
      aria-busy={props.busy}
      style={{ width: `${widths.reduce((sum, width) => sum + width, 0)}px` }}
    >
      <colgroup>
        {widths.map((width, i) => (
          <col key={columns[i]?.column.name} style={{ width: `${width}px` }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map(({ column }) => (
            <Head key={column.name} column={column} {...props.heads} />
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onKeyDown}>
        {rows.map((row, i) => (
          // Keyed by place, so that the focus stays when rows are replaced.
          <tr
            key={i}
            tabIndex={i === current ? 0 : -1}
            aria-selected={row.key === props.open}
            onClick={() => { click(i); }}
            onFocus={() => { setActive(i); }}
          >
            {columns.map(({ column, index }) => (
              <td key={column.name} class={NUMERIC.includes(column.kind) ? "en-number" : undefined}>
                <div class="en-clamp">
                  {row.cells[index] === null ? <span class="en-dim">–</span> : cellText(row.cells[index] ?? null, column.kind)}
                </div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
