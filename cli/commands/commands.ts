/** Declares every command: arguments, options, help and action. Add a new command here and in package.json. */
import { Argument, Option } from "@commander-js/extra-typings";
import { SCALES } from "../../data/scale";
import { UsageError } from "../../engine/engine";
import * as option from "./command-options";
import type { PlanCommand } from "./plan-commands";
import { ENGINES, emptyProgram } from "./command-line";
import type { StackOptions } from "./open-stack";
import type { CommandSession } from "./command-session";

/** Builds the command line. `--help` throws a CommanderError with exit code 0. */
export function commandLine(session: CommandSession) {
  const program = emptyProgram();

  const about = (name: string, description: string) =>
    program.command(name).description(description);

  const aboutStack = (name: string, description: string) =>
    about(name, description)
      .addOption(option.stack)
      .addOption(
        new Option("--engine <name>", "the engine; docs/engines.md explains the default").choices([
          "pulumi",
          "embedded",
        ]),
      )
      .addOption(option.yes)
      .addOption(option.json);

  const plan = (name: PlanCommand["name"]) => (options: StackOptions & Omit<PlanCommand, "name">) =>
    session.onStack({ ...options, name }, async (engine, ref, terminal) => {
      const { runPlanCommand } = await import("./plan-commands.js");
      const { planServices } = await import("./plan-services.js");
      const services = planServices(ref, terminal);
      return runPlanCommand({ ...options, name }, engine, ref, terminal, services);
    });

  aboutStack(
    "up",
    "Creates or updates the stack. Sets up servers, databases, logins and schema as in the settings. Shows the plan, " +
      "asks for confirmation, then applies it. Without a terminal it needs --yes.",
  )
    .addOption(option.expectNoChanges)
    .addOption(
      option.valued(
        "--plan <file>",
        "applies the plan of `preview --save-plan`; refused if the plan has changed since",
      ),
    )
    .addHelpText("after", ENGINES)
    .action(plan("up"));

  aboutStack("preview", "Shows what `up` would change, without changing anything.")
    .addOption(option.expectNoChanges)
    .addOption(option.valued("--save-plan <file>", "saves the plan for `up --plan`"))
    .addOption(option.report)
    .addHelpText("after", ENGINES)
    .action(plan("preview"));

  aboutStack(
    "destroy",
    "Deletes the stack and all its data. Lists the data that will be lost, then asks for the stack's name. " +
      "Without a terminal it needs --yes.",
  )
    .addOption(option.expectNoChanges)
    .action(plan("destroy"));

  aboutStack(
    "drift",
    "Detects changes that were not made by this program. Compares the schema and the roles of each database, and the " +
      "resources. Lists gained privileges first, each with the statement that undoes it. Changes nothing. Exits 0 if " +
      "everything was compared and matches, 3 on drift, and 1 if something could not be compared: the last line names " +
      "it. docs/ci.md lists what is compared.",
  )
    .addOption(option.report)
    .action(plan("drift"));

  aboutStack(
    "status",
    "Shows the health of every server and the pool. Shows state, address, version and role of each, the number of " +
      "objectives in each state, and those that are not good, with their value, limits and the query behind them. Exits " +
      "1 if there is a problem or a critical objective, and 0 with warnings only. docs/local.md describes the output.",
  )
    .option("--all", "shows every objective")
    .addOption(option.watch)
    .addOption(option.valued("--html <file>", "also writes a page; with --watch, it has charts"))
    .action((options) =>
      session.onStack({ ...options, name: "status" }, async (engine, ref, terminal) =>
        (await import("../status/status.js")).runStatus(engine, ref, terminal, options),
      ),
    );

  aboutStack("secret", "Prints a login's password. Without a name, lists the logins.")
    .argument("[login]")
    .option("--url", "prints a connection URL that contains the password")
    .option("--pool", "with --url: uses the pool's address")
    .action(async (login, options) => {
      const { url = false, pool = false } = options;
      if (pool && !url) throw new UsageError("--pool only works with --url: add --url.");
      if (url && login === undefined) {
        throw new UsageError("--url needs a login: npm run secret -- sark_app --url.");
      }
      const command = { ...options, name: "secret", bannerOnStderr: true };
      await session.onStack(command, async (engine, ref, terminal) =>
        (await import("./secret.js")).runSecret({ login, url, pool }, engine, ref, terminal),
      );
    });

  aboutStack("dashboards", "Writes Grafana's dashboards of the stack as JSON, to import by hand.")
    .argument("<folder>")
    .option("--html", "writes pages with charts instead, from the Prometheus of a local stack")
    .action((folder, { html = false, ...options }) =>
      session.onStack({ ...options, name: "dashboards" }, async (engine, ref, terminal) => {
        const { writeDashboards } = await import("../dashboards/write-dashboards.js");
        return writeDashboards(folder, html, engine, ref, terminal);
      }),
    );

  aboutStack(
    "query",
    "Runs a named query of sql/queries with the login it needs. Without a name, lists all queries.",
  )
    .argument("[query]")
    .addOption(option.param)
    .addOption(option.database("only this database, if the query runs on both"))
    .action((name, { param: params, ...options }) => {
      if (name === undefined && Object.keys(params).length > 0) {
        throw new UsageError(
          "--param needs a query: npm run query -- user-by-username --param username=...",
        );
      }
      const command = { ...options, name: "query", bannerOnStderr: true };
      return session.onStack(command, async (engine, ref, terminal) =>
        (await import("./query.js")).runQuery({ ...options, name, params }, engine, ref, terminal),
      );
    });

  aboutStack(
    "load",
    "Fills the empty tables of a local stack with made-up data. The same scale and seed give the same data.",
  )
    .addOption(
      new Option("--scale <size>", "audit rows: S thousands, M millions, L tens of millions")
        .choices(SCALES)
        .default("S" as const),
    )
    .addOption(option.seed)
    .addOption(option.database("only this database"))
    .action((options) =>
      session.onStack({ ...options, name: "load" }, async (engine, ref, terminal) =>
        (await import("./load.js")).runLoad(options, engine, ref, terminal),
      ),
    );

  aboutStack(
    "restore",
    "Restores a database to a point in time, next to the running one. Without --to, shows what can be restored. Writes " +
      "the setting recovery; on this machine it then runs `up`, elsewhere it says what comes next. See docs/recovery.md.",
  )
    .addOption(option.database("the database").default("sark" as const))
    .addOption(option.pointInTime(", or latest"))
    .action((options) =>
      session.onStack({ ...options, name: "restore" }, async (engine, ref, terminal) => {
        const { runRestore } = await import("../recovery/restore.js");
        const { restoreHome } = await import("../recovery/restore-homes.js");
        const { runPlanCommand } = await import("./plan-commands.js");
        const { planServices } = await import("./plan-services.js");
        const up = () => {
          const services = planServices(ref, terminal);
          return runPlanCommand({ name: "up", yes: options.yes }, engine, ref, terminal, services);
        };
        return runRestore(options, engine, ref, terminal, (server, outputs) =>
          restoreHome(server, outputs, up),
        );
      }),
    );

  aboutStack(
    "restore-drill",
    "Restores the newest backup of each database into a scratch server, checks it, and removes the server. Prints a " +
      "report, and records it in public.backup_runs. Exits 1 if a drill failed. See docs/recovery.md.",
  )
    .addOption(option.database("only this database"))
    .addOption(option.pointInTime())
    .addOption(option.valued("--report <file>", "also writes the reports as Markdown"))
    .action((options) =>
      session.onStack({ ...options, name: "restore-drill" }, async (engine, ref, terminal) => {
        const { runRestoreDrill } = await import("../recovery/restore-drill.js");
        const { drillHome } = await import("../recovery/restore-homes.js");
        return runRestoreDrill(options, engine, ref, terminal, drillHome);
      }),
    );

  aboutStack(
    "backup",
    "Makes a base backup of sark and a dump of sark_audit now, in the local home. Later backups expire those that backups.retentionDays no longer " +
      "needs. Prints to which times a recovery is possible. See docs/local.md.",
  ).action((options) =>
    session.onStack({ ...options, name: "backup" }, async (engine, ref, terminal) =>
      (await import("./backup.js")).runBackup(engine, ref, terminal),
    ),
  );

  about(
    "baseline",
    "Adopts a database that already has the schema. Compares the database with the schema that the migrations create. " +
      "If they match, records the migrations as applied. Changes nothing else. Reads the connection from PGHOST, PGPORT, " +
      "PGDATABASE, PGUSER, PGPASSWORD or PGPASSFILE, PGSSLMODE and PGSSLROOTCERT. See docs/migrations.md.",
  )
    .addOption(option.database("the database whose migrations are compared").makeOptionMandatory())
    .addOption(option.yes)
    .addOption(option.json)
    .action((options) =>
      session.finish(async () =>
        (await import("./baseline-command.js")).runBaseline(
          options,
          session.terminal(options),
          process.env,
        ),
      ),
    );

  about(
    "tell",
    "Posts a report to GitHub, from GitHub Actions. A preview becomes one comment on the pull request, which later " +
      "runs update. Drift becomes an issue, which later runs update, and close when the drift is gone. " +
      "Needs GITHUB_TOKEN. See docs/ci.md.",
  )
    .addArgument(
      new Argument("<preview|drift>", "the kind of report").choices(["preview", "drift"]),
    )
    .addOption(option.stack)
    .addOption(
      option
        .valued("--report <file>", "the report that `npm run preview` or `npm run drift` wrote")
        .makeOptionMandatory(),
    )
    .action((what, options) =>
      session.finish(async () => {
        const { postReport } = await import("./post-report.js");
        console.log(await postReport({ ...options, kind: what }, process.env));
        return 0;
      }),
    );

  about(
    "test",
    "Runs all checks and tests: format, lint, types, jest. `npm test -- --changed [commit]` runs the checks, and the " +
      "tests that a change since that commit affects (default: since the branch left main). With other arguments, runs " +
      "only jest with those arguments, as in `npm test -- tests/engine`. In CI, a missing program is a failure.",
  )
    .usage("[--changed [commit] | arguments of jest]")
    .argument("[jest...]")
    .helpOption("--help", "display help for command")
    .allowUnknownOption()
    .passThroughOptions()
    .action((jestArguments) =>
      session.finish(async () =>
        (await import("./test-command.js")).runTests(session.root, jestArguments),
      ),
    );

  about(
    "check",
    "Runs the quick checks: format, lint, types, imports, dead code, the SQL lint, and the tests that only compute.",
  ).action(() =>
    session.finish(async () => (await import("./test-command.js")).runCheck(session.root)),
  );

  about(
    "lint:sql",
    "Checks every migration's SQL. Uses squawk and this project's own rules, which docs/lint.md lists. Exits 1 on any " +
      "finding. Above 50 findings, it ends with a summary by rule.",
  )
    .addOption(
      option.valued(
        "--since <file>",
        "reports only findings of files after this one, such as sark/000123; default: the files in lint/baseline.ts",
      ),
    )
    .option("--all", "reports findings of every file, and ignores lint/baseline.ts")
    .action((options) =>
      session.finish(async () =>
        (await import("../../lint/lint-command.js")).runLint(session.root, options),
      ),
    );

  about(
    "generate",
    "Regenerates the files that are made from code or from servers; without a name, all of them. Starts its own " +
      "servers. Review the changes.",
  )
    .argument(
      "[name...]",
      "settings, queries, hypertables, objectives, lint, tuning, schema, privileges, built-in-names, parameters, regions",
    )
    .action((names) =>
      session.finish(async () =>
        (await import("../../scripts/generated/generate-command.js")).generate(session.root, names),
      ),
    );

  about(
    "scan",
    "Scans the Kubernetes and AWS resources of every stack. Plans the stacks with the embedded engine, and checks them " +
      "against the schemas of Kubernetes and its custom kinds, and with checkov and kube-score. First installs the " +
      "scanners into .sark/tools, with python3 and go. Exits 1 on a finding that is not accepted with a reason.",
  ).action(() =>
    session.finish(async () => {
      const { runScan } = await import("../../scan/scan-command.js");
      const { openEngine } = await import("../../engine/open-engine.js");
      const engine = await openEngine({ engine: "embedded", why: "it needs no cluster" });
      return runScan(session.root, engine);
    }),
  );

  return program;
}
