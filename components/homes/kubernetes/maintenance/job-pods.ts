import type { types } from "@pulumi/kubernetes";
import type { MaintenanceJob, SqlWork } from "../../../maintenance/plan/maintenance-plan";
import { RESTRICTED_POD } from "../pod-security";
import { drillPod, dumpPod } from "./backup-pods";
import { type JobContext, PATHS, client, clientVolumes, resources, script } from "./job-containers";

type PodSpec = types.input.core.v1.PodSpec;

/** Resources of a client that only waits for the server. */
const CLIENT = resources("50m", "64Mi");

/** The pod of one run; its service account and labels come from the CronJob. */
export function jobPod(job: MaintenanceJob, context: JobContext): PodSpec {
  return {
    ...RESTRICTED_POD,
    // A failed run keeps its pod for its log; the retry is another pod.
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 30,
    ...containersOf(job, context),
  };
}

function containersOf(job: MaintenanceJob, context: JobContext) {
  const { work } = job;
  if (work.kind === "dump") return dumpPod(job, context);
  return work.kind === "restore drill" ? drillPod(job, work, context) : sqlPod(job, work, context);
}

function sqlPod(job: MaintenanceJob, work: SqlWork, context: JobContext) {
  const file = `${PATHS.files}/${work.file}`;
  const given = Object.entries(work.variables).map(([name, value]) => `--set=${name}=${value}`);
  const psql = ["psql", "--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1"];
  const program =
    work.kind === "file"
      ? [...psql, ...given, `--file=${file}`]
      : ["/bin/sh", script("maintenance-statements.sh"), file, ...given];
  return {
    containers: [client(job, context, { args: program, resources: CLIENT })],
    volumes: clientVolumes(context),
  };
}
