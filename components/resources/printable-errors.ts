/*
 * The Pulumi CLI prints the errors of a program and of its dynamic resources as they are, and nothing of this project
 * stands in between. So each error leaves with a message that is fit to print.
 */
import type * as pulumi from "@pulumi/pulumi";
import { printable, printableLines } from "../text/printable";

type Provider = pulumi.dynamic.ResourceProvider;
type Method = (...args: unknown[]) => unknown;

/** Does some work whose error is to be printed by somebody else. */
export async function withPrintableErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) makePrintable(error);
    throw error;
  }
}

/** The same object: its class, its mark and what else it carries are looked at later. */
function makePrintable(error: Error): void {
  const message = printableLines(error.message);
  const stack = error.stack === undefined ? undefined : printableLines(error.stack);
  if (message !== error.message) error.message = message;
  if (stack !== undefined && stack !== error.stack) error.stack = stack;
}

/** The same provider for the same code. */
const PROVIDERS = new WeakMap<Provider, Provider>();

/** A provider that does the same, and whose errors and failed checks are fit to print. */
export function printableProvider(provider: Provider): Provider {
  const made = PROVIDERS.get(provider);
  if (made !== undefined) return made;
  const wrapped: Provider = new Proxy(provider, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (!isMethod(method)) return method;
      const call: Method = (...args) =>
        withPrintableErrors(async () => {
          const answer: unknown = await method.apply(target, args);
          return name === "check"
            ? withPrintableFailures(answer as pulumi.dynamic.CheckResult)
            : answer;
        });
      return call;
    },
  });
  PROVIDERS.set(provider, wrapped);
  return wrapped;
}

function withPrintableFailures(result: pulumi.dynamic.CheckResult): pulumi.dynamic.CheckResult {
  if (result.failures === undefined) return result;
  const failures = result.failures.map(({ property, reason }) => ({
    property: printable(property),
    reason: printableLines(reason),
  }));
  return { ...result, failures };
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}
