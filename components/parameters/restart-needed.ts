import { majorVersions, parameterFacts } from "./parameters";

/** Whether a change of a parameter needs a restart, by the facts of the newest server that knows it. */
export function restartNeeded(parameter: string): boolean {
  for (const major of [...majorVersions].reverse()) {
    try {
      return parameterFacts(major, parameter).restart;
    } catch {
      // A parameter of an older server.
    }
  }
  return true;
}
