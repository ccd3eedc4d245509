import type { Line } from "./anywidget";
import type { ErrorReply, PageRequest, Reply, Request, ScanReply } from "./protocol.gen";

/** What a view may ask, without the view's name and the question's number. */
type Asked<One> = One extends { view: string } ? Omit<One, "view" | "id"> : never;
export type Question = Asked<Request>;
type Kind = Question["type"];
/** The answer to a question of a kind: it has the same `type`. */
export type Answer<Of extends Kind> = Extract<Reply, { type: Of }>;

export type PageQuery = Pick<PageRequest, "offset" | "limit" | "search" | "sort" | "filters">;
/** Which rows are meant, on whatever page. */
export type RowsQuery = Omit<PageQuery, "offset" | "limit">;

/** The part of a query that says which rows are meant. */
export function rowsOf({ search, sort, filters }: RowsQuery): RowsQuery {
  return { search, sort, filters };
}

interface Waiting<Of extends Kind> {
  done: (reply: Answer<Of>) => void;
  scan?: (reply: ScanReply) => void;
  error: (reply: ErrorReply) => void;
}

const KNOWN = ["page", "row", "profile", "picture", "export", "jobs", "job_action", "transcript", "transcript_json", "scan", "error"];

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
  readonly #waiting = new Map<number, Waiting<Kind>>();
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

  /** Ask something; returns the request's id. Python works on the newest question of each type only. */
  ask<Of extends Kind>(question: Extract<Question, { type: Of }>, on: Waiting<Of>): number {
    const id = ++this.#last;
    this.#waiting.set(id, on as unknown as Waiting<Kind>);
    this.#line.send({ ...question, view: this.view, id });
    return id;
  }

  /** No longer wait for the reply to a request. */
  forget(id: number): void {
    this.#waiting.delete(id);
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
    if (content.type === "error") waiting.error(content);
    else waiting.done(content);
  };
}
