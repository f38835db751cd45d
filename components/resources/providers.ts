import type * as pulumi from "@pulumi/pulumi";
import { administratorProvider } from "../homes/aws/database/provider-administrator";
import { authQueryProvider } from "../pool/provider-auth-query";
import { hypertablesProvider } from "../hypertables/provider-hypertables";
import { migrationsProvider } from "../migrations/provider-migrations";
import { publicRightsProvider } from "../roles/provider-public-rights";
import { roleSettingsProvider } from "../roles/provider-role-settings";
import { rotationProvider } from "../roles/provider-rotation";
import type { ProviderKind } from "./dynamic-resource";
import { clusterHealthProvider } from "../homes/kubernetes/health/provider-cluster-health";
import { localProviders } from "../homes/local/providers/local-providers";
import { printableProvider } from "./printable-errors";

const providers: Readonly<Record<ProviderKind, pulumi.dynamic.ResourceProvider>> = {
  ...localProviders,
  "kubernetes:ClusterHealth": clusterHealthProvider,
  "aws:Administrator": administratorProvider,
  "database:AuthQuery": authQueryProvider,
  "database:Hypertables": hypertablesProvider,
  "database:Migrations": migrationsProvider,
  "database:PublicRights": publicRightsProvider,
  // Name of the hypertables resource in states of earlier versions.
  "database:RetentionPolicies": hypertablesProvider,
  "database:RoleSettings": roleSettingsProvider,
  "database:Rotation": rotationProvider,
};

/** Provider of a {@link ProviderKind}; loaded by `__provider` of each dynamic resource. */
export function provider(kind: ProviderKind): pulumi.dynamic.ResourceProvider {
  return printableProvider(providers[kind]);
}
