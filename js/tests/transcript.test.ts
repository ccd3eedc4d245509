import { expect, it, vi } from "vitest";

import type { Request, TranscriptReply, TurnData } from "../src/protocol.gen";
import transcript_widget, { type TranscriptTraits } from "../src/transcript";
import { findAll, pieces } from "../src/transcripts/finding";
import { SILENCE } from "../src/transcripts/loading";
import { FakeModel, button, click, find, prepare, press, show, type, wait } from "./fake";

prepare();

function turn(text: string, change: Partial<TurnData> = {}): TurnData {
  return { role: "user", text, number: 0, about: "", marks: [], length: text.length, ...change };
}

const TURNS = [
  turn("Where is <b>Tea</b>?", { marks: ["injected"] }),
  turn("Tea is here. No more tea.", { role: "agent", number: 1 }),
  turn("nothing", { role: "note", number: null, about: "printed by the task" }),
];

class TranscriptModel extends FakeModel<TranscriptTraits> {
  asked(kind: "transcript" | "transcript_json" = "transcript"): Extract<Request, { type: "transcript" | "transcript_json" }>[] {
    return this.sent.filter((message) => message.type === "transcript" || message.type === "transcript_json").filter(({ type }) => type === kind);
  }

  /** The newest of them. */
  newest(kind: "transcript" | "transcript_json" = "transcript"): Extract<Request, { type: "transcript" }> | Extract<Request, { type: "transcript_json" }> {
    const asked = this.asked(kind).at(-1);
    if (!asked) throw new Error(`no ${kind} was asked for`);
    return asked;
  }

  /** Answer the newest request for a conversation. */
  async tell(change: Partial<TranscriptReply> = {}): Promise<void> {
    const { view, id, position } = this.newest();
    const counterparts = [{ label: "other", position: position + 100 }];
    const facts = [{ name: "status", value: "completed" }, { name: "error", value: null }];
    await this.reply({ type: "transcript", view, id, position, title: `sample ${position}`, facts, turns: TURNS, counterparts, ...change });
  }
}

async function ready(position = 1): Promise<[TranscriptModel, HTMLElement]> {
  const model = new TranscriptModel({ transcript: { position, count: 3 } });
  const el = await show(transcript_widget, model);
  await model.tell();
  return [model, el];
}

async function choose(el: HTMLElement, label: string): Promise<void> {
  const select = find(el, "select") as HTMLSelectElement;
  select.value = label;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await wait(0);
}

it("shows who said what, how long it is, and what is to be known of it, as text", async () => {
  const [, el] = await ready();
  expect(find(el, ".en-pane h4").textContent).toBe("sample 1");
  expect(find(el, ".en-facts").textContent).toBe("statuscompleted");
  const heads = [...el.querySelectorAll(".en-said")].map((head) => head.textContent);
  expect(heads).toEqual(["0Userinjected20 characters", "1Agent25 characters", "Printed by the task"]);
  expect(find(el, "pre").textContent).toBe("Where is <b>Tea</b>?");
  expect(el.querySelector("pre b")).toBeNull();
});

it("goes to the next and the previous by button and by key, and not past the ends", async () => {
  const [model, el] = await ready();
  await click(button(el, "Next transcript (right arrow)"));
  expect(model.asked().at(-1)?.position).toBe(2);
  await model.tell();
  expect(el.textContent).toContain("Transcript 3 of 3");
  await press(find(el, ".en-pane"), "ArrowRight");
  expect(model.asked().length).toBe(2);
  expect(await press(find(el, ".en-pane"), "ArrowLeft")).toBe(false);
  expect(model.asked().at(-1)?.position).toBe(1);
});

it("leaves arrow keys to the search box", async () => {
  const [model, el] = await ready();
  await press(find(el, "input"), "ArrowRight");
  expect(model.asked().length).toBe(1);
});

