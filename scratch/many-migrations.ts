/** As many migrations as years of work leave behind. */
import type { Texts } from "./migration-target";

/** About the size of this project's own files, in bytes. */
const BYTES = 3_500;

/** File name to text of so many files. All of them together are quickly applied. */
export function manyTexts(count: number): Texts {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const number = String(index + 1).padStart(6, "0");
      const head = "--! lock_timeout 2s\n--! statement_timeout 60s\n\n";
      const comment = `-- The reason for step ${number}.\n`.repeat(BYTES / 33);
      return [`${number}_step.sql`, `${head}${comment}select ${index + 1};\n`] as const;
    }),
  );
}
