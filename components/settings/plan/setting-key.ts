/** Pulumi config namespace of this project. */
export const NAMESPACE = "sark-databases";

/** Full key of a setting, such as `sark-databases:aws.notify[0]`, as `pulumi config set --path` takes it. */
export function settingKey(path: readonly PropertyKey[]): string {
  const steps = path.map((key, at) =>
    typeof key === "number" ? `[${key}]` : `${at === 0 ? "" : "."}${String(key)}`,
  );
  return `${NAMESPACE}:${steps.join("")}`;
}
