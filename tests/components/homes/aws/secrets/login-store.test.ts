import * as pulumi from "@pulumi/pulumi";
import { storeLogins } from "../../../../../components/homes/aws/secrets/login-store";
import type { ConnectionPool } from "../../../../../components/pool/connection-pool";
import type { StackSettings } from "../../../../support/parse-settings";
import type { Registration } from "../../../../../engine/embedded/registration";
import { shortName } from "../../../../../engine/names";
import { type Wire, isSecret, unwrap } from "../../../../../engine/wire";
import { layerOf } from "../../../../support/kubernetes-layer";
import { plannedBy } from "../../../../support/kubernetes-plan";
import type { ProviderOutputs } from "../../../../support/registered";
import {
  amazonPlatform,
  amazonStack,
  named,
  ofType,
  statementsOf,
} from "../monitoring/monitoring-stack";

const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

const pool: ConnectionPool = {
  host: pulumi.output("pgbouncer.sark-databases.svc"),
  port: pulumi.output(6432),
  running: pulumi.output(true),
  statsLogin: { user: "stats", password: pulumi.secret("stats") },
  entries: [],
};

const answer: ProviderOutputs = ({ type, name }) =>
  type.startsWith("aws:") ? { arn: `arn of ${name}` } : {};

function stored(
  settings: StackSettings,
  behind?: ConnectionPool,
): Promise<readonly Registration[]> {
  return plannedBy(() => {
    const platform = amazonPlatform(settings);
    const databases = [layerOf(settings, "sark"), layerOf(settings, "sark_audit")];
    return storeLogins("login-store", { platform, databases, pool: behind });
  }, answer);
}

const inputsOf = (planned: readonly Registration[], name: string) =>
  unwrap(named(planned, name).inputs) as Readonly<Record<string, unknown>>;
const loginOf = (planned: readonly Registration[], purpose: string): unknown =>
  JSON.parse(String(inputsOf(planned, `login-store-sark-${purpose}-version`)["secretString"]));

let planned: readonly Registration[];
beforeAll(async () => {
  planned = await stored(amazonStack(), pool);
});

it("the login store stores logins of databases on RDS only", () => {
  const names = Object.values(ofType(planned, SECRET)).map(({ inputs }) => inputs["name"]);
  expect(names).toEqual(["sark-test/sark/app", "sark-test/sark/readonly"]);
});

it("a stored login has everything to connect through the pool, in AWS's format", () => {
  expect(loginOf(planned, "app")).toEqual({
    engine: "postgres",
    host: "pgbouncer.sark-databases.svc",
    port: 6432,
    dbname: "sark",
    username: "sark_app_a",
    password: "secret-sark-sark_app_a-password",
  });
  expect(loginOf(planned, "readonly")).toMatchObject({ username: "sark_readonly_a" });
});

it("a stored login names the server when there is no pool", async () => {
  const direct = await stored(amazonStack());
  expect(loginOf(direct, "app")).toMatchObject({ host: "sark-rw.sark-databases.svc", port: 5432 });
});

it("a rotation stores the other login, and keeps the previous version", async () => {
  const rotated = await stored(amazonStack({}, { rotation: 2 }), pool);
  expect(loginOf(rotated, "app")).toMatchObject({
    username: "sark_app_b",
    password: "secret-sark-sark_app_b-password",
  });
  const version = named(rotated, "login-store-sark-app-version");
  expect(version).toMatchObject({ retainOnDelete: true, deleteBeforeReplace: undefined });
  // Clients read only the default stage.
  expect(version.inputs).not.toHaveProperty("versionStages");
});

it("a secret version is created after its login", () => {
  for (const { dependencies } of Object.values(ofType(planned, VERSION))) {
    expect(dependencies.map(shortName)).toContain("sark-sark_app_a");
  }
});

it("the login store has no password in plain inputs", () => {
  const versions = Object.values(ofType(planned, VERSION));
  expect(versions).toHaveLength(2);
  for (const { inputs } of versions) expect(isSecret(inputs["secretString"])).toBe(true);
  const open = (each: Registration) =>
    JSON.stringify(each.inputs, (_, value: Wire) => (isSecret(value) ? "hidden" : value));
  const made = planned.filter(({ type }) => type.startsWith("aws:"));
  const leaks = made.filter((each) => open(each).includes("secret-sark-"));
  // The searched text does occur within secret values.
  expect(JSON.stringify(versions.map(({ inputs }) => inputs))).toContain("secret-sark-");
  expect(leaks.map(({ name }) => name)).toEqual([]);
});

it("each secret is encrypted with the stack's key, and restorable for 30 days after deletion", () => {
  for (const { inputs } of Object.values(ofType(planned, SECRET))) {
    expect(inputs).toMatchObject({
      kmsKeyId: "arn of login-store-key",
      recoveryWindowInDays: 30,
    });
    expect(inputs["description"]).toMatch(/rotation/);
  }
  expect(inputsOf(planned, "login-store-key")).toMatchObject({
    enableKeyRotation: true,
    deletionWindowInDays: 30,
  });
});

it("each secret's policy denies other accounts", () => {
  for (const purpose of ["app", "readonly"]) {
    const policy = inputsOf(planned, `login-store-sark-${purpose}-policy`);
    expect(policy).toMatchObject({
      blockPublicPolicy: true,
      secretArn: `arn of login-store-sark-${purpose}`,
    });
    expect(statementsOf(policy["policy"])).toEqual([
      {
        Sid: "NobodyOfAnotherAccount",
        Effect: "Deny",
        Principal: "*",
        Action: "secretsmanager:*",
        Resource: "*",
        Condition: { StringNotEquals: { "aws:PrincipalAccount": "111122223333" } },
      },
    ]);
  }
});

it("secrets and their key are protected with protection", async () => {
  const guarded = await stored({ ...amazonStack(), protection: true }, pool);
  const kept = (made: readonly Registration[]) =>
    ["login-store-key", "login-store-sark-app", "login-store-sark-readonly"].map(
      (name) => named(made, name).protect,
    );
  expect(kept(guarded)).toEqual([true, true, true]);
  expect(kept(planned)).toEqual([false, false, false]);
  expect(named(guarded, "login-store-key").retainOnDelete).toBe(true);
});
