import type { Finding } from "../findings";
import { buildSchema } from "../model/build";
import type { ParsedDatabase } from "../parsed";
import type { Rule } from "../rule";
import { enumValue } from "./enum-value";
import { namedConstraints } from "./named-constraints";
import { schemaQualified } from "./schema-qualified";
import { sessionSettings } from "./session-settings";
import { timescaleLicence } from "./timescale-licence";
import { unboundedChange } from "./unbounded-change";
import { schemaRules } from "./schema-rules";
import { keyRules } from "./key-rules";
import { statementRules } from "./statement-rules";
import { fileRules } from "./file-rules";
import { hypertableRules } from "./hypertable-rules";

/** All rules except squawk's, sorted by name. */
export const RULES: readonly Rule[] = [
  ...hypertableRules,
  ...fileRules,
  ...statementRules,
  ...keyRules,
  ...schemaRules,
  enumValue,
  namedConstraints,
  schemaQualified,
  sessionSettings,
  timescaleLicence,
  unboundedChange,
].sort((one, other) => (one.name < other.name ? -1 : 1));

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
