/** An engine's leave to reveal the tenant's secrets whose names begin alike. */
export interface Consent {
  /** Id of the engine's service account. */
  readonly accountId: string;
  readonly clientId: string;
  readonly namePrefix: string;
}

/** A consent that was given. */
export interface GivenConsent extends Consent {
  readonly givenBy: string;
  readonly createdAt: Date;
}

/** What a tenant asks for: the engine by its client id, or by its id. */
export interface WantedConsent {
  readonly serviceAccount: string;
  readonly namePrefix: string;
}

/** How the consents there are become those that are wanted. */
export interface ConsentChanges {
  readonly withdrawn: readonly Consent[];
  readonly given: readonly Consent[];
}

/** What stays keeps who gave it, and when. */
export function consentChanges(
  before: readonly Consent[],
  after: readonly Consent[],
): ConsentChanges {
  return { withdrawn: without(before, after), given: without(after, before) };
}

/** The place of the first one that says what another before it has said; null: there is none. */
export function firstRepetition(consents: readonly Consent[]): number | null {
  const place = consents.findIndex(
    (one, index) => consents.findIndex((other) => isSame(one, other)) < index,
  );
  return place === -1 ? null : place;
}

function without(some: readonly Consent[], others: readonly Consent[]): Consent[] {
  return some.filter((one) => !others.some((other) => isSame(one, other)));
}

function isSame(one: Consent, other: Consent): boolean {
  return one.accountId === other.accountId && one.namePrefix === other.namePrefix;
}
