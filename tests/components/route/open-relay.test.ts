import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { Client } from "pg";
import { projectRoot } from "../../../components/files/project-root";
import type { Target } from "../../../components/route/plan/targets";
import { RoutedPostgres, TARGET } from "./support/routed-postgres";

/** Inside the project, so that the program finds its packages. */
const FOLDER = join(projectRoot(), ".sark", `relay-test-${process.pid}`);
const PROGRAM = join(FOLDER, "program.js");

let routed: RoutedPostgres;

beforeAll(async () => {
  routed = await RoutedPostgres.start();
  mkdirSync(FOLDER, { recursive: true });
  buildSync({
    stdin: {
      contents: `
        import { listenOnLoopback } from "./components/route/loopback-port";
        import { Relay } from "./components/route/relay";
        const [target] = process.argv.slice(2);
        void listenOnLoopback().then((listen) => {
          new Relay(listen, JSON.parse(target));
          console.log(listen.port);
        });
        // What keeps a program alive is the engine's work; here, that somebody holds its input.
        process.stdin.resume();
      `,
      resolveDir: projectRoot(),
    },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    outfile: PROGRAM,
    logLevel: "error",
  });
}, 60_000);

afterAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  await routed.stop();
});

test.each<[string, () => Target]>([
  ["the port-forward", () => TARGET],
  [
    "a tunnel",
    () => {
      const { host, port } = routed.postgres;
      return { ...TARGET, route: { kind: "tunnel", host, port } };
    },
  ],
])("relay session through %s does not keep the program running", async (_, target) => {
  const env = { ...process.env, KUBECONFIG: routed.kubernetes.kubeconfig };
  const program = spawn("node", [PROGRAM, JSON.stringify(target())], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const { user, password } = routed.postgres;
    const port = await firstLine(program);
    const client = new Client({
      host: "127.0.0.1",
      port: Number(port),
      user,
      password,
      database: "postgres",
    });
    const lost = new Promise((resolve) => client.once("error", resolve));
    await client.connect();
    expect((await client.query("select 42 as answer")).rows).toEqual([{ answer: 42 }]);

    const ended = new Promise((resolve) => program.once("exit", resolve));
    program.stdin.end();
    expect(await ended).toBe(0);
    await lost;
  } finally {
    program.kill("SIGKILL");
  }
});

async function firstLine(program: ChildProcess): Promise<string> {
  if (program.stdout === null) throw new Error("no output");
  for await (const line of createInterface(program.stdout)) return line;
  throw new Error("the program said nothing");
}
