import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's words about its own start are of use to its developers alone. */
const CHATTER = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
]);

/** Nest's logger, on pino. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && CHATTER.has(context)) this.#write('debug', message, rest);
    else this.#write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  #write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: readonly unknown[],
  ): void {
    const context = rest.at(-1);
    const text = rest.slice(0, -1).find((part) => typeof part === 'string') ?? '';
    if (typeof message === 'object' && message !== null) {
      this.pino[level]({ context, ...fieldsOf(message) }, text);
    } else {
      this.pino[level]({ context }, String(message));
    }
  }
}

function fieldsOf(message: object): Record<string, unknown> {
  return message instanceof Error ? { err: message } : { ...message };
}

/** Of an error its name, message, stack and cause; never the properties that a driver hung on it. */
export function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    stack,
    ...(cause instanceof Error ? { cause: plainError(cause) } : {}),
  };
}
