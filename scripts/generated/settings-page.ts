import { SECRETS } from "../../components/homes/plan/registry";
import { type SettingsNode, settingsNode } from "../../components/settings/plan/settings-json";

const HEAD = `# Settings

A stack's settings are in \`Pulumi.<stack>.yaml\`, in the namespace \`sark-databases\`. They contain only differences from the
defaults. Unknown keys are refused. So is a database key that its home does not support: such keys list their homes in
brackets. Set a key with, for example, \`pulumi config set --path sark-databases:sark.connections 250\`. Defaults marked †
are in \`Pulumi.yaml\`, the others in the schemas of \`components/settings/plan\` and of each home (\`settings-*.ts\`). These
settings are secrets and not in the table:
${SECRETS.map((name) => `\`${name}\``).join(", ")}.

This page is generated from the code by \`npm run generate -- settings\`.

| setting | description | allowed | default | effect |
|---|---|---|---|---|
`;

/** docs/settings.md, as text. */
export function settingsPage(): string {
  return HEAD + rows("", settingsNode(), undefined).map(line).join("\n") + "\n";
}

interface Row {
  readonly key: string;
  /** The cells after the key. */
  readonly cells: string;
  /** The homes to which the row applies. @default - all */
  readonly homes?: string;
}

function line({ key, cells, homes }: Row): string {
  return `| \`${key}\`${homes === undefined ? "" : ` (${homes})`} | ${cells} |`;
}

/** The rows below a node. `inherited` is the default that the group states for this key. */
function rows(key: string, node: SettingsNode, inherited: unknown): readonly Row[] {
  const given = node.default ?? inherited;
  if (node.oneOf) return ofHomes(key, node.oneOf);
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) =>
      rows(key === "" ? name : `${key}.${name}`, child, property(given, name)),
    );
  }
  const entries =
    typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
  if (entries && !node.allowed) return rows(`${key}.<name>`, entries, undefined);
  const { description = "", allowed = "", why = "" } = node;
  return [{ key, cells: [description, allowed, defaultText(key, given), why].join(" | ") }];
}

/** The rows of a database's keys without duplicates, with their homes unless all have them. */
function ofHomes(key: string, homes: readonly SettingsNode[]): readonly Row[] {
  const all = homes.flatMap((home) =>
    rows(key, home, undefined).map((row) => ({
      ...row,
      home: String(home.properties?.["home"]?.const),
    })),
  );
  const keys = [...new Set(all.map((row) => row.key))];
  return keys.flatMap((each) => {
    const ways = all.filter((row) => row.key === each);
    return [...new Set(ways.map(({ cells }) => cells))].map((cells): Row => {
      const names = ways.filter((row) => row.cells === cells).map(({ home }) => home);
      return {
        key: each,
        cells,
        ...(names.length < homes.length ? { homes: names.join(", ") } : {}),
      };
    });
  });
}

/** Defaults of plain top-level values, which are in Pulumi.yaml, where the CLI merges them. */
const IN_PULUMI_YAML: Readonly<Record<string, string>> = {
  route: "direct",
  protection: "true",
  rotation: "1",
};

function defaultText(key: string, value: unknown): string {
  const project = IN_PULUMI_YAML[key];
  if (project !== undefined) return `\`${project}\` †`;
  if (value === undefined) return "";
  // Quotes a text that YAML would read as a number.
  const plain = typeof value === "string" && Number.isNaN(Number(value));
  return `\`${plain ? value : JSON.stringify(value)}\``;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
