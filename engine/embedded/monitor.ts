import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { Result } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { Answer } from "./answers";
import type { Deployment } from "./deployment";
import { readRegistration, type Names } from "./registration";
import { toWireObject, type WireObject } from "../wire";

type Callback = (error: unknown, response?: unknown) => void;

/** What stands for the answer to a look-up that was not made. */
interface Placeholder {
  readonly result: Readonly<Record<string, unknown>>;
  /** What could not be checked for that, a sentence; the same for look-ups of one kind. */
  readonly unchecked: string;
}

/** Answers a look-up of a plan with a placeholder, or leaves it unknown. */
export type Lookup = (
  token: string,
  inputs: Readonly<Record<string, unknown>>,
) => Placeholder | undefined;

/**
 * Stands where the SDK expects Pulumi's engine. The SDK sends a registration when everything that it depends on has
 * been answered, so a resource can be made before its own answer, and the program's order is the order of work.
 * The answers are plain objects with the getters that the SDK calls.
 */
export class Monitor extends MockMonitor {
  /** Look-ups that were not made, a sentence each. */
  readonly unchecked: string[] = [];
  /** What the program logged as an error: it fails the run, as with the real engine. */
  readonly errors: string[] = [];

  constructor(
    private readonly names: Names,
    private readonly deployment: Deployment,
    private readonly lookup: Lookup,
  ) {
    const refuse = (): never => {
      throw new Error("the embedded engine reads no resource of another stack or program");
    };
    super({ call: refuse, newResource: refuse });
  }

  override async registerResource(
    request: RegisterResourceRequest,
    callback: Callback,
  ): Promise<void> {
    try {
      const registration = readRegistration(this.names, request);
      callback(null, resourceResponse(await this.deployment.register(registration)));
    } catch (error) {
      callback(error);
    }
  }

  override registerResourceOutputs(
    request: RegisterResourceOutputsRequest,
    callback: Callback,
  ): void {
    const outputs = toWireObject(request.getOutputs()?.toJavaScript() ?? {});
    this.deployment.registerOutputs(request.getUrn(), outputs);
    callback(null, {});
  }

  override invoke(request: ResourceInvokeRequest, callback: Callback): Promise<void> {
    const token = request.getTok();
    const placeholder = this.lookup(token, request.getArgs()?.toJavaScript() ?? {});
    this.unchecked.push(
      placeholder?.unchecked ??
        `The look-up ${token} was not made; what it would answer is unknown.`,
    );
    callback(null, {
      getFailuresList: () => [],
      getReturn: () => struct(toWireObject(placeholder?.result ?? {})),
      getUnknown: () => placeholder === undefined,
    });
    return Promise.resolve();
  }
}

function resourceResponse({ urn, id, outputs, failed }: Answer): unknown {
  return {
    getUrn: () => urn,
    getId: () => id,
    getObject: () => struct(outputs),
    getPropertydependenciesMap: () => undefined,
    getResult: () => (failed ? Result.FAIL : Result.SUCCESS),
    getUnknown: () => false,
  };
}

function struct(value: WireObject): { toJavaScript: () => WireObject } {
  return { toJavaScript: () => value };
}
