import { parameterFacts, renderValue } from "../parameters";
import type { MajorVersion } from "../parameters";
import type { ParameterValue, Unit } from "../known/parameter-facts";
import { baseUnits } from "../known/notation";
import type { ParameterSet, TunedParameter } from "./tuning-input";

/** Size in bytes, to be converted to the parameter's own unit. */
export interface ByteSize {
  readonly bytes: number;
}

/** Value before it is checked against the server's limits. */
export type UncheckedValue = ParameterValue | ByteSize;

/** Values by parameter name. */
export type UncheckedValues = Readonly<Record<string, UncheckedValue>>;

/** Checks every value against the major version's limits and renders it; sorted by name. */
export function toParameterSet(major: MajorVersion, figures: UncheckedValues): ParameterSet {
  return Object.entries(figures)
    .map(([name, figure]) => toParameter(major, name, figure))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toParameter(major: MajorVersion, name: string, figure: UncheckedValue): TunedParameter {
  const facts = parameterFacts(major, name);
  const value =
    typeof figure === "object" ? Math.floor(figure.bytes / unitSize(facts.unit)) : figure;
  const setting = renderValue(major, name, value);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}

/** Bytes per unit of a size; 1 for any other unit. */
export function unitSize(unit: Unit | null): number {
  const [family, size] = baseUnits[unit ?? "B"];
  return family === "memory" ? size : 1;
}
