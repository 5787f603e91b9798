import { TestEnvironment } from 'jest-environment-node';

/** Node's own loader, for the one package that Jest's cannot load: see jwks-rsa.js beside this. */
export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.loadNatively = (specifier) => import(specifier);
  }
}
