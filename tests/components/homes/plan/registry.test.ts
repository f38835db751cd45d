import { requestOf } from "../../../../components/homes/plan/registry";
import { AWS } from "../../../support/aws-settings";
import { kubernetesStack } from "../../../support/registered";
import { stackOf } from "../kubernetes/plan/kubernetes-stack";

describe("a home is asked for", () => {
  it("its own databases, and for the pool and the jobs of those of another home", () => {
    const settings = kubernetesStack(AWS);
    expect(requestOf(settings, "kubernetes")).toEqual({
      databases: ["sark_audit"],
      served: ["sark", "sark_audit"],
      foreign: [{ database: "sark", served: true }],
      pool: true,
      gateway: true,
    });
    expect(requestOf(settings, "aws")).toMatchObject({ databases: ["sark"], served: [] });
    expect(requestOf(settings, "local")).toMatchObject({ databases: [], served: [], pool: false });
  });

  it("nothing for a database that lives where it cannot", () => {
    const settings = stackOf({ sark: { home: "local" }, audit: { home: "aws" } });
    expect(requestOf(settings, "kubernetes")).toMatchObject({ databases: [], served: [] });
  });

  it("no gateway where the program reaches the server by itself", () => {
    const direct = kubernetesStack({ ...AWS, route: "direct" });
    expect(requestOf(direct, "kubernetes").gateway).toBe(false);
  });
});
