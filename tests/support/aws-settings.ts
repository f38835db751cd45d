/** Settings with `sark` on RDS and `sark_audit` on Kubernetes. The names in them exist nowhere. */
export const AWS = {
  sark: { home: "aws", replicas: 1 },
  aws: {
    account: "111122223333",
    region: "eu-central-1",
    vpc: "vpc-0123456789abcdef0",
    subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    sources: { eks: "sg-0123456789abcdef0" },
  },
} as const;
