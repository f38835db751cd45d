import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { CatalogReader } from "../../components/database-layer/catalog";
import { readSchema } from "../../components/database-layer/catalog";
import { readRoles } from "../support/catalog-roles";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

const cli = spawnSync("pulumi", ["version"]).status === 0;
const withCli = cli ? describe : describe.skip;

/** Everything in which both engines must agree. */
async function catalogs(stack: StackCopy): Promise<string> {
  const read = (login: string) =>
    stack.withLogin(login, async (client) => {
      const reader: CatalogReader = client;
      return (await readRoles(reader)) + (await readSchema(reader));
    });
  return (await read("sark_admin")) + (await read("sark_audit_admin"));
}

withCli("the Pulumi CLI and the embedded engine (skipped without `pulumi` on the PATH)", () => {
  let stack: StackCopy;
  beforeAll(async () => {
    stack = await StackCopy.make();
  });
  afterAll(() => stack.remove());

  it("create the same roles, memberships, privileges, extensions and schema", async () => {
    await stack.mustRun("up", "--yes", "--engine", "embedded");
    const embedded = await catalogs(stack);
    await stack.mustRun("destroy", "--yes");

    await stack.mustRun("up", "--yes", "--engine", "pulumi");
    expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await catalogs(stack)).toBe(embedded);
  });

  it("plan the same resources, and print the same JSON document", async () => {
    const { stdout } = await stack.mustRun("preview", "--json");
    const plan = JSON.parse(stdout) as { engine: string; resources: { op: string }[] };
    expect(plan.engine).toBe("pulumi");
    expect(new Set(plan.resources.map(({ op }) => op))).toEqual(new Set(["same"]));
  });

  it("do not change the committed settings", () => {
    const settings = fs.readFileSync(path.join(stack.folder, "Pulumi.local.yaml"), "utf8");
    expect(settings).not.toContain("encryptionsalt");
  });

  it("refuse each other's stack, with the remedy", async () => {
    const { code, stderr, stdout } = await stack.run("up", "--yes", "--engine", "embedded");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("destroy");
  });

  it("leave nothing after destroy", async () => {
    await stack.mustRun("destroy", "--yes");
    expect(fs.existsSync(path.join(stack.folder, ".sark", "local"))).toBe(false);
  });
});
