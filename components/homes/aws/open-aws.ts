import * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../../settings/stack-settings";
import type { HomeModule } from "../open-home";
import { AwsBackups } from "./backups/aws-backups";
import { volume } from "./database/plan/rds-storage";
import { RdsDatabase } from "./database/rds-database";
import { AwsMonitoring } from "./monitoring/aws-monitoring";
import { awsStack } from "./plan/rds-stack";
import type { AwsStackSettings } from "./plan/settings-aws";
import { AwsPlatform } from "./platform/aws-platform";
import { openRegions } from "./platform/stack-regions";
import { storeLogins } from "./secrets/login-store";

export const home: HomeModule = {
  open: async (settings: AwsStackSettings & StackSettings, request) => {
    const topics = awsStack(settings, request);
    const { aws, database, tier, protection } = topics;
    if (!aws) throw new Error("the settings have no group aws");
    const places = await openRegions(aws, pulumi.getStack(), database !== undefined);
    const platform = new AwsPlatform("aws", { regions: places, protection });
    // Arguments for all components; each uses those that it needs.
    const stack = { ...topics, aws, platform };
    const onRds = database && {
      ...stack,
      database,
      plan: settings.servers.sark,
      volume: volume(database, tier),
    };
    let backups: AwsBackups | undefined;
    let servers: RdsDatabase | undefined;
    return {
      backups: () => {
        backups = new AwsBackups("backups", stack);
        return backups.archive;
      },
      server: (name, _database, { listen, makeGateway }) => {
        if (!listen || !onRds) throw new Error("a server on RDS needs a relay port");
        servers = new RdsDatabase(name, { ...onRds, listen, makeGateway });
        // Backups of a server in the second region are there already.
        if (servers.writer !== servers.secondRegionReplica) backups?.copyServer(servers.writer);
        return servers;
      },
      // For clients outside of the cluster.
      logins: (databases, pool) =>
        onRds ? [storeLogins("login-store", { platform, databases, pool })] : [],
      monitoring: () => {
        if (!servers || !onRds) return;
        const { vault } = backups ?? {};
        new AwsMonitoring("monitoring", {
          ...onRds,
          servers,
          ...(vault === undefined ? {} : { vault }),
        });
      },
    };
  },
};
