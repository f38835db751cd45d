/** A stack with the database layer only, on a server that a test provides. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { Project } from "../../../../engine/embedded/harness";

const ROOT = join(__dirname, "../../../../..");

/** Server address of the layer, as a cluster's relay would provide it. */
export interface LayerServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: "sark" | "sark_audit";
}

/** The layer with a non-superuser administrator, for the embedded engine. */
export function layerProject(server: LayerServer): Project {
  const project = new Project();
  symlinkSync(join(ROOT, "sql"), join(project.root, "sql"));
  buildSync({
    ...bundled(project, "program.js"),
    stdin: { contents: program(server), resolveDir: ROOT, loader: "ts" },
  });
  buildSync({
    ...bundled(project, "engine/providers.js"),
    stdin: { contents: PROVIDERS, resolveDir: ROOT, loader: "ts" },
  });
  return project;
}

function bundled(project: Project, file: string) {
  return {
    outfile: join(project.root, file),
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    logLevel: "error",
  } as const;
}

function program(server: LayerServer): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    import { DatabaseLayer } from "./components/database-layer/database-layer";
    import { Rotation } from "./components/roles/rotation";
    import { rolePlan } from "./components/roles/plan/role-plan";
    const { host, port, user, password, database } = ${JSON.stringify(server)};
    const at = { host: pulumi.output(host), port: pulumi.output(port) };
    const rotation = Number(process.env.ROTATION ?? 1);
    const rotated = new Rotation(rotation);
    const layer = new DatabaseLayer("layer", {
      rotation,
      rotationGuard: rotated.guard,
      server: {
        ...at,
        home: "kubernetes",
        engine: "postgresql",
        database,
        admin: { ...at, user, password: pulumi.secret(password), sslMode: "disable", superuser: false },
        maxConnections: 100,
        extensions: rolePlan(database, rotation).extensions,
        limits: [],
        plan: undefined,
      },
    });
    rotated.finish([layer]);
    export const logins = pulumi.output(layer.logins).apply((all) => JSON.stringify(all));
  `;
}

const PROVIDERS = `
  import { authQueryProvider } from "./components/pool/provider-auth-query";
  import { migrationsProvider } from "./components/migrations/provider-migrations";
  import { publicRightsProvider } from "./components/roles/provider-public-rights";
  import { roleSettingsProvider } from "./components/roles/provider-role-settings";
  import { rotationProvider } from "./components/roles/provider-rotation";
  const providers = {
    "database:AuthQuery": authQueryProvider,
    "database:Migrations": migrationsProvider,
    "database:PublicRights": publicRightsProvider,
    "database:RoleSettings": roleSettingsProvider,
    "database:Rotation": rotationProvider,
  };
  export const provider = (kind) => providers[kind];
`;
