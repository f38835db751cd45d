import { ofType, type Rules } from "./control";

/** What no stack has on AWS, because something better is in its place. */
const FORBIDDEN: readonly (readonly [type: string, control: string, sentence: string])[] = [
  ["vpc/securityGroupEgressRule", "CKV_AWS_382", "no way out: servers call nobody"],
  ["ec2/securityGroupRule", "EC2.18", "no rules but those that name one group each"],
  ["iam/user", "CKV_AWS_273", "no users: pods and services take on roles"],
  ["iam/accessKey", "CKV_AWS_273", "no keys that could leak: pods and services take on roles"],
  ["iam/policy", "CKV_AWS_62", "no policies but those of one role each"],
  ["s3/bucketAcl", "S3.12", "no access lists: policies say who"],
  [
    "rds/snapshotCopy",
    "RDS.1",
    "no copies of snapshots beside those of AWS Backup, which have an end",
  ],
];

/** Each is broken by a resource that is there. */
export const forbiddenRules: readonly Rules[] = FORBIDDEN.map(([type, control, sentence]) =>
  ofType(type, [[control, sentence, () => false]]),
);
