import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";

import { Icon, IconButton } from "../icons";
import type { TableColumn, TableState } from "../protocol.gen";
import { counted } from "../words";
import type { Form } from "./export";

export const TABS = ["Table", "Charts"] as const;
export type Tab = (typeof TABS)[number];

export interface ToolbarProps {
  table: TableState;
  hidden: ReadonlySet<string>;
  search: string;
  onSearch: (text: string) => void;
  onHide: (hidden: ReadonlySet<string>) => void;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onExport: (form: Form) => void;
}

/** A table's heading with its search box, its choice of columns and the ways out. */
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
        {table.pictures.length > 0 ? <Tabs tab={props.tab} onTab={props.onTab} /> : null}
        {table.searchable ? <Search label={`Search ${table.title}`} text={props.search} onText={props.onSearch} /> : null}
        {all > 1 && props.tab === "Table" ? (
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
        {table.rows > 0 && props.tab === "Table" ? (
          <span class="en-ways">
            <IconButton icon="copy" label="Copy the rows and columns shown here on all pages" onClick={() => { props.onExport("tsv"); }} />
            <IconButton
              icon="download"
              label="Download the rows and columns shown here on all pages as CSV. What a spreadsheet would compute begins with an apostrophe."
              onClick={() => { props.onExport("csv"); }}
            />
          </span>
        ) : null}
      </div>
      {choosing && props.tab === "Table" ? (
        <div onKeyDown={onPickerKey}>
          <Picker id={picker} columns={table.columns} hidden={hidden} onHide={props.onHide} />
        </div>
      ) : null}
    </>
  );
}

/** What to look at: arrow keys go from one to the other. */
function Tabs({ tab, onTab }: Pick<ToolbarProps, "tab" | "onTab">): JSX.Element {
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = TABS[1 - TABS.indexOf(tab)] ?? tab;
    onTab(other);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab=${other}]`)?.focus();
  };
  return (
    <div class="en-tabs" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          data-tab={name}
          aria-selected={name === tab}
          tabIndex={name === tab ? 0 : -1}
          onClick={() => { onTab(name); }}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

export function Search(props: { label: string; text: string; onText: (text: string) => void }): JSX.Element {
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
