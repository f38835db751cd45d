import type { Finding } from "../findings";
import { buildSchema } from "../model/build";
import type { ParsedDatabase } from "../parsed";
import type { Rule } from "../rule";
import { columnTypes } from "./column-types";
import { comments } from "./comments";
import { computedExecute } from "./computed-execute";
import { dropCascade } from "./drop-cascade";
import { duplicateIndex } from "./duplicate-index";
import { enumValue } from "./enum-value";
import { foreignKeyIndex } from "./foreign-key-index";
import { functionSecurity } from "./function-security";
import { grantToPublic } from "./grant-to-public";
import { namedConstraints } from "./named-constraints";
import { noIgnore } from "./no-ignore";
import { onlySchema } from "./only-schema";
import { primaryKey } from "./primary-key";
import { schemaQualified } from "./schema-qualified";
import { securityDefinerSearchPath } from "./security-definer-search-path";
import { sessionSettings } from "./session-settings";
import { tableLock } from "./table-lock";
import { tableRewrite } from "./table-rewrite";
import { timeouts } from "./timeouts";
import { timescaleAggregateNoData } from "./timescale-aggregate-no-data";
import { timescaleConcurrently } from "./timescale-concurrently";
import { timescaleLicence } from "./timescale-licence";
import { timescalePolicies } from "./timescale-policies";
import { timescaleUniqueTime } from "./timescale-unique-time";
import { unboundedChange } from "./unbounded-change";

/** All rules but squawk's. */
export const RULES: readonly Rule[] = [
  columnTypes,
  comments,
  computedExecute,
  dropCascade,
  duplicateIndex,
  enumValue,
  foreignKeyIndex,
  functionSecurity,
  grantToPublic,
  namedConstraints,
  noIgnore,
  onlySchema,
  primaryKey,
  schemaQualified,
  securityDefinerSearchPath,
  sessionSettings,
  tableLock,
  tableRewrite,
  timeouts,
  timescaleAggregateNoData,
  timescaleConcurrently,
  timescaleLicence,
  timescalePolicies,
  timescaleUniqueTime,
  unboundedChange,
];

export function ruleFindings(database: ParsedDatabase): readonly Finding[] {
  const context = {
    database,
    statements: database.files.flatMap(({ statements }) => statements),
    schema: buildSchema(database),
  };
  return RULES.flatMap(({ name, check }) =>
    check(context).map(({ file, line, text }): Finding => ({ file, line, rule: name, text })),
  );
}
