import * as pulumi from "@pulumi/pulumi";
import type { HomeModule } from "../open-home";
import { AwsBackups } from "./backups/aws-backups";
import { RdsDatabase } from "./database/rds-database";
import { AwsMonitoring } from "./monitoring/aws-monitoring";
import { AwsPlatform } from "./platform/aws-platform";
import { openPlaces } from "./platform/places";
import { storeLogins } from "./secrets/login-store";

export const awsModule: HomeModule = {
  open: async (settings) => {
    const { aws, sark, monitoring } = settings;
    if (!aws) throw new Error("the settings name no account of AWS");
    const places = await openPlaces(aws, pulumi.getStack(), sark.home === "aws");
    const platform = new AwsPlatform("aws", { settings, places });
    let backups: AwsBackups | undefined;
    let database: RdsDatabase | undefined;
    return {
      backups: () => {
        backups = new AwsBackups("backups", platform);
        return backups.archive;
      },
      server: (name, _database, { listen, makeGateway }) => {
        if (!listen) throw new Error("no relay leads to RDS");
        database = new RdsDatabase(name, { platform, makeGateway, listen });
        // Of a server in the second region the backups are there already.
        if (database.writer !== database.abroad) backups?.copyServer(database.writer);
        return database;
      },
      // For whoever runs outside of the cluster.
      logins: (databases, pool) =>
        sark.home === "aws" ? [storeLogins("login-store", { platform, databases, pool })] : [],
      monitoring: () => {
        if (!database || !monitoring.enabled) return;
        const { vault } = backups ?? {};
        new AwsMonitoring("monitoring", {
          platform,
          database,
          ...(vault === undefined ? {} : { vault }),
        });
      },
    };
  },
};
