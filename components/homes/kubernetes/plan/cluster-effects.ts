import { restartNeeded } from "../../../parameters/restart-needed";
import type { ResourceEffects } from "../../plan/resource-effects";

/** Resource type of CloudNativePG clusters. */
export const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";

/** Fields whose change makes the operator replace the pods one after another. */
const ROLLS_OUT = /^spec\.(imageName|resources|affinity|postgresql\.shared_preload_libraries)\b/;

const PARAMETER = /^spec\.postgresql\.parameters(?:\.|\[")([\w.]+)/;

export const clusterEffects: readonly ResourceEffects[] = [
  {
    type: CLUSTER,
    holdsData: () => true,
    effect: (path) => {
      const parameter = PARAMETER.exec(path)?.[1];
      const restart = parameter === undefined ? ROLLS_OUT.test(path) : restartNeeded(parameter);
      return restart ? "restart" : undefined;
    },
  },
];
