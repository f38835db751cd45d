import { DatabaseLayer } from "./components/database-layer/database-layer";
import { Rotation } from "./components/roles/rotation";
import { Homes } from "./components/homes/homes";
import { withPrintableErrors } from "./components/resources/printable-errors";
import { loadSettings } from "./components/settings/settings";
import { stackOutputs } from "./components/outputs/stack-outputs";

export = () => withPrintableErrors(stack);

async function stack() {
  // The settings: Pulumi.<stack>.yaml over the defaults, checked, with computed parameters for each server.
  const settings = loadSettings();

  // The homes that the settings name (this machine, Kubernetes, AWS). Existing resources there are looked up and checked.
  const homes = await Homes.open(settings);

  // Storage for backups, and two servers, each with an empty database.
  homes.backups();
  const sarkServer = homes.server("sark");
  const auditServer = homes.server("sark_audit");

  // Inside each database: roles, extensions, privileges, schema. A rotation that would change a password in use is refused.
  const rotation = new Rotation(settings.rotation);
  const sark = new DatabaseLayer("sark-database", {
    server: sarkServer,
    rotation: settings.rotation,
    rotationGuard: rotation.guard,
  });
  const audit = new DatabaseLayer("sark-audit-database", {
    server: auditServer,
    rotation: settings.rotation,
    rotationGuard: rotation.guard,
    hypertables: settings.hypertables,
  });

  // PgBouncer in front of both, the application's logins, maintenance jobs, and alarms.
  const pool = homes.pool([sark, audit]);
  const logins = homes.logins([sark, audit], pool);
  homes.maintenance([sark, audit]);
  const prometheus = homes.monitoring([sark, audit], pool);

  // The new logins exist, and the application can use them.
  rotation.finish([sark, audit, ...logins]);

  // Addresses, and the logins as a secret.
  return stackOutputs([sark, audit], { pool, prometheus, settings });
}
