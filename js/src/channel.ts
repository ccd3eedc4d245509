import type { Line } from "./anywidget";
import type { ErrorReply, PageReply, PageRequest, Reply, Request, RowReply, ScanReply } from "./protocol.gen";

export type PageQuery = Pick<PageRequest, "offset" | "limit" | "search" | "sort">;

interface Waiting {
  page?: (reply: PageReply) => void;
  row?: (reply: RowReply) => void;
  scan?: (reply: ScanReply) => void;
  error: (reply: ErrorReply) => void;
}

const KNOWN = ["page", "row", "scan", "error"];

function isReply(content: unknown): content is Reply {
  return typeof content === "object" && content !== null && "type" in content && KNOWN.includes(String(content.type));
}

/**
 * One view's line to Python. Every request has an id; only replies to requests
 * that are still waited for are passed on, so an older reply never overwrites a newer one.
 */
export class Channel {
  readonly view = Math.random().toString(36).slice(2, 12);
  readonly #line: Line;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(line: Line) {
    this.#line = line;
    line.on("msg:custom", this.#receive);
  }

  /** Stop listening. */
  dispose(): void {
    this.#line.off("msg:custom", this.#receive);
    this.#waiting.clear();
  }

  /** Ask for a page; returns the request's id. */
  page(query: PageQuery, on: Required<Pick<Waiting, "page" | "scan" | "error">>): number {
    return this.#ask(on, (id) => ({ type: "page", view: this.view, id, ...query }));
  }

  /** Ask for one row in full; returns the request's id. */
  row(key: number, on: Required<Pick<Waiting, "row" | "error">>): number {
    return this.#ask(on, (id) => ({ type: "row", view: this.view, id, key }));
  }

  /** No longer wait for the reply to a request. */
  forget(id: number): void {
    this.#waiting.delete(id);
  }

  #ask(on: Waiting, message: (id: number) => Request): number {
    const id = ++this.#last;
    this.#waiting.set(id, on);
    this.#line.send(message(id));
    return id;
  }

  readonly #receive = (content: unknown): void => {
    if (!isReply(content) || content.view !== this.view) return;
    const waiting = this.#waiting.get(content.id);
    if (!waiting) return;
    if (content.type === "scan") {
      waiting.scan?.(content);
      return;
    }
    this.#waiting.delete(content.id);
    if (content.type === "page") waiting.page?.(content);
    else if (content.type === "row") waiting.row?.(content);
    else waiting.error(content);
  };
}
