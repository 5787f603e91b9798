import { TxtLookupFailed, TxtResolver } from '@tenantry/outbound';

/** TXT records that a spec publishes; a name server that can be down, or keep us waiting. */
export class TxtRecords extends TxtResolver {
  readonly #records = new Map<string, string[]>();
  readonly #waiting: (() => void)[] = [];
  /** How often any name was looked up. */
  lookups = 0;
  mode: 'answers' | 'fails' | 'hangs' = 'answers';

  publish(name: string, ...values: string[]): void {
    this.#records.set(name, [...(this.#records.get(name) ?? []), ...values]);
  }

  withdraw(name: string): void {
    this.#records.delete(name);
  }

  /** Answers again, also those who were kept waiting. */
  recover(): void {
    this.mode = 'answers';
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  async resolve(name: string): Promise<readonly string[]> {
    this.lookups += 1;
    if (this.mode === 'fails') throw new TxtLookupFailed('The name server is down.');
    if (this.mode === 'hangs') {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return this.#records.get(name) ?? [];
  }
}
