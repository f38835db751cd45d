import type { RoleDifference } from "../../components/roles/plan/role-words";
import { printable, shortened } from "../../components/text/printable";
import type { DatabaseDrift } from "./database-drift";

const SIGNS: Readonly<Record<RoleDifference["effect"], string>> = {
  gained: "+",
  lost: "-",
  other: "~",
};

const WORDS: Readonly<Record<RoleDifference["effect"], string>> = {
  gained: "gained",
  lost: "lost",
  other: "changed",
};

/** Differences of one server; a server with more of them is not this stack's any more. */
const MOST = 100;

/** Characters of a line: a statement is to be copied whole. */
const WIDTH = 500;

/** `Role drift in sark: + 1 gained, ~ 2 changed.`; undefined where nothing differs. */
export function roleSentence({ database, roles }: DatabaseDrift): string | undefined {
  const sums = (["gained", "lost", "other"] as const).flatMap((effect) => {
    const count = roles.differences.filter((each) => each.effect === effect).length;
    return count === 0 ? [] : [`${SIGNS[effect]} ${count} ${WORDS[effect]}`];
  });
  return sums.length === 0
    ? undefined
    : `Role drift in ${printable(database)}: ${sums.join(", ")}.`;
}

/** What differs, and the statement that undoes it. */
export function roleDetails({ roles: { differences } }: DatabaseDrift): readonly string[] {
  const left = differences.length - MOST;
  return [
    ...differences
      .slice(0, MOST)
      .flatMap(({ effect, text, undo }) => [
        `  ${SIGNS[effect]} ${shortened(text, WIDTH)}`,
        ...(undo === undefined ? [] : [`      undo: ${shortened(undo, WIDTH)}`]),
      ]),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/** For `--json`. */
export function roleDocument({ database, roles }: DatabaseDrift): object {
  const { differences, note } = roles;
  return { database, differences, ...(note === undefined ? {} : { note }) };
}
