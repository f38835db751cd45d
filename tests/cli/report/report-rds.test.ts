import { diffInputs } from "../../../engine/wire-diff";
import type { Registration } from "../../../engine/embedded/registration";
import { comparableInputs } from "../../../engine/wire-sets";
import type { PlannedResource } from "../../../engine/engine";
import { notInForce } from "../../../cli/report/report-restarts";
import { printPlan } from "../../../cli/report/report-plan";
import { built, rdsStack } from "../../components/homes/aws/database/mocked-rds";
import { fakeTerminal, planOf, row } from "../support/fakes";

const INSTANCE = "aws:rds/instance:Instance";
const GROUP = "aws:rds/parameterGroup:ParameterGroup";

const AT_ONCE = { applyImmediately: true, maintenanceWindow: "sun:03:00-sun:04:00" };
const LATER = { ...AT_ONCE, applyImmediately: false };

function printed(...resources: readonly PlannedResource[]): string {
  const { terminal, out } = fakeTerminal();
  printPlan(planOf(...resources), terminal, false);
  return out();
}

function change(path: string, from = "1", to = "2") {
  return { changes: [{ path, from, to }] };
}

/** A server, and its parameter group. */
function server(
  name: string,
  more: { readonly inputs?: object; readonly changes?: PlannedResource["changes"] } = {},
): PlannedResource {
  const { inputs = AT_ONCE, changes = [] } = more;
  const made = row(changes.length > 0 ? "update" : "same", INSTANCE, name, {
    inputs: { ...inputs },
    changes,
  });
  const dependencies = [row("same", GROUP, `${name}-parameters`).urn];
  return { ...made, options: { ...made.options, dependencies } };
}

