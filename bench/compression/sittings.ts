/**
 * Rows as people make them. The generator draws each row by itself, so that one user's event stands between those of a
 * thousand others and is about any server. People sit down, do a dozen things about the same few servers within one
 * session, and leave. What a layout saves depends on that more than on the layout.
 */
import { Random } from "../../data/random";
import type { DataTable, Row, Value } from "../../data/table";

/** Sittings at a time, and what is done in one on average. */
const OPEN = 125;
const LENGTH = 12;
/** Servers that a user comes back to, and how often it is one of them. */
const OWN = 12;
const OWN_SHARE = 0.8;
/** How often what is done next is about the same server as before. */
const STAYS = 0.7;

interface Sitting {
  left: number;
  /** The columns that say who it is. */
  readonly who: Row;
  readonly session: string;
  /** The columns that say what it is about. */
  about: Row | undefined;
}

/** Which columns say who and what; and what else follows from a sitting. */
interface Shape {
  readonly who: readonly string[];
  readonly about: readonly string[];
  /** Whether a row says something of the kind that a sitting stays with. */
  isAbout(row: Row): boolean;
  finish(row: Row, sitting: Sitting): Row;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  audit_events: {
    who: ["user_id", "ip_address", "details"],
    about: ["resource_id"],
    isAbout: (row) => row["resource_type"] === "server",
    finish: (row, { session, who }) => ({
      ...(row["resource_type"] === "session" ? { resource_id: session } : {}),
      details: details(row["details"], who["details"], row["status"] !== "success"),
    }),
  },
  policy_evaluations: {
    who: ["user_id"],
    about: ["resource", "policy_name", "policy_version"],
    isAbout: () => true,
    finish: () => ({}),
  },
};

/** The same table in sittings; one that people do not make is as it was. */
export function inSittings(data: DataTable, seed: number): DataTable {
  const shape = SHAPES[data.table];
  return shape === undefined ? data : { ...data, rows: () => sittingRows(data, shape, seed) };
}

function* sittingRows(data: DataTable, shape: Shape, seed: number): Generator<Row> {
  const random = new Random(seed, `sittings.${data.table}`);
  const open: Sitting[] = [];
  const ownOf = new Map<Value, Row[]>();
  for (const row of data.rows()) {
    if (row["user_id"] === null) {
      yield row;
      continue;
    }
    const slot = random.below(OPEN);
    let sitting = open[slot];
    if (sitting === undefined || sitting.left <= 0) {
      sitting = {
        left: 1 + Math.floor(random.exponential(LENGTH)),
        who: only(row, shape.who),
        session: random.uuid(),
        about: undefined,
      };
      open[slot] = sitting;
    }
    sitting.left--;
    let about: Row = {};
    if (shape.isAbout(row)) {
      const user = sitting.who["user_id"] ?? null;
      const own = ownOf.get(user) ?? [];
      ownOf.set(user, own);
      if (sitting.about === undefined || !random.chance(STAYS)) {
        sitting.about = aboutWhat(only(row, shape.about), own, random);
      }
      about = sitting.about;
    }
    yield { ...row, ...sitting.who, ...about, ...shape.finish(row, sitting) };
  }
}

/** Mostly one of the user's own servers, those that were first more often than others. */
function aboutWhat(drawn: Row, own: Row[], random: Random): Row {
  const known = own[Math.floor(OWN * random.float() ** 2)];
  if (random.chance(OWN_SHARE) && known !== undefined) return known;
  if (own.length < OWN) own.push(drawn);
  return drawn;
}

/** The user's own program, and the request's id only where somebody will look for it: where something went wrong. */
function details(value: Value | undefined, first: Value | undefined, wrong: boolean): string {
  const { request_id, ...others } = parse(value);
  const { user_agent } = parse(first);
  return JSON.stringify({ ...(wrong ? { request_id } : {}), ...others, user_agent });
}

function parse(value: Value | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(String(value)) as Readonly<Record<string, unknown>>;
}

function only(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(
    columns.flatMap((column) => (column in row ? [[column, row[column] ?? null]] : [])),
  );
}