it("finds text without regard to case and steps through what was found", async () => {
  const [, el] = await ready();
  await type(find(el, "input"), "TEA");
  expect([...el.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["Tea", "Tea", "tea"]);
  expect(find(el, ".en-hits").textContent).toBe("1 of 3");
  await press(find(el, "input"), "Enter", { shiftKey: true });
  expect(find(el, ".en-hits").textContent).toBe("3 of 3");
  expect(find(el, "mark[data-current=true]").textContent).toBe("tea");
  await type(find(el, "input"), "(");
  expect(find(el, ".en-hits").textContent).toBe("not found");
});

it("compares with another, and the next one with the same agent's", async () => {
  const [model, el] = await ready();
  await choose(el, "other");
  expect(model.asked().at(-1)?.position).toBe(101);
  await model.tell({ title: "beside" });
  expect([...el.querySelectorAll(".en-pane h4")].map((head) => head.textContent)).toEqual(["sample 1", "beside"]);
  // Each turn has a row for both, beneath the row of the headings.
  expect(find(el, ".en-panes").style.getPropertyValue("--en-rows")).toBe("5");
  await click(button(el, "Next transcript (right arrow)"));
  const { view, id } = model.newest();
  await model.reply({ type: "transcript", view, id, position: 2, title: "sample 2", facts: [], turns: [], counterparts: [{ label: "other", position: 102 }] });
  expect(model.asked().at(-1)?.position).toBe(102);
  await choose(el, "");
  expect(el.querySelectorAll(".en-pane").length).toBe(1);
});

it("copies what Python gives as JSON", async () => {
  const written = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText: written } });
  const [model, el] = await ready();
  await click(button(el, "Copy as JSON"));
  const { view, id } = model.newest("transcript_json");
  await model.reply({ type: "transcript_json", view, id, text: '{"title": 1}' });
  await wait(0);
  expect(written).toHaveBeenCalledWith('{"title": 1}');
  expect(button(el, "Copied")).toBeTruthy();
});

it("folds long turns, and unfolds those in which something is found", async () => {
  const model = new TranscriptModel({ transcript: { position: 0, count: 1 } });
  const el = await show(transcript_widget, model);
  await model.tell({ turns: [turn("word ".repeat(400), { length: 9000 })] });
  expect(find(el, "pre").dataset.folded).toBe("true");
  expect(el.textContent).toContain("The first 2,000 characters");
  await click(button(el, "Show all of it"));
  expect(find(el, "pre").dataset.folded).toBe("false");
  await click(button(el, "Show less"));
  await type(find(el, "input"), "word");
  expect(find(el, "pre").dataset.folded).toBe("false");
});

it("shows a hundred turns at first, and those up to what was found", async () => {
  const model = new TranscriptModel({ transcript: { position: 0, count: 1 } });
  const el = await show(transcript_widget, model);
  const many = Array.from({ length: 350 }, (_, i) => turn(`said ${i}`, { number: i }));
  await model.tell({ turns: many });
  expect(el.querySelectorAll(".en-turn").length).toBe(100);
  await click(button(el, "Show 100 more of 350 turns"));
  expect(el.querySelectorAll(".en-turn").length).toBe(200);
  await type(find(el, "input"), "said 300");
  expect(find(el, "mark").textContent).toBe("said 300");
});

it("says what is wrong, and when Python is silent, with a way out", async () => {
  const model = new TranscriptModel({ transcript: { position: 0, count: 1 } });
  const el = await show(transcript_widget, model);
  expect(el.textContent).toContain("Loading");
  await wait(SILENCE + 1);
  expect(find(el, ".en-pane [role=status]").textContent).toContain("Python has not answered yet");
  const { view, id } = model.newest();
  await model.reply({ type: "error", view, id, message: "<i>gone</i>" });
  expect(find(el, "[role=alert] span").textContent).toBe("<i>gone</i>");
  await click(button(el, "Try again"));
  await model.tell();
  expect(el.querySelector("[role=alert]")).toBeNull();
});

it("searches in bounds, and cuts a text where it was found", () => {
  expect(findAll("a", [[{ text: "a".repeat(5000) }]]).length).toBe(1000);
  const found = findAll("İ", [[{ text: "xİy" }]]).map((one, place) => ({ ...one, place }));
  expect(pieces("xİy", found).map(({ text }) => text)).toEqual(["x", "İ", "y"]);
  expect(pieces("", [])).toEqual([{ text: "", place: null }]);
});
