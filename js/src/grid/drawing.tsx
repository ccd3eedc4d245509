import { type JSX, h } from "preact";

/** What pictures of Python consist of; nothing else is shown. */
const TAGS = ["svg", "rect", "text", "title"];
const ATTRIBUTES = [
  ...["width", "height", "viewBox", "role", "aria-label", "x", "y"],
  ...["fill", "opacity", "font-size", "font-weight", "text-anchor"],
];
/** Colours by name, by number, and that of the text around. */
const VALUE = /^[^<>&"]*$/;
const REFERENCE = /url|javascript/i;

/**
 * A picture as nodes of the page, made anew from the text of an `<svg>` element: only known elements
 * with known attributes, so that no text in it can do anything. Null where it is no picture.
 */
export function drawn(svg: string): JSX.Element | null {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return root.localName === "svg" ? copied(root) : null;
}

function copied(element: Element): JSX.Element | null {
  if (!TAGS.includes(element.localName)) return null;
  const known = [...element.attributes].filter(
    ({ name, value }) => ATTRIBUTES.includes(name) && (name === "aria-label" || (VALUE.test(value) && !REFERENCE.test(value))),
  );
  const children = [...element.childNodes].map((node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    return node.nodeType === Node.ELEMENT_NODE ? copied(node as Element) : null;
  });
  return h(element.localName, Object.fromEntries(known.map(({ name, value }) => [name, value])), ...children);
}
