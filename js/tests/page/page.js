// Shows one built bundle with made-up data: /page/index.html?widget=table&case=plain&theme=dark
import { cases } from "./cases.js";

const wanted = new URLSearchParams(location.search);
document.body.dataset.jpThemeLight = String(wanted.get("theme") !== "dark");

/** Stands in for anywidget's model and, through `answer`, for Python. */
class StubModel {
  constructor({ traits, answer }) {
    this.traits = traits;
    this.answer = answer;
    this.listeners = new Map();
    this.sent = [];
  }
  get(name) {
    return this.traits[name];
  }
  set(name, value) {
    this.traits[name] = value;
    this.emit(`change:${name}`, value);
  }
  on(event, callback) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), callback]);
  }
  off(event, callback) {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter((known) => known !== callback));
  }
  emit(event, value) {
    for (const callback of this.listeners.get(event) ?? []) callback(value);
  }
  send(content) {
    this.sent.push(content);
    const reply = this.answer(content);
    if (reply) queueMicrotask(() => this.emit("msg:custom", reply));
  }
}

const widget = wanted.get("widget");
const { default: module } = await import(`/static/${widget}.js`);
const style = document.createElement("link");
style.rel = "stylesheet";
style.href = `/static/${widget}.css`;
document.head.append(style);
await new Promise((done) => style.addEventListener("load", done));

const model = new StubModel(cases[widget][wanted.get("case") ?? "plain"]());
window.model = model;
window.end = module.render({ model, el: document.getElementById("widget") });
