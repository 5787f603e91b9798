import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';

const NEWLINE = 0x0a;
/** The operator reads it, and whoever the operator lets. */
const MODE = 0o640;

/** Where lines go; once `write` returns, they are there to stay. */
export interface LineTarget {
  readonly write: (lines: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A file that only grows. Whoever moves it away finds a new one begun. */
export class FileTarget implements LineTarget {
  #file: FileHandle | null = null;

  constructor(private readonly path: string) {}

  async write(lines: string): Promise<void> {
    const file = await this.#opened();
    try {
      await file.appendFile(lines);
      await file.datasync();
    } catch (error) {
      // Half a line may be there: whoever opens it again sees to that.
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file && (await this.#isMoved(this.#file))) await this.close();
    this.#file ??= await this.#open();
    return this.#file;
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.path, 'a+', MODE);
    // Whoever was killed within a line leaves it at that; the next line is a line of its own.
    if (await endsWithinLine(file)) await file.appendFile('\n');
    return file;
  }

  /** Moved away, as `logrotate` does. */
  async #isMoved(file: FileHandle): Promise<boolean> {
    const [held, there] = [await file.stat(), await stat(this.path).catch(() => null)];
    return there?.ino !== held.ino || there.dev !== held.dev;
  }
}

/** Standard output, where the log goes too. */
export class StdoutTarget implements LineTarget {
  constructor(private readonly stream: NodeJS.WritableStream = process.stdout) {}

  async write(lines: string): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.stream.write(lines, (error) => {
        if (error) fail(error);
        else done();
      });
    });
  }

  async close(): Promise<void> {
    // It is not ours to close.
  }
}

async function endsWithinLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] !== NEWLINE;
}
