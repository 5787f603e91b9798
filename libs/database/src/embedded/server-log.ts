import { open, stat, truncate } from 'node:fs/promises';

const SIZE_MAX = 10 * 1024 * 1024;
const TAIL_MAX = 64 * 1024;

/** The file that the server writes to, whether or not we still live to read it. */
export class ServerLog {
  private constructor(
    readonly path: string,
    private readonly start: number,
  ) {}

  /** Marks where the next run begins; a log that has grown too long begins anew. */
  static async at(path: string): Promise<ServerLog> {
    const size = await stat(path).then(
      (file) => file.size,
      () => 0,
    );
    if (size <= SIZE_MAX) return new ServerLog(path, size);
    await truncate(path);
    return new ServerLog(path, 0);
  }

  /** The last complaint of this run, or its last line. */
  async reason(): Promise<string> {
    const lines = (await this.tail()).split('\n').filter(Boolean);
    const complaint = lines.findLast((line) => /FATAL|PANIC|error/i.test(line));
    return complaint ?? lines.at(-1) ?? `it wrote nothing to ${this.path}`;
  }

  /** What this run has written, or the end of it. */
  async tail(): Promise<string> {
    const file = await open(this.path, 'r');
    try {
      const { size } = await file.stat();
      const position = Math.max(this.start, size - TAIL_MAX);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_MAX), 0, TAIL_MAX, position);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }
}
