import { isUtf8 } from "node:buffer";
import * as fs from "node:fs";
import * as path from "node:path";
import { MigrationError } from "./plan/errors";
import { shortened } from "../text/printable";

/** Texts of a folder's files, by name, and an error for each unreadable file. */
export interface FolderTexts {
  readonly texts: Readonly<Record<string, string>>;
  /** By file name; the folder's own error is under "". */
  readonly refused: ReadonlyMap<string, MigrationError>;
}

/** Reads the `.sql` files of a folder in order. It includes upper-case extensions, so that such names are rejected. */
export function readFolder(directory: string): FolderTexts {
  const texts: Record<string, string> = {};
  const refused = new Map<string, MigrationError>();
  const attempt = (name: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      refused.set(name, error);
    }
  };
  attempt("", () => {
    for (const name of namesIn(directory)) {
      attempt(name, () => {
        texts[name] = readText(directory, name);
      });
    }
  });
  return { texts, refused };
}

/**
 * Text of each `.sql` file in a folder, by name.
 * @throws MigrationError on a file that is unreadable or not UTF-8
 */
export function readTexts(directory: string): Readonly<Record<string, string>> {
  const { texts, refused } = readFolder(directory);
  for (const error of refused.values()) throw error;
  return texts;
}

function namesIn(directory: string): readonly string[] {
  try {
    const names = fs.readdirSync(directory).filter((name) => /\.sql$/i.test(name));
    return names.sort();
  } catch (cause) {
    const code = codeOf(cause);
    const why =
      code === "ENOENT" ? "is missing: restore it" : `cannot be read (${code}): correct it`;
    throw new MigrationError("unreadable", `the folder ${why}`, { cause });
  }
}

/**
 * Text of a file below a folder.
 * @throws MigrationError naming the file. Node's own decoding silently replaces invalid UTF-8
 */
export function readText(directory: string, name: string): string {
  const refusal = (code: "unreadable" | "encoding", why: string, cause?: unknown): MigrationError =>
    new MigrationError(code, `${shortened(name, 200)}: it ${why}`, { cause });
  let bytes: Buffer;
  try {
    const file = path.join(directory, name);
    const kind = fs.statSync(file);
    if (kind.isDirectory()) throw refusal("unreadable", "is a folder: rename or remove it");
    // Reading a pipe or a device may never end.
    if (!kind.isFile()) {
      throw refusal("unreadable", "is not a regular file: replace or remove it");
    }
    bytes = fs.readFileSync(file);
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    const code = codeOf(cause);
    const why =
      code === "ENOENT"
        ? "is missing, or a link to a missing file: restore it"
        : `cannot be read (${code}): correct it`;
    throw refusal("unreadable", why, cause);
  }
  if (!isUtf8(bytes)) throw refusal("encoding", "is not UTF-8: save it as UTF-8");
  return bytes.toString();
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
