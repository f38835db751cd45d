import { type Settings, completeSize } from "../settings-schema";

const GiB = 2 ** 30;

/** What AWS says of a class of servers. */
export interface InstanceClass {
  readonly name: string;
  /** Of the machine, in bytes; RDS keeps a part of it for itself. */
  readonly memory: number;
  readonly vcpus: number;
}

/** Classes that a stack may choose, from the smallest. */
export const instanceClasses: readonly InstanceClass[] = [
  { name: "db.m7g.large", memory: 8 * GiB, vcpus: 2 },
  { name: "db.m7g.xlarge", memory: 16 * GiB, vcpus: 4 },
  { name: "db.m7g.2xlarge", memory: 32 * GiB, vcpus: 8 },
];

/** The class of sark's servers on RDS: the one that is named, or the smallest that has the size. */
export function primaryClass({ sark }: Settings): InstanceClass | undefined {
  const { instanceClass } = sark.rds;
  if (instanceClass !== undefined) {
    return instanceClasses.find(({ name }) => name === instanceClass);
  }
  const { memory, vcpus } = completeSize(sark.size);
  return instanceClasses.find((each) => each.memory >= memory && each.vcpus >= vcpus);
}
