import {
  type Hypertable,
  HYPERTABLE_FACTS,
} from "../../components/hypertables/plan/hypertable-facts";
import { timestamp } from "../arrivals";
import type { Row } from "../table";
import type { GeneratedWorld } from "../world";

/** Rows of a hypertable with values from its facts, in proportion to the decisions. @throws Error for a table without values */
export function drawnRows(table: Hypertable): (world: GeneratedWorld) => Generator<Row> {
  const { rows, generated } = HYPERTABLE_FACTS[table];
  if (generated.values === undefined) {
    throw new Error(`${table} has no values in its facts and no generator in data/tables.ts`);
  }
  const values = Object.entries(generated.values);
  return function* (world) {
    const random = world.random(table);
    const user = (): string => world.users.id(world.users.index(random));
    const count = Math.round(world.sizes.policyEvaluations * rows.perRequest);
    for (const { time } of world.eventTimes(table, count)) {
      const drawn = values.map(([column, of]) => [
        column,
        of === "users" ? user() : random.pick(of),
      ]);
      yield { time: timestamp(time), ...Object.fromEntries(drawn) };
    }
  };
}
