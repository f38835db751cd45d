import { SECRETS } from "../../components/homes/plan/registry";
import { type SettingsNode, settingsNode } from "../../components/settings/plan/settings-json";
import { code, table } from "./markdown-table";

const HEAD = `# Settings

A stack's settings are in \`Pulumi.<stack>.yaml\`, in the namespace \`sark-databases\`. They contain only differences from the
defaults. Unknown keys are refused. So is a database key that its home does not support: such keys list their homes. Set a key
with, for example, \`pulumi config set --path sark-databases:sark.connections 250\`. Defaults marked † are in \`Pulumi.yaml\`, the
others in the schemas of \`components/settings/plan\` and of each home (\`settings-*.ts\`). A required key of a group is required
only if the group is set. These settings are secrets and not on this page: ${code(SECRETS)}.

Each key has a heading, below the table of its group. This page is generated from the code by \`npm run generate -- settings\`.`;

/** Characters of a table's cell; a longer text is only below the table. */
const LONGEST_CELL = 60;

/** In place of the allowed values of a key that has keys of its own. */
const GROUP = "a group of keys";

/** docs/settings.md, as text. */
export function settingsPage(): string {
  const all = entries("", settingsNode(), undefined, false);
  const groups = [...new Set(all.map(groupOf))];
  return [
    HEAD,
    `Groups: ${groups.map(link).join(", ")}.`,
    ...groups.flatMap((group) =>
      groupParts(
        group,
        all.filter((entry) => groupOf(entry) === group),
      ),
    ),
  ].join("\n\n");
}

interface Entry {
  readonly key: string;
  readonly description: string;
  readonly allowed: string;
  /** As Markdown. */
  readonly fallback: string;
  readonly why: string;
  /** The homes that have the key. @default - all */
  readonly homes?: string;
}

const groupOf = ({ key }: Entry): string => key.split(".")[0] ?? "";

const topicOf = (key: string): string => key.split(".")[1] ?? "";

/** A link to a key's heading. GitHub's anchors are in lower case, without punctuation. */
function link(key: string): string {
  return `[\`${key}\`](#${key.toLowerCase().replace(/[.<>]/g, "")})`;
}

function groupParts(group: string, all: readonly Entry[]): readonly string[] {
  const own = all.filter(({ key }) => key === group);
  const below = all.filter(({ key }) => key !== group);
  const keys = [...new Set(below.map(({ key }) => key))];
  return [
    `## \`${group}\``,
    ...own.flatMap(entryParts),
    ...(keys.length > 1 ? [table(["Key", "Allowed", "Default"], below.map(row))] : []),
    ...keys.flatMap((key) => [
      `### \`${key}\``,
      ...below.filter((entry) => entry.key === key).flatMap(entryParts),
    ]),
  ];
}

function row({ key, allowed, fallback, homes }: Entry): readonly string[] {
  return [
    homes === undefined ? link(key) : `${link(key)} (${homes})`,
    allowed.length > LONGEST_CELL ? "see below" : allowed,
    fallback,
  ];
}

function entryParts({ description, allowed, fallback, why, homes = "" }: Entry): readonly string[] {
  const facts = Object.entries({ Homes: homes, Allowed: allowed, Default: fallback, Note: why });
  const given = facts.filter(([, text]) => text !== "");
  return [description, given.map(([name, text]) => `**${name}:** ${text}.`).join(" ")].filter(
    (text) => text !== "",
  );
}

/** A node's own entry, if it is documented, and those below it. `inherited` is the default that the group states for this key. */
function entries(
  key: string,
  node: SettingsNode,
  inherited: unknown,
  required: boolean,
): readonly Entry[] {
  const given = node.default ?? inherited;
  if (node.oneOf) return ofHomes(key, node.oneOf);
  const { description = "", allowed = "", why = "" } = node;
  const fallback = defaultText(key, given) ?? (required ? "none, required" : "");
  const own = { key, description, allowed, fallback, why };
  const children = node.properties
    ? Object.entries(node.properties).flatMap(([name, child]) =>
        entries(
          key === "" ? name : `${key}.${name}`,
          child,
          property(given, name),
          node.required?.includes(name) ?? false,
        ),
      )
    : typeof node.additionalProperties === "object" && allowed === ""
      ? entries(`${key}.<name>`, node.additionalProperties, undefined, false)
      : undefined;
  if (children === undefined) return [own];
  return description === "" ? children : [{ ...own, allowed: GROUP }, ...children];
}

/** The entries of a database's keys without duplicates, with their homes unless all have them. */
function ofHomes(key: string, homes: readonly SettingsNode[]): readonly Entry[] {
  const all = homes.flatMap((node) =>
    entries(key, node, undefined, false).map((entry) => ({
      entry,
      text: JSON.stringify(entry),
      home: String(node.properties?.["home"]?.const),
    })),
  );
  const keys = [...new Set(all.map(({ entry }) => entry.key))];
  // Keys that homes add to a group are listed with the group.
  const topics = keys.map(topicOf);
  const place = (each: string): number => topics.indexOf(topicOf(each));
  return keys
    .toSorted((one, other) => place(one) - place(other))
    .flatMap((each) => {
      const ways = all.filter(({ entry }) => entry.key === each);
      return [...new Map(ways.map(({ text, entry }) => [text, entry]))].map(([text, entry]) => {
        const names = ways.filter((way) => way.text === text).map(({ home }) => home);
        return names.length < homes.length && entry.allowed !== GROUP
          ? { ...entry, homes: names.join(", ") }
          : entry;
      });
    });
}

/** Defaults of plain top-level values, which are in Pulumi.yaml, where the CLI merges them. */
const IN_PULUMI_YAML: Readonly<Record<string, string>> = {
  route: "direct",
  protection: "true",
  rotation: "1",
};

function defaultText(key: string, value: unknown): string | undefined {
  const project = IN_PULUMI_YAML[key];
  if (project !== undefined) return `\`${project}\` †`;
  if (value === undefined) return undefined;
  // Quotes a text that YAML would read as a number.
  const plain = typeof value === "string" && Number.isNaN(Number(value));
  return `\`${plain ? value : JSON.stringify(value)}\``;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
