import { majorVersions, parameterFacts } from "./parameters";

/** Whether changing a parameter needs a restart, by the facts of the newest major version that has it. */
export function restartNeeded(parameter: string): boolean {
  for (const major of [...majorVersions].reverse()) {
    try {
      return parameterFacts(major, parameter).restart;
    } catch {
      // This major version does not have the parameter.
    }
  }
  return true;
}
