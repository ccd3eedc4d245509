import type { Channel, PageQuery } from "../channel";
import type { PageReply } from "../protocol.gen";

/** How far a long search has come, in rows. */
export interface Scan {
  done: number;
  total: number;
}

/** What one view knows of its table. */
export interface PageState {
  /** What was asked for last. */
  query: PageQuery;
  /** The page on screen with the query it answers; kept while the next one is fetched. */
  shown: { query: PageQuery; reply: PageReply } | null;
  busy: boolean;
  /** Whether Python has been silent for longer than `SILENCE`. */
  slow: boolean;
  scan: Scan | null;
  error: string | null;
}

/** Milliseconds without a sign of life after which the reader is told. */
export const SILENCE = 6000;

/** Fetches one view's pages: the newest query counts, a refresh waits for its turn. */
export class Pages {
  state: PageState;
  readonly #channel: Channel;
  readonly #changed: () => void;
  #asked: number | null = null;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is called whenever `state` was replaced. */
  constructor(channel: Channel, query: PageQuery, changed: () => void) {
    this.#channel = channel;
    this.#changed = changed;
    this.state = { query, shown: null, busy: false, slow: false, scan: null, error: null };
  }

  /** Ask for another page, search or order; an older question is dropped. */
  ask(query: PageQuery): void {
    if (this.#asked !== null) this.#channel.forget(this.#asked);
    this.#again = false;
    this.#set({ query, busy: true, slow: false, scan: null, error: null });
    this.#watch();
    this.#asked = this.#channel.page(query, {
      page: (reply) => {
        this.#receive(query, reply);
      },
      scan: ({ done, total }) => {
        this.#set({ scan: { done, total }, slow: false });
        this.#watch();
      },
      error: ({ message }) => {
        this.#end({ error: message });
      },
    });
  }

  /** Ask for the same page again; while one is on its way, once that has come. */
  refresh(): void {
    if (this.state.busy) this.#again = true;
    else this.ask(this.state.query);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #receive(query: PageQuery, reply: PageReply): void {
    const again = this.#again;
    this.#end({ shown: { query, reply } });
    // Rows may have gone since: then the last page there is.
    if (reply.rows.length === 0 && query.offset > 0) {
      const total = reply.total ?? 0;
      const offset = total > 0 ? Math.floor((total - 1) / query.limit) * query.limit : 0;
      if (offset < query.offset) this.ask({ ...query, offset });
    } else if (again) {
      this.ask(query);
    }
  }

  #end(change: Partial<PageState>): void {
    clearTimeout(this.#timer);
    this.#asked = null;
    this.#set({ busy: false, slow: false, scan: null, error: null, ...change });
  }

  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#set({ slow: true });
    }, SILENCE);
  }

  #set(change: Partial<PageState>): void {
    this.state = { ...this.state, ...change };
    this.#changed();
  }
}
