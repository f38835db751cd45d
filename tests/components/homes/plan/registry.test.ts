import type { HomeModule } from "../../../../components/homes/open-home";
import { HOMES, homeRequest } from "../../../../components/homes/plan/registry";
import { AWS } from "../../../support/aws-settings";
import { kubernetesStack } from "../../../support/registered";

describe("the request to a home", () => {
  it("names its own databases, and those of another home whose pool and jobs it runs", () => {
    const settings = kubernetesStack(AWS);
    expect(homeRequest(settings, "kubernetes")).toMatchObject({
      databases: ["sark_audit"],
      served: ["sark", "sark_audit"],
      pool: true,
      gateway: true,
      outside: { port: 5433 },
    });
    expect(homeRequest(settings, "aws")).toMatchObject({ databases: ["sark"], served: [] });
    expect(homeRequest(settings, "local")).toMatchObject({
      databases: [],
      served: [],
      pool: false,
    });
  });

  it("asks for no gateway if the program reaches the server itself", () => {
    const direct = kubernetesStack({ ...AWS, route: "direct" });
    expect(homeRequest(direct, "kubernetes").gateway).toBe(false);
  });
});

it.each(Object.keys(HOMES))(
  "home %s has a file open-<name>.ts, which makes its resources",
  async (name) => {
    const file = `../../../../components/homes/${name}/open-${name}.ts`;
    const { home } = (await import(file)) as { readonly home: HomeModule };
    expect(typeof home.open).toBe("function");
  },
);
