import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** The room that a table has: its width, and that of a figure, in pixels. Width 0 where it is not known. */
export interface Room {
  width: number;
  ch: number;
}

/** A figure's width where nothing can be measured. */
const FIGURE = 7;
const FIGURES = 20;

/** The room inside an element, followed as it changes. */
export function useRoom(element: RefObject<HTMLElement | null>): Room {
  const [room, setRoom] = useState<Room>({ width: 0, ch: FIGURE });
  const known = useRef(room);
  useEffect(() => {
    const box = element.current;
    // jsdom has no layout, and nothing to watch it.
    if (!box || !("ResizeObserver" in globalThis)) return;
    const measure = (): void => {
      const width = box.clientWidth;
      if (width === 0 || width === known.current.width) return;
      known.current = { width, ch: figure(box) };
      setRoom(known.current);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return room;
}

function figure(box: HTMLElement): number {
  const ruler = document.createElement("span");
  ruler.className = "en-ruler";
  ruler.textContent = "0".repeat(FIGURES);
  box.appendChild(ruler);
  const width = ruler.getBoundingClientRect().width / FIGURES;
  ruler.remove();
  return width > 0 ? width : FIGURE;
}
