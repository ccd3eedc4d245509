import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Announcement } from "../announce";
import type { Line } from "../anywidget";
import { rowsOf } from "../channel";
import type { FilterState, RowData, TableState } from "../protocol.gen";
import { useAsking } from "./asking";
import { Charts } from "./charts";
import { Detail, type DetailProps } from "./detail";
import { useExport } from "./export";
import { Chips, FilterPanel, noFilter, withFilter } from "./filter";
import { Footer, extent } from "./footer";
import { useResting } from "./resting";
import { useRoom } from "./room";
import { Rows } from "./rows";
import { Exporting, Nothing, Waiting } from "./states";
import { type Tab, Toolbar } from "./toolbar";

/** Rows from which on it is of use to filter them, and to see how values are distributed. */
const MANY = 4;

export interface TableViewProps {
  line: Line;
  table: TableState;
  /** Shows an open row beneath the table, where that is more than its cells. */
  detail?: (props: DetailProps) => JSX.Element;
  /** Filters that are asked for from outside, such as by a click on a figure; null for none. */
  wanted?: readonly FilterState[] | null;
}

/** A table with everything around it: search, filters, columns, pages, charts and the row in full. */
export function TableView({ line, table, detail: Own, wanted: preset = null }: TableViewProps): JSX.Element {
  const Open = Own ?? Detail;
  const { channel, pages, profiles, version } = useAsking(line, table);
  const { query, shown, busy, error } = pages.state;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () => new Set(table.columns.filter((column) => !column.primary).map((column) => column.name)),
  );
  const [open, setOpen] = useState<RowData | null>(null);
  const [tab, setTab] = useState<Tab>("Table");
  // Where to go on reading once the page that was turned to has come.
  const arriving = useRef<"first" | "last" | null>(null);

  const rows = useMemo(() => shown?.reply.rows ?? [], [shown]);
  const offset = shown?.query.offset ?? 0;
  const hasNext = shown?.reply.has_next ?? false;
  const columns = table.columns.map((column, index) => ({ column, index })).filter(({ column }) => !hidden.has(column.name));
  const names = columns.map(({ column }) => column.name);
  const openAt = open === null ? -1 : rows.findIndex((row) => row.key === open.key);

  useEffect(() => {
    const to = arriving.current;
    arriving.current = null;
    setOpen((before) => {
      if (before === null) return null;
      if (to !== null) return rows.at(to === "first" ? 0 : -1) ?? null;
      return rows.find((row) => row.key === before.key) ?? before;
    });
  }, [rows]);

  const [search, setSearch] = useState("");
  const ask = (change: { search?: string; filters?: FilterState[] }): void => {
    pages.ask({ ...pages.state.query, ...change, offset: 0 });
  };
  useEffect(() => {
    if (preset !== null) ask({ filters: [...preset] });
  }, [preset]);
  const find = useResting((text: string) => {
    if (text !== pages.state.query.search) ask({ search: text });
  });
  const onSearch = (text: string): void => {
    setSearch(text);
    find(text);
  };

  const { filters } = query;
  const filterable = tab === "Table" && table.rows >= MANY && columns.some(({ column }) => column.filterable);
  const [filtering, setFiltering] = useState<string | null>(null);
  const filtered = table.columns.find(({ name }) => name === filtering);
  const opener = useRef<HTMLElement | null>(null);
  const onFilter = (column: string, from: HTMLElement): void => {
    opener.current = from;
    setFiltering(filtering === column ? null : column);
  };
  const closeFilter = (): void => {
    setFiltering(null);
    opener.current?.focus();
  };
  // The page first: it is what the reader waits for.
  const wanted = shown === null ? [] : columns.filter(({ column }) => filterable && column.filterable).map(({ column }) => column.name);
  const asked = filtering === null || shown === null ? wanted : [filtering, ...wanted.filter((name) => name !== filtering)];
  const askedKey = JSON.stringify(asked);
  useEffect(() => {
    profiles.want(asked);
    // The names are what matters, not the list that holds them.
  }, [profiles, askedKey]);

  const rowsWanted = rowsOf(query);
  const exporting = useExport(channel, table.title, rowsWanted, names);

  const turn = (by: 1 | -1): void => {
    if (by === 1 ? hasNext : offset > 0) pages.ask({ ...query, offset: Math.max(0, offset + by * query.limit) });
  };
  const move = (by: 1 | -1): void => {
    const next = rows[openAt + by];
    if (next) setOpen(next);
    else {
      arriving.current = by === 1 ? "first" : "last";
      turn(by);
    }
  };
  const region = useRef<HTMLDivElement>(null);
  const close = (): void => {
    const inside = region.current?.querySelector("aside")?.contains(document.activeElement);
    setOpen(null);
    // The panel goes away with its focus: that returns to the row.
    if (inside) region.current?.querySelector<HTMLElement>('tbody tr[tabindex="0"]')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || open === null) return;
    // Used up here: the notebook would take the focus away.
    event.stopPropagation();
    close();
  };
  const clear = (): void => {
    onSearch("");
    ask({ search: "", filters: [] });
  };
  const scroll = useRef<HTMLDivElement>(null);
  const room = useRoom(scroll);

  return (
    <div class="en-grid">
      <Toolbar
        table={table}
        hidden={hidden}
        search={search}
        onSearch={onSearch}
        onHide={setHidden}
        tab={tab}
        onTab={setTab}
        onExport={exporting.start}
      />
      <Chips
        filters={filters}
        onOpen={onFilter}
        onRemove={(column) => { ask({ filters: withFilter(filters, noFilter(column)) }); }}
        onClear={() => { ask({ filters: [] }); }}
      />
      {filtered ? (
        <FilterPanel
          key={filtered.name}
          column={filtered}
          filter={filters.find(({ column }) => column === filtered.name) ?? noFilter(filtered.name)}
          profile={profiles.known.get(filtered.name)}
          problem={profiles.failed.get(filtered.name)}
          onFilter={(filter) => { ask({ filters: withFilter(pages.state.query.filters, filter) }); }}
          onRetry={() => { profiles.retry(filtered.name); }}
          onClose={closeFilter}
        />
      ) : null}
      <Exporting state={exporting.state} onCancel={exporting.cancel} />
      <Waiting pages={pages} />
      {error === null ? null : (
        <p class="en-trouble en-inset" role="alert">
          <span>{error}</span>
          <button type="button" class="en-button" onClick={() => { pages.refresh(); }}>
            Try again
          </button>
        </p>
      )}
      {tab === "Charts" ? (
        <Charts channel={channel} names={table.pictures} query={rowsWanted} version={version} />
      ) : null}
      <div class={open && !Own ? "en-region en-split" : "en-region"} ref={region} onKeyDown={onKeyDown} hidden={tab !== "Table"}>
        <div class="en-scroll" ref={scroll}>
          <Rows
            label={table.title}
            columns={columns}
            rows={rows}
            heads={{
              sort: query.sort,
              onSort: (sort) => { pages.ask({ ...query, sort, offset: 0 }); },
              profiles: filterable ? profiles.known : null,
              filtered: new Set(filters.map(({ column }) => column)),
              filtering,
              onFilter,
            }}
            room={room}
            busy={busy}
            open={open?.key ?? null}
            onOpen={(row) => { setOpen(rows[row] ?? null); }}
            onClose={close}
            onTurn={turn}
          />
          {shown && rows.length === 0 ? (
            <Nothing search={shown.query.search} filters={shown.query.filters.length} onClear={clear} />
          ) : null}
        </div>
        {open ? (
          <Open
            channel={channel}
            columns={table.columns}
            row={open}
            place={openAt < 0 ? null : offset + openAt + 1}
            canPrevious={openAt > 0 || (openAt === 0 && offset > 0)}
            canNext={openAt >= 0 && (openAt < rows.length - 1 || hasNext)}
            onMove={move}
            onClose={close}
          />
        ) : null}
      </div>
      {tab === "Table" ? (
        <Footer
          shown={shown}
          scan={pages.state.scan}
          limit={query.limit}
          onOffset={(to) => { pages.ask({ ...query, offset: to }); }}
          onLimit={(limit) => { pages.ask({ ...query, limit, offset: Math.floor(offset / limit) * limit }); }}
        />
      ) : null}
      <Announcement text={busy ? "" : extent(shown)} interval={1000} />
    </div>
  );
}
