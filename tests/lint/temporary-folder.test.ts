import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { buildSync } from "esbuild";
import { inTemporaryFolder } from "../../lint/temporary-folder";

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-temporary-test-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

it("inTemporaryFolder removes the folder after a result and after an error", async () => {
  const seen: string[] = [];
  const use = (then: () => void) => (at: string) => {
    seen.push(at);
    fs.writeFileSync(path.join(at, "x"), "");
    then();
    return Promise.resolve("done");
  };
  await expect(inTemporaryFolder(use(() => undefined))).resolves.toBe("done");
  const fail = () => {
    throw new Error("broken");
  };
  await expect(inTemporaryFolder(async (at) => use(fail)(at))).rejects.toThrow("broken");
  expect(seen).toHaveLength(2);
  expect(seen.filter((at) => fs.existsSync(at))).toEqual([]);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "inTemporaryFolder removes the folder when %s ends the process",
  async (signal) => {
    const script = path.join(folder, "program.js");
    const source = path.resolve(__dirname, "../../lint/temporary-folder.ts");
    buildSync({
      stdin: {
        contents:
          `import { inTemporaryFolder } from ${JSON.stringify(source)};\n` +
          `void inTemporaryFolder((at) => { console.log(at); return new Promise((end) => setTimeout(end, 60000)); });`,
        resolveDir: __dirname,
      },
      bundle: true,
      platform: "node",
      outfile: script,
    });
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const made = await new Promise<string>((resolve) => {
      child.stdout.once("data", (text: Buffer) => {
        resolve(text.toString().trim());
      });
    });
    expect(fs.existsSync(made)).toBe(true);
    const ended = new Promise((resolve) => {
      child.once("exit", (_code, by) => {
        resolve(by);
      });
    });
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(fs.existsSync(made)).toBe(false);
  },
);
