/** Parameter types of queries, and their accepted values: checked before connecting. */
interface ParameterKind {
  /** Completes "allowed: ...". */
  readonly allowed: string;
  readonly accepts: (text: string) => boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIME =
  /^(\d{4}-\d\d-\d\d)([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/;
const LENGTH =
  /^\d+(\.\d+)? *(seconds?|minutes?|hours?|days?|weeks?|months?|years?|ms|s|min|h|d)$/i;

const KINDS = {
  boolean: { allowed: "true or false", accepts: (text) => text === "true" || text === "false" },
  integer: {
    allowed: "a whole number from -2147483648 to 2147483647",
    accepts: (text) => /^-?\d{1,10}$/.test(text) && Math.abs(Number(text) + 0.5) < 2 ** 31,
  },
  interval: {
    allowed: 'a length of time, such as "7 days" or "90 minutes"',
    accepts: (text) => LENGTH.test(text),
  },
  jsonb: { allowed: `JSON, such as '["production"]'`, accepts: isJson },
  text: { allowed: "any text without a zero byte", accepts: (text) => !text.includes("\0") },
  timestamptz: {
    allowed:
      'a time, such as "2026-01-31 12:00Z" (UTC without a time zone), "infinity" or "-infinity"',
    accepts: (text) => /^-?infinity$/.test(text) || isTime(text),
  },
  uuid: {
    allowed: "a UUID, such as 00000000-0000-0000-0000-000000000000",
    accepts: (text) => UUID.test(text),
  },
} as const satisfies Readonly<Record<string, ParameterKind>>;

export type ParameterType = keyof typeof KINDS;

export const PARAMETER_TYPES = Object.keys(KINDS);

export function isParameterType(text: string): text is ParameterType {
  return Object.hasOwn(KINDS, text);
}

/** Allowed values, if the text is not a value of the type; otherwise undefined. */
export function allowedValues(type: ParameterType, text: string): string | undefined {
  const kind: ParameterKind = KINDS[type];
  return kind.accepts(text) ? undefined : kind.allowed;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The 31st of February has the format of a date, but PostgreSQL rejects it. */
function isTime(text: string): boolean {
  const day = TIME.exec(text)?.[1];
  if (day === undefined) return false;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
