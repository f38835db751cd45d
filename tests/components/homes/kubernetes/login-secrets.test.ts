import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../../../components/pool/connection-pool";
import { LoginSecrets } from "../../../../components/homes/kubernetes/login-secrets";
import { platformOf } from "../../../support/built-cluster";
import { unwrapSecret } from "../../../support/job-pod";
import { layerOf } from "../../../support/kubernetes-layer";
import { kubernetesStack, objectOf, registeredBy } from "../../../support/registered";

const pool: ConnectionPool = {
  host: pulumi.output("pgbouncer.sark-databases.svc"),
  port: pulumi.output(6432),
  running: pulumi.output(true),
  statsLogin: { user: "stats", password: pulumi.secret("stats") },
  entries: [],
};

const secretsOf = (changes: object, behind: ConnectionPool | undefined, namespace?: string) =>
  registeredBy(() => {
    const settings = kubernetesStack(changes as Record<string, unknown>);
    const platform = platformOf(settings);
    const databases = [layerOf(settings, "sark"), layerOf(settings, "sark_audit")];
    const where = namespace === undefined ? {} : { namespace };
    return new LoginSecrets("logins", { platform, databases, pool: behind, ...where });
  });
const named = (registered: Awaited<ReturnType<typeof secretsOf>>) =>
  registered
    .filter(({ type }) => type === "kubernetes:core/v1:Secret")
    .map(({ inputs }) => (inputs["metadata"] as { name: string }).name)
    .sort();

it("LoginSecrets gives each application login all connection data", async () => {
  const registered = await secretsOf({}, pool);
  expect(named(registered)).toEqual([
    "sark-app",
    "sark-audit-app",
    "sark-audit-readonly",
    "sark-readonly",
  ]);
  const secret = objectOf(registered, "Secret", "sark-audit-app");
  expect(secret).toMatchObject({ type: "Opaque", metadata: { namespace: "sark-databases" } });
  expect(unwrapSecret(secret["stringData"])).toEqual({
    username: "sark_audit_app_a",
    password: "secret-sark_audit-sark_audit_app_a-password",
    host: "pgbouncer.sark-databases.svc",
    port: "6432",
    dbname: "sark_audit",
  });
});

it("LoginSecrets marks its data as secret", async () => {
  const registered = await secretsOf({}, pool);
  // Pulumi's marker of a secret in the state.
  expect(objectOf(registered, "Secret", "sark-app")["stringData"]).toMatchObject({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  });
});

it("LoginSecrets switches login after a rotation, and keeps its name after a recovery", async () => {
  const changes = {
    rotation: 2,
    sark: { home: "kubernetes", instances: 1, recovery: { generation: 3 } },
  };
  const registered = await secretsOf(changes, pool);
  expect(unwrapSecret(objectOf(registered, "Secret", "sark-app")["stringData"])).toMatchObject({
    username: "sark_app_b",
    dbname: "sark",
  });
});

it("LoginSecrets points to the servers without a pool", async () => {
  const registered = await secretsOf({ pool: { enabled: false } }, undefined);
  expect(unwrapSecret(objectOf(registered, "Secret", "sark-readonly")["stringData"])).toMatchObject(
    {
      username: "sark_readonly_a",
      host: "sark-rw.sark-databases.svc",
      port: "5432",
    },
  );
});

it("LoginSecrets skips databases elsewhere, and uses the given namespace", async () => {
  const registered = await secretsOf(
    { sark: { home: "local" }, pool: { enabled: false } },
    pool,
    "sark",
  );
  expect(named(registered)).toEqual(["sark-audit-app", "sark-audit-readonly"]);
  expect(objectOf(registered, "Secret", "sark-audit-app")).toMatchObject({
    metadata: { namespace: "sark" },
  });
});
