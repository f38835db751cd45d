import { SECRETS } from "../../components/homes/plan/registry";
import { type SettingsNode, settingsNode } from "../../components/settings/plan/settings-json";

const HEAD = `# Settings

A stack's settings stand in \`Pulumi.<stack>.yaml\`, in the namespace \`sark-databases\`, and hold differences from the
defaults only. Unknown keys are refused, and so is a key of a database that its home does not have: the homes stand
behind the key, where it is not in all of them. Set one with, for example,
\`pulumi config set --path sark-databases:sark.connections 250\`. Defaults marked † stand in \`Pulumi.yaml\`, the others
in the schemas of \`components/settings/plan\` and of each home (\`settings-*.ts\`). These settings are secrets and not in the table:
${SECRETS.map((name) => `\`${name}\``).join(", ")}.

This page is made from the code by \`npm run generate -- settings\`.

| setting | what it is | allowed | default | why it matters |
|---|---|---|---|---|
`;

/** docs/settings.md, as text. */
export function settingsPage(): string {
  return HEAD + rows("", settingsNode(), undefined).map(line).join("\n") + "\n";
}

interface Row {
  readonly key: string;
  /** What follows the key. */
  readonly cells: string;
  /** Those that have the key in this way. @default - all */
  readonly homes?: string;
}

function line({ key, cells, homes }: Row): string {
  return `| \`${key}\`${homes === undefined ? "" : ` (${homes})`} | ${cells} |`;
}

/** Groups are walked, leaves are rows. `inherited` is the default that the group states for this key. */
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

/** The keys of a database: each row once, with its homes where it is not in all of them. */
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

/** Plain top-level values: their defaults stand in Pulumi.yaml, where the CLI merges them. */
const IN_PULUMI_YAML: Readonly<Record<string, string>> = {
  route: "direct",
  protection: "true",
  rotation: "1",
};

function defaultText(key: string, value: unknown): string {
  const project = IN_PULUMI_YAML[key];
  if (project !== undefined) return `\`${project}\` †`;
  if (value === undefined) return "";
  // A text that YAML would take for a number has its quotes.
  const plain = typeof value === "string" && Number.isNaN(Number(value));
  return `\`${plain ? value : JSON.stringify(value)}\``;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
