/** Every command: its arguments, options, help and work. A new one is declared here alone, and in package.json. */
import { Argument, Option } from "@commander-js/extra-typings";
import { SCALES } from "../../data/scale";
import { UsageError } from "../../engine/engine";
import * as option from "./command-options";
import type { PlanCommand } from "./plan-commands";
import { ENGINES, emptyProgram } from "./command-line";
import type { StackOptions } from "./open-stack";
import type { Session } from "./command-session";

/** The command line. A command's action does its work; `--help` throws a CommanderError with exit code 0. */
export function commandLine(session: Session) {
  const program = emptyProgram();

  const about = (name: string, description: string) =>
    program.command(name).description(description);

  const aboutStack = (name: string, description: string) =>
    about(name, description)
      .addOption(option.stack)
      .addOption(
        new Option("--engine <name>", "default: docs/engines.md").choices(["pulumi", "embedded"]),
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
    "Creates or changes the stack. Its servers, databases, logins and schema become as described. Shows the plan, " +
      "asks on a terminal, then applies it. In a pipe it needs --yes.",
  )
    .addOption(option.expectNoChanges)
    .addOption(
      option.valued(
        "--plan <file>",
        "applies the plan of `preview --save-plan`, or nothing if the plan would differ now",
      ),
    )
    .addHelpText("after", ENGINES)
    .action(plan("up"));

  aboutStack("preview", "Shows what `up` would do, and changes nothing.")
    .addOption(option.expectNoChanges)
    .addOption(option.valued("--save-plan <file>", "saves the plan for `up --plan`"))
    .addOption(option.report)
    .addHelpText("after", ENGINES)
    .action(plan("preview"));

  aboutStack(
    "destroy",
    "Deletes the stack with all its data. Shows what will be lost, and asks for the stack's name on a terminal. " +
      "In a pipe it needs --yes.",
  )
    .addOption(option.expectNoChanges)
    .action(plan("destroy"));

  aboutStack(
    "drift",
    "Shows what others changed in the stack. Compares the schema and the roles of each database, and the " +
      "resources. Gained privileges come first, each with the statement that undoes it. Changes nothing. Exits 0 if " +
      "everything was compared and matches, 3 if something differs, and 1 if something could not be compared: the last " +
      "line names it. docs/ci.md says what is compared.",
  )
    .addOption(option.report)
    .action(plan("drift"));

  aboutStack(
    "status",
    "Shows the health of every server and the pool. Shows version, role and replica lag, sessions against the " +
      "budget, applied and pending migrations, and extensions. Exits 1 if anything is wrong.",
  ).action((options) =>
    session.onStack({ ...options, name: "status" }, async (engine, ref, terminal) =>
      (await import("../status/status.js")).runStatus(engine, ref, terminal),
    ),
  );

  aboutStack("secret", "Prints a login's password. Without a name, lists the logins.")
    .argument("[login]")
    .option("--url", "prints a connection URL that contains the password")
    .option("--pool", "with --url: through the pool")
    .action(async (login, options) => {
      const { url = false, pool = false } = options;
      if (pool && !url) throw new UsageError("--pool chooses the address in a URL: add --url.");
      if (url && login === undefined) {
        throw new UsageError("--url needs a login: npm run secret -- sark_app --url.");
      }
      const command = { ...options, name: "secret", bannerOnStderr: true };
      await session.onStack(command, async (engine, ref, terminal) =>
        (await import("./secret.js")).runSecret({ login, url, pool }, engine, ref, terminal),
      );
    });

  aboutStack(
    "query",
    "Runs a query of sql/queries, with the login that it is for. Without a name, lists them all.",
  )
    .argument("[query]")
    .addOption(option.param)
    .addOption(option.database("one database, if the query is for both"))
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
    "Fills the empty tables of a local stack with made-up data. The same scale and seed make the same data.",
  )
    .addOption(
      new Option("--scale <size>", "thousands, millions or tens of millions of audit rows")
        .choices(SCALES)
        .default("S" as const),
    )
    .addOption(option.seed)
    .addOption(option.database("one database alone"))
    .action((options) =>
      session.onStack({ ...options, name: "load" }, async (engine, ref, terminal) =>
        (await import("./load.js")).runLoad(options, engine, ref, terminal),
      ),
    );

  about(
    "baseline",
    "Adopts a database that already has the schema. Compares the database with the schema that the files make. " +
      "If they match, records the files as applied. Changes nothing else. PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD " +
      "or PGPASSFILE, PGSSLMODE and PGSSLROOTCERT name the database. docs/migrations.md says more.",
  )
    .addOption(option.database("the database whose files are compared").makeOptionMandatory())
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
    "Puts a report on GitHub, inside GitHub Actions. Puts a preview on the pull request, as one comment that it " +
      "keeps up to date. Puts drift into an issue: opens it, keeps it up to date, and closes it when the drift is gone. " +
      "Needs GITHUB_TOKEN. docs/ci.md says more.",
  )
    .addArgument(
      new Argument("<preview|drift>", "the kind of report").choices(["preview", "drift"]),
    )
    .addOption(option.stack)
    .addOption(
      option
        .valued("--report <file>", "the file that `npm run preview` or `npm run drift` wrote")
        .makeOptionMandatory(),
    )
    .action((what, options) =>
      session.finish(async () => {
        const { tell } = await import("./tell.js");
        console.log(await tell({ ...options, what }, process.env));
        return 0;
      }),
    );

  about(
    "test",
    "Runs all checks and tests: format, lint, types, jest. With arguments, runs only jest and hands them on, as in " +
      "`npm test -- tests/engine`. In CI, a missing component is a failure.",
  )
    .usage("[arguments of jest]")
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
    "lint:sql",
    "Checks every migration's SQL. Uses squawk and this project's own rules, which docs/lint.md lists. Exits 1 if " +
      "there is a finding. With more than 50 findings, a summary by rule comes last.",
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
    "Writes the files that are made from code or from servers; without a name, all of them. Starts servers of its " +
      "own. Review what it changes.",
  )
    .argument(
      "[name...]",
      "settings, queries, hypertables, lint, tuning, schema, privileges, built-in-names, parameters, regions",
    )
    .action((names) =>
      session.finish(async () =>
        (await import("../../scripts/generated/generate-command.js")).generate(session.root, names),
      ),
    );

  about(
    "scan",
    "Scans what every stack creates on Kubernetes and AWS. Plans the stacks with the embedded engine, and checks the " +
      "objects with the schemas of Kubernetes and of the custom kinds, checkov and kube-score. Installs the scanners into " +
      ".sark/tools first, with python3 and go. Exits 1 if a finding has no reason to stay.",
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
