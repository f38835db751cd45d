const NEWLINE = 0x0a;

/** Gives the line of a byte, both as PostgreSQL's parser counts: lines from 1, bytes of UTF-8 from 0. */
export function lineFinder(sql: string): (byteOffset: number) => number {
  const bytes = Buffer.from(sql);
  const starts = [0];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    starts.push(at + 1);
  }
  return (byteOffset) => countUpTo(starts, byteOffset);
}

/** How many of the sorted numbers are not above the limit. */
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
