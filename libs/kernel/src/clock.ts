/** The only source of time, so that a test can own it. */
export abstract class Clock {
  /** Wall-clock time: for what is written down or compared with what others wrote. */
  abstract now(): Date;

  /** Milliseconds that never run backwards: for measuring how long ago something was. */
  abstract monotonicMs(): number;
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
