import { type SettingsNode, settingsNode } from "../../components/settings/plan/settings-json";

const HEAD = `# Settings

A stack's settings stand in \`Pulumi.<stack>.yaml\`, in the namespace \`sark-databases\`, and hold differences from the
defaults only. Unknown keys are refused. Set one with, for example,
\`pulumi config set --path sark-databases:sark.connections 250\`. Defaults marked † stand in \`Pulumi.yaml\`, the others
in \`components/settings/plan/settings-schema.ts\`. Three settings are secrets and not in the table:
\`auditPassword\`, \`backupAccessKeyId\` and \`backupSecretAccessKey\`.

This page is made from the code by \`npm run generate -- settings\`.

| setting | what it is | allowed | default | why it matters |
|---|---|---|---|---|
`;

/** docs/settings.md, as text. */
export function settingsPage(): string {
  return HEAD + rows("", settingsNode(), undefined).join("\n") + "\n";
}

/** Groups are walked, leaves are rows. `inherited` is the default that the group states for this key. */
function rows(key: string, node: SettingsNode, inherited: unknown): string[] {
  const given = node.default ?? inherited;
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) =>
      rows(key === "" ? name : `${key}.${name}`, child, property(given, name)),
    );
  }
  const entries =
    typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
  if (entries && !node.allowed) return rows(`${key}.<name>`, entries, undefined);
  const { description = "", allowed = "", why = "" } = node;
  return [`| \`${key}\` | ${description} | ${allowed} | ${defaultText(key, given)} | ${why} |`];
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
