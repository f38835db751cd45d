import { parameterFacts, renderValue } from "../parameters";
import type { MajorVersion } from "../parameters";
import type { ParameterValue, Unit } from "../known/parameter-facts";
import { MB, kB } from "./bytes";
import type { ParameterSet, TunedParameter } from "./tuning-input";

/** A size that is turned into the parameter's own unit. */
export interface Bytes {
  readonly bytes: number;
}

/** A value before it meets the server's facts. */
export type Figure = ParameterValue | Bytes;

/** Values by parameter name. */
export type Figures = Readonly<Record<string, Figure>>;

/** Checks every value against the major version's limits and renders it; sorted by name. */
export function toParameterSet(major: MajorVersion, figures: Figures): ParameterSet {
  return Object.entries(figures)
    .map(([name, figure]) => toParameter(major, name, figure))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toParameter(major: MajorVersion, name: string, figure: Figure): TunedParameter {
  const facts = parameterFacts(major, name);
  const value = typeof figure === "object" ? inUnit(facts.unit, figure.bytes) : figure;
  const setting = renderValue(major, name, value);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}

const sizes: Readonly<Partial<Record<Unit, number>>> = { B: 1, kB, "8kB": 8 * kB, MB };

function inUnit(unit: Unit | null, bytes: number): number {
  return Math.floor(bytes / (sizes[unit ?? "B"] ?? 1));
}
