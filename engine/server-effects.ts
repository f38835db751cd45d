import { majorVersions, parameterFacts } from "../components/lib/parameters";

/** What a change of a resource means for the server that it describes. */

const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";

/** Whether the resource is a server, whose data goes with it. */
export function holdsData(type: string): boolean {
  return /:(PostgresServer|TimescaleServer)$/.test(type) || type === CLUSTER;
}

/** Fields of a cluster whose change the operator carries out by new pods, one after another. */
const ROLLS_OUT = /^spec\.(imageName|resources|affinity|postgresql\.shared_preload_libraries)\b/;

const CLUSTER_PARAMETER = /^spec\.postgresql\.parameters(?:\.|\[")([\w.]+)/;

/** Whether the change at this path of a resource restarts its server. */
export function restartsServer(type: string, path: string): boolean {
  if (type !== CLUSTER) return path.includes(".restart.");
  const parameter = CLUSTER_PARAMETER.exec(path)?.[1];
  return parameter === undefined ? ROLLS_OUT.test(path) : needsRestart(parameter);
}

/** By the facts of the newest server that knows the parameter. */
function needsRestart(parameter: string): boolean {
  for (const major of [...majorVersions].reverse()) {
    try {
      return parameterFacts(major, parameter).restart;
    } catch {
      // A parameter of an older server.
    }
  }
  return true;
}
