import { StackCopy } from "../../scratch/scratch-stack";
import { privilegesOf } from "./measured-privileges";

const HEAD = `# Privileges

Generated from a fresh stack, from the server's own answers for each role. A change of this page is a change of privileges, and must be reviewed: \`npm run generate -- privileges\`.

The letters are those of psql's \`\\dp\`: r select, a insert, w update, d delete, D truncate, x references, t trigger, m maintain; U usage, C create, c connect, T temporary tables, X execute. A pair of alternating logins is one column.

PUBLIC can execute TimescaleDB's functions in schema \`public\`. They belong to the superuser who created the extension, so an administrator without superuser cannot revoke this. \`add_job\` is revoked where our administrator can (docs/security.md lists what each home leaves open). The other functions check the caller: each refuses roles that do not own the hypertable or the job (tests/sql/audit-immutable.test.ts tries them as every login). A chunk has its hypertable's privileges, but none on columns.`;

/** sql/privileges.md, from a fresh stack. */
export async function measuredPrivileges(): Promise<string> {
  const stack = await StackCopy.make();
  try {
    // The embedded engine is available on every machine.
    await stack.mustRun("up", "--yes", "--engine", "embedded");
    const parts = [
      HEAD,
      await stack.withLogin("sark_admin", (client) => privilegesOf(client, "sark")),
      await stack.withLogin("sark_audit_admin", (client) => privilegesOf(client, "sark_audit")),
    ];
    return `${parts.join("\n\n")}\n`;
  } finally {
    await stack.remove();
  }
}
