import { printable } from "../../components/text/printable";

/** HTML whose values are escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template of HTML: each value is escaped, except markup. Attributes need quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(
    parts.map((part, index) => `${index === 0 ? "" : rendered(values[index - 1])}${part}`).join(""),
  );
}

function rendered(value: Value | undefined): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return printable(String(value ?? "")).replace(/[&<>"']/g, (each) => ENTITIES[each] ?? each);
}
