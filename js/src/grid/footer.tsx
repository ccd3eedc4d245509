import type { JSX } from "preact";

import type { PageQuery } from "../channel";
import { IconButton } from "../icons";
import type { Scan } from "../latest";
import type { PageReply } from "../protocol.gen";
import { count } from "../words";

const SIZES = [10, 25, 50, 100];

/** What of an answer says which rows are on screen. */
export type Extent = Pick<PageReply, "total" | "has_next"> & { rows: readonly unknown[] };

export interface FooterProps {
  scan: Scan | null;
  shown: { query: Pick<PageQuery, "offset">; reply: Extent } | null;
  limit: number;
  onOffset: (offset: number) => void;
  onLimit: (limit: number) => void;
}

/** Which rows are on screen, in words: "1–10 of 1,000,000", "1–10 of many", "No rows". */
export function extent(shown: FooterProps["shown"]): string {
  if (!shown) return "";
  const { query, reply } = shown;
  if (reply.rows.length === 0) return "No rows";
  const end = query.offset + reply.rows.length;
  const total = reply.total ?? (reply.has_next ? null : end);
  return `${count(query.offset + 1)}–${count(end)} of ${total === null ? "many" : count(total)}`;
}

/** Page buttons, page size and the range on screen. */
export function Footer(props: FooterProps): JSX.Element {
  const { shown, scan, limit, onOffset } = props;
  const offset = shown?.query.offset ?? 0;
  const total = shown?.reply.total ?? null;
  const hasNext = shown?.reply.has_next ?? false;
  const last = total === null || total === 0 ? null : Math.floor((total - 1) / limit) * limit;
  const sizes = SIZES.includes(limit) ? SIZES : [...SIZES, limit].sort((a, b) => a - b);
  return (
    <div class="en-footer">
      <span class="en-extent">
        {scan ? `Searching: ${count(scan.done)} of ${count(scan.total)} rows` : extent(shown)}
      </span>
      <label class="en-size">
        <span>Rows</span>
        <select
          aria-label="Rows per page"
          value={String(limit)}
          onChange={(event) => { props.onLimit(Number(event.currentTarget.value)); }}
        >
          {sizes.map((size) => (
            <option key={size} value={String(size)}>
              {size}
            </option>
          ))}
        </select>
      </label>
      <div class="en-pages" role="group" aria-label="Pages">
        <IconButton icon="first" label="First page" disabled={offset === 0} onClick={() => { onOffset(0); }} />
        <IconButton icon="previous" label="Previous page" disabled={offset === 0} onClick={() => { onOffset(Math.max(0, offset - limit)); }} />
        <IconButton icon="next" label="Next page" disabled={!hasNext} onClick={() => { onOffset(offset + limit); }} />
        {last === null ? null : (
          <IconButton icon="last" label="Last page" disabled={!hasNext} onClick={() => { onOffset(last); }} />
        )}
      </div>
    </div>
  );
}
