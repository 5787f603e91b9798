/** Letters, digits, dots, dashes and underscores, up to 128; never two dots in a row. */
export const NAME = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

export function isSecretName(text: string): boolean {
  return NAME.test(text);
}
