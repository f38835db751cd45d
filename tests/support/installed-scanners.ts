import { spawnSync } from "node:child_process";

/** Whether the scanners can be installed, which needs python3 and go. In CI this is required. */
export function scannersAreHere(): boolean {
  const missing = ["python3", "go"].filter(
    (program) => spawnSync(program, ["version"], { stdio: "ignore" }).error !== undefined,
  );
  if (missing.length === 0) return true;
  const text = `${missing.join(" and ")} is not on this machine, so the scanners cannot be installed`;
  if ((process.env["CI"] ?? "") !== "") throw new Error(text);
  console.warn(`${text}; their tests are skipped`);
  return false;
}
