import type { Channel, PageQuery } from "../channel";
import { Latest } from "../latest";
import type { PageReply } from "../protocol.gen";

/** Fetches the pages of one view of a table. */
export class Pages extends Latest<"page"> {
  constructor(channel: Channel, query: PageQuery, changed: () => void) {
    super(channel, "page", query, changed, lastPage);
  }
}

/** Rows may have gone since: then the last page there is. */
function lastPage(query: PageQuery, reply: PageReply): PageQuery | null {
  if (reply.rows.length > 0 || query.offset === 0) return null;
  const total = reply.total ?? 0;
  const offset = total > 0 ? Math.floor((total - 1) / query.limit) * query.limit : 0;
  return offset < query.offset ? { ...query, offset } : null;
}
