import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { printable } from "../../text/printable";

/** An object of a custom kind, as `@kubernetes-models/*` make them, or plain where there is no model of it. */
export interface CustomObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string | undefined } | undefined;
  readonly spec?: unknown;
  /** @throws Error naming the field that its definition refuses */
  validate?(): void;
  toJSON?(): unknown;
}

/**
 * Registers an object of a custom kind, checked against the definition of its kind before anything is created.
 * Its fields are plain values, never outputs: what is not known in a preview could not be checked there.
 * @throws Error naming the object and the field
 */
export function customResource(
  name: string,
  object: CustomObject,
  opts: pulumi.CustomResourceOptions,
): kubernetes.apiextensions.CustomResource {
  const { apiVersion, kind } = object;
  try {
    object.validate?.();
  } catch (cause) {
    const reason = printable(cause instanceof Error ? cause.message : String(cause));
    throw new Error(`${kind} ${object.metadata?.name ?? name}: ${reason}`, { cause });
  }
  const fields = (object.toJSON?.() ?? object) as kubernetes.apiextensions.CustomResourceArgs;
  return new kubernetes.apiextensions.CustomResource(name, { ...fields, apiVersion, kind }, opts);
}
