import { StackCopy } from "../../scratch/scratch-stack";
import { privilegesOf } from "./measured-privileges";

const HEAD = `# Who may do what

Made from a stack that \`up\` has just left, from the server's own answers for each role. A change of it is a change of who may do what, and belongs into the review: \`npm run generate -- privileges\`.

The letters are those of psql's \`\\dp\`: r select, a insert, w update, d delete, D truncate, x references, t trigger, m maintain; U usage, C create, c connect, T temporary tables, X execute. Two logins that take turns are one column.

TimescaleDB's functions in schema \`public\` are everybody's to call, and belong to the superuser who made the extension, from whom an administrator who is no superuser cannot take that away. \`add_job\` is closed where ours can (docs/security.md lists what each home leaves open). The others look who asks: each refuses whoever does not own the hypertable or the job (tests/sql/audit-immutable.test.ts tries them as every login). A chunk has its hypertable's privileges, and none on columns.`;

/** sql/privileges.md, from a stack that `up` has just left. */
export async function measuredPrivileges(): Promise<string> {
  const stack = await StackCopy.make();
  try {
    // The engine that every machine has.
    await stack.mustRun("up", "--yes", "--engine", "embedded");
    const parts = [
      HEAD,
      await stack.as("sark_admin", (client) => privilegesOf(client, "sark")),
      await stack.as("sark_audit_admin", (client) => privilegesOf(client, "sark_audit")),
    ];
    return `${parts.join("\n\n")}\n`;
  } finally {
    await stack.remove();
  }
}
