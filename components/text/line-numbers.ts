const NEWLINE = 0x0a;

/** Maps byte offsets to lines, as PostgreSQL's parser counts: lines from 1, UTF-8 bytes from 0. */
export function lineFinder(sql: string): (byteOffset: number) => number {
  const bytes = Buffer.from(sql);
  const starts = [0];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    starts.push(at + 1);
  }
  return (byteOffset) => countUpTo(starts, byteOffset);
}

/** Number of values up to the limit in a sorted list (binary search). */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
