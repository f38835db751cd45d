import { printableLines } from "../../components/text/printable";

/** The unguarded streams, for a Terminal, which escapes each line itself. */
export interface StandardStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * From now on, hidden characters that other code writes to the standard streams, such as a library or `console`, are
 * shown as escapes, so that untrusted text cannot control the terminal.
 */
export function guardStandardStreams(): StandardStreams {
  const [stdout, stderr] = [unguarded(process.stdout), unguarded(process.stderr)];
  process.stdout.write = guarded(stdout);
  process.stderr.write = guarded(stderr);
  return { stdout, stderr };
}

/** Reserves standard output for one document: all other writes to it go to standard error. */
export function reserveStandardOutput(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

/** The same stream with its present `write`, even if the original's is replaced later. */
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

/** Ignores a closed pipe: a reader such as `head` must not end a command in the middle of its work. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

/** Waits until everything has been written, also to a slow reader. */
export function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => {
      resolve();
    });
  });
}
