import { DatabaseLayer } from "./components/database/database-layer";
import { Homes } from "./components/homes";
import { loadSettings } from "./components/settings";
import { stackOutputs } from "./components/stack-outputs";

// What the stack is: Pulumi.<stack>.yaml over the defaults, checked, with the parameters of each server computed.
const settings = loadSettings();

// Two servers, each with an empty database, in the homes that the settings name: this machine, Kubernetes.
const homes = new Homes(settings);
const sarkServer = homes.server("sark");
const auditServer = homes.server("sark_audit");

// Inside them: roles, extensions, privileges, schema.
const sark = new DatabaseLayer("sark-database", {
  server: sarkServer,
  rotation: settings.rotation,
});
const audit = new DatabaseLayer("sark-audit-database", {
  server: auditServer,
  rotation: settings.rotation,
  retention: settings.audit.retention,
});

// PgBouncer in front of both, what the application logs in with, and the jobs that keep them in order.
const connectionPool = homes.pool([sark, audit]);
homes.logins([sark, audit], connectionPool);
homes.maintenance([sark, audit]);

// Where everything is, and, as a secret, how to log in.
export const { servers, pool, logins } = stackOutputs([sark, audit], connectionPool);
