// Shows one built bundle with made-up data: /page/index.html?widget=table&case=plain&theme=dark
import type { Model, WidgetModule } from "../../src/anywidget";
import type { Reply, Request } from "../../src/protocol.gen";
import { cases } from "./cases";
import type { Answer, Case } from "./playing";

type Listener = (value: unknown) => void;

/** Stands in for anywidget's model and, through `answer`, for Python. */
class StubModel implements Model<Record<string, unknown>> {
  readonly sent: Request[] = [];
  readonly traits: Record<string, unknown>;
  readonly #answer: Answer;
  readonly #listeners = new Map<string, Listener[]>();

  constructor({ traits, answer }: Case<object>) {
    this.traits = { ...traits };
    this.#answer = answer;
  }

  get(name: string): unknown {
    return this.traits[name];
  }

  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.emit(`change:${name}`, value);
  }

  on(event: string, callback: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), callback]);
  }

  off(event: string, callback: Listener): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? []).filter((known) => known !== callback));
  }

  emit(event: string, value: unknown): void {
    for (const callback of this.#listeners.get(event) ?? []) callback(value);
  }

  send(content: unknown): void {
    const asked = content as Request;
    this.sent.push(asked);
    const reply: Reply | null = this.#answer(asked);
    if (reply) queueMicrotask(() => { this.emit("msg:custom", reply); });
  }
}

declare global {
  interface Window {
    /** The model behind the widget, for tests. */
    model: StubModel;
    /** Takes the view down. */
    end: () => void;
  }
}

const wanted = new URLSearchParams(location.search);
document.body.dataset.jpThemeLight = String(wanted.get("theme") !== "dark");

const widget = wanted.get("widget") ?? "table";
const made = cases[widget]?.[wanted.get("case") ?? "plain"];
const el = document.getElementById("widget");
if (!made || !el) throw new Error(`there is no such case: ${location.search}`);

const bundle = (await import(`/static/${widget}.js`)) as { default: WidgetModule<Record<string, unknown>> };
const style = document.createElement("link");
style.rel = "stylesheet";
style.href = `/static/${widget}.css`;
document.head.append(style);
await new Promise((done) => { style.addEventListener("load", done); });

window.model = new StubModel(made());
window.end = bundle.default.render({ model: window.model, el });
