import type { Answer, Channel, Question } from "./channel";
import type { ScanReply } from "./protocol.gen";

/** How far a long search has come, in rows. */
export type Scan = Pick<ScanReply, "done" | "total">;

/** The kinds of questions that have a page for an answer. */
type Paged = "page" | "jobs";

/** What is asked, without what says that it is asked. */
export type QueryOf<Of extends Paged> = Omit<Extract<Question, { type: Of }>, "type">;

type Instead<Of extends Paged> = (query: QueryOf<Of>, reply: Answer<Of>) => QueryOf<Of> | null;

/** What one view knows of its pages. */
export interface LatestState<Of extends Paged> {
  /** What was asked for last. */
  query: QueryOf<Of>;
  /** The page on screen with the query it answers; kept while the next one is fetched. */
  shown: { query: QueryOf<Of>; reply: Answer<Of> } | null;
  busy: boolean;
  /** Whether Python has been silent for longer than `SILENCE`. */
  slow: boolean;
  scan: Scan | null;
  error: string | null;
}

/** Milliseconds without a sign of life after which the reader is told. */
export const SILENCE = 6000;

/** Fetches one view's pages: the newest query counts, a refresh waits for its turn. */
export class Latest<Of extends Paged> {
  state: LatestState<Of>;
  readonly #channel: Channel;
  readonly #type: Of;
  readonly #changed: () => void;
  readonly #instead: Instead<Of>;
  #asked: number | null = null;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * `changed` is called whenever `state` was replaced; `instead` says what to ask for in the place
   * of an answer that is of no use, and null where it is of use.
   */
  constructor(channel: Channel, type: Of, query: QueryOf<Of>, changed: () => void, instead: Instead<Of> = () => null) {
    this.#channel = channel;
    this.#type = type;
    this.#changed = changed;
    this.#instead = instead;
    this.state = { query, shown: null, busy: false, slow: false, scan: null, error: null };
  }

  /** Ask for another page, search or order; an older question is dropped. */
  ask(query: QueryOf<Of>): void {
    if (this.#asked !== null) this.#channel.forget(this.#asked);
    this.#again = false;
    this.#set({ query, busy: true, slow: false, scan: null, error: null });
    this.#watch();
    const question = { type: this.#type, ...query } as unknown as Extract<Question, { type: Of }>;
    this.#asked = this.#channel.ask<Of>(question, {
      done: (reply) => {
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

  #receive(query: QueryOf<Of>, reply: Answer<Of>): void {
    const again = this.#again;
    this.#end({ shown: { query, reply } });
    const other = this.#instead(query, reply);
    if (other !== null) this.ask(other);
    else if (again) this.ask(query);
  }

  #end(change: Partial<LatestState<Of>>): void {
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

  #set(change: Partial<LatestState<Of>>): void {
    this.state = { ...this.state, ...change };
    this.#changed();
  }
}
