/** What a kind is called. `leases` is taken: it is a path beside those of the kinds. */
export const KIND = /^(?!leases$)[a-z][a-z0-9_.:-]{0,62}$/;

export const KIND_RULE =
  'must be 1 to 63 lower-case letters, digits, dots, colons, dashes and underscores, begin with a letter, and not be leases';
