import type { ProblemReason } from "../../text/problem";
import type { ParameterValue } from "../known/parameter-facts";
import { logParameters } from "./log-parameters";
import { memoryParameters } from "./memory-parameters";
import type { OverrideLimit, ParameterEntry } from "./parameter-entry";
import { sessionParameters } from "./session-parameters";
import { walParameters } from "./wal-parameters";
import { workerParameters } from "./worker-parameters";

/** Every tuned parameter, in docs/tuning.md's order. */
export const tunedParameters: readonly ParameterEntry[] = [
  ...memoryParameters,
  ...walParameters,
  ...workerParameters,
  ...sessionParameters,
  ...logParameters,
];

/** Collects a fact from all tuned parameters that have it, by parameter name. */
export function collectTunedFacts<T>(
  fact: (entry: ParameterEntry, name: string) => T | undefined,
): ReadonlyMap<string, T> {
  return new Map(
    tunedParameters.flatMap((entry) =>
      Object.keys(entry.set).flatMap((name): [string, T][] => {
        const found = fact(entry, name);
        return found === undefined ? [] : [[name, found]];
      }),
    ),
  );
}

/** Why a home rejects a value; undefined when it is allowed. */
export function overrideRefusal(
  limit: OverrideLimit | undefined,
  value: ParameterValue,
): ProblemReason | undefined {
  if (limit === undefined || limit.accepts(value)) return undefined;
  return { allowed: limit.allowed, why: limit.why };
}
