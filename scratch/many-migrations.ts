/** A long migration history, as after years of work. */
import type { Texts } from "./migration-target";

/** About the size of this project's own files, in bytes. */
const BYTES = 3_500;

/** The texts of `count` files by name. They apply quickly. */
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
