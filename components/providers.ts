import type * as pulumi from "@pulumi/pulumi";
import { administratorProvider } from "./aws/providers/administrator";
import { authQueryProvider } from "./database/providers/auth-query";
import { hypertablesProvider } from "./database/providers/hypertables";
import { migrationsProvider } from "./database/providers/migrations";
import { publicRightsProvider } from "./database/providers/public-rights";
import { roleSettingsProvider } from "./database/providers/role-settings";
import { rotationProvider } from "./database/providers/rotation";
import type { ProviderKind } from "./dynamic-resource";
import { clusterHealthProvider } from "./kubernetes/health";
import { localProviders } from "./local/providers";
import { printableProvider } from "./printable-errors";

const providers: Readonly<Record<ProviderKind, pulumi.dynamic.ResourceProvider>> = {
  ...localProviders,
  "kubernetes:ClusterHealth": clusterHealthProvider,
  "aws:Administrator": administratorProvider,
  "database:AuthQuery": authQueryProvider,
  "database:Hypertables": hypertablesProvider,
  "database:Migrations": migrationsProvider,
  "database:PublicRights": publicRightsProvider,
  // What states of earlier versions call it.
  "database:RetentionPolicies": hypertablesProvider,
  "database:RoleSettings": roleSettingsProvider,
  "database:Rotation": rotationProvider,
};

/** The code behind a {@link ProviderKind}; what the `__provider` of each dynamic resource asks for. */
export function provider(kind: ProviderKind): pulumi.dynamic.ResourceProvider {
  return printableProvider(providers[kind]);
}