describe("a server on RDS", () => {
  it.each(["instanceClass", "engineVersion", "port", "replicateSourceDb"])(
    "restarts when its %s changes",
    (path) => {
      const text = printed(server("primary", change(path)));
      expect(text).toContain(`${path}: 1 -> 2   (restart)\n`);
      expect(text).toContain("Plan: 1 to update. Restarts primary.\n");
    },
  );

  it.each(["iops", "multiAz", "allocatedStorage", "deletionProtection", "tags.stack"])(
    "does not restart when its %s changes",
    (path) => {
      const text = printed(server("primary", change(path)));
      expect(text).toContain(`${path}: 1 -> 2\n`);
      expect(text).toContain("Plan: 1 to update.\n");
    },
  );

  it("restarts in its maintenance window unless changes are applied immediately", () => {
    const text = printed(
      server("primary", { ...change("instanceClass"), inputs: LATER }),
      server("other", change("port")),
    );
    expect(text).toContain(
      "Restarts primary in the maintenance window, sun:03:00-sun:04:00 UTC. Restarts other.\n",
    );
  });

  it("restarts at once for a promotion, even if other changes wait", () => {
    const text = printed(
      server("replica", {
        inputs: LATER,
        changes: [
          { path: "replicateSourceDb", from: "sark-prod", to: "(not set)" },
          { path: "instanceClass", from: "1", to: "2" },
        ],
      }),
    );
    expect(text).toContain("Plan: 1 to update. Restarts replica.\n");
  });

  it("is named if it is deleted or left behind with its data", () => {
    const going = (name: string, inputs: object, retainOnDelete = false) => {
      const made = row("delete", INSTANCE, name, { inputs: { ...inputs } });
      return { ...made, options: { ...made.options, retainOnDelete } };
    };
    const text = printed(
      going("primary", AT_ONCE),
      going("replica", { ...AT_ONCE, replicateSourceDb: "sark-prod" }),
      going("old", AT_ONCE, true),
    );
    expect(text).toContain(
      "Plan: 2 to delete, 1 to leave behind. Deletes primary, and keeps a final snapshot. " +
        "Leaves old behind, no longer managed by the stack.\n",
    );
  });

  it("needs a restart by hand for static parameters", () => {
    const group = row("update", GROUP, "primary-parameters", {
      changes: [
        { path: "parameters.work_mem.value", from: "4096", to: "8192" },
        { path: "parameters.shared_buffers.value", from: "1000", to: "2000" },
      ],
    });
    const text = printed(group, server("primary"), server("other"));
    expect(text).toContain("parameters.work_mem.value: 4096 -> 8192\n");
    expect(text).toContain("parameters.shared_buffers.value: 1000 -> 2000   (at the next restart)");
    expect(text).toContain(
      "unchanged. Static parameters of primary need a restart, which this plan does not do.\n",
    );
  });

  it("keeps old values after up until a restart, which the report asks for", () => {
    const restarting = change("parameters.shared_buffers.value").changes;
    const dynamic = change("parameters.work_mem.value").changes;
    const group = row("update", GROUP, "primary-parameters", {
      changes: [...restarting, ...dynamic],
    });
    const primary = server("primary", { inputs: { ...AT_ONCE, identifier: "sark-prod" } });
    expect(notInForce([group, primary, server("other")])).toEqual([
      "primary keeps its old values until a restart: parameters.shared_buffers.value. " +
        "In a quiet hour, run: aws rds reboot-db-instance --db-instance-identifier sark-prod",
    ]);
    expect(notInForce([server("primary", { ...change("instanceClass"), inputs: LATER })])).toEqual([
      "primary changes in its maintenance window, sun:03:00-sun:04:00 UTC.",
    ]);
    expect(notInForce([server("primary", change("instanceClass"))])).toEqual([]);
  });

  it("needs no restart if only dynamic parameters change", () => {
    const group = row("update", GROUP, "primary-parameters", change("parameters.work_mem.value"));
    expect(printed(group, server("primary"))).toContain("Plan: 1 to update, 1 unchanged.\n");
  });

  it("applies static parameters with a change of its class in the same plan", () => {
    const path = 'parameters["pg_stat_statements.max"].value';
    const group = row("update", GROUP, "primary-parameters", change(path));
    const text = printed(group, server("primary", change("instanceClass")));
    expect(text).toContain(`${path}: 1 -> 2   (at the next restart)`);
    expect(text).toContain("Plan: 2 to update. Restarts primary.\n");
  });

  it("needs a restart by hand for a new parameter group", () => {
    expect(printed(server("primary", change("parameterGroupName")))).toContain(
      "Plan: 1 to update. Static parameters of primary need a restart",
    );
  });

  it("is replaced, without its data, if RDS cannot change a property in place", () => {
    expect(printed(server("primary", change("username")))).toContain(
      "username: 1 -> 2   (a new server, without the data)\n",
    );
    const replaced = (inputs: object) =>
      printed(
        row("replace", INSTANCE, "primary", { ...change("username"), inputs: { ...inputs } }),
      );
    expect(replaced({})).toContain("replaced: its data is lost");
    // The primary has the replica's data, too.
    expect(replaced({ replicateSourceDb: "sark-prod" })).not.toContain("lost");
  });

  it("loses no data with a replaced parameter group, while a replaced bucket does", () => {
    const replaced = (type: string) => printed(row("replace", type, "it", change("name")));
    expect(replaced(GROUP)).not.toContain("lost");
    expect(replaced("aws:s3/bucket:Bucket")).toContain("its data is lost");
  });
});

describe("a change of the instance class", () => {
  /** The row of a plan for an existing stack with other settings. */
  function changed(old: Registration | undefined, now: Registration): PlannedResource {
    const { type, name } = now;
    const changes = diffInputs(
      comparableInputs(type, old?.inputs ?? {}),
      comparableInputs(type, now.inputs),
    ).filter(({ path }) => !path.startsWith("tags"));
    const made = row(changes.length > 0 ? "update" : "same", type, name, {
      changes,
      inputs: now.inputs,
    });
    return { ...made, urn: now.urn, options: { ...made.options, dependencies: now.dependencies } };
  }

  it("shows the parameters that change with it, and that its servers restart", async () => {
    const { planned: before } = await built(rdsStack());
    const larger = { rds: { instanceClass: "db.m8g.4xlarge", applyImmediately: true } };
    const { planned: after } = await built(rdsStack(larger));
    const text = printed(
      ...after
        .filter(({ type }) => type === INSTANCE || type === GROUP)
        .map((now) =>
          changed(
            before.find(({ urn }) => urn === now.urn),
            now,
          ),
        ),
    );
    expect(text).toContain("instanceClass: db.m8g.2xlarge -> db.m8g.4xlarge   (restart)\n");
    expect(text).toMatch(
      /parameters\.shared_buffers\.value: \d+ -> \d+ {3}\(at the next restart\)\n/,
    );
    expect(text).toMatch(/parameters\.work_mem\.value: \d+ -> \d+\n/);
    expect(text).toMatch(/ Restarts sark-primary-instance, sark-replica-1-instance\.\n$/);
  });
});
