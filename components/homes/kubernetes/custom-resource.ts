import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { printable } from "../../text/printable";

/** A custom resource, as built by `@kubernetes-models/*`, or a plain object without a model. */
export interface CustomObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string | undefined } | undefined;
  readonly spec?: unknown;
  /** @throws Error naming the field that the schema rejects */
  validate?(): void;
  toJSON?(): unknown;
}

/**
 * Registers a custom resource, validated against its schema before anything is created. Its fields are plain values,
 * never outputs: values unknown in a preview could not be validated.
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
