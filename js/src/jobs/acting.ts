import { useMemo, useState } from "preact/hooks";

import type { Line } from "../anywidget";
import type { Channel } from "../channel";
import type { JobOutcome, JobRowData } from "../protocol.gen";
import type { Action } from "./words";

/** What came of an action, or null while it goes on. */
export type Outcome = Pick<JobOutcome, "done" | "words" | "report"> | null;

/** What has been done to jobs, as far as this view knows. */
export class Acting {
  /** What was said last. */
  last = "";
  readonly #channel: Channel;
  readonly #line: Line;
  readonly #changed: () => void;
  readonly #done: (action: Action) => void;
  readonly #outcomes = new Map<string, Map<Action, Outcome>>();
  readonly #dismissed = new Set<string>();

  /** `changed` is called when something was asked or came; `done` when an action came to a good end. */
  constructor(channel: Channel, line: Line, changed: () => void, done: (action: Action) => void) {
    this.#channel = channel;
    this.#line = line;
    this.#changed = changed;
    this.#done = done;
  }

  /** What came of a job's actions so far; null of those that go on. */
  of(uuid: string): ReadonlyMap<Action, Outcome> {
    return this.#outcomes.get(uuid) ?? new Map<Action, Outcome>();
  }

  /** Take what rows tell of actions, such as those before the page was loaded again. */
  learn(rows: readonly JobRowData[]): void {
    let news = false;
    for (const { uuid, outcomes } of rows) {
      for (const { action, done, words, report } of outcomes) {
        if (this.of(uuid).has(action) || this.#dismissed.has(key(uuid, action))) continue;
        this.#keep(uuid, action, { done, words, report });
        news = true;
      }
    }
    if (news) this.#changed();
  }

  /** Have something done to a job, unless it is being done. */
  start(action: Action, uuid: string): void {
    if (this.of(uuid).get(action) === null) return;
    this.#set(uuid, action, null);
    this.#channel.ask({ type: "job_action", action, uuid }, {
      done: ({ done, words, report }) => {
        this.#set(uuid, action, { done, words, report });
        if (done) this.#done(action);
      },
      error: ({ message }) => {
        this.#set(uuid, action, { done: false, words: message, report: "" });
      },
    });
  }

  /** Say no more of what came of an action, here and in Python. */
  clear(action: Action, uuid: string): void {
    this.#outcomes.get(uuid)?.delete(action);
    this.#dismissed.add(key(uuid, action));
    this.#line.send({ type: "dismiss", action, uuid });
    this.#changed();
  }

  #keep(uuid: string, action: Action, outcome: Outcome): void {
    const known = this.#outcomes.get(uuid) ?? new Map<Action, Outcome>();
    this.#outcomes.set(uuid, known.set(action, outcome));
  }

  #set(uuid: string, action: Action, outcome: Outcome): void {
    this.#keep(uuid, action, outcome);
    this.#dismissed.delete(key(uuid, action));
    if (outcome !== null) this.last = outcome.words;
    this.#changed();
  }
}

function key(uuid: string, action: Action): string {
  return `${action} ${uuid}`;
}

/** A view's actions; the view is drawn again whenever they change. */
export function useActing(channel: Channel, line: Line, done: (action: Action) => void): Acting {
  const [, redraw] = useState(0);
  return useMemo(() => new Acting(channel, line, () => { redraw((n) => n + 1); }, done), [channel]);
}
