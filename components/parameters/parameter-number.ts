import { unitSize } from "./formulas/rendered";
import type { TunedParameter } from "./formulas/tune";

/**
 * A number among a server's parameters; sizes in bytes.
 * @param otherwise what the server or the operator takes where the set does not have it
 */
export function parameterNumber(
  parameters: readonly TunedParameter[],
  name: string,
  otherwise: number,
): number {
  const found = parameters.find((each) => each.name === name);
  if (typeof found?.value !== "number") return otherwise;
  // -1 is a word of its own: as large as another one, or without a limit.
  return found.value < 0 ? found.value : found.value * unitSize(found.unit);
}
