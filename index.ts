import { DatabaseLayer } from "./components/database-layer/database-layer";
import { Rotation } from "./components/roles/rotation";
import { Homes } from "./components/homes/homes";
import { withPrintableErrors } from "./components/resources/printable-errors";
import { loadSettings } from "./components/settings/settings";
import { stackOutputs } from "./components/outputs/stack-outputs";

export = () => withPrintableErrors(stack);

async function stack() {
  // What the stack is: Pulumi.<stack>.yaml over the defaults, checked, with the parameters of each server computed.
  const settings = loadSettings();

  // The homes that the settings name (this machine, Kubernetes, AWS), with what was given there looked up and checked.
  const homes = await Homes.open(settings);

  // Storage for backups, and two servers, each with an empty database.
  homes.backups();
  const sarkServer = homes.server("sark");
  const auditServer = homes.server("sark_audit");

  // Inside them: roles, extensions, privileges, schema. A rotation that would change a password in use is refused.
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

  // PgBouncer in front of both, what the application logs in with, the jobs that keep them in order, and alarms.
  const pool = homes.pool([sark, audit]);
  const logins = homes.logins([sark, audit], pool);
  homes.maintenance([sark, audit]);
  homes.monitoring();

  // The new logins are there, and the application can have them.
  rotation.finish([sark, audit, ...logins]);

  // Where everything is, and, as a secret, how to log in.
  return stackOutputs([sark, audit], pool, settings);
}
