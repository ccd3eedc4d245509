import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Announcement } from "../announce";
import type { Line } from "../anywidget";
import { Channel } from "../channel";
import type { RowData, TableState } from "../protocol.gen";
import { Detail } from "./detail";
import { Footer, extent } from "./footer";
import { Pages } from "./pages";
import { Rows } from "./rows";
import { Toolbar } from "./toolbar";

/** Milliseconds after the last key before a search is asked for. */
export const DEBOUNCE = 250;

/** A table with everything around it: search, columns, pages and the row in full. */
export function TableView({ line, table }: { line: Line; table: TableState }): JSX.Element {
  const [channel, pages] = usePages(line, table);
  const { query, shown, busy, error } = pages.state;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () => new Set(table.columns.filter((column) => !column.primary).map((column) => column.name)),
  );
  const [open, setOpen] = useState<RowData | null>(null);
  // Where to go on reading once the page that was turned to has come.
  const arriving = useRef<"first" | "last" | null>(null);

  const rows = useMemo(() => shown?.reply.rows ?? [], [shown]);
  const offset = shown?.query.offset ?? 0;
  const hasNext = shown?.reply.has_next ?? false;
  const columns = table.columns.map((column, index) => ({ column, index })).filter(({ column }) => !hidden.has(column.name));
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
  useEffect(() => {
    if (search === pages.state.query.search) return;
    const timer = setTimeout(() => {
      pages.ask({ ...pages.state.query, search, offset: 0 });
    }, DEBOUNCE);
    return () => {
      clearTimeout(timer);
    };
  }, [pages, search]);
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

  return (
    <div class="en-grid">
      <Toolbar table={table} hidden={hidden} search={search} onSearch={setSearch} onHide={setHidden} />
      <Waiting pages={pages} />
      {error === null ? null : (
        <p class="en-trouble en-inset" role="alert">
          <span>{error}</span>
          <button type="button" class="en-button" onClick={() => { pages.refresh(); }}>
            Try again
          </button>
        </p>
      )}
      <div class={open ? "en-region en-split" : "en-region"} ref={region} onKeyDown={onKeyDown}>
        <div class="en-scroll">
          <Rows
            label={table.title}
            columns={columns}
            rows={rows}
            sort={query.sort}
            busy={busy}
            open={open?.key ?? null}
            onSort={(sort) => { pages.ask({ ...query, sort, offset: 0 }); }}
            onOpen={(row) => { setOpen(rows[row] ?? null); }}
            onClose={close}
            onTurn={turn}
          />
          {shown && rows.length === 0 ? <Nothing search={shown.query.search} onClear={() => { setSearch(""); }} /> : null}
        </div>
        {open ? (
          <Detail
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
      <Footer
        shown={shown}
        scan={pages.state.scan}
        limit={query.limit}
        onOffset={(to) => { pages.ask({ ...query, offset: to }); }}
        onLimit={(limit) => { pages.ask({ ...query, limit, offset: Math.floor(offset / limit) * limit }); }}
      />
      <Announcement text={busy ? "" : extent(shown)} interval={1000} />
    </div>
  );
}

/** The view's channel and its pages; the first is asked for at once, and again when rows changed. */
function usePages(line: Line, table: TableState): [Channel, Pages] {
  const [, redraw] = useState(0);
  const [channel, pages] = useMemo(() => {
    const made = new Channel(line);
    const query = { offset: 0, limit: table.page_size, search: "", sort: null };
    return [made, new Pages(made, query, () => { redraw((n) => n + 1); })] as const;
    // One per view: the page size is where it starts from.
     
  }, [line]);
  useEffect(
    () => () => {
      pages.dispose();
      channel.dispose();
    },
    [channel, pages],
  );
  useEffect(() => {
    pages.refresh();
  }, [pages, table.version]);
  return [channel, pages];
}

/** A thin line while a page is on its way, with words when that takes long. */
function Waiting({ pages }: { pages: Pages }): JSX.Element {
  const { busy, scan, slow, query } = pages.state;
  const share = scan && scan.total > 0 ? (100 * scan.done) / scan.total : null;
  return (
    <>
      <div class={busy ? "en-line en-busy" : "en-line"} aria-hidden="true">
        {share === null ? null : <span style={{ width: `${share}%` }} />}
      </div>
      {slow ? (
        <p class="en-remark" role="status">
          <span>
            Python has not answered yet. It may be busy with a cell; if the kernel was restarted, run the cell of this table
            again.
          </span>
          <button type="button" class="en-button" onClick={() => { pages.ask(query); }}>
            Ask again
          </button>
        </p>
      ) : null}
    </>
  );
}

function Nothing({ search, onClear }: { search: string; onClear: () => void }): JSX.Element {
  if (search === "") return <p class="en-nothing">No rows</p>;
  return (
    <p class="en-nothing">
      <span>No row contains “{search}”.</span>
      <button type="button" class="en-button" onClick={onClear}>
        Clear the search
      </button>
    </p>
  );
}
