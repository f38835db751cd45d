import { DatabaseLayer } from "./components/database/database-layer";
import { createPool, createServer } from "./components/homes";
import { loadSettings } from "./components/settings";
import { stackOutputs } from "./components/stack-outputs";

// What the stack is: Pulumi.<stack>.yaml over the defaults, checked, with the parameters of each server computed.
const settings = loadSettings();

// Two servers, each with an empty database, in the homes that the settings name.
const sarkServer = createServer("sark", settings);
const auditServer = createServer("sark_audit", settings);

// Inside them: roles, extensions, privileges, schema.
const sark = new DatabaseLayer("sark-database", {
  server: sarkServer,
  rotation: settings.rotation,
  tunnel: settings.sark.tunnel,
});
const audit = new DatabaseLayer("sark-audit-database", {
  server: auditServer,
  rotation: settings.rotation,
  tunnel: settings.audit.tunnel,
  retention: settings.audit.retention,
});

// PgBouncer in front of both.
const connectionPool = createPool(settings, [sark, audit]);

// Where everything is, and, as a secret, how to log in.
export const { servers, pool, logins } = stackOutputs([sark, audit], connectionPool);
