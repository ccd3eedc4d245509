import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";

import { Icon } from "../icons";
import type { TableColumn, TableState } from "../protocol.gen";
import { counted } from "../words";

export interface ToolbarProps {
  table: TableState;
  hidden: ReadonlySet<string>;
  search: string;
  onSearch: (text: string) => void;
  onHide: (hidden: ReadonlySet<string>) => void;
}

/** A table's heading with its search box and its choice of columns. */
export function Toolbar(props: ToolbarProps): JSX.Element {
  const { table, hidden } = props;
  const [choosing, setChoosing] = useState(false);
  const picker = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const onPickerKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    // Used up here: the notebook would take the focus away.
    event.stopPropagation();
    setChoosing(false);
    opener.current?.focus();
  };
  const all = table.columns.length;
  const label = hidden.size > 0 ? `${all - hidden.size} of ${counted(all, "columns")}` : counted(all, "columns");
  return (
    <>
      <div class="en-toolbar">
        <h3>
          {table.title} <span class="en-dim">{table.caption || counted(table.rows, "rows")}</span>
        </h3>
        {table.searchable ? <Search label={`Search ${table.title}`} text={props.search} onText={props.onSearch} /> : null}
        {all > 1 ? (
          <button
            ref={opener}
            type="button"
            class="en-button"
            aria-expanded={choosing}
            aria-controls={picker}
            onClick={() => { setChoosing(!choosing); }}
          >
            <Icon name="columns" />
            <span>{label}</span>
          </button>
        ) : null}
      </div>
      {choosing ? (
        <div onKeyDown={onPickerKey}>
          <Picker id={picker} columns={table.columns} hidden={hidden} onHide={props.onHide} />
        </div>
      ) : null}
    </>
  );
}

function Search(props: { label: string; text: string; onText: (text: string) => void }): JSX.Element {
  const { text, onText } = props;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || text === "") return;
    // Used up here: the notebook would take the focus away.
    event.stopPropagation();
    event.preventDefault();
    onText("");
  };
  return (
    <label class="en-search">
      <Icon name="search" />
      <input
        type="search"
        placeholder="Search"
        aria-label={props.label}
        maxLength={1000}
        value={text}
        onInput={(event) => { onText(event.currentTarget.value); }}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}

function Picker(props: {
  id: string;
  columns: readonly TableColumn[];
  hidden: ReadonlySet<string>;
  onHide: (hidden: ReadonlySet<string>) => void;
}): JSX.Element {
  const { columns, hidden, onHide } = props;
  const secondary = columns.filter((column) => !column.primary).map((column) => column.name);
  const toggle = (name: string): void => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    onHide(next);
  };
  return (
    <fieldset class="en-picker" id={props.id}>
      <legend class="en-unseen">Columns shown</legend>
      {columns.map(({ name }) => {
        const shown = !hidden.has(name);
        return (
          <label key={name} class="en-choice">
            <input
              type="checkbox"
              checked={shown}
              disabled={shown && hidden.size === columns.length - 1}
              onChange={() => { toggle(name); }}
            />
            <span>{name}</span>
          </label>
        );
      })}
      {secondary.length > 0 && secondary.length < columns.length ? (
        <span class="en-choices">
          <button type="button" class="en-link" onClick={() => { onHide(new Set()); }}>
            All columns
          </button>
          <button type="button" class="en-link" onClick={() => { onHide(new Set(secondary)); }}>
            Main columns
          </button>
        </span>
      ) : null}
    </fieldset>
  );
}
