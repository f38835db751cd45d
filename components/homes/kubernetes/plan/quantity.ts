/** Quantities in Kubernetes notation. */

/** Memory in the largest fitting unit: `8Gi`, `1536Mi`; rounded up to whole mebibytes. */
export function memoryQuantity(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}

/** CPUs, whole or in millicores, the smallest unit of Kubernetes: `4`, `500m`. */
export function cpuQuantity(cpus: number): string {
  const thousandths = Math.max(1, Math.round(cpus * 1000));
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}
