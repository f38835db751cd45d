import { parameterFacts, renderValue } from "../parameters";
import type { MajorVersion } from "../parameters";
import type { ParameterValue, Unit } from "../known/parameter-facts";
import { base } from "../known/notation";
import type { ParameterSet, TunedParameter } from "./tuning-input";

/** Size in bytes, to be converted to the parameter's own unit. */
export interface Bytes {
  readonly bytes: number;
}

/** Value before it is checked against the server's limits. */
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
  const value =
    typeof figure === "object" ? Math.floor(figure.bytes / unitSize(facts.unit)) : figure;
  const setting = renderValue(major, name, value);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}

/** Bytes per unit of a size; 1 for any other unit. */
export function unitSize(unit: Unit | null): number {
  const [family, size] = base[unit ?? "B"];
  return family === "memory" ? size : 1;
}
