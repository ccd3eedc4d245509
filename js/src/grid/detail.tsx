import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Channel } from "../channel";
import { copyText } from "../copy";
import { Icon, IconButton } from "../icons";
import type { Cell, RowData, TableColumn } from "../protocol.gen";
import { cellText, count } from "../words";

export interface DetailProps {
  channel: Channel;
  columns: readonly TableColumn[];
  row: RowData;
  /** Place of the row in the table as searched and sorted, counted from 1. */
  place: number | null;
  canPrevious: boolean;
  canNext: boolean;
  onMove: (by: 1 | -1) => void;
  onClose: () => void;
}

/** One row in full: each cell with its line breaks, to read and to copy. */
export function Detail(props: DetailProps): JSX.Element {
  const { columns, row } = props;
  const { cells, error } = useWholeRow(props.channel, row);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    // jsdom has no layout and so no scrolling.
    if ("scrollIntoView" in Element.prototype) panel.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const order = columns.map((column, index) => ({ column, index }));
  order.sort((a, b) => Number(b.column.primary) - Number(a.column.primary));
  const record = (): string =>
    JSON.stringify(Object.fromEntries(columns.map((column, i) => [column.name, cells?.[i] ?? null])), null, 2);

  return (
    <aside class="en-detail" ref={panel} aria-label="Row in full">
      <header>
        <strong>{props.place === null ? "Row" : `Row ${count(props.place)}`}</strong>
        <CopyButton label="Copy row" words text={record} disabled={cells === null} />
        <IconButton icon="up" label="Previous row" disabled={!props.canPrevious} onClick={() => { props.onMove(-1); }} />
        <IconButton icon="down" label="Next row" disabled={!props.canNext} onClick={() => { props.onMove(1); }} />
        <IconButton icon="close" label="Close (Escape)" onClick={props.onClose} />
      </header>
      <div class="en-fields">
        {error === null ? null : (
          <p class="en-trouble" role="alert">
            The full text did not come: {error}
          </p>
        )}
        {order.map(({ column, index }) => (
          <Field
            key={column.name}
            column={column}
            cell={(cells ?? row.cells)[index] ?? null}
            cut={cells === null && row.cut[index] === true}
            waiting={error === null}
          />
        ))}
      </div>
    </aside>
  );
}

/** A row's whole cells: those of the page if none was cut there, else asked for. */
function useWholeRow(channel: Channel, row: RowData): { cells: Cell[] | null; error: string | null } {
  const [whole, setWhole] = useState<{ row: RowData; cells: Cell[] | null; error: string | null } | null>(null);
  const complete = !row.cut.includes(true);
  useEffect(() => {
    if (complete) return;
    const id = channel.ask({ type: "row", key: row.key }, {
      done: (reply) => { setWhole({ row, cells: reply.cells, error: null }); },
      error: (reply) => { setWhole({ row, cells: null, error: reply.message }); },
    });
    return () => {
      channel.forget(id);
    };
  }, [channel, row, complete]);
  if (complete) return { cells: row.cells, error: null };
  return whole?.row.key === row.key ? whole : { cells: null, error: null };
}

/** Characters up to which a text stands beside its name. */
const SHORT = 40;

function Field(props: { column: TableColumn; cell: Cell; cut: boolean; waiting: boolean }): JSX.Element {
  const { column, cell, cut } = props;
  const text = cellText(cell, column.kind);
  return (
    <section class={text.length <= SHORT && !text.includes("\n") ? "en-field en-short" : "en-field"}>
      <h4>
        <span>{column.name}</span>
        <CopyButton label={`Copy ${column.name}`} text={() => (cell === null ? "" : String(cell))} disabled={cut} />
      </h4>
      {text === "" ? (
        <p class="en-dim">{cell === null ? "none" : "empty text"}</p>
      ) : (
        <pre>
          {text}
          {cut ? <span class="en-dim">{props.waiting ? " … loading the rest" : " …"}</span> : null}
        </pre>
      )}
    </section>
  );
}

/** Milliseconds for which a copy button says how it went. */
const SAID = 1500;

export function CopyButton(props: { label: string; words?: boolean; disabled: boolean; text: () => string }): JSX.Element {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => { setOutcome(null); }, SAID);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);
  const copy = async (): Promise<void> => {
    setOutcome((await copyText(props.text())) ? "copied" : "refused");
  };
  const said = outcome === "copied" ? "Copied" : outcome === "refused" ? "The browser refused; select the text and copy it" : "";
  return (
    <button
      type="button"
      class={props.words ? "en-button" : "en-button en-square en-quiet"}
      aria-label={said || props.label}
      title={said || props.label}
      disabled={props.disabled}
      onClick={() => void copy()}
    >
      <Icon name={outcome === "copied" ? "check" : outcome === "refused" ? "close" : "copy"} />
      {props.words ? <span>{outcome === "copied" ? "Copied" : props.label}</span> : null}
    </button>
  );
}
