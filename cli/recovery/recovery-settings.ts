import { isMap, parseDocument } from "yaml";
import { UserError } from "../../engine/engine";
import { NAMESPACE } from "../../components/settings/plan/setting-key";

/** The setting `recovery` of a database. */
export interface Recovery {
  readonly generation: number;
  /** @default the previous generation */
  readonly from?: number;
  /** Point in time, with a zone. @default the end of the WAL archive */
  readonly time?: string;
}

/**
 * The setting `recovery` in a stack's settings file.
 * @param group `sark` or `audit`
 */
export function recoveryIn(text: string, group: string): Recovery | undefined {
  const found: unknown = parseDocument(text, { merge: true }).getIn(pathOf(group), false);
  return isMap(found) ? (found.toJSON() as Recovery) : undefined;
}

/**
 * A settings file with another `recovery`; comments and order stay.
 * @param recovery undefined removes it
 * @throws {UserError} if the file has no place for it
 */
export function withRecovery(text: string, group: string, recovery: Recovery | undefined): string {
  const document = parseDocument(text, { merge: true });
  if (!isMap(document.getIn(pathOf(group).slice(0, -1), false))) {
    throw new UserError(
      `The settings file has no mapping ${NAMESPACE}:${group} below config, where recovery belongs; add it by hand.`,
    );
  }
  if (recovery === undefined) document.deleteIn(pathOf(group));
  else document.setIn(pathOf(group), document.createNode(recovery));
  return document.toString({ lineWidth: 0 });
}

function pathOf(group: string): readonly string[] {
  return ["config", `${NAMESPACE}:${group}`, "recovery"];
}
