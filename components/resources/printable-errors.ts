/*
 * Makes error messages printable. The Pulumi CLI prints errors of a program and its dynamic resources unchanged, so
 * hidden characters are escaped before.
 */
import type * as pulumi from "@pulumi/pulumi";
import { printable, printableLines } from "../text/printable";

type Provider = pulumi.dynamic.ResourceProvider;
type Method = (...args: unknown[]) => unknown;

/** Runs work and escapes hidden characters in its error. */
export async function withPrintableErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) makePrintable(error);
    throw error;
  }
}

/** Changes the same object: callers check its class and other properties. */
function makePrintable(error: Error): void {
  const message = printableLines(error.message);
  const stack = error.stack === undefined ? undefined : printableLines(error.stack);
  if (message !== error.message) error.message = message;
  if (stack !== undefined && stack !== error.stack) error.stack = stack;
}

/** Wrapped providers, so that each is wrapped only once. */
const PROVIDERS = new WeakMap<Provider, Provider>();

/** Wraps a provider so that its errors and check failures are printable. */
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
