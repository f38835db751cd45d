import * as pulumi from "@pulumi/pulumi";
import type { HomeModule } from "../open-home";
import { AwsBackups } from "./backups/aws-backups";
import { volume } from "./database/plan/rds-storage";
import { RdsDatabase } from "./database/rds-database";
import { AwsMonitoring } from "./monitoring/aws-monitoring";
import { awsStack } from "./plan/rds-stack";
import { AwsPlatform } from "./platform/aws-platform";
import { openPlaces } from "./platform/places";
import { storeLogins } from "./secrets/login-store";

export const awsModule: HomeModule = {
  open: async (settings) => {
    const topics = awsStack(settings);
    const { aws, database, tier, onRds, protection } = topics;
    if (!aws) throw new Error("the settings name no account of AWS");
    const places = await openPlaces(aws, pulumi.getStack(), onRds);
    const platform = new AwsPlatform("aws", { places, protection });
    // Each component takes those of them that it needs.
    const stack = {
      ...topics,
      aws,
      platform,
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
        if (!listen) throw new Error("no relay leads to RDS");
        servers = new RdsDatabase(name, { ...stack, listen, makeGateway });
        // Of a server in the second region the backups are there already.
        if (servers.writer !== servers.abroad) backups?.copyServer(servers.writer);
        return servers;
      },
      // For whoever runs outside of the cluster.
      logins: (databases, pool) =>
        onRds ? [storeLogins("login-store", { platform, databases, pool })] : [],
      monitoring: () => {
        if (!servers || !stack.monitoring) return;
        const { vault } = backups ?? {};
        new AwsMonitoring("monitoring", {
          ...stack,
          servers,
          ...(vault === undefined ? {} : { vault }),
        });
      },
    };
  },
};
