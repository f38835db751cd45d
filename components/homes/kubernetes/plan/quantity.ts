/** Sizes as Kubernetes writes them. */

/** Bytes in the largest unit that divides them: `8Gi`, `1536Mi`; a part of a mebibyte is rounded up. */
export function memoryQuantity(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}

/** Processors, whole or in thousandths, the least that Kubernetes knows: `4`, `500m`. */
export function cpuQuantity(cpus: number): string {
  const thousandths = Math.max(1, Math.round(cpus * 1000));
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}
