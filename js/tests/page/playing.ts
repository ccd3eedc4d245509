// How Python is played: a case has the traits of a widget, and answers what the widget asks.
import type { Reply, Request } from "../../src/protocol.gen";

export type Answer = (message: Request) => Reply | null;

/** Made-up data for one look of a widget. */
export interface Case<Traits> {
  traits: Traits;
  answer: Answer;
}

export type Cases<Traits> = Readonly<Record<string, () => Case<Traits>>>;
