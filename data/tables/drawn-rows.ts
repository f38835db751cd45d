import {
  type Hypertable,
  HYPERTABLE_FACTS,
} from "../../components/hypertables/plan/hypertable-facts";
import { timestamp } from "../arrivals";
import type { DataTable } from "../table";
import type { World } from "../world";

/**
 * A hypertable whose rows are drawn from the values in its facts, as many for each decision as for each request.
 * @throws Error for a table without values
 */
export function drawnRows(world: World, table: Hypertable): DataTable {
  const { rows, generated } = HYPERTABLE_FACTS[table];
  if (generated.values === undefined) {
    throw new Error(`${table} has no values in its facts and no generator in data/tables.ts`);
  }
  const columns = Object.entries(generated.values);
  return {
    table,
    columns: ["time", ...columns.map(([name]) => name)],
    *rows() {
      const random = world.random(table);
      const count = Math.round(world.sizes.policyEvaluations * rows.perRequest);
      for (const { time } of world.happenings(table, count)) {
        yield [
          timestamp(time),
          ...columns.map(([, values]) =>
            values === "users" ? world.users.id(world.users.index(random)) : random.pick(values),
          ),
        ];
      }
    },
  };
}
