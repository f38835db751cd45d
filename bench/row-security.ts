/**
 * Measures the cost of row-level security for the application's hot statements. All variants alternate in one run.
 *
 *   npm run bench:row-security
 *   node .sark/build/row-security.js [rounds]
 */
import type { Client } from "pg";
import { migratedSark } from "../scratch/migrated";
import { quartiles } from "./timing";
import { type HotStatement, HOT_STATEMENTS, DATA } from "./row-security-statements";

/** Executions of each statement in a round. */
const EXECUTIONS = 100;

interface Variant {
  readonly name: string;
  /** SQL that a superuser runs to set up the variant. */
  readonly set: string;
  /** Statements before and after, each a round trip as through a pool. */
  readonly around: readonly [before: readonly string[], after: readonly string[]];
}

const TABLES = ["users", "servers", "sessions", "api_keys", "rate_limits"];
const each = (statement: (table: string) => string): string => TABLES.map(statement).join(";\n");

const CLEAR = `${each((t) => `alter table ${t} disable row level security; alter table ${t} no force row level security`)};
  ${["p", "writer", "reader"].map((p) => each((t) => `drop policy if exists ${p === "p" ? p : `${t}_${p}`} on ${t}`)).join(";")}`;
const ENABLE = each((t) => `alter table ${t} enable row level security`);
const FORCE = each((t) => `alter table ${t} force row level security`);

/** Policies that show users their own rows only, and no row without a user id. */
const OWN = `
  create policy p on servers using (owner_id = nullif(current_setting('sark.user_id', true), '')::uuid);
  create policy p on sessions using (user_id = nullif(current_setting('sark.user_id', true), '')::uuid);
  create policy p on api_keys using (user_id = nullif(current_setting('sark.user_id', true), '')::uuid);
  create policy p on users using (true);
  create policy p on rate_limits using (true)`;

const SET_USER = "select set_config('sark.user_id', $1, true)";

const VARIANTS: readonly Variant[] = [
  { name: "none", set: CLEAR, around: [[], []] },
  {
    name: "by role",
    // As in 000007_row_security, which excludes servers.
    set: `${CLEAR}; ${ENABLE}; alter table servers disable row level security;
      ${each((t) => `create policy p on ${t} to sark_writer using (true) with check (true)`)}`,
    around: [[], []],
  },
  { name: "none, in a transaction", set: CLEAR, around: [["begin"], ["commit"]] },
  {
    name: "by owner, in a transaction",
    set: `${CLEAR}; ${ENABLE}; ${FORCE}; ${OWN}`,
    around: [["begin", SET_USER], ["commit"]],
  },
];

async function execute(app: Client, hot: HotStatement, variant: Variant, n: number): Promise<void> {
  const { text, values, user } = hot;
  for (const statement of variant.around[0]) {
    if (statement === SET_USER) {
      await app.query({ name: "who", text: statement, values: [user(n)] });
    } else await app.query(statement);
  }
  await app.query({ name: hot.name, text, values: [...values(n)] });
  for (const statement of variant.around[1]) await app.query(statement);
}

async function main(rounds: number): Promise<void> {
  const server = await migratedSark({ shared_buffers: "512MB", synchronous_commit: "off" });
  try {
    const admin = await server.connect("postgres");
    await admin.query(DATA);
    await admin.query("vacuum analyze");
    const app = await server.connect("sark_app_a");
    const times = new Map<string, number[]>();
    for (let round = -1; round < rounds; round++) {
      // The variants rotate in going first.
      for (const variant of [...VARIANTS, ...VARIANTS]
        .slice((round + 1) % VARIANTS.length)
        .slice(0, VARIANTS.length)) {
        await admin.query(variant.set);
        for (const hot of HOT_STATEMENTS) {
          // PostgreSQL replans after the change, and chooses a generic plan after five executions.
          for (let n = 0; n < 20; n++) await execute(app, hot, variant, n);
          const started = process.hrtime.bigint();
          for (let n = 0; n < EXECUTIONS; n++)
            await execute(app, hot, variant, round * EXECUTIONS + n);
          const micros = Number(process.hrtime.bigint() - started) / 1000 / EXECUTIONS;
          const key = `${hot.name}|${variant.name}`;
          if (round >= 0) times.set(key, [...(times.get(key) ?? []), micros]);
        }
      }
    }
    console.log(
      `microseconds per execution: median of ${String(rounds)} rounds of ${String(EXECUTIONS)}, one session`,
    );
    for (const { name } of HOT_STATEMENTS) {
      const of = (variant: string): number => quartiles(times.get(`${name}|${variant}`) ?? [])[1];
      const cells = VARIANTS.map((variant) => `${variant.name} ${of(variant.name).toFixed(0)}`);
      const percent = (a: string, b: string): string =>
        `${((of(a) / of(b) - 1) * 100).toFixed(1)} %`;
      console.log(
        `${name}: ${cells.join(", ")} (by role ${percent("by role", "none")}, by owner ` +
          `${percent("by owner, in a transaction", "none")}, if already in a transaction ` +
          `${percent("by owner, in a transaction", "none, in a transaction")})`,
      );
    }
  } finally {
    await server.stop();
  }
}

void main(Number(process.argv[2] ?? 40));
