import type { Answer, Channel } from "../channel";

export type Profile = Answer<"profile">;

/** Fetches how columns' values are distributed, one column after the other; what is known stays in sight. */
export class Profiles {
  readonly known = new Map<string, Profile>();
  readonly failed = new Map<string, string>();
  readonly #channel: Channel;
  readonly #changed: () => void;
  #wanted: readonly string[] = [];
  readonly #fresh = new Set<string>();
  #asked: { id: number; column: string } | null = null;

  /** `changed` is called whenever something came. */
  constructor(channel: Channel, changed: () => void) {
    this.#channel = channel;
    this.#changed = changed;
  }

  /** Ask for what of these columns is not known. */
  want(columns: readonly string[]): void {
    this.#wanted = columns;
    this.#next();
  }

  /** Rows have changed: ask again for what is wanted. */
  refresh(): void {
    this.#fresh.clear();
    this.#next();
  }

  /** Ask again for a column that did not come. */
  retry(column: string): void {
    this.#fresh.delete(column);
    this.#next();
  }

  #next(): void {
    if (this.#asked !== null) {
      // A column that nobody looks at any more makes room.
      if (this.#wanted.includes(this.#asked.column)) return;
      this.#channel.forget(this.#asked.id);
      this.#asked = null;
    }
    const column = this.#wanted.find((name) => !this.#fresh.has(name));
    if (column === undefined) return;
    const end = (): void => {
      this.#asked = null;
      this.#fresh.add(column);
      this.#changed();
      this.#next();
    };
    const id = this.#channel.ask({ type: "profile", column }, {
      done: (reply) => {
        this.known.set(column, reply);
        this.failed.delete(column);
        end();
      },
      error: ({ message }) => {
        this.failed.set(column, message);
        end();
      },
    });
    this.#asked = { id, column };
  }
}
