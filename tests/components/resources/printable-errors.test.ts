import type * as pulumi from "@pulumi/pulumi";
import {
  printableProvider,
  withPrintableErrors,
} from "../../../components/resources/printable-errors";
import { apiError } from "../../../components/route/api-error";
import { RouteError } from "../../../components/route/route-error";
import { errorResponse } from "../../../components/route/server-messages";
import { HOSTILE, hiddenIn } from "../../support/hostile";

const ALL = Object.values(HOSTILE).join("a");
const ACTION = { description: "read the pods", verb: "list", resource: "pods" };

class OwnError extends Error {
  override readonly name = "OwnError";
  readonly code = "42";
}

/** A provider with hidden characters in its errors and check failures. */
class Failing implements pulumi.dynamic.ResourceProvider {
  readonly #words = ALL;

  check(_olds: unknown, news: unknown) {
    return Promise.resolve({ inputs: news, failures: [{ property: ALL, reason: this.#words }] });
  }

  create(): Promise<pulumi.dynamic.CreateResult> {
    return Promise.reject(new OwnError(`be${this.#words}fore\nand`));
  }
}

const failed = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

it("withPrintableErrors escapes hidden characters in message and stack of the same error", async () => {
  const own = new OwnError(`be${ALL}fore\nand`);
  const error = await failed(() =>
    withPrintableErrors(() => {
      throw own;
    }),
  );
  expect(error).toBe(own);
  expect(hiddenIn(own.message + (own.stack ?? ""))).toEqual([]);
  expect(own.message).toMatch(/^be.*202e.*fore\nand$/);
  expect(own).toMatchObject({ code: "42", name: "OwnError" });
});

it("printableProvider escapes errors and failed checks, and adds no methods", async () => {
  const provider = printableProvider(new Failing());
  const error = (await failed(() => provider.create({}))) as Error;
  expect(error).toBeInstanceOf(OwnError);
  expect(hiddenIn(error.message)).toEqual([]);
  const { failures = [] } = (await provider.check?.({}, {})) ?? {};
  expect(hiddenIn(failures.map(({ property, reason }) => property + reason).join(""))).toEqual([]);
  expect(failures).toHaveLength(1);
  expect(provider.update).toBeUndefined();
});

it.each([
  ["the Kubernetes API", apiError("api", ACTION, { code: 500, body: { message: ALL } }).message],
  ["a proxy", apiError("api", ACTION, { code: 502, body: `<p>${ALL}` }).message],
  ["RouteError", new RouteError(ALL, false).message],
])("error of %s is on one line without hidden characters", (_who, message) => {
  expect(hiddenIn(message)).toEqual([]);
  expect(message).toContain("202e");
});

it("errorResponse puts an error into one field that no NUL ends early", () => {
  const fields = errorResponse(`be${ALL}fore\n`).subarray(5).toString().split("\0");
  expect(fields).toHaveLength(6);
  expect(hiddenIn(fields.join(""))).toEqual([]);
  expect(fields[3]).toMatch(/^Mbe.*202e.*fore\\n$/);
});
