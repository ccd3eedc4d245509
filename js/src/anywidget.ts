/** A line to Python: listen and send. */
export interface Line {
  on(event: string, callback: (value: unknown) => void): void;
  off(event: string, callback: (value: unknown) => void): void;
  send(content: unknown): void;
}

/** The part of anywidget's model that the widgets use: its line, and its traits. */
export interface Model<State> extends Line {
  get<Name extends keyof State & string>(name: Name): State[Name];
}

/** What anywidget hands to `render`. */
export interface RenderProps<State> {
  model: Model<State>;
  el: HTMLElement;
}

/** A widget module's default export; `render` returns what takes the view down. */
export interface WidgetModule<State> {
  render(props: RenderProps<State>): () => void;
}
