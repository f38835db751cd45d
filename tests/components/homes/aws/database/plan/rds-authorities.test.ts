import { X509Certificate } from "node:crypto";
import { authorityProblems } from "../../../../../../components/homes/aws/database/plan/authority-problems";
import {
  hasRdsAuthorities,
  rdsAuthorities,
} from "../../../../../../components/homes/aws/database/plan/rds-authorities";
import { rdsRegions } from "../../../../../../components/homes/aws/database/plan/rds-regions";
import { awsSettings } from "../../../../../../components/homes/aws/plan/settings-aws";
import { AWS } from "../../../../../support/aws-settings";

/** When a server that is made today may still be running. */
const FAR = new Date("2060-01-01");

const read = (regions: readonly string[]) =>
  (rdsAuthorities(regions).match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
const nameOf = ({ subject }: X509Certificate) => /^CN=(.*)$/m.exec(subject)?.[1];

describe("RDS certificate authorities of a region", () => {
  it("are its own three only", () => {
    expect(read(["eu-central-1"]).map(nameOf).sort()).toEqual([
      "Amazon RDS eu-central-1 Root CA ECC384 G1",
      "Amazon RDS eu-central-1 Root CA RSA2048 G1",
      "Amazon RDS eu-central-1 Root CA RSA4096 G1",
    ]);
  });

  it("are self-signed and do not expire soon", () => {
    for (const certificate of read(["eu-central-1", "us-east-1"])) {
      expect(certificate.ca).toBe(true);
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(new Date(certificate.validTo) > FAR).toBe(true);
    }
  });

  it("do not depend on the order of the regions, so that no pod is replaced for it", () => {
    expect(read(["us-east-1", "eu-central-1", "us-east-1"])).toHaveLength(6);
    expect(rdsAuthorities(["us-east-1", "eu-central-1"])).toBe(
      rdsAuthorities(["eu-central-1", "us-east-1", "us-east-1"]),
    );
  });

  it("are known for commercial regions", () => {
    for (const region of ["eu-central-1", "eu-west-1", "us-west-2", "ap-southeast-4"]) {
      expect([region, hasRdsAuthorities(region)]).toEqual([region, true]);
    }
  });

  it.each(["us-gov-west-1", "cn-north-1", "il-central-1", "eu-nowhere-1"])(
    "are not known for %s",
    (region) => {
      expect(hasRdsAuthorities(region)).toBe(false);
      expect(() => rdsAuthorities(["eu-central-1", region])).toThrow(
        `the certificate authorities of Amazon RDS in ${region} are not known`,
      );
    },
  );
});

describe("regions of a stack's RDS servers", () => {
  const settingsOf = (aws: object) => awsSettings.parse({ ...AWS.aws, ...aws });
  const regionsOf = (aws: object) => rdsRegions(settingsOf(aws));
  const replica = { sources: AWS.aws.sources };

  it("are the main region, and the second one if it has a replica", () => {
    expect(regionsOf({})).toEqual(["eu-central-1"]);
    expect(regionsOf({ secondRegion: { region: "eu-west-1" } })).toEqual(["eu-central-1"]);
    const there = { secondRegion: { region: "eu-west-1", replica } };
    expect(regionsOf(there)).toEqual(["eu-central-1", "eu-west-1"]);
  });

  it("are refused without known certificate authorities", () => {
    expect(authorityProblems(settingsOf({ secondRegion: { region: "il-central-1" } }))).toEqual([]);
    const secondRegion = { region: "il-central-1", replica };
    expect(authorityProblems(settingsOf({ region: "us-gov-west-1", secondRegion }))).toMatchObject([
      { key: "sark-databases:aws.region", value: "us-gov-west-1" },
      { key: "sark-databases:aws.secondRegion.region", value: "il-central-1" },
    ]);
  });
});
