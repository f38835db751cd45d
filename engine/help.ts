import type { CommandName } from "./flags";

const COMMON = `
  --stack NAME          the stack, as in Pulumi.NAME.yaml (default: local)
  --engine NAME         pulumi or embedded; without it, see "Engines"
  --yes                 answers yes to what the command would ask
  --json                one JSON document on standard output, everything else on standard error
  --help                this text`;

const EXPECT = `
  --expect-no-changes   changes nothing, and exits 3 if there is anything to change`;

const REPORT = `
  --report FILE         writes the same in Markdown, for \`npm run tell\``;

const ENGINES = `
Engines
  A stack stays with the engine that made it, for as long as it has resources. A stack without
  resources gets the Pulumi CLI if there is one: on the PATH, in ~/.pulumi (where the npm package
  "pulumi" and Pulumi's installer put it), or fetched before into .sark/cli. Otherwise the embedded
  engine plans any stack, and applies the stack "local".
  The CLI is fetched with the npm package "pulumi" into .sark/cli when nothing else can do the work:
  for up and destroy of a stack other than "local", and with --engine pulumi. Without a network this
  takes under 10 seconds, and a failure is remembered for a day.
  With the CLI, the state is in .sark/state/pulumi unless you are logged in to a backend, or name one
  in PULUMI_BACKEND_URL or Pulumi.yaml.`;

const EXIT_CODES = `
Exit codes
  0 done   1 failed   2 command line not understood   3 changes found (--expect-no-changes, drift)
  130 interrupted`;

const TEXTS: Readonly<Record<CommandName, string>> = {
  up: `npm run up -- [flags]
Creates or changes the stack's servers, databases, logins and schema until they are as described.
Shows the plan, asks on a terminal, then carries it out. In a pipe it needs --yes.
${COMMON}${EXPECT}
  --plan FILE           does what \`preview --save-plan FILE\` showed, or nothing if that is not what
                        would be done now
${ENGINES}
${EXIT_CODES}`,
  preview: `npm run preview -- [flags]
Shows what \`up\` would do, and changes nothing.
${COMMON}${EXPECT}
  --save-plan FILE      keeps the plan for \`up --plan FILE\`${REPORT}
${ENGINES}
${EXIT_CODES}`,
  destroy: `npm run destroy -- [flags]
Stops and deletes everything in the stack, with all its data, after showing what will be lost.
Asks for the stack's name on a terminal. In a pipe it needs --yes.
${COMMON}${EXPECT}
${EXIT_CODES}`,
  drift: `npm run drift -- [flags]
Compares the stack with what there is: the schema and the roles of each database, and the resources.
Gained privileges come first, each with the statement that undoes it. Changes nothing.
Exits 0 when everything was compared and is as described, 3 when something differs, and 1 when something
could not be compared: the last line names it. docs/ci.md says what is compared.
${COMMON}${REPORT}
${EXIT_CODES}`,
  status: `npm run status -- [flags]
Asks each server and the pool how it is: version, role and replica's lag, sessions against the budget,
migrations applied and pending, extensions. Exits 1 if anything is wrong.
${COMMON}
${EXIT_CODES}`,
  secret: `npm run secret -- [LOGIN] [flags]
Prints the password of one login; without a name, lists the logins.

  --url                 prints a connection URL with the password in it
  --pool                with --url: through the pool${COMMON}
${EXIT_CODES}`,
  query: `npm run query -- [NAME] [flags]
Runs a query of sql/queries by its name, with the login that it is for; without a name, lists them all.

  --param NAME=VALUE    a value for the query; may be given more than once
  --database NAME       sark or sark_audit alone, where a query is for both${COMMON}
${EXIT_CODES}`,
  load: `npm run load -- [flags]
Fills the empty tables of a local stack with made-up data, to try things out. The same scale and seed make the
same data.

  --scale S|M|L         how much: thousands, millions or tens of millions of audit rows (default: S)
  --seed NUMBER         another number makes other data (default: 1)
  --database NAME       sark or sark_audit alone${COMMON}
${EXIT_CODES}`,
  baseline: `npm run baseline -- --database NAME [flags]
Adopts a database that already has the schema: compares it with what the files make, and if there is no
difference records them as applied. Changes nothing else. The database is named by PGHOST, PGPORT,
PGDATABASE, PGUSER, PGPASSWORD or PGPASSFILE, PGSSLMODE and PGSSLROOTCERT. docs/migrations.md says more.

  --database NAME       sark or sark_audit: whose files
  --yes                 does not ask
  --json                one JSON document on standard output, everything else on standard error
${EXIT_CODES}`,
  tell: `npm run tell -- preview|drift --stack NAME --report FILE
Inside of GitHub Actions: puts the report of a preview on the pull request, as one comment that it keeps up to
date; the report of drift into an issue, which it opens, keeps up to date, and closes when there is none.
Needs GITHUB_TOKEN. docs/ci.md says more.

  --stack NAME          the stack that the report is about
  --report FILE         what \`npm run preview\` or \`npm run drift\` wrote with --report FILE
${EXIT_CODES}`,
  test: `npm test -- [jest's arguments]
Without arguments: format, lint and type check, then all tests. With arguments: jest alone, with them,
such as \`npm test -- tests/engine\`. Where CI is set, a missing component is a failure.
${EXIT_CODES}`,
  "lint:sql": `npm run lint:sql -- [flags]
Reads every migration with squawk and with rules of this project's own, which docs/lint.md lists. Exits 1 if
there is a finding. With more than 50 findings, a summary by rule comes last.

  --since FILE          reports only what files after FILE add, such as sark/000123; without it, what
                        files after those in lint/baseline.ts add
  --all                 reports every file, whatever lint/baseline.ts says
${EXIT_CODES}`,
  generate: `npm run generate -- [NAME...]
Writes the files that are made from code or from servers; without a name, all of them. It starts servers of its
own. Review what it changes.

  settings, queries     docs/settings.md, docs/queries.md
  lint, tuning          the tables of docs/lint.md and docs/tuning.md
  schema                the dumps of both schemas (sql/*.golden.txt), and docs/tables-*.md
  privileges            sql/privileges.md, from a local stack
  built-in-names        the names in PostgreSQL's catalog
  parameters            facts about the parameters of PostgreSQL 18 and TimescaleDB
  regions               the regions of AWS`,
  scan: `npm run scan
Plans every stack with the embedded engine and has scanners look at the objects: schemas of Kubernetes and of
the custom kinds, checkov, kube-score. Installs them into .sark/tools first, with python3 and go.
Exits 1 if a finding has no reason to stay.`,
};

const OVERVIEW = `SARK's databases. The commands:

  npm run up          create or change the stack
  npm run preview     show what up would do
  npm run destroy     delete the stack and its data
  npm run drift       show what others changed
  npm run status      ask every server how it is
  npm run secret      print a login's password
  npm run query       run a query of sql/queries
  npm run load        fill a local stack with made-up data
  npm run baseline    adopt a database that already has the schema
  npm run tell        put a report on GitHub
  npm test            all checks and tests
  npm run lint:sql    check the migrations' SQL
  npm run generate    write the generated files anew
  npm run scan        have scanners look at what a stack puts on Kubernetes

Flags come after "--": npm run up -- --stack dev. More about one: npm run up -- --help
${ENGINES}
${EXIT_CODES}`;

/** The text of `--help`, of one command or of all. */
export function helpText(about: CommandName | undefined): string {
  return about === undefined ? OVERVIEW : TEXTS[about];
}
