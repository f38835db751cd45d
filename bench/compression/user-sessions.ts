/**
 * Groups generated rows into user sessions. The generator draws each row independently, so that one user's event stands
 * among those of a thousand others and concerns any server. Real users do about a dozen things on the same few servers
 * in one session. Compression depends on this grouping more than on the layout.
 */
import { Random } from "../../data/random";
import type { DataTable, Row, Value } from "../../data/table";

/** Concurrent sessions, and the mean number of rows of a session. */
const CONCURRENT = 125;
const MEAN_ROWS = 12;
/** Number of a user's usual servers, and the share of rows that concern one of them. */
const USUAL_SERVERS = 12;
const USUAL_SHARE = 0.8;
/** Probability that the next row concerns the same server. */
const SAME_SERVER_SHARE = 0.7;

interface UserSession {
  left: number;
  /** The columns that identify the user. */
  readonly who: Row;
  readonly session: string;
  /** The columns of the resource. */
  about: Row | undefined;
}

/** The columns of user and resource in a table, and further values that depend on the session. */
interface Shape {
  readonly who: readonly string[];
  readonly about: readonly string[];
  /** Whether a row concerns the kind of resource that a session repeats. */
  isAbout(row: Row): boolean;
  finish(row: Row, userSession: UserSession): Row;
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

/** The table with its rows grouped into sessions; unchanged if users do not write it. */
export function groupByUserSession(data: DataTable, seed: number): DataTable {
  const shape = SHAPES[data.table];
  return shape === undefined ? data : { ...data, rows: () => sessionRows(data, shape, seed) };
}

function* sessionRows(data: DataTable, shape: Shape, seed: number): Generator<Row> {
  const random = new Random(seed, `sittings.${data.table}`);
  const open: UserSession[] = [];
  const ownOf = new Map<Value, Row[]>();
  for (const row of data.rows()) {
    if (row["user_id"] === null) {
      yield row;
      continue;
    }
    const slot = random.below(CONCURRENT);
    let userSession = open[slot];
    if (userSession === undefined || userSession.left <= 0) {
      userSession = {
        left: 1 + Math.floor(random.exponential(MEAN_ROWS)),
        who: only(row, shape.who),
        session: random.uuid(),
        about: undefined,
      };
      open[slot] = userSession;
    }
    userSession.left--;
    let about: Row = {};
    if (shape.isAbout(row)) {
      const user = userSession.who["user_id"] ?? null;
      const own = ownOf.get(user) ?? [];
      ownOf.set(user, own);
      if (userSession.about === undefined || !random.chance(SAME_SERVER_SHARE)) {
        userSession.about = chooseResource(only(row, shape.about), own, random);
      }
      about = userSession.about;
    }
    yield { ...row, ...userSession.who, ...about, ...shape.finish(row, userSession) };
  }
}

/** Mostly one of the user's usual servers, the first ones more often. */
function chooseResource(drawn: Row, own: Row[], random: Random): Row {
  const known = own[Math.floor(USUAL_SERVERS * random.float() ** 2)];
  if (random.chance(USUAL_SHARE) && known !== undefined) return known;
  if (own.length < USUAL_SERVERS) own.push(drawn);
  return drawn;
}

/** Details with the user's own program, and with the request id only for failures, where it is needed. */
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
