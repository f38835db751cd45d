import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { prepareProcess } from "../../../cli/bootstrap/prepare-process";

it.each([
  ["up", ["PATH"]],
  [undefined, ["PATH"]],
  ["baseline", ["PATH", "PGHOST", "PGPASSWORD"]],
])("the command %s keeps %j of its environment", (command, kept) => {
  const env = { PATH: "/bin", PGHOST: "h", PGPASSWORD: "p", NODE_PG_FORCE_NATIVE: "1" };
  prepareProcess(env, command);
  expect(Object.keys(env)).toEqual(kept);
});

it.each(["1", "0"])(
  "the PostgreSQL driver loads with NODE_PG_FORCE_NATIVE=%s in the shell",
  (value) => {
    const program = `require("./cli/bootstrap/prepare-process").prepareProcess(process.env); require("pg");`;
    const run = spawnSync(process.execPath, ["-e", program], {
      cwd: path.resolve(__dirname, "../../.."),
      env: { ...process.env, NODE_PG_FORCE_NATIVE: value },
      encoding: "utf8",
    });
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
  },
);
