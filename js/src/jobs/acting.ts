import { useMemo, useState } from "preact/hooks";

import type { Channel } from "../channel";
import type { JobActionReply } from "../protocol.gen";
import type { Action } from "./words";

/** What came of an action, or null while it goes on. */
export type Outcome = Pick<JobActionReply, "done" | "words" | "report"> | null;

/** What one view has asked to be done to jobs. */
export class Acting {
  /** What was said last. */
  last = "";
  readonly #channel: Channel;
  readonly #changed: () => void;
  readonly #done: (action: Action) => void;
  readonly #outcomes = new Map<string, Map<Action, Outcome>>();

  /** `changed` is called when something was asked or came; `done` when an action came to a good end. */
  constructor(channel: Channel, changed: () => void, done: (action: Action) => void) {
    this.#channel = channel;
    this.#changed = changed;
    this.#done = done;
  }

  /** What came of a job's actions so far; null of those that go on. */
  of(uuid: string): ReadonlyMap<Action, Outcome> {
    return this.#outcomes.get(uuid) ?? new Map<Action, Outcome>();
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

  /** Say no more of what came of an action. */
  clear(action: Action, uuid: string): void {
    this.#outcomes.get(uuid)?.delete(action);
    this.#changed();
  }

  #set(uuid: string, action: Action, outcome: Outcome): void {
    const known = this.#outcomes.get(uuid) ?? new Map<Action, Outcome>();
    this.#outcomes.set(uuid, known.set(action, outcome));
    if (outcome !== null) this.last = outcome.words;
    this.#changed();
  }
}

/** A view's actions; the view is drawn again whenever they change. */
export function useActing(channel: Channel, done: (action: Action) => void): Acting {
  const [, redraw] = useState(0);
  return useMemo(() => new Acting(channel, () => { redraw((n) => n + 1); }, done), [channel]);
}
