import { type FunctionComponent, render } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Model, WidgetModule } from "./anywidget";
import { guardKeys } from "./keys";
import "./styles/base.css";
import { watchTheme } from "./theme";

/** A widget module that shows `View`: one root per view, themed and with its keys kept in. */
export function widget<State>(View: FunctionComponent<{ model: Model<State> }>): WidgetModule<State> {
  return {
    render({ model, el }) {
      const root = document.createElement("div");
      root.className = "edsl-nb";
      el.appendChild(root);
      const ends = [guardKeys(root), watchTheme(root)];
      render(<View model={model} />, root);
      return () => {
        render(null, root);
        for (const end of ends) end();
        root.remove();
      };
    },
  };
}

/** A trait's value, followed as it changes. */
export function useTrait<State, Name extends keyof State & string>(model: Model<State>, name: Name): State[Name] {
  const [value, setValue] = useState(() => model.get(name));
  useEffect(() => {
    const read = (): void => {
      setValue(() => model.get(name));
    };
    read();
    model.on(`change:${name}`, read);
    return () => {
      model.off(`change:${name}`, read);
    };
  }, [model, name]);
  return value;
}
