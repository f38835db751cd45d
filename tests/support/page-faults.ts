import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import GithubSlugger from "github-slugger";
import MarkdownIt from "markdown-it";

const MARKDOWN = new MarkdownIt({ html: true });

/** Characters in a line of prose, and in a row of a table. */
const LIMITS = { prose: 160, row: 200 };

/**
 * Relative links of a page to a file or a heading that does not exist. Headings have the anchors that GitHub gives them.
 * @param root the project's folder
 * @param page the page's path in it
 */
export function deadLinks(root: string, page: string, text: string): readonly string[] {
  return linksOf(text).flatMap(({ href, line }) => {
    if (/^[a-z][a-z\d+.-]*:/i.test(href)) return [];
    const [path = "", anchor = ""] = href.split("#").map(decodeURIComponent);
    const target = path === "" ? page : normalize(join(dirname(page), path));
    if (target !== page && (target.startsWith("..") || !existsSync(join(root, target)))) {
      return [`${page}:${line}: ${href}: the file does not exist`];
    }
    if (anchor === "" || !target.endsWith(".md")) return [];
    const there = target === page ? text : readFileSync(join(root, target), "utf8");
    return anchorsOf(there).has(anchor) ? [] : [`${page}:${line}: ${href}: no such heading`];
  });
}

/** Lines of a page over the limits, apart from those of code blocks. */
export function longLines(page: string, text: string): readonly string[] {
  const kinds = kindsOfLines(text);
  return text.split("\n").flatMap((line, at) => {
    const kind = kinds.get(at) ?? "prose";
    if (kind === "code" || line.length <= LIMITS[kind]) return [];
    return [`${page}:${at + 1}: ${line.length} characters, at most ${LIMITS[kind]}`];
  });
}

function linksOf(text: string): readonly { readonly href: string; readonly line: number }[] {
  // A table cell has no line number of its own; its row's is used.
  let line = 1;
  return MARKDOWN.parse(text, {}).flatMap(({ children, map }) => {
    line = map ? map[0] + 1 : line;
    return (children ?? []).flatMap((token) => {
      const href = token.attrGet("href") ?? token.attrGet("src");
      return typeof href === "string" ? [{ href, line }] : [];
    });
  });
}

function anchorsOf(text: string): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const tokens = MARKDOWN.parse(text, {});
  return new Set(
    tokens.flatMap(({ type }, at) =>
      type === "heading_open" ? [slugger.slug(plainText(tokens[at + 1]))] : [],
    ),
  );
}

function plainText(inline: MarkdownIt.Token | undefined): string {
  return (inline?.children ?? [])
    .map(({ type, content }) => (type === "html_inline" ? "" : content))
    .join("");
}

/** By index of the line; lines that are missing are prose. */
function kindsOfLines(text: string): ReadonlyMap<number, "code" | "row"> {
  const kinds = new Map<number, "code" | "row">();
  for (const { type, map } of MARKDOWN.parse(text, {})) {
    const kind = { fence: "code", code_block: "code", table_open: "row" }[type];
    if (!map || (kind !== "code" && kind !== "row")) continue;
    for (let at = map[0]; at < map[1]; at += 1) kinds.set(at, kind);
  }
  return kinds;
}
