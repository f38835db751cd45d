import { ofType, type Rules } from "./control";

/** Resource types that no stack may have on AWS, because a better alternative exists. */
const FORBIDDEN: readonly (readonly [type: string, control: string, sentence: string])[] = [
  ["vpc/securityGroupEgressRule", "CKV_AWS_382", "no egress: servers open no connections"],
  ["ec2/securityGroupRule", "EC2.18", "only rules that name one group each"],
  ["iam/user", "CKV_AWS_273", "no users: pods and services assume roles"],
  ["iam/accessKey", "CKV_AWS_273", "no access keys: pods and services assume roles"],
  ["iam/policy", "CKV_AWS_62", "only policies of one role each"],
  ["s3/bucketAcl", "S3.12", "no ACLs: bucket policies grant access"],
  ["rds/snapshotCopy", "RDS.1", "no snapshot copies except those of AWS Backup, which expire"],
];

/** Rules that every resource of a forbidden type breaks. */
export const forbiddenRules: readonly Rules[] = FORBIDDEN.map(([type, control, sentence]) =>
  ofType(type, [[control, sentence, () => false]]),
);
