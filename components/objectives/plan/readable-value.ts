import { DAY, HOUR, MINUTE, type Objective, type Unit } from "./objective";

/** Units of each kind, largest first, with the size from which each is used. */
const SCALES = {
  bytes: [
    [1024 ** 4, "TiB"],
    [1024 ** 3, "GiB"],
    [1024 ** 2, "MiB"],
    [1024, "KiB"],
    [1, "bytes"],
  ],
  seconds: [
    [2 * DAY, "days", DAY],
    [2 * HOUR, "h", HOUR],
    [2 * MINUTE, "min", MINUTE],
    [1, "s"],
    [0.001, "ms"],
  ],
} as const;

/** A value as a person reads it, such as `95 %`, `1.5 GiB` or `3 min`. */
export function valueText(value: number, unit: Unit): string {
  // The share of what exceeds a free amount is negative below that.
  if (unit === "share") return `${rounded(Math.max(0, value) * 100)} %`;
  if (unit === "perSecond") return `${rounded(value)}/s`;
  if (unit === "count") return rounded(value);
  if (value === 0) return unit === "seconds" ? "0 s" : "0 bytes";
  const [name, size] = scaleOf(value, unit);
  return `${rounded(value / size)} ${name}`;
}

/** The unit in which a value is read, and its size. */
function scaleOf(value: number, unit: "bytes" | "seconds"): readonly [string, number] {
  const scale = SCALES[unit];
  const [from, name, size = from] =
    scale.find(([least]) => Math.abs(value) >= least) ?? scale[scale.length - 1] ?? scale[0];
  return [name, size];
}

/** Distance of the marks on an axis that ends at a value: about four, at round numbers of its unit. */
export function markDistance(most: number, unit: Unit): number {
  const size = unit === "bytes" || unit === "seconds" ? scaleOf(most, unit)[1] : 1;
  const rough = most / size / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((each) => each * power >= rough) ?? 10;
  const whole = unit === "count" || unit === "bytes";
  return (whole ? Math.max(1, factor * power) : factor * power) * size;
}

/** An objective's limits, such as `at most 80 %, critical above 90 %`. */
export function limitsText({
  good,
  unit,
  target,
  critical,
}: Pick<Objective, "good" | "unit" | "target" | "critical">): string {
  const [within, beyond] = good === "below" ? ["at most", "above"] : ["at least", "below"];
  const parts = [
    ...(target === undefined ? [] : [`${within} ${valueText(target, unit)}`]),
    ...(critical === undefined ? [] : [`critical ${beyond} ${valueText(critical, unit)}`]),
  ];
  return parts.join(", ") || "no limit";
}

/** Three digits, of which a whole part keeps all. */
function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString("en-GB");
}
