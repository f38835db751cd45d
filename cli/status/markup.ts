import { printable } from "../../components/text/printable";

/** Style of every page: colours of states in the light and the dark scheme, and as many columns as fit. */
const STYLE = `
:root { color-scheme: light dark; --good: #1a7f37; --warning: #9a6700; --critical: #cf222e; --unknown: #6e7781; --line: #d0d7de; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --warning: #d29922; --critical: #f85149; --unknown: #8b949e; --line: #30363d; } }
body { font: 16px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
section { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
h2 { grid-column: 1 / -1; margin: 1rem 0 0; }
article { border: 1px solid var(--line); border-radius: .4rem; min-width: 0; padding: .6rem .8rem; overflow-wrap: anywhere; }
h3 { display: flex; flex-wrap: wrap; font-size: 1rem; gap: .5rem; justify-content: space-between; margin: 0; }
article p { margin: .3rem 0; }
`;

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

/** A page without scripts and external resources. */
export function htmlPage(title: string, style: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          ${new Markup(STYLE + style)}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html> `.text;
}
