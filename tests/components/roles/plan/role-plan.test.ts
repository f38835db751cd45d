import { activeSlot, rolePlan, slotGeneration } from "../../../../components/roles/plan/role-plan";

const named = (database: "sark" | "sark_audit", rotation = 1) =>
  new Map(rolePlan(database, rotation).roles.map((role) => [role.name, role]));

describe("password rotation", () => {
  it("renews only the login that becomes active", () => {
    for (let rotation = 1; rotation < 20; rotation++) {
      const next = activeSlot(rotation + 1);
      const changed = (["a", "b"] as const).filter(
        (slot) => slotGeneration(slot, rotation) !== slotGeneration(slot, rotation + 1),
      );
      expect(changed).toEqual([next]);
      expect(activeSlot(rotation)).not.toBe(next);
    }
  });

  it("does not change logins without a pair", () => {
    const [before, after] = [named("sark", 1), named("sark", 2)];
    for (const name of ["sark_migrate", "sark_maintain", "sark_monitor", "sark_pgbouncer"]) {
      expect(after.get(name)).toEqual(before.get(name));
    }
    expect(before.get("sark_app_a")?.active).toBe(true);
    expect(after.get("sark_app_a")?.active).toBe(false);
    expect(after.get("sark_app_b")?.active).toBe(true);
  });
});

describe.each(["sark", "sark_audit"] as const)("role plan of %s", (database) => {
  const { roles, grants, migrationRoles } = rolePlan(database, 1);

  it("lists a group before its members, because roles are created in this order", () => {
    const seen = new Set<string>(["pg_monitor", "pg_signal_backend"]);
    for (const role of roles) {
      expect(role.memberOf.filter((group) => !seen.has(group))).toEqual([]);
      seen.add(role.name);
    }
  });

  it("has groups for ownership and privileges, and passwords only for logins", () => {
    expect(roles.filter((role) => !role.purpose).map((role) => role.name)).toEqual([
      ...migrationRoles,
      `${database}_writer`,
      `${database}_reader`,
      `${database}_temporary`,
    ]);
  });

  it("gives the migration login only CONNECT before set role", () => {
    const migrate = roles.find(({ purpose }) => purpose === "migrate");
    expect(migrate).toMatchObject({ memberOf: migrationRoles, inherit: false });
    expect(roles.filter(({ inherit }) => !inherit)).toEqual([migrate]);
    expect(grants.filter(({ role }) => role === migrate?.name)).toEqual([
      { role: migrate?.name, on: "database", privileges: ["CONNECT"] },
    ]);
  });

  it("revokes everything from PUBLIC before granting anything", () => {
    const revoked = grants.filter((grant) => grant.privileges.length === 0);
    expect(revoked.map((grant) => [grant.role, grant.on])).toEqual([
      ["public", "database"],
      ["public", "schema"],
      ["public", "future function"],
    ]);
    for (const kind of ["database", "schema"]) {
      expect(grants.find((grant) => grant.on === kind)?.role).toBe("public");
    }
  });

  it("lets every login connect, through an inherited group or its own privilege", () => {
    const connecting = grants
      .filter(({ on, privileges }) => on === "database" && privileges.includes("CONNECT"))
      .map(({ role }) => role);
    const shutOut = roles
      .filter(({ purpose }) => purpose)
      .filter(({ name, inherit, memberOf }) =>
        [name, ...(inherit ? memberOf : [])].every((role) => !connecting.includes(role)),
      );
    expect(shutOut).toEqual([]);
  });

  it("sets timeouts for statements, locks and idle transactions of every login", () => {
    for (const role of roles.filter((each) => each.purpose)) {
      expect(Object.keys(role.settings)).toEqual([
        "idle_in_transaction_session_timeout",
        "lock_timeout",
        "statement_timeout",
      ]);
    }
  });
});

it("role plan gives LOGIN only to groups that own jobs, because TimescaleDB runs jobs as their owner", () => {
  const groups = [...rolePlan("sark", 1).roles, ...rolePlan("sark_audit", 1).roles].filter(
    (role) => !role.purpose && role.login,
  );
  expect(groups.map((role) => role.name)).toEqual(["sark_audit_owner", "sark_audit_witness"]);
});

it("role plan has an audit witness with the migration login as its only member", () => {
  const members = [...named("sark_audit").values()].filter(({ memberOf }) =>
    memberOf.includes("sark_audit_witness"),
  );
  expect(members.map(({ name }) => name)).toEqual(["sark_audit_migrate"]);
  expect(named("sark_audit").get("sark_audit_witness")?.memberOf).toEqual([]);
  expect(named("sark").has("sark_witness")).toBe(false);
});

it("role plan makes the maintenance login a member of the owner, and the only login with hours per statement", () => {
  for (const database of ["sark", "sark_audit"] as const) {
    const roles = named(database);
    expect(roles.get(`${database}_maintain`)).toMatchObject({
      memberOf: [...(database === "sark" ? ["sark_owner"] : []), "pg_monitor", "pg_signal_backend"],
      settings: { statement_timeout: "4h", lock_timeout: "2s" },
    });
    const long = [...roles.values()].filter(({ settings }) =>
      /h$/.test(settings["statement_timeout"] ?? ""),
    );
    expect(long.map(({ name }) => name)).toEqual([`${database}_maintain`]);
  }
});

describe("default privileges of the writer", () => {
  const future = (database: "sark" | "sark_audit") =>
    rolePlan(database, 1).grants.filter(
      (grant) => grant.on.startsWith("future") && grant.role === `${database}_writer`,
    );

  it("are reading and writing in sark, without TRUNCATE", () => {
    expect(future("sark").map((grant) => [grant.on, grant.privileges])).toEqual([
      ["future table", ["DELETE", "INSERT", "SELECT", "UPDATE"]],
      ["future sequence", ["SELECT", "USAGE"]],
      ["future function", ["EXECUTE"]],
    ]);
  });

  it("are empty in sark_audit", () => {
    expect(future("sark_audit")).toEqual([]);
  });
});
