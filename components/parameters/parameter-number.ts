import { unitSize } from "./formulas/parameter-set";
import type { TunedParameter } from "./formulas/tune";

/**
 * A numeric parameter of a server; sizes in bytes.
 * @param otherwise default of the server or operator when the set lacks the parameter
 */
export function parameterNumber(
  parameters: readonly TunedParameter[],
  name: string,
  otherwise: number,
): number {
  const found = parameters.find((each) => each.name === name);
  if (typeof found?.value !== "number") return otherwise;
  // -1 has a special meaning, such as "same as another parameter" or "unlimited".
  return found.value < 0 ? found.value : found.value * unitSize(found.unit);
}
