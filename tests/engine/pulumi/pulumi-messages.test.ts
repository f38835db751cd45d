import { errorText } from "../../../engine/pulumi/pulumi-messages";

const RUN = { code: 1, stdout: "", stderr: "", events: "", interrupted: false };
const VIOLATION = "resource urn:sark violates plan: properties changed: ";

describe("the error text of a failed CLI run", () => {
  it("has each error once, without its prefix", () => {
    const diagnostics = [
      { severity: "error", message: "error: the disk is full\n" },
      { severity: "error", message: "the disk is full" },
      { severity: "warning", message: "size is big" },
    ];
    expect(errorText({ ...RUN, stderr: "error: exit\n" }, diagnostics)).toBe(
      "the disk is full\nexit",
    );
  });

  it("omits values that violate a plan, since the CLI prints secrets among them", () => {
    const text = `${VIOLATION}++password[{&{{hunter2\nhunter3}}}], =~limit[{7}]`;
    const said = errorText({ ...RUN, stderr: `error: ${text}` }, [
      { severity: "error", message: text },
    ]);
    expect(said).not.toMatch(/hunter/);
    expect(said).toContain(`${VIOLATION}password and maybe others; their values are not shown`);
  });

  it("is the exit code if the CLI printed nothing", () => {
    expect(errorText(RUN, [])).toBe("The Pulumi CLI exited with 1.");
    expect(errorText({ ...RUN, code: null }, [])).toBe("The Pulumi CLI was killed.");
  });
});
