import { chooseEngine, type EngineRequest, type EngineContext } from "../../engine/choose-engine";
import { UserError } from "../../engine/engine";
import type { CliSearch } from "../../engine/pulumi/find-cli";

const FOUND: CliSearch = { command: "/bin/pulumi", version: "3.200.0", where: "on the PATH" };
const NONE: CliSearch = { command: undefined, reason: "no Pulumi CLI found" };

interface World {
  readonly cli?: CliSearch;
  /** The CLI found after a download; undefined if the download fails. */
  readonly fetched?: CliSearch;
  readonly remembered?: string;
  readonly madeBy?: readonly string[];
  readonly orphans?: boolean;
}

async function choose(request: Partial<EngineRequest> & { readonly stack?: string }, world: World) {
  const calls: string[] = [];
  let cli = world.cli ?? NONE;
  const surroundings: EngineContext = {
    find: () => Promise.resolve(cli),
    fetch: () => {
      calls.push("fetch");
      if (world.fetched === undefined) return Promise.resolve("the download failed");
      cli = world.fetched;
      return Promise.resolve(undefined);
    },
    rememberedFailure: () => world.remembered,
    createdBy: (engine) => (world.madeBy ?? []).includes(engine),
    hasOrphanedServers: () => world.orphans ?? false,
  };
  const choice = await chooseEngine(
    {
      ref: { root: "/project", stack: request.stack ?? "local" },
      command: request.command ?? "up",
      requested: request.requested,
    },
    surroundings,
  );
  return { ...choice, calls };
}

describe("the engine", () => {
  it("is the CLI if one is found", async () => {
    const choice = await choose({}, { cli: FOUND });
    expect(choice).toMatchObject({ engine: "pulumi", command: "/bin/pulumi", why: "on the PATH" });
  });

  it("is the embedded one for the stack local without a CLI, and nothing is downloaded", async () => {
    const choice = await choose({}, {});
    expect(choice).toEqual({ engine: "embedded", why: "no Pulumi CLI found", calls: [] });
  });

  it("is the embedded one for servers whose state is lost, since the CLI cannot adopt them", async () => {
    const choice = await choose({}, { cli: FOUND, orphans: true });
    expect(choice).toMatchObject({
      engine: "embedded",
      why: "the state of the local servers is lost",
    });
  });

  it("is the CLI for servers in the CLI's state", async () => {
    const choice = await choose({}, { cli: FOUND, orphans: true, madeBy: ["pulumi"] });
    expect(choice).toMatchObject({ engine: "pulumi" });
  });

  it("stays the embedded one for a stack that it created", async () => {
    const choice = await choose({}, { cli: FOUND, madeBy: ["embedded"] });
    expect(choice).toMatchObject({ engine: "embedded", why: "it created stack local" });
  });

  it("is the CLI for a stack that the CLI created, and is downloaded if it is missing", async () => {
    const choice = await choose({ command: "status" }, { madeBy: ["pulumi"], fetched: FOUND });
    expect(choice).toMatchObject({ engine: "pulumi", calls: ["fetch"] });
  });

  it("is never the embedded one for a stack of the CLI, even if the CLI is missing", async () => {
    const choice = choose({}, { madeBy: ["pulumi"] });
    await expect(choice).rejects.toThrow(UserError);
    await expect(choice).rejects.toThrow(/was created by the Pulumi CLI.*the download failed/);
  });

  it("is downloaded only to apply a stack other than local", async () => {
    expect(await choose({ stack: "dev" }, { fetched: FOUND })).toMatchObject({
      engine: "pulumi",
      calls: ["fetch"],
    });
    for (const command of ["preview", "drift", "status", "secret", "query", "load"]) {
      expect(await choose({ stack: "dev", command }, { fetched: FOUND })).toMatchObject({
        engine: "embedded",
        calls: [],
      });
    }
  });

  it("is not downloaded again within a day of a failure", async () => {
    const choice = await choose({ stack: "dev" }, { remembered: "it failed this morning" });
    expect(choice).toMatchObject({ engine: "embedded", calls: [] });
    expect(choice.why).toContain("it failed this morning");
  });

  it("is the one named by --engine", async () => {
    expect(await choose({ requested: "embedded" }, { cli: FOUND })).toMatchObject({
      engine: "embedded",
      why: "--engine",
    });
    expect(await choose({ requested: "pulumi" }, { fetched: FOUND })).toMatchObject({
      engine: "pulumi",
    });
  });

  it("named by --engine is refused if it is missing, with how to install it", async () => {
    const choice = choose({ requested: "pulumi" }, { remembered: "earlier" });
    await expect(choice).rejects.toThrow(/--engine pulumi needs the Pulumi CLI.*Install it/);
  });

  it.each(["up", "destroy", "status", "secret"] as const)(
    "that did not create the stack is refused for %s, with a remedy",
    async (command) => {
      const choice = choose({ command, requested: "pulumi" }, { cli: FOUND, madeBy: ["embedded"] });
      await expect(choice).rejects.toThrow(
        /created by the embedded engine.*npm run destroy -- --stack local --engine embedded/,
      );
    },
  );

  it("that did not create the stack may preview it", async () => {
    const choice = await choose(
      { command: "preview", requested: "embedded" },
      { madeBy: ["pulumi"] },
    );
    expect(choice.engine).toBe("embedded");
  });

  it("must be named if both engines have resources", async () => {
    const world = { cli: FOUND, madeBy: ["embedded", "pulumi"] };
    await expect(choose({}, world)).rejects.toThrow(/Both engines.*--engine/);
    expect(await choose({ requested: "embedded" }, world)).toMatchObject({ engine: "embedded" });
  });
});
