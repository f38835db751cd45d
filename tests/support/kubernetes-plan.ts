import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { type Registration, readRegistration } from "../../engine/embedded/registration";
import { shortName } from "../../engine/names";
import { type ProviderOutputs, registeredBy } from "./registered";

/** The resources that a component registers, with their options; nothing is created. */
export async function plannedBy(
  build: () => unknown,
  answer?: ProviderOutputs,
): Promise<readonly Registration[]> {
  const asked = jest.spyOn(MockMonitor.prototype, "registerResource");
  try {
    await registeredBy(build, answer);
    return asked.mock.calls.map(([request]) =>
      readRegistration(
        { project: "sark-databases", stack: "test" },
        request as RegisterResourceRequest,
      ),
    );
  } finally {
    asked.mockRestore();
  }
}

/** Names of the resources that a resource depends on, itself or through its parents. */
export function waitsFor(planned: readonly Registration[], name: string): ReadonlySet<string> {
  const found = planned.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  const own = [...found.dependencies, found.provider.split("::").slice(0, -1).join("::")];
  const inherited = found.parent === "" ? [] : waitsFor(planned, shortName(found.parent));
  return new Set([...own.filter((urn) => urn !== "").map(shortName), ...inherited]);
}
