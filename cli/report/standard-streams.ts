import { printableLines } from "../../components/text/printable";

/** What the commands write to. A terminal gets them as they are, since it makes each line fit to print itself. */
export interface StandardStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * From here on whatever else writes to the standard streams, such as a library or `console`, shows hidden characters as
 * escapes: text from outside that nobody thought of cannot steer the terminal.
 */
export function guardStandardStreams(): StandardStreams {
  const [stdout, stderr] = [unguarded(process.stdout), unguarded(process.stderr)];
  process.stdout.write = guarded(stdout);
  process.stderr.write = guarded(stderr);
  return { stdout, stderr };
}

/** Standard output is for one document: what anybody else writes there goes to standard error. */
export function keepStandardOutput(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

/** The same stream, and its own way to write, whatever becomes of the original's. */
function unguarded(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = { value: stream.write.bind(stream) };
  return Object.create(stream, { write }) as NodeJS.WriteStream;
}

type Done = (error?: Error | null) => void;

function guarded(stream: NodeJS.WriteStream): NodeJS.WriteStream["write"] {
  return (chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return stream.write(printableLines(text), typeof encoding === "function" ? encoding : done);
  };
}

/** A reader that has seen enough, such as `head`, must not end a command in the middle of its work. */
export function finishWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

/** Waits until a reader that is slower than this process has all of it. */
export function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => {
      resolve();
    });
  });
}
