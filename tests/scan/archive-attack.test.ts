import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type TerraformResource, terraformResources } from "../../scan/terraform";
import { installTools } from "../../scan/tools";
import { attacksOn, usualCalls } from "../support/archive-attacks";
import {
  type Change,
  WEAKNESSES,
  inComplianceMode,
  unguarded,
} from "../support/archive-weaknesses";
import { type CloudAfter, AttackedArchive, callsInClouds } from "../support/attacked-archive";
import { scannersAreHere } from "../support/installed-scanners";
import { AWS_VARIANTS, plannedStack } from "../support/planned-objects";

/** Installing moto takes a minute or two, once. */
jest.setTimeout(900_000);

(scannersAreHere() ? describe : describe.skip)(
  "an attacker with a role that writes backups",
  () => {
    let resources: readonly TerraformResource[];
    let archive: AttackedArchive;
    const clouds: CloudAfter[] = [];

    /** Attacks that the policies allow, or whose defence is not as listed. */
    const found = (changes: Change, role: number) => {
      const attacked = new AttackedArchive(changes(resources));
      const writer = attacked.writers[role];
      if (!writer) throw new Error(`no writer ${role}`);
      return attacksOn(writer)
        .filter(
          (attack) =>
            attacked.allows(writer, attack) || attacked.denying(writer, attack) !== attack.deniedBy,
        )
        .map(({ name }) => name);
    };

    beforeAll(async () => {
      const plan = AWS_VARIANTS["the stack prod"];
      if (!plan) throw new Error("no stack prod");
      resources = terraformResources(await plannedStack(plan));
      archive = new AttackedArchive(resources);
      const [writer] = archive.writers;
      if (!writer) throw new Error("no writer");
      // Of the attacks, the simulated cloud does these as S3 does: it does not refuse to shorten a lock, for one.
      const destructive = attacksOn(writer).filter(
        ({ operation, parameters: { Bucket, Key } }) =>
          operation === "DeleteObject" &&
          Bucket === writer.bucket &&
          String(Key).startsWith(writer.own),
      );
      const usual = usualCalls(writer, true);
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-attack-"));
      try {
        const root = path.resolve(__dirname, "..", "..");
        const calls = [...usual, ...destructive];
        clouds.push(
          ...callsInClouds(
            [
              { resources, calls: calls.filter((call) => archive.allows(writer, call)) },
              { resources: unguarded(resources), calls },
              { resources: inComplianceMode(unguarded(resources)), calls },
            ],
            installTools(root, () => undefined),
            folder,
          ),
        );
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });

    it("finds the roles of the stack prod", () => {
      expect(
        archive.writers.map(({ role, own, other, reads }) => [role, own, other, reads]),
      ).toEqual([
        ["sark-prod-archive-sark-audit", "sark-audit", "dumps/sark", true],
        ["sark-prod-archive-sark-dump", "dumps/sark", "sark-audit", false],
      ]);
    });

    it("may make the calls that backups need", () => {
      for (const writer of archive.writers) {
        const denied = usualCalls(writer, writer.reads).filter(
          (call) => !archive.allows(writer, call),
        );
        expect(denied).toEqual([]);
      }
    });

    it("may make no other call: each is denied by the policies that are listed with it", () => {
      expect(found((each) => each, 0)).toEqual([]);
      // The dump job's role reads nothing, not even its own folder.
      expect(found((each) => each, 1)).toEqual([]);
    });

    it.each(WEAKNESSES)("is noticed when %s", (_, change, names) => {
      expect(found(change, 0)).toEqual(expect.arrayContaining([...names]));
    });

    it("overwrites an object, and its first version stays, locked and encrypted", () => {
      const [{ answers, versions } = NOTHING] = clouds;
      expect(answers.filter((each) => each !== "")).toEqual([]);
      const kept = { encryption: "aws:kms", mode: "GOVERNANCE", lockedDays: 32 };
      expect(versions["sark-databases-prod"]).toMatchObject([
        { body: "ransom", ...kept },
        { body: "backup", ...kept },
      ]);
    });

    it("loses no version to delete markers or overwriting even without any policy", () => {
      const [, , { versions } = NOTHING] = clouds;
      const kept = versions["sark-databases-prod"] ?? [];
      expect(kept.map(({ body }) => body)).toContain("backup");
      expect(kept.map(({ marker }) => marker)).toContain(true);
    });

    it("could delete locked versions without any policy, unless locks are of mode compliance", () => {
      const bodies = clouds.map(({ versions }) =>
        (versions["sark-databases-prod"] ?? []).some(({ body }) => body === "backup"),
      );
      expect(bodies).toEqual([true, false, true]);
    });
  },
);

const NOTHING: CloudAfter = { answers: [], versions: {} };
