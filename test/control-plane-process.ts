import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { freePort } from './free-port.js';
import { send, textOf } from './send.js';

const MAIN = fileURLToPath(new URL('../dist/control-plane.js', import.meta.url));
/** No process of a spec lives long enough to gain from optimised WebAssembly, which costs a second of CPU. */
const FLAGS = ['--liftoff-only'];
const BANNER = 'Tenantry serves at ';
const START_MAX_MS = 60_000;
const CREDENTIAL = /^ {2}client id +(?<clientId>\S+)\n {2}client secret +(?<clientSecret>\S+)$/m;

export interface Launch {
  /** The environment, besides the ports: nothing of this process's own is handed on. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Credential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The built application as an operator runs it: a process of its own. */
export class ControlPlaneProcess {
  static readonly #running = new Set<ControlPlaneProcess>();
  readonly exited: Promise<Exit>;
  #stdout = '';
  #stderr = '';
  #exit: Exit | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.exited = once(child, 'close').then(() => {
      ControlPlaneProcess.#running.delete(this);
      this.#exit = { code: child.exitCode, signal: child.signalCode };
      return this.#exit;
    });
    ControlPlaneProcess.#running.add(this);
  }

  /** Starts the process, and waits for nothing. */
  static async launch({ settings = {}, cwd }: Launch = {}): Promise<ControlPlaneProcess> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build makes it.`);
    const ports = { PORT: String(await freePort()), METRICS_PORT: String(await freePort()) };
    const all = { ...ports, ...settings };
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      // As under `npm start` it ends by itself when we are killed, and leaves nothing behind.
      npm_lifecycle_event: 'start',
      ...all,
    };
    const child = spawn(process.execPath, [...FLAGS, MAIN], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    });
    return new ControlPlaneProcess(child, all);
  }

  /** Starts the process, and waits until it serves. */
  static async start(launch: Launch = {}): Promise<ControlPlaneProcess> {
    const started = await ControlPlaneProcess.launch(launch);
    await started.says(BANNER);
    return started;
  }

  /** Ends whatever a spec, failed perhaps, has left running. */
  static async endAll(): Promise<void> {
    await Promise.all([...ControlPlaneProcess.#running].map((running) => running.kill()));
  }

  get url(): string {
    return `http://127.0.0.1:${this.settings['PORT'] ?? ''}`;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.settings['METRICS_PORT'] ?? ''}/metrics`;
  }

  /** The address that the banner tells people. */
  get publicUrl(): string {
    return new RegExp(`${BANNER}(\\S+)`).exec(this.#stdout)?.[1] ?? '';
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** What the banner gave away; null where it gave nothing. */
  get printedCredential(): Credential | null {
    const { clientId, clientSecret } = CREDENTIAL.exec(this.#stdout)?.groups ?? {};
    return clientId && clientSecret ? { clientId, clientSecret } : null;
  }

  /** Waits for words on stdout; fails, with everything that was said, where the process ends first. */
  async says(words: string): Promise<void> {
    const deadline = AbortSignal.timeout(START_MAX_MS);
    while (!this.#stdout.includes(words)) {
      if (this.#exit || deadline.aborted) {
        const how = this.#exit ? JSON.stringify(this.#exit) : 'it still runs';
        throw new Error(`Not said: "${words}" (${how}).\n${this.#stdout}\n${this.#stderr}`);
      }
      const { stdout } = this.child;
      if (!stdout) throw new Error('The process has no stdout.');
      await Promise.race([once(stdout, 'data', { signal: deadline }).catch(ignore), this.exited]);
    }
  }

  /** A token of a platform admin: of the printed credential, unless another is given. */
  async token(credential = this.printedCredential): Promise<string> {
    if (!credential) throw new Error('There is no credential to sign in with.');
    const { clientId, clientSecret } = credential;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const answer = await send(this.url, {
      method: 'POST',
      path: '/oauth/token',
      headers: { authorization: `Basic ${basic}` },
      raw: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return textOf(answer, 'access_token');
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  /** Ends it at once, as the kernel would. */
  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }
}

const ignore = (): void => undefined;
