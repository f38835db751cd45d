import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { Result } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { RegistrationResponse } from "./registration-responses";
import type { Deployment } from "./deployment";
import { readRegistration, type ProjectNames } from "./registration";
import { toWireObject, type WireObject } from "../wire";

type Callback = (error: unknown, response?: unknown) => void;

/** The substitute for the result of a look-up that was not made. */
interface Placeholder {
  readonly result: Readonly<Record<string, unknown>>;
  /** A sentence on what could not be checked; the same for look-ups of one kind. */
  readonly unchecked: string;
}

/** Returns a placeholder for a look-up of a plan; undefined leaves the result unknown. */
export type Lookup = (
  token: string,
  inputs: Readonly<Record<string, unknown>>,
) => Placeholder | undefined;

/**
 * Takes the place of Pulumi's engine for the SDK. The SDK sends a registration once all its dependencies have their
 * responses. So a resource can be created before the response, and steps run in the program's order. The responses are
 * plain objects with the getters that the SDK calls.
 */
export class Monitor extends MockMonitor {
  /** Look-ups that were not made, one sentence each. */
  readonly unchecked: string[] = [];
  /** Errors that the program logged. They fail the run, as with Pulumi. */
  readonly errors: string[] = [];

  constructor(
    private readonly names: ProjectNames,
    private readonly deployment: Deployment,
    private readonly lookup: Lookup,
  ) {
    const refuse = (): never => {
      throw new Error("the embedded engine cannot read resources of another stack or program");
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
      placeholder?.unchecked ?? `The look-up ${token} was not made; its result is unknown.`,
    );
    callback(null, {
      getFailuresList: () => [],
      getReturn: () => struct(toWireObject(placeholder?.result ?? {})),
      getUnknown: () => placeholder === undefined,
    });
    return Promise.resolve();
  }
}

function resourceResponse({ urn, id, outputs, failed }: RegistrationResponse): unknown {
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
