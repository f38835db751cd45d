import { activeSlot, rolePlan, slotGeneration } from "../../../../components/roles/plan/role-plan";

const named = (database: "sark" | "sark_audit", rotation = 1) =>
  new Map(rolePlan(database, rotation).roles.map((role) => [role.name, role]));

describe("rotation", () => {
  it("gives a new password to the login whose turn comes, and to no other", () => {
    for (let rotation = 1; rotation < 20; rotation++) {
      const next = activeSlot(rotation + 1);
      const changed = (["a", "b"] as const).filter(
        (slot) => slotGeneration(slot, rotation) !== slotGeneration(slot, rotation + 1),
      );
      expect(changed).toEqual([next]);
      expect(activeSlot(rotation)).not.toBe(next);
    }
  });

  it("leaves logins that are not a pair alone", () => {
    const [before, after] = [named("sark", 1), named("sark", 2)];
    for (const name of ["sark_migrate", "sark_maintain", "sark_monitor", "sark_pgbouncer"]) {
      expect(after.get(name)).toEqual(before.get(name));
    }
    expect(before.get("sark_app_a")?.active).toBe(true);
    expect(after.get("sark_app_a")?.active).toBe(false);
    expect(after.get("sark_app_b")?.active).toBe(true);
  });
});

describe.each(["sark", "sark_audit"] as const)("the roles of %s", (database) => {
  const { roles, grants, migrationRoles } = rolePlan(database, 1);

  it("name a group before its members, as they are created in this order", () => {
    const seen = new Set<string>(["pg_monitor", "pg_signal_backend"]);
    for (const role of roles) {
      expect(role.memberOf.filter((group) => !seen.has(group))).toEqual([]);
      seen.add(role.name);
    }
  });

  it("let only groups own and hold, and give a password to logins alone", () => {
    expect(roles.filter((role) => !role.purpose).map((role) => role.name)).toEqual([
      ...migrationRoles,
      `${database}_writer`,
      `${database}_reader`,
      `${database}_temporary`,
    ]);
  });

  it("give the migrations' login nothing but a connection before it takes a role", () => {
    const migrate = roles.find(({ purpose }) => purpose === "migrate");
    expect(migrate).toMatchObject({ memberOf: migrationRoles, inherit: false });
    expect(roles.filter(({ inherit }) => !inherit)).toEqual([migrate]);
    expect(grants.filter(({ role }) => role === migrate?.name)).toEqual([
      { role: migrate?.name, on: "database", privileges: ["CONNECT"] },
    ]);
  });

  it("take everything from everybody before anything is given", () => {
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

  it("let every login connect, by a group whose privileges it inherits or by one of its own", () => {
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

  it("bound every login's statements, locks and idle transactions", () => {
    for (const role of roles.filter((each) => each.purpose)) {
      expect(Object.keys(role.settings)).toEqual([
        "idle_in_transaction_session_timeout",
        "lock_timeout",
        "statement_timeout",
      ]);
    }
  });
});

it("lets the owners of jobs log in, since TimescaleDB runs them as their owner, and no other group", () => {
  const groups = [...rolePlan("sark", 1).roles, ...rolePlan("sark_audit", 1).roles].filter(
    (role) => !role.purpose && role.login,
  );
  expect(groups.map((role) => role.name)).toEqual(["sark_audit_owner", "sark_audit_witness"]);
});

it("has a witness of the audit trail, of whom only the migrations' login is a member", () => {
  const members = [...named("sark_audit").values()].filter(({ memberOf }) =>
    memberOf.includes("sark_audit_witness"),
  );
  expect(members.map(({ name }) => name)).toEqual(["sark_audit_migrate"]);
  expect(named("sark_audit").get("sark_audit_witness")?.memberOf).toEqual([]);
  expect(named("sark").has("sark_witness")).toBe(false);
});

it("makes the maintenance login a member of the owner, and lets none but it run for hours", () => {
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

describe("what a writer gets by default", () => {
  const future = (database: "sark" | "sark_audit") =>
    rolePlan(database, 1).grants.filter(
      (grant) => grant.on.startsWith("future") && grant.role === `${database}_writer`,
    );

  it("is reading and writing in sark, without truncation", () => {
    expect(future("sark").map((grant) => [grant.on, grant.privileges])).toEqual([
      ["future table", ["DELETE", "INSERT", "SELECT", "UPDATE"]],
      ["future sequence", ["SELECT", "USAGE"]],
      ["future function", ["EXECUTE"]],
    ]);
  });

  it("is nothing in sark_audit", () => {
    expect(future("sark_audit")).toEqual([]);
  });
});
