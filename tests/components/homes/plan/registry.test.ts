import type { HomeModule } from "../../../../components/homes/open-home";
import { HOMES, requestOf } from "../../../../components/homes/plan/registry";
import { AWS } from "../../../support/aws-settings";
import { kubernetesStack } from "../../../support/registered";

describe("a home is asked for", () => {
  it("its own databases, and for the pool and the jobs of those of another home", () => {
    const settings = kubernetesStack(AWS);
    expect(requestOf(settings, "kubernetes")).toMatchObject({
      databases: ["sark_audit"],
      served: ["sark", "sark_audit"],
      pool: true,
      gateway: true,
      outside: { port: 5433 },
    });
    expect(requestOf(settings, "aws")).toMatchObject({ databases: ["sark"], served: [] });
    expect(requestOf(settings, "local")).toMatchObject({ databases: [], served: [], pool: false });
  });

  it("no gateway where the program reaches the server by itself", () => {
    const direct = kubernetesStack({ ...AWS, route: "direct" });
    expect(requestOf(direct, "kubernetes").gateway).toBe(false);
  });
});

it.each(Object.keys(HOMES))(
  "%s has a file of its name, which makes its resources",
  async (name) => {
    const file = `../../../../components/homes/${name}/open-${name}.ts`;
    const { home } = (await import(file)) as { readonly home: HomeModule };
    expect(typeof home.open).toBe("function");
  },
);
